"""The dashboard on the real `claude`: a permission settled by a key, a reply that a dialog keeps out."""

from __future__ import annotations

import time

import pytest

from tests.conftest import either_chair
from tests.support.chair import Seat
from tests.support.desk import Desk, desk
from tests.support.fleet import eventually

pytestmark = pytest.mark.claude

OPTIONS = ("--permission-mode", "default")


def settle(at: Desk, agent: str, key: str) -> None:
    """Press it until it counts: not within a second of another key."""

    def settled() -> bool:
        if "needs you" not in at.shown().splitlines()[0]:
            return True
        at.keys(key)
        return False

    eventually(settled, explain=at.shown, pause=lambda: time.sleep(1.3))


@either_chair
def test_a_reply_waits_in_its_line_while_a_dialog_is_open_and_a_yes_is_a_yes(seat: Seat) -> None:
    fleet, _, agent = seat
    fleet.ok("say", agent, "bash: touch made-here")
    fleet.wait_state(agent, "waiting")
    with desk(fleet, fleet.argv("top"), rows=40) as at:
        at.until("q quit")
        at.keys("t")
        at.type("y n yes, and then stop")
        at.keys("Enter")
        at.until("refused: ")
        assert not (fleet.work / "made-here").exists()
        assert fleet.agent(agent)["state"] == "waiting"

        settle(at, agent, "F8")
        fleet.wait_state(agent, "idle")
        assert (fleet.work / "made-here").exists()

        def reopened() -> bool:
            if "say to " in at.shown():
                return True
            at.keys("t")
            return False

        # Another F8 may have been pressed since: within a second of that it counts as one of a word.
        eventually(reopened, explain=at.shown, pause=lambda: time.sleep(1.3))
        at.until("y n yes, and then stop")
        at.keys("Enter")
        at.until("submitted: ")
        fleet.wait_for(agent, lambda one: one["turns"] == 2 and one["state"] == "idle")
        at.keys("q")
        at.until("ended 0")
