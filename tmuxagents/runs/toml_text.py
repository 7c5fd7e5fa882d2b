"""TOML as nodes: `tomllib` says what it is, and a walk over the text where each part stands."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any

from tmuxagents.model.manifest import Place
from tmuxagents.runs.nodes import DEPTH, SIZE, Fault, Node
from tmuxagents.settings import shown
from tmuxagents.value import Value

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|("(?:[^"\\]|\\.)*")|('[^']*'))[ \t]*""")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")
# `tomllib` takes minutes for a key of 100,000 words. One begins where no word goes on, so that none is read twice.
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}){{{DEPTH}}}")


def read(text: str) -> Node:
    """The whole; `Fault` says what is wrong with the text."""
    text = text.replace("\r\n", "\n")
    if long := _LONG_KEY.search(text):
        raise Fault(_at(text, long.start()), f"more than {DEPTH} levels of lists and tables")
    try:
        data = tomllib.loads(text)
        found = _Walk(text).all()
    except RecursionError as error:
        raise Fault(Place(1, 1), f"more than {DEPTH} levels of lists and tables") from error
    except ValueError as error:
        raise _fault(error, text) from error
    node = _node(data, (), found, Place(1, 1))
    if node.size > SIZE:
        raise Fault(Place(1, 1), f"more than {SIZE:,} values")
    return node


class _Found(Value):
    """Where a key stands, where its value, how that is written, and on which line a text's own first line is."""

    key: Place
    value: Place
    raw: str = ""
    first: int = 0


class _Walk:
    """Over a text that is TOML: nothing is checked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(each.end() for each in re.finditer("\n", text))]
        self._found: dict[Path, _Found] = {}
        self._lengths: dict[Path, int] = {}

    def all(self) -> dict[Path, _Found]:
        table: Path = ()
        self._blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._blank()
        return self._found

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _place(self, at: int) -> Place:
        line = bisect_right(self._starts, at)
        return Place(line, at - self._starts[line - 1] + 1)

    def _header(self) -> Path:
        place, many = self._place(self._at), self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        path = self._keys((), place)
        if many:
            number = self._lengths.get(path, 0)
            self._lengths[path] = number + 1
            path = (*path, number)
            self._found[path] = _Found(place, place)
        self._at = self._text.index("]", self._at) + (2 if many else 1)
        return path

    def _keys(self, path: Path, place: Place | None = None) -> Path:
        """The path of a dotted key; where it goes through a list of tables the last one is meant."""
        while match := _KEY.match(self._text, self._at):
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
            begin = place or self._place(match.start(match.lastindex or 0))
            path = (*path, match[1] or _word(match[2] or match[3]))
            self._found.setdefault(path, _Found(begin, begin))
            self._at = match.end()
            if self._text[self._at : self._at + 1] != ".":
                break
            self._at += 1
        return path

    def _pair(self, table: Path) -> None:
        path = self._keys(table)
        self._at = self._text.index("=", self._at) + 1
        while self._text[self._at] in " \t":
            self._at += 1
        self._value(path, self._found[path].key)

    def _value(self, path: Path, key: Place) -> None:
        begin, place = self._at, self._place(self._at)
        char = self._text[begin]
        if len(path) > DEPTH:
            raise Fault(place, f"more than {DEPTH} levels of lists and tables")
        self._found[path] = _Found(key, place)
        if char == "[":
            self._array(path)
        elif char == "{":
            self._inline(path)
        else:
            match = (_TEXT if char in "\"'" else _BARE).match(self._text, begin)
            self._at = match.end() if match else begin
            raw = self._text[begin : self._at].rstrip()
            self._found[path] = _Found(key, place, raw, place.line + int(raw[3:4] == "\n" and raw[:3] in _FENCES))

    def _array(self, path: Path) -> None:
        self._at += 1
        number = 0
        self._blank()
        while self._text[self._at] != "]":
            self._value((*path, number), self._place(self._at))
            number += 1
            self._blank()
            self._at += int(self._text[self._at] == ",")
            self._blank()
        self._at += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        self._blank()
        while self._text[self._at] != "}":
            self._pair(path)
            self._blank()
            self._at += int(self._text[self._at] == ",")
            self._blank()
        self._at += 1


_FENCES = ('"' * 3, "'" * 3)


def _word(quoted: str) -> str:
    return str(tomllib.loads(f"a = {quoted}")["a"])


def _node(data: Any, path: Path, found: dict[Path, _Found], near: Place) -> Node:
    if len(path) > DEPTH:
        raise Fault(near, f"more than {DEPTH} levels of lists and tables")
    here = found.get(path, _Found(near, near))
    if isinstance(data, dict):
        inner = {key: _node(each, (*path, key), found, here.value) for key, each in data.items()}
        keys = {key: found[*path, key].key if (*path, key) in found else here.key for key in data}
        return Node(inner, here.value, keys=keys, size=1 + sum(each.size for each in inner.values()))
    if isinstance(data, list):
        items = tuple(_node(each, (*path, at), found, here.value) for at, each in enumerate(data))
        return Node(items, here.value, size=1 + sum(each.size for each in items))
    return Node(data, here.value, raw=here.raw, first=here.first)


def _fault(error: ValueError, text: str) -> Fault:
    told = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    if told is None:
        what = "a number of too many digits" if "digits" in str(error) else shown.visible(str(error)[:100])
        return Fault(Place(1, 1), f"this is not TOML: {what}")
    end = text.count("\n") + 1, len(text) - text.rfind("\n")
    line, column = (int(told[2]), int(told[3])) if told[2] else end
    if told[1] == "Cannot overwrite a value":
        # Said at the value's end. The key stands where its line begins, unless the value has several.
        rest = text.split("\n")[line - 1]
        return Fault(Place(line, len(rest) - len(rest.lstrip()) + 1), "this key is there already")
    return Fault(Place(line, column), f"this is not TOML: {shown.visible(told[1][:100]).lower()}")


def _at(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
