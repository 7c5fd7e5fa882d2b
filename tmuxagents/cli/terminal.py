"""What a command writes: text, JSON, colour or not, how wide. Imports no click: `ls` is asked too often."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

JSON_VERSION = 1


def put(text: str) -> None:
    """Write a line to standard output."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def tell(text: str) -> None:
    """Write a line to standard error, where the talk goes."""
    print(text, file=sys.stderr)


def remark(words: str, hint: str, *, state_dir: str | None = None) -> None:
    """What is told beside the answer, as an error is: what is wrong, what to type."""
    from tmuxagents.errors import addressed
    from tmuxagents.output.safe_text import one_line

    tell(f"tmuxagents: {one_line(words, 300)}\nhint: {one_line(addressed(hint, state_dir), 300)}")


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object with the version of its shape, on one line."""
    put(json_text({"v": JSON_VERSION, **value}))


def json_text(value: Mapping[str, Any]) -> str:
    """JSON that may be read in a terminal: what `json` leaves bare and a terminal obeys or does not show
    (C1 controls, directions of writing) is escaped, which means the same."""
    import json

    from tmuxagents.output.safe_text import is_clean

    text = json.dumps(value, ensure_ascii=False)
    return text if is_clean(text) else "".join(c if is_clean(c) else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    """JSON's escapes are of 16 bits; what lies beyond takes two."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def wants_color(stream: Any = None) -> bool:
    """Whether to colour: NO_COLOR says no, FORCE_COLOR yes, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool((stream or sys.stdout).isatty())


def terminal_width() -> int | None:
    """The width of the terminal that reads us; None when it is none."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return max(20, int(os.environ["COLUMNS"]))
    try:
        # One that nobody has told its size says 0.
        return max(20, os.get_terminal_size(sys.stdout.fileno()).columns or 80)
    except (OSError, ValueError):
        return None


def terminal_height() -> int | None:
    """The rows of the terminal that reads us; None when it is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).lines or None
    except (OSError, ValueError):
        return None


def tell_nobody() -> None:
    """Say that there are agents, and that the names and options mean none of them."""
    tell("none of the agents is meant")


def nobody(does: str) -> None:
    """Say that `all`, or a glob, means nobody now. That is no error."""
    print(f"tmuxagents: nobody {does}", file=sys.stderr)
