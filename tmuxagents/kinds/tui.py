"""Read the screen of a terminal program that has an input box between two rules, or a dialog.

The shape, measured on Claude Code 2.1.197 and 2.1.330 (the demo agent draws the same):

    ────────────────               ────────────────
    ❯ draft                         Do you want to create f.txt?
      its second row                ❯ 1. Yes
    ────────────────                  2. No
      footer                        Esc to cancel · Tab to amend
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tmuxagents.model.condition import Dialog, Need

_SGR = re.compile(r"\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-B]|[\x0e\x0f]")
_OPTION = re.compile(r"^[\s│]*(❯)?\s*(\d+)\.\s+(.*?)[\s│]*$")
_PLAIN_OPTION = re.compile(r"^([\s│]*)❯\s+(\S.*?)[\s│]*$")
_POINTED = re.compile(r"^[\s│]*❯\s*\d+\.\s")
_FOOTER = re.compile(r"(?:\b(?:Enter|Esc|Tab)|↑/↓) to [a-z]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A character with the attributes that matter."""

    char: str
    dim: bool
    inverse: bool


def cells(rows: Sequence[str]) -> list[list[Cell]]:
    """The rows as cells; attributes carry over from row to row as `capture-pane -e` writes them."""
    dim = inverse = False
    parsed: list[list[Cell]] = []
    for row in rows:
        line: list[Cell] = []
        at = 0
        for match in _SGR.finditer(row):
            line += [Cell(c, dim, inverse) for c in row[at : match.start()]]
            if match.group(1) is not None:
                dim, inverse = _attributes(match.group(1), dim, inverse)
            at = match.end()
        line += [Cell(c, dim, inverse) for c in row[at:]]
        parsed.append(line)
    return parsed


def plain(rows: Sequence[str]) -> list[str]:
    """The rows without attributes and without trailing blanks."""
    return [_SGR.sub("", row).rstrip() for row in rows]


def box(rows: Sequence[str]) -> str | None:
    """The text in the input box, "" when it is empty; None when there is no box.

    Dim text is a suggestion, not a draft, and so is a cursor cell in front of dim text.
    """
    bare = plain(rows)
    rules = [i for i, row in enumerate(bare) if _is_rule(row)]
    for top, bottom in reversed(list(itertools.pairwise(rules))):
        mark = re.match(r"[❯>!]", bare[top + 1]) if bottom > top + 1 else None
        if mark is not None:
            if any(_POINTED.match(row) for row in bare[bottom + 1 :]):
                return None
            draft = _draft(cells(rows)[top + 1 : bottom])
            return f"!{draft}" if mark.group() == "!" else draft
    return None


def dialog(rows: Sequence[str], classify: Sequence[tuple[str, Need]]) -> Dialog | None:
    """The dialog on the screen; None when there is none, or an input box is shown.

    `classify` maps regular expressions on its text to what it needs, first match wins.
    """
    bare = plain(rows)
    while bare and not bare[-1]:
        bare.pop()
    if box(rows) is not None or not (any(_FOOTER.search(row) for row in bare[-6:]) or _ends_in_choices(bare)):
        return None
    start = _dialog_start(bare)
    body = bare[start:]
    choices, preselected, numbered = _choices(body)
    whole = "\n".join(body)
    needs: Need = next((need for pattern, need in classify if re.search(pattern, whole)), "dialog")
    return Dialog(needs=needs, what=_title(body), choices=choices, preselected=preselected, numbered=numbered)


def _ends_in_choices(bare: Sequence[str]) -> bool:
    """A plan dialog has no footer; a replayed prompt has its ❯ in the first column."""
    return any(row[:1] != "❯" and _POINTED.match(row) for row in bare[-12:])


def _attributes(codes: str, dim: bool, inverse: bool) -> tuple[bool, bool]:
    numbers = codes.split(";")
    skip = 0
    for index, code in enumerate(numbers):
        if skip:
            skip -= 1
        elif ":" in code:
            continue
        elif code in ("38", "48", "58"):
            skip = 2 if numbers[index + 1 : index + 2] == ["5"] else 4
        elif code in ("", "0"):
            dim = inverse = False
        elif code == "2":
            dim = True
        elif code == "22":
            dim = False
        elif code in ("7", "27"):
            inverse = code == "7"
    return dim, inverse


def _is_rule(row: str) -> bool:
    return row.startswith("───") and row.count("─") >= max(10, 0.6 * len(row))


def _draft(lines: Sequence[Sequence[Cell]]) -> str:
    texts = []
    for line in lines:
        body = line[2:]
        kept = [c.char for i, c in enumerate(body) if not c.dim and not _is_ghost_cursor(body, i)]
        texts.append("".join(kept).rstrip())
    return "\n".join(texts).strip()


def _is_ghost_cursor(body: Sequence[Cell], index: int) -> bool:
    return body[index].inverse and index + 1 < len(body) and body[index + 1].dim


def _dialog_start(bare: Sequence[str]) -> int:
    """Below the last rule that has the ❯ under it; without one, a screenful up."""
    pointer = max((i for i, row in enumerate(bare) if _PLAIN_OPTION.match(row)), default=len(bare) - 1)
    numbers = {i: int(match.group(2)) for i in range(pointer + 1) if (match := _OPTION.match(bare[i]))}
    first = max((i for i, number in numbers.items() if number == 1), default=pointer) if pointer in numbers else pointer
    rules = [i for i in range(first) if _is_rule(bare[i])]
    return rules[-1] + 1 if rules else max(0, pointer - 15)


def _choices(body: Sequence[str]) -> tuple[tuple[str, ...], int | None, bool]:
    numbered = _numbered(body)
    if numbered:
        preselected = next((i for i, (pointed, _) in enumerate(numbered) if pointed), None)
        return tuple(label for _, label in numbered), preselected, True
    return _unnumbered(body)


def _numbered(body: Sequence[str]) -> list[tuple[bool, str]]:
    found: list[tuple[bool, str]] = []
    for row in body:
        match = _OPTION.match(row)
        if match and int(match.group(2)) == len(found) + 1:
            found.append((match.group(1) is not None, match.group(3)))
        elif match and int(match.group(2)) == 1:
            found = [(match.group(1) is not None, match.group(3))]
    return found if any(pointed for pointed, _ in found) else []


def _unnumbered(body: Sequence[str]) -> tuple[tuple[str, ...], int | None, bool]:
    pointer = next((i for i, row in enumerate(body) if _PLAIN_OPTION.match(row)), None)
    if pointer is None:
        return (), None, False
    match = _PLAIN_OPTION.match(body[pointer])
    assert match is not None
    indent = len(match.group(1)) + 2
    first = last = pointer
    while first > 0 and _is_option(body[first - 1], indent):
        first -= 1
    while last + 1 < len(body) and _is_option(body[last + 1], indent):
        last += 1
    return tuple(row.replace("❯", " ").strip(" │") for row in body[first : last + 1]), pointer - first, False


def _is_option(row: str, indent: int) -> bool:
    bare = row.replace("│", " ")
    return bool(bare.strip()) and len(bare) - len(bare.lstrip()) == indent


def _title(body: Sequence[str]) -> str:
    rows = [row.strip(" │") for row in body if row.strip(" │") and not _is_rule(row.strip())]
    asked = [row for row in rows if row.endswith("?") and not _OPTION.match(row)]
    return (asked[-1] if asked else rows[0] if rows else "a dialog")[:160]
