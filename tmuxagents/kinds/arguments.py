"""What a system takes of the arguments and variables of a program, and a shell line that goes to its shell by a file.

Linux takes 131,072 bytes of one argument or variable, its closing NUL among them (`MAX_ARG_STRLEN`), and of all
together a quarter of the stack (`SC_ARG_MAX`: 2 MB). What is over that it refuses with E2BIG, as the program is begun.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

LONGEST = 131_071
"""Bytes of one argument, or of a variable with its name."""

_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh"})

_LINE = "line.sh"

_POINTER = 8
"""Bytes that each of them takes beside itself."""

_WAY = "give it to a program's standard input: printf %s {{ … }} | PROGRAM"


def by_file(words: Sequence[str], folder: Path) -> tuple[Sequence[str], Mapping[str, str]]:
    """The words to start with, and the files that they need: a shell line that is longer than an argument is read by
    its shell from a file in that folder, with the same name and arguments."""
    if not _is_long_line(words):
        return words, {}
    import shlex

    return [*words[:2], f". {shlex.quote(str(folder / _LINE))}", *words[3:]], {_LINE: words[2]}


def too_long(words: Sequence[str], variables: Mapping[str, str], *, most: int | None = None) -> str | None:
    """What of it no program can be started with, in a person's words; None where all of it can. `most` is how much all
    may have together, None: nobody knows."""
    words = [*words[:2], *words[3:]] if _is_long_line(words) else words
    found = [(f"its argument {number}", _size(word)) for number, word in enumerate(words)]
    found += [(f"its variable '{name}'", _size(f"{name}={value}")) for name, value in variables.items()]
    for what, size in found:
        if size > LONGEST:
            return f"{what} has {size:,} bytes, and a program takes at most {LONGEST:,}; {_WAY}"
    size = sum(size + 1 + _POINTER for _, size in found)
    if most is not None and size > most:
        return f"its arguments and variables have {size:,} bytes, and a program takes at most {most:,}; {_WAY}"
    return None


def _is_long_line(words: Sequence[str]) -> bool:
    is_line = len(words) > 2 and words[1] == "-c" and os.path.basename(words[0]) in _SHELLS
    return is_line and _size(words[2]) > LONGEST


def _size(text: str) -> int:
    return len(os.fsencode(text))
