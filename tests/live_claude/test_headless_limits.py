"""A usage limit that ends the real program without a terminal, outside a run: told as that, and gone on behind once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

pytestmark = [pytest.mark.claude, either_version]

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
GOES_ON = "A usage limit ended your work"


def _spawn(claude: Fleet, api: MessagesApi, seconds: float, *words: str) -> None:
    (claude.work / "s.json").write_text(json.dumps(SCHEMA))
    api.orders[GOES_ON] = 'call: StructuredOutput {"ok": true}'
    api.limits = [seconds]
    claude.ok("spawn", "--name", "api", "--print", "--json-schema", "s.json", *words, "say: go")


def _went_on(api: MessagesApi) -> list[list[str]]:
    """The conversations in which it was told to go on, one for each time that it was."""
    return [request.prompts for request in api.requests if request.prompt.startswith(GOES_ON) and not request.results]


@pytest.mark.soak
def test_it_goes_on_once_in_its_conversation_when_the_limit_is_over_whoever_controls(
    claude: Fleet, api: MessagesApi
) -> None:
    _spawn(claude, api, 12.0)
    met = claude.wait_for("api", lambda a: a["continues"])
    listed = claude.look("ls").out
    controller = int((claude.state / "controller.pid").read_text().split()[0])
    os.kill(controller, signal.SIGKILL)

    waited = claude("wait", "api")

    assert (met["state"], met["resets"] < met["continues"], waited.code) == ("failed", True, 0), (met, waited)
    assert "limited until" in listed
    assert "continues then" in listed
    assert json.loads(claude.ok("last", "api").out) == {"ok": True}
    after = claude.agent("api")
    assert (after["state"], after["generation"], after["mode"], after["resets"]) == ("ended", 2, "print", None)
    assert after["conversation"] == met["conversation"]
    [told] = _went_on(api)
    assert told[0].startswith("say: go")


@pytest.mark.soak
def test_where_nobody_is_to_go_on_it_is_told_and_resume_goes_on_with_its_answer(
    claude: Fleet, api: MessagesApi
) -> None:
    (claude.home / "config.toml").write_text("continue = 0\n")
    _spawn(claude, api, 6.0)

    waited = claude("wait", "api")

    assert waited.code == 5
    assert "was ended by a usage limit, until " in waited.err
    assert waited.err.splitlines()[-1] == "hint: tmuxagents resume api"
    met = claude.agent("api")
    assert (met["state"], bool(met["resets"]), met["continues"]) == ("failed", True, None)
    eventually(lambda: api._limited() is None)
    claude.ok("resume", "api")
    assert claude("wait", "api").code == 0
    assert json.loads(claude.ok("last", "api").out) == {"ok": True}
    assert claude.agent("api")["mode"] == "print"
    [told] = _went_on(api)
    assert told[0].startswith("say: go")


@pytest.mark.soak
def test_one_that_was_stopped_meanwhile_does_not_go_on(claude: Fleet, api: MessagesApi) -> None:
    _spawn(claude, api, 8.0)
    claude.wait_for("api", lambda a: a["continues"])

    claude.ok("stop", "api")

    claude.wait_for("api", lambda a: a["continues"] is None)
    assert claude("wait", "api").code == 5
    assert _went_on(api) == []


@pytest.mark.soak
def test_a_second_limit_behind_it_is_waited_out_too(claude: Fleet, api: MessagesApi) -> None:
    _spawn(claude, api, 6.0)
    claude.wait_for("api", lambda a: a["continues"])
    api.limits = [6.0]

    assert claude("wait", "api").code == 0

    assert claude.agent("api")["generation"] == 3
    assert json.loads(claude.ok("last", "api").out) == {"ok": True}


@pytest.mark.soak
def test_three_that_one_limit_has_ended_are_told_as_one_and_go_on_once_each_spaced(
    claude: Fleet, api: MessagesApi
) -> None:
    (claude.home / "config.toml").write_text("continue_spacing_s = 2\n")
    api.limits = [15.0]
    for name in "abc":
        claude.ok("spawn", "--name", name, "--print", f"say: {name} is there")
    planned = [claude.wait_for(name, lambda a: a["continues"])["continues"] for name in "abc"]
    footer = claude.look("ls").out.splitlines()[-1]
    calls = [row[0] for row in _rows(claude, "SELECT kind FROM notices")]

    assert claude("wait").code == 0

    assert len(set(planned)) == 3
    assert footer.startswith("3 agents are limited until ")
    assert calls == ["limited"]
    assert [claude.agent(name)["generation"] for name in "abc"] == [2, 2, 2]
    assert sum(GOES_ON in request.prompt for request in api.requests) == 3


def _rows(claude: Fleet, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(claude.state / "tmuxagents.db")
    found = connection.execute(sql).fetchall()
    connection.close()
    return found
