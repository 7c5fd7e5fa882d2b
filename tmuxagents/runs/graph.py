"""Whether tasks wait for each other in a ring, and which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def cycle(waits: Mapping[str, Sequence[str]]) -> Sequence[str] | None:
    """The first ring of what waits for what, its first element again at its end; None where there is none."""
    done: set[str] = set()
    for start in waits:
        if start in done:
            continue
        way: dict[str, int] = {start: 0}
        todo = [(start, iter(waits[start]))]
        while todo:
            name, rest = todo[-1]
            following = next(rest, None)
            if following is None:
                done.add(name)
                del way[name]
                todo.pop()
            elif following in way:
                return [*list(way)[way[following] :], following]
            elif following not in done:
                way[following] = len(way)
                todo.append((following, iter(waits.get(following, ()))))
    return None
