"""The shell's completion: the files are current, and bash really completes a NAME."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.fleet import Fleet

FOLDER = Path(__file__).parents[2] / "completions"
FILES = {"bash": "tmuxagents.bash", "zsh": "_tmuxagents", "fish": "tmuxagents.fish"}
COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tmuxagents_completion tmuxagents
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize("shell", FILES)
def test_the_file_is_what_the_command_prints(fleet: Fleet, shell: str) -> None:
    assert (FOLDER / FILES[shell]).read_text() == fleet.ok("completion", shell).out, "make completions"


def complete(fleet: Fleet, *words: str) -> list[str]:
    """What bash offers for the last word."""
    bin_ = fleet.root / "bin"
    bin_.mkdir(exist_ok=True)
    program = bin_ / "tmuxagents"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m tmuxagents "$@"\n')
    program.chmod(0o755)
    argv = ["bash", "--norc", "-c", COMPLETE, "bash", str(FOLDER / "tmuxagents.bash"), "tmuxagents", *words]
    env = {**fleet.env, "PATH": f"{bin_}:{fleet.env['PATH']}"}
    done = subprocess.run(argv, env=env, cwd=fleet.work, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def two(fleet: Fleet) -> Fleet:
    for name in ("api-1", "web-1"):
        fleet.ok("spawn", "--kind", "demo", "--name", name, "say: x", "--", "--speed", "0")
    return fleet


@pytest.mark.parametrize("verb", ["say", "show", "attach", "tail", "stop", "wait", "ls", "rename"])
def test_a_name_completes_wherever_one_stands(two: Fleet, verb: str) -> None:
    assert complete(two, verb, "ap") == ["api-1"]


@pytest.mark.parametrize(
    ("verb", "offered"),
    [
        ("approve", ["needy-1"]),
        ("deny", ["needy-1"]),
        ("answer", ["needy-1"]),
        ("rm", ["over-1"]),
        ("resume", ["over-1"]),
        ("interrupt", []),
        ("say", ["idle-1", "needy-1"]),
        ("attach", ["idle-1", "needy-1"]),
    ],
)
def test_those_are_offered_that_a_verb_can_do_something_with(three: Fleet, verb: str, offered: list[str]) -> None:
    assert [name for name in complete(three, verb, "") if name != "all"] == offered


def test_states_and_labels_complete(two: Fleet) -> None:
    two.ok("spawn", "--kind", "demo", "--label", "night", "say: x", "--", "--speed", "0")

    assert complete(two, "ls", "--state", "wai") == ["waiting"]
    assert complete(two, "ls", "--state", "idle,fa") == ["idle,failed"]
    assert complete(two, "tail", "-l", "ni") == ["night"]
    assert complete(two, "spawn", "--label", "ni") == ["night"]


def test_nothing_typed_offers_every_name_and_all(two: Fleet) -> None:
    assert complete(two, "show", "") == ["api-1", "web-1", "all"]


def test_a_name_behind_a_comma_completes(two: Fleet) -> None:
    assert complete(two, "tail", "api-1,we") == ["api-1,web-1"]


def test_commands_complete(fleet: Fleet) -> None:
    assert complete(fleet, "sp") == ["spawn"]


def test_options_complete(fleet: Fleet) -> None:
    assert complete(fleet, "spawn", "--per") == ["--permission-mode"]


@pytest.mark.parametrize("verb", ["say", "deny"])
def test_behind_the_first_word_of_a_text_no_option_is_offered(fleet: Fleet, verb: str) -> None:
    assert complete(fleet, verb, "agent-2", "hello", "--") == []
    assert "--json" in complete(fleet, verb, "agent-2", "--")


def test_a_name_completes_behind_another_state_directory(two: Fleet) -> None:
    assert complete(two, "--state-dir", str(two.root / "other"), "show", "ap") == []
    assert not (two.root / "other").exists()
