"""A named lock: who holds it, who waits for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from tmuxagents.value import Value

LONGEST = 40


def is_name(text: str) -> bool:
    """Whether a lock can be called so."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", text) is not None and len(text) <= LONGEST


class Holder(Value):
    """Who has a lock or waits for it. `agent` is the name of the agent that does, None where it is a person; `who` is
    how either is called. `pid` is that of the command that holds it, None where no command does: it is `kept` for the
    agent by a `run`. `since_ns` and `command` are None and empty where only the kernel tells of it."""

    who: str
    agent: str | None = None
    agent_id: str | None = None
    pid: int | None = None
    since_ns: int | None = None
    command: str = ""
    run: str | None = None
    kept: bool = False


class Lock(Value):
    """A lock that somebody holds or waits for; who waits is in the order of their turns."""

    name: str
    holder: Holder | None
    waiting: tuple[Holder, ...] = ()


def cycle(wanted: str, mine: Collection[str], waits: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The locks that are waited for around in a ring where who holds `mine` would wait for `wanted`: from that to one
    of `mine`, each held by who waits for the next. `waits` says of a lock for which others its holder waits. Empty
    where there is no ring; the shortest where there are several."""
    paths: list[tuple[str, ...]] = [(wanted,)]
    seen = {wanted}
    for path in paths:
        if path[-1] in mine:
            return path
        for name in sorted(set(waits.get(path[-1], ())) - seen):
            seen.add(name)
            paths.append((*path, name))
    return ()
