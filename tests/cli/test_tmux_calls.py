"""How often a command asks tmux: each question is a process, and costs as much as reading the database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet

SHIM = """#!/bin/sh
printf '%s\\n' "$*" >> "{log}"
exec {tmux} "$@"
"""


@pytest.fixture
def counted(root: Path) -> Iterator[tuple[Fleet, Path]]:
    """A fleet whose every question to tmux is noted in a file, once that is there."""
    log, folder = root / "asked", root / "shim"
    folder.mkdir()
    (folder / "tmux").write_text(SHIM.format(log=log, tmux=shutil.which("tmux")))
    (folder / "tmux").chmod(0o755)
    made = fleets.make(root)
    made.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    made.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    made.env["PATH"] = f"{folder}{os.pathsep}{made.env['PATH']}"
    try:
        yield made, log
    finally:
        made.end()


@pytest.mark.parametrize(
    "argv",
    [["ls"], ["tail", "--no-follow"], ["say", "agent-1", "say: more"], ["say", "agent-1", "permission: Write a.rs"]],
    ids=" ".join,
)
def test_a_command_asks_once_which_panes_there_are(counted: tuple[Fleet, Path], argv: list[str]) -> None:
    fleet, log = counted

    fleet.ok(*argv)

    assert sum("list-panes" in line for line in log.read_text().splitlines()) == 1


def test_an_approval_asks_once_which_panes_there_are(counted: tuple[Fleet, Path]) -> None:
    fleet, log = counted
    fleet.ok("say", "agent-1", "permission: Write a.rs")
    fleet.wait_state("agent-1", "waiting")
    log.unlink()

    fleet.ok("approve", "agent-1")

    assert sum("list-panes" in line for line in log.read_text().splitlines()) == 1
