"""A fleet of real `claude` whose database is damaged goes on with the same conversations."""

from __future__ import annotations

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


@pytest.mark.soak
@either_version
def test_after_a_rebuild_states_conversations_and_tokens_are_as_they_were(claude: Fleet, api: MessagesApi) -> None:
    more = ("--permission-mode", "default", "-q")
    idle = claude.ok("spawn", "say: first words", *more).out.strip()
    asking = claude.ok("spawn", f"write: {claude.work / 'f'}", *more).out.strip()
    busy = claude.ok("spawn", "slow: 100 late words", *more).out.strip()
    claude.wait_for(idle, lambda agent: agent["turns"] == 1 and agent["usage"]["cost_usd"])
    claude.wait_state(asking, "waiting")
    claude.wait_state(busy, "working")
    # 2.1.197 on a busy machine writes the answer before the prompt: what counts is that nothing changes.
    said = eventually(lambda: texts if len(texts := _said(claude, idle)) == 2 else None)
    assert sorted(said) == ["first words", "say: first words"]
    before = {agent["name"]: agent for agent in claude.agents()}
    path = claude.state / "tmuxagents.db"
    claude.ok("controller", "stop")
    path.write_bytes(b"nothing of a database" * 5000)

    claude.ok("ls")
    claude.ok("controller", "start")

    claude.wait_state(idle, "idle")
    claude.wait_state(busy, "working")
    claude.wait_for(asking, lambda agent: agent["needs"] == "permission")
    after = {agent["name"]: agent for agent in claude.agents()}
    same = ("id", "conversation", "turns", "pane", "usage", "task")
    assert {n: [a[key] for key in same] for n, a in after.items() if n != busy} == {
        n: [a[key] for key in same] for n, a in before.items() if n != busy
    }
    assert _said(claude, idle) == said
    api.release()
    claude.wait_for(busy, lambda agent: agent["turns"] == 1 and agent["last_text"] == "late words")
    claude.ok("approve", asking)
    claude.wait_for(asking, lambda agent: agent["state"] == "idle")
    claude.ok("say", idle, "--wait", "say: second words")
    assert ["say: first words", "say: second words"] in [request.prompts for request in api.requests]


def _said(claude: Fleet, agent: str) -> list[str]:
    return [entry["text"] for entry in claude.entries(agent, "--only", "text,prompt")]
