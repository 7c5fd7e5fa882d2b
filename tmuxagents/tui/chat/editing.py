"""Write a line in the reader's editor."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tmuxagents.tui.chat.front import Given
from tmuxagents.value import Value


class Edited(Value):
    """What was written, and what was wrong ("" where nothing was)."""

    text: str
    trouble: str = ""


def edited(given: Given, start: str) -> Edited:
    """Returns when the editor has ended. Where it cannot be started the text is as it was."""
    with tempfile.TemporaryDirectory(prefix="tmuxagents-") as folder:
        file = Path(folder) / "TEXT.md"
        file.write_text(start, encoding="utf-8")
        trouble = given.guarded(lambda: given.edit(file))
        return Edited(start if trouble else file.read_text("utf-8", "replace").rstrip("\n"), trouble)
