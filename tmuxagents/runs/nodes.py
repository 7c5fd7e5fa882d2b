"""A manifest's text as data that knows where each part was written, whatever language it is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.model.manifest import Place
from tmuxagents.value import Value, fresh

DEPTH = 40
"""How deep lists and tables may stand in each other: a manifest needs 6, and a schema in it some more."""

SIZE = 200_000
"""How many values a manifest may have, what an alias means counted each time."""


class Fault(Exception):
    """What is wrong, and where. `source` names the file where it is another than the manifest. `hint` is a command.
    `also` is what else is wrong, where that does not follow from it (`faults`)."""

    def __init__(self, place: Place, what: str, *, source: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.place = place
        self.what = what
        self.source = source
        self.hint = hint
        self.also: Sequence[Fault] = ()


class Node(Value):
    """A text, a number, true or false, None, a tuple of nodes, or a table: a dict of nodes.

    `keys` says where each key of a table stands. `raw` is how a value that is no list and no table was written.
    `first` is the line on which a text's own first line stands, 0 where its lines are not those of the file. `size`
    counts it and what is in it.
    """

    value: Any
    place: Place
    raw: str = ""
    first: int = 0
    keys: Mapping[str, Place] = fresh(default_factory=dict)
    size: int = 1


def plain(node: Node) -> Any:
    """The data without places."""
    if isinstance(node.value, dict):
        return {key: plain(each) for key, each in node.value.items()}
    return [plain(each) for each in node.value] if isinstance(node.value, tuple) else node.value


def within(place: Place, node: Node, lines: list[str], *, line: int, word: str) -> Place:
    """Where in the file the word stands that is on that line of a text, as near as can be said."""
    if not node.first or not 0 < node.first + line - 1 <= len(lines):
        return place
    number = node.first + line - 1
    after = place.column - 1 if number == place.line else 0
    found = lines[number - 1].find(word, after) if word else -1
    if found < 0:
        text = lines[number - 1]
        found = after or len(text) - len(text.lstrip())
    return Place(number, found + 1)
