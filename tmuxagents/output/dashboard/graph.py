"""A run's tasks as a tree of text: each below the last of those that it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.value import Value


class Node(Value):
    """A task: what it waits for, in which state it is, and what stands beside that."""

    key: str
    waits: tuple[str, ...]
    state: str
    beside: str = ""


class Branch(Value):
    """A line of the tree: what stands before its task, and what else it waits for."""

    before: str
    node: Node
    also: tuple[str, ...]


def tree(nodes: Sequence[Node]) -> list[Branch]:
    """Every task once, in the order in which they are given. Whom a task waits for and who is not there is passed
    over; tasks that wait for each other in a ring stand at the edge."""
    known = {node.key: node for node in nodes}
    depths = _depths(known)
    below: dict[str | None, list[Node]] = {}
    for node in nodes:
        there = [key for key in node.waits if key in known and depths.get(key, 0) < depths.get(node.key, 0)]
        # The deepest; of several the one that is named last.
        parent = max(there, key=lambda key: (depths[key], there.index(key)), default=None)
        below.setdefault(parent, []).append(node)
    found: list[Branch] = []
    _walk(None, "", below, known, found)
    return found


def _walk(
    parent: str | None,
    before: str,
    below: Mapping[str | None, Sequence[Node]],
    known: Mapping[str, Node],
    found: list[Branch],
) -> None:
    own = below.get(parent, ())
    for at, node in enumerate(own):
        last = at == len(own) - 1
        also = tuple(key for key in node.waits if key in known and key != parent)
        corner = "" if parent is None else "└─" if last else "├─"
        found.append(Branch(before + corner, node, also))
        _walk(node.key, before + ("" if parent is None else "  " if last else "│ "), below, known, found)


def _depths(known: Mapping[str, Node]) -> dict[str, int]:
    """How many stand before each on the longest way; none on a ring."""
    depths: dict[str, int] = {}
    left = dict(known)
    while True:
        ready = [key for key, node in left.items() if all(each in depths for each in node.waits if each in known)]
        if not ready:
            return depths
        for key in ready:
            waits = [depths[each] for each in left.pop(key).waits if each in known]
            depths[key] = max(waits, default=-1) + 1
