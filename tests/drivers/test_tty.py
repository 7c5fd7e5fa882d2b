"""What waits in a terminal is seen from outside, and left there."""

from __future__ import annotations

import os
import pty
import tty as modes
from pathlib import Path

from tests.support.fleet import eventually
from tmuxagents.drivers import tty


def test_what_is_typed_is_unread_until_the_program_has_read_it() -> None:
    ours, theirs = pty.openpty()
    modes.setraw(theirs)
    path = os.ttyname(theirs)
    before = tty.has_unread(path)
    os.write(ours, b"x")
    eventually(lambda: tty.has_unread(path))

    assert not before
    assert os.read(theirs, 10) == b"x"
    assert not tty.has_unread(path)
    os.close(ours)
    os.close(theirs)


def test_of_what_is_no_terminal_nothing_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    assert not tty.has_unread(str(tmp_path / "file"))
    assert not tty.has_unread(str(tmp_path / "none"))
    assert not tty.has_unread("")
