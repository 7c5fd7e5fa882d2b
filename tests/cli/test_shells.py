"""Completion as a person has it: in the real bash, zsh and fish, in a terminal of their own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots, eventually
from tests.support.matrix import every

FOLDER = Path(__file__).parents[2] / "completions"
START = {
    "bash": (["bash", "--norc", "--noprofile"], "PS1='$ '; bind 'set bell-style none'; . {}/tmuxagents.bash"),
    "zsh": (["zsh", "-f"], "PS1='$ '; autoload -Uz compinit; compinit -u -D; . {}/_tmuxagents"),
    "fish": (
        ["fish", "--no-config"],
        "function fish_prompt; printf '$ '; end; set -g fish_autosuggestion_enabled 0; source {}/tmuxagents.fish",
    ),
}

WHOLE = [
    ("tmuxagents sp", "tmuxagents spawn"),
    ("tmuxagents comp", "tmuxagents completion"),
    ("tmuxagents approve n", "tmuxagents approve needy-1"),
    ("tmuxagents resume o", "tmuxagents resume over-1"),
    ("tmuxagents say i", "tmuxagents say idle-1"),
    ("tmuxagents tail idle-1,ne", "tmuxagents tail idle-1,needy-1"),
    ("tmuxagents ls --state wai", "tmuxagents ls --state waiting"),
    ("tmuxagents wait --for idle,fai", "tmuxagents wait --for idle,failed"),
    ("tmuxagents tail --only prom", "tmuxagents tail --only prompt"),
    ("tmuxagents tail --exclude text,tu", "tmuxagents tail --exclude text,turn"),
    ("tmuxagents spawn --kind com", "tmuxagents spawn --kind command"),
    ("tmuxagents spawn --model son", "tmuxagents spawn --model sonnet"),
    ("tmuxagents spawn --permission-mode acc", "tmuxagents spawn --permission-mode acceptEdits"),
    ("tmuxagents spawn -C deep", "tmuxagents spawn -C deeply/"),
    ("tmuxagents say idle-1 --file not", "tmuxagents say idle-1 --file notes.md"),
    ("tmuxagents spawn --permission-m", "tmuxagents spawn --permission-mode"),
    ("tmuxagents help env", "tmuxagents help environment"),
    ("tmuxagents tail --color alw", "tmuxagents tail --color always"),
]
"""What is typed before a Tab, and the line behind it."""


@pytest.fixture(scope="module")
def team(roots: Roots) -> Iterator[Fleet]:
    """One that is idle, one that waits, one that was stopped; a folder and a file beside them."""
    with roots() as folder:
        made = fleets.make(folder)
        program = folder / "bin" / "tmuxagents"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m tmuxagents "$@"\n')
        program.chmod(0o755)
        made.env["PATH"] = f"{program.parent}{os.pathsep}{made.env['PATH']}"
        (made.work / "deeply").mkdir()
        (made.work / "notes.md").write_text("notes")
        try:
            fleets.three(made)
            yield made
        finally:
            made.end()


class Typing:
    """A shell at its prompt."""

    def __init__(self, tmux: Callable[..., str]) -> None:
        self._tmux = tmux

    def screen(self) -> str:
        """What stands there."""
        return self._tmux("capture-pane", "-p", "-J")

    def line(self) -> str:
        """The line that is being typed."""
        rows = [row.rstrip() for row in self.screen().splitlines() if row.startswith("$ ")]
        return rows[-1][2:] if rows else ""

    def type(self, text: str) -> None:
        """Type it at an empty prompt on an empty screen."""
        # No C-c: the terminal drops what was typed behind it.
        self._tmux("send-keys", "C-u", "C-l")
        eventually(lambda: self.screen().strip() == "$", explain=self.screen)
        self._tmux("send-keys", "-l", text)
        eventually(lambda: self.line() == text.rstrip(), explain=self.screen)

    def tab(self, times: int = 1) -> None:
        """Press Tab."""
        self._tmux("send-keys", *["Tab"] * times)


@contextlib.contextmanager
def running(team: Fleet, name: str) -> Iterator[Typing]:
    """That shell, with our completion and none of anybody's settings, in a terminal of its own."""
    argv, setup = START[name]
    socket = str(team.root / f"{name}.socket")

    def tmux(*args: str) -> str:
        done = subprocess.run(
            ["tmux", "-f", "/dev/null", "-S", socket, *args],
            env={**team.env, "TERM": "xterm-256color"},
            cwd=team.work,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    tmux("new-session", "-d", "-x", "110", "-y", "40", *argv)
    try:
        typing = Typing(tmux)
        eventually(lambda: re.search(r"[$%>#] *$", typing.screen().rstrip()), explain=typing.screen)
        tmux("send-keys", "-l", setup.format(FOLDER))
        tmux("send-keys", "Enter")
        eventually(lambda: typing.screen().rstrip().endswith("\n$"), explain=typing.screen)
        yield typing
    finally:
        tmux("kill-server")


def needed(shell: str) -> None:
    """Say why a test cannot run; in CI it must."""
    reason = f"{shell} is not installed: make test installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module", params=START)
def shell(request: pytest.FixtureRequest, team: Fleet) -> Iterator[Typing]:
    """Each of them; in CI all must be there."""
    if shutil.which(request.param) is None:
        needed(request.param)
    with running(team, request.param) as typing:
        yield typing


@pytest.mark.parametrize("word", every(2, WHOLE), ids=lambda word: word[0])
def test_a_tab_completes_the_word(shell: Typing, word: tuple[str, str]) -> None:
    typed, line = word
    shell.type(typed)

    shell.tab()

    eventually(lambda: shell.line() == line, explain=shell.screen)


def test_only_those_who_wait_are_offered_to_approve(shell: Typing) -> None:
    shell.type("tmuxagents approve ")

    shell.tab(2)

    eventually(lambda: "needy-1" in shell.screen(), explain=shell.screen)
    assert "idle-1" not in shell.screen()
    assert "over-1" not in shell.screen()


def test_fish_is_given_a_description_whole(team: Fleet) -> None:
    if shutil.which("fish") is None:
        needed("fish")
    asked = f"source {FOLDER}/tmuxagents.fish; complete -C 'tmuxagents l'; complete -C 'tmuxagents approve n'"

    done = subprocess.run(
        ["fish", "--no-config", "-c", asked], env=team.env, cwd=team.work, capture_output=True, text=True, check=True
    )

    assert "ls\tThe team at a glance, those who need you first." in done.stdout.splitlines()
    assert "needy-1\tneeds permission" in done.stdout.splitlines()
