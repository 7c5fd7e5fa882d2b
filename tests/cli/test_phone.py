"""What the phone's key may do (contrib/phone/phone.sh)."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "contrib" / "phone" / "phone.sh"


def asked(tmp_path: Path, command: str | None, **env: str) -> subprocess.CompletedProcess[str]:
    """As sshd calls it, in a terminal, with the system's PATH alone: the words that `tmuxagents` gets. It stands where
    pipx puts it."""
    stand_in = tmp_path / ".local" / "bin" / "tmuxagents"
    stand_in.parent.mkdir(parents=True, exist_ok=True)
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stand_in.chmod(0o755)
    given = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **env}
    given |= {} if command is None else {"SSH_ORIGINAL_COMMAND": command}
    ours, theirs = pty.openpty()
    try:
        return subprocess.run(
            [SCRIPT], env=given, cwd=tmp_path, stdin=theirs, capture_output=True, text=True, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (None, ["chat", "--plain"]),
        ("tmuxagents", ["chat", "--plain"]),
        ("tmuxagents chat --plain", ["chat", "--plain"]),
        ("approve docs --dialog 4f1c09a2be", ["approve", "docs", "--dialog", "4f1c09a2be"]),
        ("say docs don't; `touch x` * > x", ["say", "docs", "don't;", "`touch", "x`", "*", ">", "x"]),
        ("tmuxagents --state-dir /x/state show docs", ["show", "docs"]),
        ("--state-dir '/x/state' show docs", ["show", "docs"]),
        ("attach docs", ["attach", "docs"]),
    ],
)
def test_it_passes_on_the_words_and_expands_nothing(tmp_path: Path, command: str | None, words: list[str]) -> None:
    done = asked(tmp_path, command, TMUXAGENTS_STATE_DIR="/x/state")

    assert (done.returncode, done.stdout.splitlines()) == (0, words)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", ["sh", "spawn x", "tmuxagents rm all", "/bin/sh -c x", "--state-dir /y ls"])
def test_everything_else_is_refused(tmp_path: Path, command: str) -> None:
    done = asked(tmp_path, command, TMUXAGENTS_STATE_DIR="/x/state")

    assert (done.returncode, done.stdout) == (2, "")
    assert "is not for this key\nhint: ssh HOST ls" in done.stderr


def test_without_a_terminal_the_chat_says_how_to_ask_for_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [SCRIPT], env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (2, "phone.sh: this needs a terminal\nhint: ssh -t HOST\n")
