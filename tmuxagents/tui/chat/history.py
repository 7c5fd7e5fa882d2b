"""What was typed in this chat and in those before, in a file of the state directory that is its owner's alone."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from tmuxagents.drivers import files

MOST = 2000
"""So many lines are kept."""


def load(path: Path) -> list[str]:
    """Oldest first. What is no line of ours is passed over."""
    try:
        raw = files.read_whole(path)
    except OSError:
        return []
    found: list[str] = []
    for row in raw.decode("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError):
            text = json.loads(row)
            found += [text] if isinstance(text, str) else []
    if len(found) > 2 * MOST:
        found = found[-MOST:]
        with contextlib.suppress(OSError):
            files.write_whole(path, "".join(f"{json.dumps(text)}\n" for text in found))
    return found


def add(path: Path, text: str) -> None:
    """One more, by one write: two chats may do so. A full disk is no reason not to talk."""
    with contextlib.suppress(OSError):
        descriptor = files.private(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.write(descriptor, f"{json.dumps(text)}\n".encode())
        finally:
            os.close(descriptor)
