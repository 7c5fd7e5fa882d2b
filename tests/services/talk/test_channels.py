"""The channel that a kind declares is how its agents are spoken to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.echo import with_echo
from tests.support.fleet import Fleet
from tests.support.matrix import every

WithChannel = Callable[[str], Fleet]


@pytest.fixture
def with_channel(root: Path) -> Iterator[WithChannel]:
    """Makes a fleet with an idle `echo-1` whose kind declares that channel."""
    made: list[Fleet] = []

    def make(channel: str) -> Fleet:
        fleet = fleets.make(root, PYTHONPATH=str(with_echo(root, channel=channel)))
        made.append(fleet)
        fleet.ok("spawn", "--kind", "echo", "--name", "echo-1")
        fleet.ok("wait", "echo-1")
        return fleet

    try:
        yield make
    finally:
        for fleet in made:
            fleet.end()


def shown(fleet: Fleet) -> str:
    """What its window shows, found by the copy of the package, which alone knows the kind."""
    (agent,) = fleet.ok("ls", "--json").json["agents"]
    return fleet.tmux("capture-pane", "-p", "-t", agent["pane"])


def test_say_delivers_by_the_channel_that_the_kind_declares(with_channel: WithChannel) -> None:
    fleet = with_channel("file")

    ran = fleet.ok("say", "--wait", "echo-1", "by file")

    assert ran.out == "by file\n"
    assert ran.err.startswith("submitted: echo-1 (file, then log heard")
    # What is typed would be shown twice: by the terminal, and by the program.
    assert shown(fleet).count("by file") == 1


def test_what_is_held_goes_the_same_way(with_channel: WithChannel) -> None:
    fleet = with_channel("file")

    ran = fleet.ok("say", "--when-idle", "--wait", "echo-1", "held for a file")

    assert ran.out == "held for a file\n"
    assert shown(fleet).count("held for a file") == 1


@pytest.mark.parametrize(
    "line",
    every(
        4,
        [
            ("say", "echo-1", "typed text"),
            ("say", "--when-idle", "echo-1", "typed text"),
            ("say", "--interrupt", "echo-1", "typed text"),
            ("approve", "echo-1"),
            ("deny", "echo-1"),
            ("deny", "echo-1", "typed text"),
            ("answer", "echo-1", "1"),
            ("interrupt", "echo-1"),
        ],
    ),
    ids=" ".join,
)
def test_a_channel_that_is_not_known_is_refused_and_nothing_is_typed(
    with_channel: WithChannel, line: tuple[str, ...]
) -> None:
    fleet = with_channel("post")
    before = shown(fleet)

    ran = fleet(*line)

    assert ran.code == 3
    assert "kind 'echo' is spoken to by 'post', a channel that is not known here" in ran.out + ran.err
    assert ran.err.splitlines()[-1:] == ["hint: tmuxagents attach echo-1"]
    assert shown(fleet) == before
