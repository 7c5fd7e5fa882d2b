"""Hooks that are off, or stop, leave an agent that is followed all the same."""

from __future__ import annotations

import json

import pytest

from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude


def _switch_off(fleet: Fleet, *, whose: str) -> None:
    folder = (fleet.home if whose == "user" else fleet.work) / ".claude"
    folder.mkdir(exist_ok=True)
    (folder / "settings.json").write_text(json.dumps({"disableAllHooks": True}))


def _told(fleet: Fleet, *kinds: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries("agent-1") if entry["kind"] in kinds]


@pytest.mark.soak
@pytest.mark.parametrize(
    ("claude_version", "whose"),
    [
        ("newest", "user"),
        ("oldest", "project"),
        pytest.param("newest", "project", marks=pytest.mark.soak),
        pytest.param("oldest", "user", marks=pytest.mark.soak),
    ],
    indirect=["claude_version"],
)
def test_an_agent_whose_hooks_are_off_is_told_spoken_to_and_resumed(
    claude: Fleet, api: MessagesApi, whose: str
) -> None:
    _switch_off(claude, whose=whose)

    claude.ok("spawn", "say: one", "--permission-mode", "default")
    claude.wait_for("agent-1", lambda a: a["turns"] == 1 and a["state"] == "idle")
    said = claude.ok("say", "--json", "agent-1", "say: two").json["results"][0]
    claude.wait_for("agent-1", lambda a: a["turns"] == 2 and a["state"] == "idle")
    waited = claude.ok("say", "--wait", "agent-1", "slow: 1 three")

    assert said["verdict"] == "submitted"
    assert "transcript" in said["evidence"]
    assert waited.out.strip().endswith("three")
    assert _told(claude, "text") == ["one", "two", "three"]
    assert _told(claude, "prompt") == ["say: one", "say: two", "slow: 1 three"]
    turns = [entry["detail"] for entry in claude.entries("agent-1") if entry["kind"] == "turn"]
    assert [(turn["how"], turn["cost_usd"]) for turn in turns] == [("done", None)] * 3
    assert sum("its hooks are off" in note for note in _told(claude, "note")) == 1
    usage = claude.agent("agent-1")["usage"]
    assert (usage["output_tokens"], usage["cost_usd"]) == (3 * api.usage.output_tokens, None)

    claude.ok("stop", "agent-1")
    claude.ok("resume", "agent-1")
    claude.ok("say", "--wait", "agent-1", "say: four")
    assert _told(claude, "text") == ["one", "two", "three", "four"]


@pytest.mark.soak
def test_a_dialog_that_was_approved_is_not_told_as_the_next_one(claude: Fleet) -> None:
    _switch_off(claude, whose="user")
    claude.ok("spawn", f"write: {claude.work / 'f'}", "--permission-mode", "default")
    claude.wait_for("agent-1", lambda a: a["needs"] == "permission")

    settled = claude.ok("approve", "agent-1", "--json").json["results"][0]

    assert (settled["verdict"], settled["next"]) == ("approved", None)
    assert claude.agent("agent-1")["state"] != "waiting"
    claude.wait_for("agent-1", lambda a: a["turns"] == 1)
