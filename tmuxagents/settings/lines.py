"""On which line of a TOML text a setting stands, for those who have to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_WORD}(?:[ \t]*\.[ \t]*{_WORD})*"
_TABLE = rf"[ \t]*\[[ \t]*({_PATH})[ \t]*\]"
_KEY = rf"[ \t]*({_PATH})[ \t]*="
_FENCES = ('"' * 3, "'" * 3)


def of(text: str) -> Mapping[str, int]:
    """The line of each table and key, by its dotted path. What stands in a text of several lines is none."""
    found: dict[str, int] = {}
    table: str = ""
    fence: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        begun = fence
        fence = _fence(line, fence)
        if begun is not None:
            continue
        if header := re.match(_TABLE, line):
            table = _plain(header[1])
            found.setdefault(table, number)
        elif key := re.match(_KEY, line):
            found.setdefault(f"{table}.{_plain(key[1])}" if table else _plain(key[1]), number)
    return found


def line_of(path: str, lines: Mapping[str, int]) -> int:
    """The line of a setting, of the table around it where it has none of its own, else the first one."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path, 1)


def where(path: str, lines: Mapping[str, int], name: str) -> str:
    """How an error names the place: `'config.toml' line 3`."""
    return f"'{name}' line {line_of(path, lines)}"


def _fence(line: str, fence: str | None) -> str | None:
    """What ends the text of several lines in which the next line stands; None when it stands in none."""
    for mark in re.findall("|".join(_FENCES), line):
        if fence is None:
            fence = mark
        elif mark == fence:
            fence = None
    return fence


def _plain(path: str) -> str:
    return ".".join(word.strip("\"'") for word in re.findall(_WORD, path))
