"""What an agent may change: globs over the paths of its checkout. Pure, and imported by the program behind a hook,
which has nothing but the standard library.

`*` is any run of characters within one name, `?` one character, a name `**` any number of folders. A last name without
a glob means that path and everything below it. Brackets and braces are plain characters: folders are called `[slug]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

# No path holds a NUL.
_ANY, _ONE = "\0*", "\0?"

_Name = tuple[str, ...]
"""Characters, and what stands for some of them."""

_DEEP: _Name = ("\0**",)
"""Any number of names, none too."""


def parsed(text: str) -> str:
    """The glob as it is kept. ValueError says in words why it is none."""
    if not text.isprintable() or not text:
        raise ValueError("holds nothing that can be shown" if text else "is empty")
    if text.startswith(("/", "~")):
        raise ValueError("is not a path from the top of the checkout")
    names = [name for name in text.split("/") if name not in ("", ".")]
    if ".." in names:
        raise ValueError("leads out of the checkout with '..'")
    if any(_is_gits(name) for name in names):
        raise ValueError("is git's own folder")
    kept = "/".join(names) or "**"
    return f"{kept}/**" if text.endswith("/") and _has_glob(names[-1:]) and names[-1] != "**" else kept


def allows(globs: Iterable[str], path: str) -> bool:
    """Whether a path from the top, without links in it, may be changed. git's own folder never may."""
    names = path.split("/")
    if not path or any(name in ("", ".", "..") or _is_gits(name) for name in names):
        return False
    plain = [tuple(name) for name in names]
    return any(_meet(_pattern(glob), plain) for glob in globs)


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether there can be a path that both allow. Exact but for letters' case, which file systems may fold."""
    folded = [_pattern(glob.casefold()) for glob in others]
    return any(_meet(_pattern(glob.casefold()), other) for glob in some for other in folded)


def told(globs: Sequence[str]) -> str:
    """The scope in a person's words."""
    return ", ".join(globs)


def _is_gits(name: str) -> bool:
    return name.casefold() == ".git"


def _has_glob(names: Iterable[str]) -> bool:
    return any("*" in name or "?" in name for name in names)


def _pattern(glob: str) -> list[_Name]:
    names = glob.split("/")
    found = [
        _DEEP if name == "**" else tuple({"*": _ANY, "?": _ONE}.get(sign, sign) for sign in name) for name in names
    ]
    if not _has_glob(names[-1:]):
        found.append(_DEEP)
    elif names[-1] == "**":
        # What is below, and not the folder itself.
        found.insert(-1, (_ANY,))
    return found


def _meet(one: Sequence[_Name], other: Sequence[_Name]) -> bool:
    return _same(one, other, _DEEP, lambda a, b: _same(a, b, _ANY, _is_one))


def _is_one(one: str, other: str) -> bool:
    return one == other or _ONE in (one, other)


def _same(one: Sequence[T], other: Sequence[T], run: T, fits: Callable[[T, T], bool]) -> bool:
    """Whether something is described by both, where `run` stands for any number of anything."""
    reached = [[False] * (len(other) + 1) for _ in range(len(one) + 1)]
    reached[0][0] = True
    for at in range(len(one) + 1):
        for by in range(len(other) + 1):
            if not reached[at][by]:
                continue
            a, b = one[at : at + 1], other[by : by + 1]
            if a and (a[0] == run or (b and b[0] == run)):
                # It stands for nothing, or takes in what the other one has there.
                reached[at + 1][by] = True
            if b and (b[0] == run or (a and a[0] == run)):
                reached[at][by + 1] = True
            if a and b and run not in (a[0], b[0]) and fits(a[0], b[0]):
                reached[at + 1][by + 1] = True
    return reached[len(one)][len(other)]
