"""Read the cells of a terminal program's screen, and its input box between two rules.

The shape, measured on Claude Code 2.1.197 and 2.1.330 (the demo agent draws the same):

    ────────────────
    ❯ draft
      its second row
    ────────────────
      footer
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache

from tmuxagents.value import Value

_SGR = re.compile(r"\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|[\x0e\x0f]")
_NAMED_RULE = re.compile(r"^─{3,} [^─]+ ─+$")
_POINTED = re.compile(r"^[\s│]*❯\s*\d+\.\s")


class Cell(Value):
    """A character with the attributes that matter."""

    char: str
    dim: bool
    inverse: bool
    colour: str = ""
    ground: str = ""


_State = tuple[bool, bool, str, str]


@lru_cache(4096)
def _cell(char: str, dim: bool, inverse: bool, colour: str, ground: str) -> Cell:
    return Cell(char, dim, inverse, colour, ground)


@lru_cache(1024)
def _line(row: str, state: _State) -> tuple[Sequence[Cell], _State]:
    """A row that begins with these attributes, and those behind it. A screen is read again and again, with a row
    or two changed, and has some dozens of different cells: to make them anew is most of reading it."""
    line: list[Cell] = []
    at = 0
    for match in _SGR.finditer(row):
        line += [_cell(c, *state) for c in row[at : match.start()]]
        if match.group(1) is not None:
            state = _attributes(match.group(1), *state)
        at = match.end()
    return (*line, *(_cell(c, *state) for c in row[at:])), state


def cells(rows: Sequence[str]) -> list[list[Cell]]:
    """The rows as cells; attributes carry over from row to row as `capture-pane -e` writes them."""
    state = (False, False, "", "")
    parsed: list[list[Cell]] = []
    for row in rows:
        line, state = _line(row, state)
        parsed.append(list(line))
    return parsed


def plain(rows: Sequence[str]) -> list[str]:
    """The rows without attributes and without trailing blanks."""
    return [_bare(row) for row in rows]


@lru_cache(1024)
def _bare(row: str) -> str:
    return _SGR.sub("", row).rstrip()


def box(rows: Sequence[str], mark: str = r"[❯>!]") -> str | None:
    """The text in the input box, "" when it is empty; None when there is no box.

    `mark` is the regular expression of what it begins with. Dim text is a suggestion, not a draft,
    and so is a cursor cell in front of dim text.
    """
    bare = plain(rows)
    rules = [i for i, row in enumerate(bare) if is_rule(row)]
    for top, bottom in reversed(list(itertools.pairwise(rules))):
        # `plain` takes the blank behind the mark of an empty box away.
        if bottom > top + 1 and re.match(mark, bare[top + 1] + "\xa0"):
            if any(_POINTED.match(row) for row in bare[bottom + 1 :]):
                return None
            draft = _draft(cells(rows)[top + 1 : bottom])
            return f"!{draft}" if bare[top + 1].startswith("!") else draft
    return None


def _attributes(codes: str, dim: bool, inverse: bool, colour: str, ground: str) -> _State:
    numbers = codes.split(";")
    skip = 0
    for index, code in enumerate(numbers):
        if skip:
            skip -= 1
        elif ":" in code:
            continue
        elif code in ("38", "48", "58"):
            skip = 2 if numbers[index + 1 : index + 2] == ["5"] else 4
            which = ";".join(numbers[index + 1 : index + 1 + skip])
            colour, ground = (which if code == "38" else colour, which if code == "48" else ground)
        elif code in ("", "0"):
            dim, inverse, colour, ground = False, False, "", ""
        elif code == "2":
            dim = True
        elif code == "22":
            dim = False
        elif code in ("7", "27"):
            inverse = code == "7"
        elif re.fullmatch(r"3[0-79]|9[0-7]", code):
            colour = "" if code == "39" else code
        elif re.fullmatch(r"4[0-79]|10[0-7]", code):
            ground = "" if code == "49" else code
    return dim, inverse, colour, ground


def is_rule(row: str) -> bool:
    """Whether the row is a line across the screen; a conversation's name may stand in it, near its end."""
    return bool(row.startswith("───") and (row.count("─") >= max(10, 0.6 * len(row)) or _NAMED_RULE.match(row)))


def _draft(lines: Sequence[Sequence[Cell]]) -> str:
    texts = []
    for line in lines:
        body = line[2:]
        kept = [c.char for i, c in enumerate(body) if not c.dim and not _is_ghost_cursor(body, i)]
        texts.append("".join(kept).rstrip())
    return "\n".join(texts).strip()


def _is_ghost_cursor(body: Sequence[Cell], index: int) -> bool:
    return body[index].inverse and index + 1 < len(body) and body[index + 1].dim
