"""What is told of the one who is selected: the dialog that it waits on, and what its window shows."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.model.condition import Dialog
from tmuxagents.output.dashboard.pieces import Line, cropped, fitted, wrapped
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.safe_text import one_line, visible
from tmuxagents.output.widths import cut, width_of
from tmuxagents.value import Value

_READABLE = 8
"""Columns in which every character has room."""

_ALL = 1_000_000
"""More rows than anything has that is asked: of that nothing is cut."""


class Side(Value):
    """The lines. `whole`: of its dialog all has been on the screen by now, so that a key may settle it. `most` is how
    far it can be scrolled."""

    lines: tuple[Line, ...]
    whole: bool
    most: int


def side(row: Row | None, screen: Sequence[Line], width: int, height: int, *, scroll: int = 0) -> Side:
    """What stands beside the list in so many rows. `screen` are the rows of its window, `scroll` how many lines of the
    dialog are passed over."""
    if row is None or height < 1:
        return Side(tuple(fitted((), width) for _ in range(height)), False, 0)
    title = fitted((_title(row, width),), width)
    told = [*asked(row.dialog, width)] if row.dialog is not None else _said(row, width)
    room = height - 1
    most = max(0, len(told) - room)
    at = min(scroll, most)
    seen = told[at : at + room]
    rest = room - len(seen)
    shown = _last(screen, width, rest - 1) if rest > 2 and seen else _last(screen, width, rest)
    gap = [fitted((("─" * width, "dim"),), width)] if seen and shown else []
    lines = [title, *seen, *gap, *shown][:height]
    lines += [fitted((), width)] * (height - len(lines))
    whole = row.dialog is not None and at == most and room > 0 and width >= _READABLE
    return Side(tuple(lines), whole, most)


def _title(row: Row, width: int) -> tuple[str, str]:
    told = (
        f"── {row.name} · {row.words}"
        + (f" · {row.run}" if row.run else "")
        + (f" · {row.folder} " if row.folder else " ")
    )
    text = cut(one_line(told, 400), max(1, width - 1)) + " "
    return text + "─" * (width - width_of(text)), f"agent:{row.color}"


def _said(row: Row, width: int) -> list[Line]:
    """Why it has failed or waits, where its window may not say so."""
    if row.group not in ("needs you", "unknown", "queued") or not row.said:
        return []
    return [fitted(((text, "fails"),), width) for text in wrapped(one_line(row.said, 600), width, 4)]


def asked(dialog: Dialog, width: int) -> list[Line]:
    """All that has to be known to decide: what it wants to do, in its own words, and the choices."""
    about = wrapped(visible(dialog.about), width - 2, _ALL) if dialog.about.strip() else []
    found = [((text, "calls"),) for text in wrapped(f"needs {dialog.needs}: {visible(dialog.what)}", width, _ALL)]
    found += [(("  " + text, _hue(text)),) for text in about]
    for number, choice in enumerate(dialog.choices, 1):
        found += [((text, "bold"),) for text in wrapped(f"  {number} {visible(choice)}", width, _ALL)]
    return [fitted(line, width) for line in found]


def _hue(text: str) -> str:
    """A line of a diff."""
    return "works" if text.startswith("+") else "fails" if text.startswith("-") else ""


def _last(screen: Sequence[Line], width: int, height: int) -> list[Line]:
    return [cropped(line, width) for line in screen[max(0, len(screen) - height) :]] if height > 0 else []
