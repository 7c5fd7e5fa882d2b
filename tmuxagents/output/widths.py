"""How many cells of a terminal a text takes.

By Python's own Unicode tables, loaded when a text is not ASCII: rich's cells cost five times as much to import as `ls`.
"""

from __future__ import annotations

EMOJI_STYLE = "\ufe0f"

_ZERO_WIDTH = "\u200b\u200c\u200d\u2060"


def width_of(text: str) -> int:
    """How many cells a terminal takes for the text, at most."""
    return len(text) if text.isascii() else sum(map(cells, text))


def cells(character: str) -> int:
    """Cells of one character. Where terminals differ, the most: too narrow a row does no harm."""
    # Dashes, quotes, `…` and the listing's `•` are narrow; for them alone the tables are not loaded.
    if character < "\u0300" or "\u2010" <= character <= "\u2027" or character == EMOJI_STYLE:
        return 1
    import unicodedata

    if character in _ZERO_WIDTH or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int) -> str:
    """The text with blanks up to that many cells."""
    return text + " " * (width - width_of(text))


def wrapped(text: str, width: int) -> list[str]:
    """The text in rows of at most that many cells, divided between words; the later ones stand two cells further in. A
    word that is longer than a row is cut."""
    indent = text[: len(text) - len(text.lstrip(" "))][: max(0, width - 4)]
    rows, row = list[str](), indent
    for word in text.split():
        gap = "" if row.isspace() or not row else " "
        if gap and width_of(row) + 1 + width_of(word) > width:
            rows.append(row)
            row, gap = f"{indent}  "[: max(0, width - 2)], ""
        row += gap
        for character in word:
            if width_of(row) + cells(character) > width and row.strip():
                rows.append(row)
                row = ""
            row += character
    return [*rows, row]


def cut(text: str, width: int) -> str:
    """The text in at most that many cells, with `…` where something is missing."""
    if width_of(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += cells(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"
