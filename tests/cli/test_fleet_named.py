"""Where `--state-dir` named the fleet every suggested command names it too: as it stands it would mean another."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Ran, eventually, terminal

ELSEWHERE = re.compile(r"(?<![\w/.-])tmuxagents (?!--state-dir )[a-z].*")
"""A command that would mean the usual fleet."""

LOST = [
    ["ls"],
    ["ls", "--json"],
    ["ls", "--format", "{reason}"],
    ["show", "lost"],
    ["show", "--json", "lost"],
    ["wait", "lost"],
    ["wait", "lost", "asks"],
    ["catchup"],
    ["catchup", "--json"],
    ["catchup", "--html", "-"],
    ["tail", "--no-follow"],
    ["tail", "--no-follow", "--json"],
    ["search", "window"],
    ["say", "lost", "go on"],
    ["say", "--json", "lost", "go on"],
    ["say", "--wait", "lost", "go on"],
    ["approve", "lost"],
    ["approve", "lost", "asks"],
    ["attach"],
    ["stop", "-A"],
    ["ls", "--nope"],
    ["ls", "--format"],
    ["shwo"],
    ["resume", "all"],
    ["doctor"],
    ["doctor", "--json"],
]
ASKED = [["ls"], ["show", "asks"], ["catchup"], ["tail", "--no-follow"], ["wait", "asks", "--timeout", "0.1s"]]


@pytest.fixture
def named(fleet: Fleet) -> Iterator[Fleet]:
    """A fleet in a place that only `--state-dir` names; its own commands reach it by the environment."""
    other = replace(fleet, env={**fleet.env, "TMUXAGENTS_STATE_DIR": str(fleet.root / "n")})
    try:
        yield other
    finally:
        other.end()


ASKS_NOBODY = [
    ["ls"],
    ["ls", "--json"],
    ["tail", "--no-follow"],
    ["search", "x"],
    ["wait"],
    ["catchup"],
    ["diff"],
    ["conflicts"],
    ["prune"],
    ["config"],
]
MEANS_ONE = [
    ["show", "a"],
    ["say", "a", "x"],
    ["stop", "a"],
    ["last", "a"],
    ["approve", "all"],
    ["attach"],
    ["resume", "--all"],
]


@pytest.mark.parametrize("argv", [*ASKS_NOBODY, *MEANS_ONE], ids=" ".join)
def test_a_directory_that_is_not_there_is_told_and_not_made_by_who_asks(root: Path, argv: list[str]) -> None:
    fleet = fleets.make(root)
    before, temporary = sorted(os.listdir(root)), root / "tmp"
    temporary.mkdir()

    for typed in (str(root / "typo" / "x"), "rel"):
        ran = fleet("--state-dir", typed, *argv, TMPDIR=str(temporary))

        wanted = fleet.work / typed
        assert ran.code == (0 if argv in ASKS_NOBODY and argv[0] != "search" else 1)
        assert ran.err.startswith(f"tmuxagents: the state directory '{wanted}' does not exist\nhint: ls -ld '")
    assert sorted(os.listdir(root)) == sorted([*before, "tmp"])
    assert (os.listdir(fleet.work), os.listdir(temporary)) == ([], [])


def _by_name(fleet: Fleet, named: Fleet, *args: str) -> Ran:
    return fleet("--state-dir", str(named.state), *args)


def _spawn(named: Fleet, name: str, task: str) -> None:
    named.ok("spawn", "--kind", "demo", "--name", name, task, "--", "--speed", "0")


def test_no_command_that_is_told_means_another_fleet(fleet: Fleet, named: Fleet, root: Path) -> None:
    _spawn(named, "lost", "say: x")
    _spawn(named, "asks", "permission: Write a.rs\n" + "\n".join(f"  row {n}" for n in range(20)))
    named.wait_state("lost", "idle")
    named.wait_state("asks", "waiting")

    told = {tuple(args): _by_name(fleet, named, *args) for args in ASKED}
    named.tmux("kill-server")
    named.wait_state("lost", "lost")
    told |= {("lost", *args): _by_name(fleet, named, *args) for args in LOST}

    wrong = {args: found for args, ran in told.items() if (found := ELSEWHERE.findall(ran.out + ran.err))}
    assert wrong == {}
    assert f"its window is gone; tmuxagents --state-dir '{named.state}' resume --all" in told["lost", "ls"].out


def test_the_record_itself_names_no_fleet(fleet: Fleet, named: Fleet) -> None:
    _spawn(named, "lost", "say: x")
    named.wait_state("lost", "idle")
    named.tmux("kill-server")

    assert str(named.state) in _by_name(fleet, named, "ls").out

    assert named.wait_state("lost", "lost")["reason"] == "its window is gone; tmuxagents resume --all"


def test_a_controller_that_does_not_run_is_started_in_that_fleet(fleet: Fleet, named: Fleet) -> None:
    _spawn(named, "a", "say: x")
    named.wait_state("a", "idle")
    named.ok("controller", "stop")

    found = _by_name(fleet, named, "doctor").out

    assert f"tmuxagents --state-dir '{named.state}' controller start" in found


def test_who_has_left_is_told_how_to_come_back(fleet: Fleet, named: Fleet) -> None:
    _spawn(named, "a", "say: x")
    argv = [sys.executable, "-P", "-m", "tmuxagents", "--state-dir", str(named.state), "attach"]

    with terminal(argv, {**fleet.env, "TERM": "xterm-256color"}) as (ours, drawn):
        eventually(lambda: named.tmux("list-clients"))
        os.write(ours, b"\x02d")
        eventually(lambda: b"come back with" in drawn, explain=lambda: repr(bytes(drawn[-500:])))
        back = eventually(lambda: re.search(rb"come back with: (.*)\r\n", bytes(drawn)))

    assert back.group(1).decode() == f"tmuxagents --state-dir '{named.state}' attach"


def test_the_last_words_of_the_demo_carry_it(fleet: Fleet, named: Fleet) -> None:
    told = _by_name(fleet, named, "demo", "--speed", "100").err

    assert f"tmuxagents --state-dir '{named.state}' doctor" in told
    assert ELSEWHERE.findall(told) == []
