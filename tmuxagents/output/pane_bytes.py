"""Turn raw pane bytes into final lines for as long as no byte addresses the screen."""

from __future__ import annotations

import re
from codecs import utf_8_decode

from tmuxagents.output.safe_text import clean, is_clean
from tmuxagents.value import Value

LONGEST = 65_536
"""A line of more characters than this comes out in pieces, so memory stays bounded."""

_NOT_PLAIN = bytes({*range(0x20), 0x7F} - set(b"\t\n"))
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONE_CR = re.compile(rb"\r(?!\n)")
_STRING_END = re.compile(rb"[\x07\x18\x1a\x1b\r\n]")

_CSI = re.compile(rb"\x1b\[([0-?]{0,256})[ -/]{0,16}([@-~])")
_ESCAPE = re.compile(rb"\x1b([ -/]{0,16})([0-~])")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]{0,256}[ -/]{0,16}|[ -/]{0,16})\Z")
_MALFORMED = re.compile(rb"\x1b(?:\[[0-?]{0,256}[ -/]{0,16}|[ -/]{0,16})")

# Reports, titles, colours, cursor shape. What is in no list here is tmux's to understand.
_HARMLESS_CSI = frozenset(b"mncqptg")
_HARMLESS_ESCAPE = frozenset(b"=>\\NO")
_STRING_INTRODUCERS = frozenset(b"]PX^_k")
_SCREEN_MODES = frozenset({b"3", b"6", b"45", b"47", b"69", b"1047", b"1048", b"1049"})

_HOLD = -1  # the sequence goes on in bytes we do not have yet
_SCREEN = -2  # the sequence addresses the screen


class PlainState(Value):
    """What the bytes so far leave open: a line, where its cursor is, an unfinished sequence."""

    line: str = ""
    column: int = 0
    tail: bytes = b""
    in_string: bool = False


class Fed(Value):
    """What some bytes came to.

    When `screenful`, `lines` are those final before the sequence that addresses the screen,
    and `consumed` counts the bytes of this feed before it. The open line stays in the state:
    tmux shows it too.
    """

    state: PlainState
    lines: list[str]
    screenful: bool
    consumed: int


def feed(state: PlainState, data: bytes) -> Fed:
    """The lines that are final after these bytes, however the bytes were cut."""
    whole = state.tail + data if state.tail else data
    pen = _Pen(state)
    screenful = _draw(pen, whole)
    tail = b"" if screenful else whole[pen.at :]
    after = PlainState(pen.line, pen.column, tail, pen.in_string)
    used = max(0, pen.at - len(state.tail)) if screenful else len(data)
    return Fed(after, pen.lines, screenful, used)


def flush(state: PlainState) -> list[str]:
    """The last line, which has no line break; nothing if it is empty."""
    pen = _Pen(state)
    if state.tail and not state.tail.startswith(b"\x1b"):
        pen.put(state.tail.decode("utf-8", "replace"))
    return [*pen.lines, *pen.cleaned([pen.line])] if pen.line else pen.lines


def _draw(pen: _Pen, whole: bytes) -> bool:
    """Draw what can be drawn; `pen.at` is then where to go on. True if the screen is addressed."""
    if not pen.in_string and _is_plain(whole):
        pen.at = _text(pen, whole, 0, len(whole))
        return False
    marks = _Marks(whole)
    while pen.at < len(whole):
        if pen.in_string:
            _skip_string(pen, whole)
            continue
        mark = marks.after(pen.at)
        step = _text(pen, whole, pen.at, mark) if mark > pen.at else _control(pen, whole, pen.at)
        if step == _SCREEN:
            return True
        if step in (_HOLD, pen.at):
            return False
        pen.at = step
    return False


def _is_plain(data: bytes) -> bool:
    folded = data.replace(b"\r\n", b"\n")
    return len(folded.translate(None, _NOT_PLAIN)) == len(folded)


class _Marks:
    """Where the next control is, each kind searched for once.

    One pattern for both kinds is six times slower: only these two have a fast search.
    """

    __slots__ = ("_control", "_cr", "_data")

    def __init__(self, data: bytes) -> None:
        self._data, self._control, self._cr = data, -1, -1

    def after(self, at: int) -> int:
        if self._control < at:
            self._control = self._next(_CONTROL, at)
        if self._cr < at:
            self._cr = self._next(_LONE_CR, at)
        return min(self._control, self._cr)

    def _next(self, pattern: re.Pattern[bytes], at: int) -> int:
        found = pattern.search(self._data, at)
        return found.start() if found else len(self._data)


def _skip_string(pen: _Pen, whole: bytes) -> None:
    """Go to the byte that ends the string, which is then read as if there had been none.

    BEL and the ESC \\ of an ST mean nothing there; a line break or another sequence keeps
    its meaning, so a title never terminated costs the rest of its line and no more.
    """
    found = _STRING_END.search(whole, pen.at)
    pen.at = found.start() if found else len(whole)
    pen.in_string = found is None


def _text(pen: _Pen, whole: bytes, start: int, stop: int) -> int:
    """Print the bytes between; at the end of all bytes a cut character waits for its rest."""
    run = whole[start:stop].replace(b"\r\n", b"\n")
    text, used = utf_8_decode(run, "replace", stop < len(whole))
    pen.put(text)
    return stop - (len(run) - used)


def _control(pen: _Pen, whole: bytes, at: int) -> int:
    match whole[at]:
        case 0x1B:
            return _escape(pen, whole, at)
        case 0x0D:
            pen.column = 0
        case 0x08:
            pen.step_back()
        case 0x0A | 0x0B | 0x0C:
            pen.break_line()
    return at + 1


def _escape(pen: _Pen, whole: bytes, at: int) -> int:
    if csi := _CSI.match(whole, at):
        return csi.end() if _obey(pen, csi[1], csi[2][0]) else _SCREEN
    if _UNFINISHED.match(whole, at):
        return _HOLD
    escape = None if whole.startswith(b"[", at + 1) else _ESCAPE.match(whole, at)
    if escape is None:
        malformed = _MALFORMED.match(whole, at)
        assert malformed is not None
        return malformed.end()
    if not escape[1] and escape[2][0] in _STRING_INTRODUCERS:
        pen.in_string = True
        return escape.end()
    return escape.end() if _is_harmless(escape[1], escape[2][0]) else _SCREEN


def _is_harmless(between: bytes, final: int) -> bool:
    if between:  # a character set; line drawing, and anything with `#`, is tmux's to understand
        return final != ord("0") and not between.startswith(b"#")
    return final in _HARMLESS_ESCAPE


def _obey(pen: _Pen, parameters: bytes, final: int) -> bool:
    """Do what a CSI asks of the line. False if it asks something of the screen."""
    match final:
        case 0x4B if parameters in (b"", b"0", b"1", b"2"):  # K
            pen.erase(int(parameters or b"0"))
            return True
        case 0x68:  # h
            return parameters.startswith(b"?") and _SCREEN_MODES.isdisjoint(parameters[1:].split(b";"))
        case 0x6C:  # l
            return _SCREEN_MODES.isdisjoint(parameters.removeprefix(b"?").split(b";"))
        case 0x75:  # u: with a prefix a keyboard mode, alone "restore the cursor"
            return parameters[:1] in (b"<", b"=", b">", b"?")
    return final in _HARMLESS_CSI


class _Pen:
    """One line being written, with the cursor in it; a character is a cell.

    A tab stays a tab until something is written over the line; then it is spaces.
    """

    __slots__ = ("at", "column", "in_string", "line", "lines")

    def __init__(self, state: PlainState) -> None:
        self.line, self.column, self.in_string = state.line, state.column, state.in_string
        self.lines: list[str] = []
        self.at = 0

    def put(self, text: str) -> None:
        """Write text, in which there may be tabs and line breaks."""
        if self.column != len(self.line):
            head, broken, text = text.partition("\n")
            if head:
                self._overwrite(head)
            if not broken:
                return
            self.break_line()
        self._append(text)

    def break_line(self) -> None:
        self.lines += self.cleaned([self.line])
        self.line, self.column = "", 0

    def step_back(self) -> None:
        if self.column == len(self.line):
            self._flatten()
            self.column = len(self.line)
        self.column = max(0, self.column - 1)

    def erase(self, part: int) -> None:
        """Erase from the cursor on (0), up to and with it (1), or all (2). The cursor stays."""
        if part == 0 and self.column >= len(self.line):
            return
        at_end = self.column == len(self.line)
        self._flatten()
        if at_end:
            self.column = len(self.line)
        kept = self.line[self.column + 1 :] if part == 1 else ""
        before = " " * (self.column + 1) if kept else ""
        self.line = self.line[: self.column] if part == 0 else before + kept

    def cleaned(self, lines: list[str]) -> list[str]:
        return lines if all(map(str.isascii, lines)) else [clean(line) for line in lines]

    def _append(self, text: str) -> None:
        joined = self.line + text
        lines = joined.split("\n")
        if len(joined) > LONGEST:
            lines = [piece for line in lines for piece in _pieces(line)]
        self.line = lines.pop()
        self.column = len(self.line)
        self.lines += lines if joined.isascii() or is_clean(joined) else self.cleaned(lines)

    def _overwrite(self, text: str) -> None:
        self._flatten()
        for part in re.split("(\t)", text):
            if part == "\t":
                self._tab()
            elif part:
                before = self.line[: self.column].ljust(self.column)
                self.column += len(part)
                self.line = before + part + self.line[self.column :]
            self._spill()

    def _tab(self) -> None:
        if self.column >= len(self.line):
            self.line = self.line.ljust(self.column) + "\t"
            self.column = len(self.line)
        else:
            self.column += 8 - self.column % 8
            self.line = self.line.ljust(self.column)

    def _flatten(self) -> None:
        if "\t" in self.line:
            self.line = self.line.expandtabs(8)
            self._spill()

    def _spill(self) -> None:
        if len(self.line) > LONGEST:
            *full, self.line = _pieces(self.line)
            self.lines += self.cleaned(full)
            self.column = max(0, self.column - LONGEST * len(full))


def _pieces(line: str) -> list[str]:
    return [line[start : start + LONGEST] for start in range(0, len(line), LONGEST)] or [""]
