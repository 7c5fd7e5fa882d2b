"""A budget on the real `claude`: what it says it has spent decides, and how far the last turn went over is told."""

from __future__ import annotations

import pytest

from tests.conftest import either_chair
from tests.support.chair import Seat
from tests.support.fleet import eventually


@pytest.mark.soak
@pytest.mark.claude
@either_chair
def test_no_turn_begins_past_a_budget_and_raising_it_goes_on(seat: Seat) -> None:
    claude, api, agent = seat
    before = claude.agent(agent)["usage"]
    so_far = sum(count for key, count in before.items() if key != "cost_usd")
    # An answer of the scripted API is 5,500 tokens; what a turn costs is the program's own to say.
    claude.ok("budget", agent, f"{(before['cost_usd'] or 0) + 0.001:.4f}", "--tokens", str(so_far + 6_000))
    claude.ok("say", "--wait", agent, "say: one")
    claude.wait_for(agent, lambda a: a["budget_reached"])

    refused = claude("say", agent, "say: two")

    assert (refused.code, refused.out.startswith(f"refused: {agent} (its budget is reached: $")) == (3, True)
    notes = eventually(lambda: _over(seat))
    assert "over the budget: $" in notes[0]
    claude.ok("budget", agent, "100")
    # Now the tokens: this turn goes past them, and no other begins.
    assert claude.ok("say", "--wait", agent, "say: two").out == "two\n"
    claude.wait_for(agent, lambda a: a["budget_reached"])
    assert " tokens: " in claude("say", agent, "say: three").out
    claude.ok("budget", agent, "0", "--tokens", "0")
    assert claude.ok("say", "--wait", agent, "say: three").out == "three\n"
    assert [text for text in api.prompts if text.startswith("say:")] == ["say: one", "say: two", "say: three"]


def _over(seat: Seat) -> list[str]:
    return [e["text"] for e in seat.fleet.entries("--only", "note") if "over the budget" in e["text"]]
