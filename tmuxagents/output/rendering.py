"""Show journal entries as the merged stream that a person reads."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Literal

from tmuxagents.output import hues, markdown, needing
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.output.widths import EMOJI_STYLE, cells, width_of
from tmuxagents.value import Value, fresh

_DIM, _FAIL, _CALL, _RESET = f"\x1b[{hues.FADES}m", f"\x1b[{hues.FAILS}m", f"\x1b[{hues.CALLS}m", "\x1b[0m"
_BESIDE = 14  # the widest of what stands beside a name: `  Spawned `, `: ` and a wide character
_LEAST_NAME = 3
_WORDS = re.compile(r" +|[^ ]+")
_JOINER = "\u200d"


Speaker = Literal["once", "every", "never"]
"""Whether who speaks stands on an entry's first row, on every row, or nowhere."""


class Line(Value):
    """One journal entry. `color` is an index of the palette, `detail` what its kind adds."""

    seq: int
    at_ns: int
    agent: str
    color: int
    kind: str
    text: str
    detail: Mapping[str, object] = fresh(default_factory=dict)


class _Sheet(Value):
    """What to write on: how wide, in colour or not, and what stands before each entry."""

    width: int | None
    color: bool
    clock: str = ""
    speaker: Speaker = "once"
    formatted: bool = False

    def paint(self, text: str, sgr: str) -> str:
        return f"{sgr}{text}{_RESET}" if self.color and sgr and text else text


Clock = Callable[[int], str]


def render(
    line: Line,
    *,
    width: int | None,
    color: bool,
    clock: Clock | None = None,
    speaker: Speaker = "once",
    formatted: bool = False,
) -> list[str]:
    """The rows of one entry, none wider than `width`; None does not wrap.

    Nothing that an agent wrote can act on the terminal: the only control characters are our
    own colours, and with `color` False there are none. `clock` writes `at_ns` before it. `formatted` shows the
    Markdown of what was said as it is meant, where there are colours.
    """
    sheet = _Sheet(width, color, _clock_text(line, width, clock), speaker, formatted and color)
    return _RENDERERS.get(line.kind, _note)(line, sheet)


def hang(prefix: str, text: str, width: int | None) -> list[str]:
    """A text behind a prefix, what does not fit indented under its beginning; without colours."""
    return _hang(_Sheet(width, color=False), prefix, text)


def named(row: str, length: int, color: int) -> str:
    """A row that begins with a name of that length, the name in its agent's colour."""
    return f"\x1b[{hues.name(color)}m{row[:length]}{_RESET}{row[length:]}"


def choose_color(used: Collection[int]) -> int:
    """The lowest palette index that no live agent has; when all are had, the one had least."""
    times = Counter(index % len(hues.PALETTE) for index in used)
    return min(range(len(hues.PALETTE)), key=lambda index: (times[index], index))


def _clock_text(line: Line, width: int | None, clock: Clock | None) -> str:
    text = one_line(clock(line.at_ns)) + " " if clock else ""
    return text if width is None or width - width_of(text) >= _BESIDE + _LEAST_NAME else ""


def _spawned(line: Line, sheet: _Sheet) -> list[str]:
    task = one_line(line.text, sys.maxsize)
    place = f"({_detail(line, 'branch')} in {_detail(line, 'path')})" if line.detail.get("path") else ""
    task = f"{task} {place}".strip()
    prefix = f"  Spawned {_name(line, sheet)}" + (": " if task else "")
    return _hang(sheet, prefix, task)


def _prompt(line: Line, sheet: _Sheet) -> list[str]:
    return _hang(sheet, "> " if sheet.speaker == "never" else f"> @{_name(line, sheet)} ", line.text)


def _speech(line: Line, sheet: _Sheet) -> list[str]:
    if not (sheet.formatted and line.kind == "text"):
        return _under_name(line, sheet, line.text)
    room = _room(sheet, _address(line, sheet))
    read = markdown.read("\n".join(_paragraphs(line.text)))
    return _stacked(line, sheet, [row for each in read for row in markdown.paint(_wrapped(each.text, room), each)])


def _tool(line: Line, sheet: _Sheet) -> list[str]:
    text = _cut(one_line(line.text, sys.maxsize), _room(sheet, _address(line, sheet)))
    tool, colon, target = text.partition(": ")
    return _stacked(line, sheet, [(sheet.paint(tool, _style(line)) + colon + target).rstrip()])


def _needs(line: Line, sheet: _Sheet) -> list[str]:
    what, command = one_line(line.text, sys.maxsize), _detail(line, "command")
    count = line.detail.get("open")
    place = f" (1 of {count})" if isinstance(count, int) and count > 1 else ""
    said = f"needs {_detail(line, 'needs')}".rstrip() + place + (f": {what}" if what else "")
    beneath = needing.beneath(line.detail, show=_detail(line, "show") or None)
    whole = f"{said}   {command}" if command else said
    room = _room(sheet, _address(line, sheet))
    fits = not beneath and (room is None or width_of(whole) <= room)
    shown = whole if fits else "\n".join([said, *beneath, command]).rstrip("\n")
    first, *rest = _rows(shown, room)
    return _stacked(line, sheet, [sheet.paint(first, _CALL), *rest])


def _turn(line: Line, sheet: _Sheet) -> list[str]:
    cost = line.detail.get("cost_usd")
    turns = line.detail.get("cost_turns")
    of = f", {turns} turns" if isinstance(turns, int) and turns > 1 else ""
    price = f" (${cost:.4f}{of})" if isinstance(cost, int | float) else ""
    how = _detail(line, "how") or "done"
    return _rule(line, sheet, how + price, _FAIL if how == "failed" else "")


def _decision(line: Line, sheet: _Sheet) -> list[str]:
    """Where it is too long, what it is about is cut: who decided is what is told."""
    text, what = one_line(line.text, sys.maxsize), _detail(line, "what")
    room = _room(sheet, f"  -- {_name(line, sheet)} ")
    over = 0 if room is None else width_of(text) - (room - 3)
    if over > 0 and what and what in text:
        text = text.replace(what, _cut(what, max(8, width_of(what) - over)), 1)
    return _rule(line, sheet, text)


def _exit(line: Line, sheet: _Sheet) -> list[str]:
    said = one_line(line.text, sys.maxsize) or "ended"
    return _rule(line, sheet, said, _FAIL if said.startswith("failed") else "")


def _note(line: Line, sheet: _Sheet) -> list[str]:
    return _under_name(line, sheet, f"({clean(line.text).strip()})", _DIM)


def _conflict(line: Line, sheet: _Sheet) -> list[str]:
    return _under_name(line, sheet, line.text, _CALL if line.detail.get("began") else _DIM)


def _error(line: Line, sheet: _Sheet) -> list[str]:
    return _under_name(line, sheet, f"({clean(line.text).strip()})", _FAIL)


_RENDERERS: Mapping[str, Callable[[Line, _Sheet], list[str]]] = {
    "spawned": _spawned,
    "prompt": _prompt,
    "text": _speech,
    "output": _speech,
    "tool": _tool,
    "needs": _needs,
    "decision": _decision,
    "turn": _turn,
    "exit": _exit,
    "error": _error,
    "conflict": _conflict,
}


def _rule(line: Line, sheet: _Sheet, what: str, style: str = "") -> list[str]:
    """`  -- agent-2 done --`; what does not fit on the row stands under its beginning."""
    start = f"  -- {_name(line, sheet)} "
    room = _room(sheet, start)
    rows = _rows(what, None if room is None else max(2, room - 3))
    first, *rest = [*rows[:-1], f"{rows[-1]} --"]
    if sheet.speaker == "every":
        return [sheet.clock + sheet.paint(start + row, style) for row in [first, *rest]]
    under = " " * width_of(sheet.clock + start)
    return [sheet.clock + sheet.paint(start + first, style), *(under + sheet.paint(row, style) for row in rest)]


def _address(line: Line, sheet: _Sheet) -> str:
    """What stands before what an agent said and did."""
    return "" if sheet.speaker == "never" else f"[{_name(line, sheet)}] "


def _under_name(line: Line, sheet: _Sheet, text: str, style: str = "") -> list[str]:
    return _stacked(line, sheet, [sheet.paint(row, style) for row in _rows(text, _room(sheet, _address(line, sheet)))])


def _stacked(line: Line, sheet: _Sheet, rows: Sequence[str]) -> list[str]:
    """The rows, the first (or every one) behind the name, the others under its beginning."""
    address = _address(line, sheet)
    mark = sheet.paint(address[:-1], f"\x1b[{hues.name(line.color)}m") + address[-1:]
    return _led(sheet, address, mark, rows)


def _hang(sheet: _Sheet, prefix: str, text: str) -> list[str]:
    """The text after a prefix, what does not fit on the row indented under its beginning."""
    return _led(sheet, prefix, prefix, _rows(text, _room(sheet, prefix)))


def _led(sheet: _Sheet, prefix: str, mark: str, rows: Sequence[str]) -> list[str]:
    lead = sheet.clock + mark
    under = lead if sheet.speaker == "every" else " " * width_of(sheet.clock + prefix)
    return [f"{lead}{rows[0]}".rstrip(), *(f"{under}{row}".rstrip() for row in rows[1:])]


def _rows(text: str, room: int | None) -> list[str]:
    return [row for paragraph in _paragraphs(text) for row in _wrapped(paragraph, room)]


def _paragraphs(text: str) -> list[str]:
    return clean(text).strip("\n").expandtabs(8).split("\n")


def _room(sheet: _Sheet, prefix: str) -> int | None:
    """Cells left after the prefix. There are always two: a wide character fits."""
    return None if sheet.width is None else max(2, sheet.width - width_of(sheet.clock + prefix))


def _name(line: Line, sheet: _Sheet) -> str:
    """The name, cut where it would leave no room for the text."""
    name = one_line(line.agent, sys.maxsize)
    if sheet.width is None:
        return name
    left = sheet.width - width_of(sheet.clock)
    return _cut(name, max(_LEAST_NAME, min(left // 2, left - _BESIDE)))


def _detail(line: Line, key: str) -> str:
    value = line.detail.get(key)
    return "" if value is None else one_line(str(value), sys.maxsize)


def _style(line: Line) -> str:
    return f"\x1b[{hues.plain(line.color)}m"


def _cut(text: str, room: int | None) -> str:
    if room is None or width_of(text) <= room:
        return text
    start = next(_portions(text, room - 1), "")
    return (start.rstrip() if width_of(start) < room else "") + "…"


def _wrapped(text: str, room: int | None) -> list[str]:
    """Rows of at most `room` cells: broken at blanks, a word only if it is longer than a row."""
    if room is None or width_of(text) <= room:
        return [text]
    rows: list[str] = []
    row, used = "", 0
    for word in _WORDS.findall(text):
        width, blank = width_of(word), word[0] == " "
        if used + width > room:
            rows += [row.rstrip()] if row.strip() else []
            *full, row = [""] if blank else _portions(word, room)
            rows += full
            used = width_of(row)
        elif row or not rows or not blank:
            row, used = row + word, used + width
    return [*rows, row.rstrip()] if row.strip() or not rows else rows


def _portions(text: str, room: int) -> Iterator[str]:
    """The text in parts of at most `room` cells, no character parted from what belongs to it."""
    part: list[str] = []
    used = 0
    for cluster in _clusters(text, room):
        width = width_of(cluster)
        if part and used + width > room:
            yield "".join(part)
            part, used = [], 0
        part.append(cluster)
        used += width
    yield "".join(part)


def _clusters(text: str, room: int) -> Iterator[str]:
    """Characters with their combining marks; joined emoji together, if there is room."""
    for cluster in _split(text, _is_glued):
        if width_of(cluster) <= room:
            yield cluster
        else:
            yield from _split(cluster, lambda _, character: not cells(character))


def _split(text: str, is_glued: Callable[[str, str], bool]) -> Iterator[str]:
    start = 0
    for at in range(1, len(text)):
        if not is_glued(text[at - 1], text[at]):
            yield text[start:at]
            start = at
    yield text[start:]


def _is_glued(before: str, character: str) -> bool:
    belongs = character == EMOJI_STYLE or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    return belongs or before == _JOINER or not cells(character)
