"""What the phone's key may do (contrib/phone/phone.sh)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "contrib" / "phone" / "phone.sh"


def asked(tmp_path: Path, command: str | None) -> tuple[int, list[str]]:
    """As sshd calls it: the words that `tmuxagents` gets."""
    stand_in = tmp_path / "tmuxagents"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stand_in.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"} | ({} if command is None else {"SSH_ORIGINAL_COMMAND": command})
    done = subprocess.run([SCRIPT], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (None, ["chat", "--plain"]),
        ("tmuxagents chat --plain", ["chat", "--plain"]),
        ("approve docs --dialog 4f1c09a2be", ["approve", "docs", "--dialog", "4f1c09a2be"]),
        ("say docs don't; `touch x` * > x", ["say", "docs", "don't;", "`touch", "x`", "*", ">", "x"]),
    ],
)
def test_it_passes_on_the_words_and_expands_nothing(tmp_path: Path, command: str | None, words: list[str]) -> None:
    assert asked(tmp_path, command) == (0, words)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", ["sh", "spawn x", "tmuxagents rm all", "tmuxagents", "/bin/sh -c x"])
def test_everything_else_is_refused(tmp_path: Path, command: str) -> None:
    code, words = asked(tmp_path, command)

    assert (code, words) in [(2, []), (0, ["chat", "--plain"])]
    assert command == "tmuxagents" or code == 2
