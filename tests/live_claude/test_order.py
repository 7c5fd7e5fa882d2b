"""The journal of the real `claude` is one order: what caused something stands before it."""

from __future__ import annotations

from itertools import zip_longest

import pytest

from tests.support.fleet import Fleet, eventually

pytestmark = pytest.mark.claude


def _told(fleet: Fleet) -> list[str]:
    return [f"{e['kind']} {e['text']}" for e in fleet.entries("agent-1")]


@pytest.mark.soak
def test_a_cause_stands_before_what_it_caused(claude: Fleet) -> None:
    claude.ok("spawn", f"write: {claude.work / 'notes.txt'}", "--permission-mode", "default")
    claude.wait_for("agent-1", lambda a: a["needs"] == "permission")
    claude.ok("approve", "agent-1")
    claude.wait_for("agent-1", lambda a: a["turns"] == 1)
    claude.ok("say", "agent-1", "/compact")
    eventually(lambda: "prompt /compact" in _told(claude), 10)
    claude.wait_state("agent-1", "idle")
    claude.ok("say", "agent-1", "/clear")
    eventually(lambda: any("note new conversation" in each for each in _told(claude)), 10)

    told = _told(claude)
    order = [
        "spawned",
        "prompt write",
        "text I will",
        "tool Write",
        "needs",
        "decision approved",
        "text wrote",
        "turn",
        "prompt /compact",
    ]
    # 2.1.197 has too little to compact here.
    order += ["note the conversation was compacted"] if any("was compacted" in each for each in told) else []
    order += ["prompt /clear", "note new conversation"]
    wrong = [pair for pair in zip_longest(told, order, fillvalue="nothing") if not pair[0].startswith(pair[1])]
    assert wrong == []
