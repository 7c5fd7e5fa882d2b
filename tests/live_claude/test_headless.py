"""The real program without a terminal: its answer, its cost, what it was denied, and how it is gone on with."""

from __future__ import annotations

import json

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi
from tmuxagents.names import AgentId
from tmuxagents.services.app import open_app
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.lifecycle import headless
from tmuxagents.store import messages

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


@either_version
def test_it_ends_with_its_answer_and_goes_on_with_what_was_wrong(
    claude: Fleet, api: MessagesApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    (claude.work / "s.json").write_text(json.dumps(SCHEMA))

    claude.ok("spawn", "--name", "api", "--print", "--json-schema", "s.json", "say: all is well")
    running = claude("say", "api", "are you there?")
    failed = claude.wait_state("api", "failed")

    assert (running.code, "takes nothing until it has ended" in running.out + running.err) == (3, True), running
    assert failed["reason"].startswith("its answer is not as asked: it is no JSON")
    spent = failed["usage"]["cost_usd"]
    assert spent > 0

    for name in ("HOME", "PATH"):
        monkeypatch.setenv(name, claude.env[name])
    with open_app(str(claude.state)) as app:
        headless.again(app, fleet_now(app).one("api"), 'call: StructuredOutput {"ok": true}')
    ended = claude.wait_state("api", "ended")

    assert (ended["mode"], ended["generation"], ended["exit_code"]) == ("print", 2, 0)
    assert json.loads(claude.ok("last", "api").out) == {"ok": True}
    assert claude("wait", "api").code == 0
    assert api.requests[-1].prompts[0] == "say: all is well"
    assert ended["usage"]["cost_usd"] > spent
    states = [entry["text"] for entry in claude.entries("--only", "state", "api")]
    assert "idle" not in states


@pytest.mark.soak
@either_version
def test_nobody_is_asked_for_leave_and_it_is_interrupted_and_given_a_terminal(claude: Fleet, api: MessagesApi) -> None:
    claude.ok("spawn", "--name", "api", "--print", "--wait", "write: a.txt")

    assert not (claude.work / "a.txt").exists()
    notes = [entry["text"] for entry in claude.entries("--only", "note", "api")]
    assert any("nobody can be asked without a terminal: Write: a.txt" in note for note in notes)

    other = claude.root / "other"
    other.mkdir()
    ran = claude("spawn", "--name", "docs", "--print", "say: x", folder=other)
    assert (ran.code, "is not trusted" in ran.err) == (3, True)
    assert [agent["name"] for agent in claude.agents()] == ["api"]

    with open_app(str(claude.state)) as app, app.db.write() as tx:
        messages.hold(tx, AgentId(claude.agent("api")["id"]), "slow: 1000 never", now_ns=1)
    claude.ok("resume", "api")
    eventually(lambda: api.requests[-1].prompt == "slow: 1000 never")
    claude.ok("interrupt", "api")
    cut = claude.agent("api")
    assert (cut["state"], cut["reason"], cut["mode"]) == ("failed", "interrupted", "print")
    api.release()

    claude.ok("resume", "api")
    claude.wait_state("api", "idle")
    assert "with a terminal" in claude.ok("say", "api", "--wait", "say: with a terminal").out
    assert claude.agent("api")["mode"] == "terminal"
