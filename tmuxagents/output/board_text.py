"""A board as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.value import Value

HEAD = """# What agents and people have noted here

<!-- Written by `tmuxagents note write`. Once you have changed it, it is not written over. -->
"""


class Row(Value):
    """A note as it is shown: its number, who said it and when, and its text."""

    number: int
    who: str
    at: str
    text: str


def rendered(rows: Sequence[Row]) -> str:
    """The whole file: an item for each note, whose further lines belong to it whatever they begin with."""
    items = "\n".join(_item(row) for row in rows)
    return f"{HEAD}\n{items}\n" if items else f"{HEAD}\nNothing yet.\n"


def _item(row: Row) -> str:
    first, *more = row.text.split("\n")
    return "\n".join([f"- {row.number} ({row.who}, {row.at}): {first}", *(f"  {line}".rstrip() for line in more)])
