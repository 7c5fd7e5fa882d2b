"""Lay out what stands at the bottom of the demo agent's screen."""

import unicodedata
from collections.abc import Sequence

from tmuxagents.value import Value

BUSY = "✻ Thinking…"
NAME = "demo agent"
_LEAST_WIDTH = 12
_QUEUE_SHOWN = 3


class Dialog(Value):
    """A question that takes the place of the input box; `chosen` counts from 1."""

    title: str
    subject: str
    question: str
    choices: tuple[str, ...]
    chosen: int = 1


class Picture(Value):
    """Rows no wider than the screen, and where the cursor belongs in them."""

    rows: tuple[str, ...]
    row: int
    column: int


def width_of(text: str) -> int:
    """Count columns: two for wide characters, none for combining ones."""
    return sum(_columns(char) for char in text)


def wrap(line: str, width: int) -> list[str]:
    """Cut one line into pieces of at most `width` columns; an empty line is one piece."""
    if line.isascii():
        line = line.expandtabs(4)
        return [line[start : start + width] for start in range(0, len(line), width)] or [""]
    pieces, used = [""], 0
    for char in line.expandtabs(4):
        if used + _columns(char) > width:
            pieces.append("")
            used = 0
        pieces[-1] += char
        used += _columns(char)
    return pieces


def input_box(draft: str, width: int, *, height: int, busy: bool, queued: Sequence[str] = ()) -> Picture:
    """Show the draft between two rules; of a long draft the last rows and how many are above."""
    rule = "─" * width
    above = _queue_rows(queued, width) + [BUSY] * busy
    room = max(2, height - len(above) - 4)
    pieces = [piece for line in draft.split("\n") for piece in wrap(line, max(_LEAST_WIDTH, width) - 3)]
    if len(pieces) > room:
        above_them = _cut(f"… {len(pieces) - room + 1} lines above", max(_LEAST_WIDTH, width) - 3)
        pieces = [above_them, *pieces[1 - room :]]
    rows = _under_prompt(pieces)
    picture = [*above, rule, *rows, rule, f"  {NAME}"]
    return Picture(tuple(picture), len(above) + len(rows), width_of(rows[-1]))


def dialog_box(dialog: Dialog, width: int) -> Picture:
    """Show the dialog with `❯` at the choice that Enter would take."""
    head = [dialog.title, *dialog.subject.split("\n"), "", dialog.question]
    choices = [
        f"{'❯' if number == dialog.chosen else ' '} {number}. {label}"
        for number, label in enumerate(dialog.choices, start=1)
    ]
    lines = [f" {line}".rstrip() for line in [*head, *choices, "", "Esc to cancel"]]
    rows = [piece for line in lines for piece in wrap(line, width)]
    return Picture(("─" * width, *rows), len(rows), 0)


def message(text: str, mark: str = "●") -> str:
    """Put a mark before the first line and indent the others."""
    return f"{mark} " + text.replace("\n", "\n  ")


def _queue_rows(queued: Sequence[str], width: int) -> list[str]:
    more = len(queued) - _QUEUE_SHOWN
    shown = [*queued[:_QUEUE_SHOWN], *([f"{more} more"] if more > 0 else [])]
    return [_cut(f"  queued: {text}", width) for text in shown]


def _under_prompt(pieces: Sequence[str]) -> list[str]:
    return [f"❯ {pieces[0]}", *(f"  {piece}" for piece in pieces[1:])]


def _cut(text: str, width: int) -> str:
    first, *more = text.split("\n")
    piece = wrap(first, width)[0]
    return piece if piece == first and not more else wrap(first, max(1, width - 1))[0] + "…"


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
