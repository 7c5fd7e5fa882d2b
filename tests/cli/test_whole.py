"""A command that is forked from a process which has imported it is the command that is typed."""

from __future__ import annotations

import re

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots

AGE = re.compile(r"\b\d+s\b")
COMMANDS = {
    "an answer": ["ls"],
    "an answer as JSON": ["show", "agent-1", "--json"],
    "help": ["spawn", "--help"],
    "no such command": ["snap"],
    "no such option": ["ls", "--hot"],
    "no such agent": ["say", "nobody", "hello"],
    "nothing said": ["say", "agent-1", "-"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_it_says_the_same_and_ends_with_the_same_code(fleet: Fleet, words: list[str]) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "100000")
    fleet.wait_state("agent-1", "working")

    forked, whole = fleet(*words), fleet.whole(*words)

    # For how long it is so may be another second by then.
    assert (forked.code, AGE.sub("0s", forked.out), forked.err) == (whole.code, AGE.sub("0s", whole.out), whole.err)


@pytest.mark.parametrize("text", ["one\r\ntwo\n", "漢字 👩‍👩‍👧‍👦", "x" * 9_000], ids=["lines", "wide", "long"])
def test_it_is_given_the_same_on_its_standard_input(fleet: Fleet, text: str) -> None:
    for run in (fleet, fleet.whole):
        run("spawn", "--kind", "command", "-", "--", "sleep", "100000", stdin=text)

    quick, whole = (fleet.agent(name)["task"] for name in ("agent-1", "agent-2"))
    assert quick == whole
    assert quick


def test_what_it_starts_is_started_as_by_the_other(roots: Roots) -> None:
    """The mask, the environment, what is open and what is ignored: the server has them of who first needs it."""
    look = "umask; env | cut -d= -f1 | sort; ls /dev/fd | wc -l; trap"
    told = []
    for which in ("quick", "whole"):
        with roots() as folder:
            fleet = fleets.make(folder)
            try:
                run = fleet if which == "quick" else fleet.whole
                run("spawn", "--kind", "command", "--", "sh", "-c", look)
                fleet.wait_state("agent-1", "ended")
                told.append(fleet.printed("agent-1"))
            finally:
                fleet.end()

    assert told[0] == told[1]
    assert "HOME" in told[0]
