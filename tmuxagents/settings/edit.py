"""A TOML text with one setting changed: every other byte stays as it was."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError


def with_value(text: str, path: Sequence[str], value: Any) -> str | None:
    """The text with that key set; None where it cannot be done by changing or adding lines of it alone.

    A key that is there keeps its comment and its place, a new one goes behind the last of its table.
    What comes out is read again: it means what the text meant, and this.
    """
    if not _fits(tomllib.loads(text), path):
        return None
    wanted = _set(tomllib.loads(text), path, value)
    tried = _replaced(text, path, value) if _has(tomllib.loads(text), path) else _added(text, path, value)
    return next((made for made in tried if _means(made, wanted)), None)


def literal(value: Any) -> str:
    """The value as TOML writes it."""
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string())


def _replaced(text: str, path: Sequence[str], value: Any) -> Iterator[str]:
    document: Any = tomlkit.parse(text)
    place = document
    for word in path[:-1]:
        place = place[word]
    place[path[-1]] = value
    yield tomlkit.dumps(document)


def _added(text: str, path: Sequence[str], value: Any) -> Iterator[str]:
    """Every way to add it, the one that a person would choose first. A line in the midst of a longer text or in
    the wrong table makes the whole mean something else, and is none."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    header = f"[{_keys(path[:-1])}]{end}{_keys(path[-1:])} = {literal(value)}{end}"
    beneath = "".join([*lines, end if lines else "", header])
    for depth in range(len(path) - 1, -1, -1):
        if not depth and not _has(tomllib.loads(text), path[:-1]):
            yield beneath
        added = f"{_keys(path[depth:])} = {literal(value)}{end}"
        for at in _places(lines):
            yield "".join([*lines[:at], added, *lines[at:]])
    try:
        yield from _replaced(text, path, value)
    except (KeyError, TOMLKitError):
        return


def _places(lines: Sequence[str]) -> Iterator[int]:
    """Behind a line that says something, else behind a blank one, else at the top; from the end backwards."""
    said = [n for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    blank = [n for n, line in enumerate(lines, 1) if not line.strip()]
    bare = [] if said else [len(lines)]
    yield from [*reversed(said), *bare, *reversed(blank), 0]


def _keys(path: Sequence[str]) -> str:
    return ".".join(tomlkit.key(word).as_string() for word in path)


def _has(table: Any, path: Sequence[str]) -> bool:
    for word in path:
        if not isinstance(table, Mapping) or word not in table:
            return False
        table = table[word]
    return True


def _fits(table: Any, path: Sequence[str]) -> bool:
    """Whether nothing but tables stands on the way to the key."""
    for word in path[:-1]:
        if not isinstance(table, Mapping):
            return False
        table = table.get(word, {})
    return isinstance(table, Mapping)


def _set(table: dict[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(table)
    place = changed
    for word in path[:-1]:
        place = place.setdefault(word, {})
    place[path[-1]] = list(value) if isinstance(value, tuple) else value
    return changed


def _means(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
