"""What goes wrong with one agent concerns that agent alone."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Sequence

from tmuxagents import clock
from tmuxagents.errors import StateDamaged, TmuxUnreachable
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import EntryKind, NewEntry
from tmuxagents.services.controller import log
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.store import journal

_EVERYBODYS = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What the system refuses to all."""


@contextlib.contextmanager
def alone(team: Team, watched: Watched) -> Iterator[None]:
    """What goes wrong with one agent (a source that cannot be read, a payload that nobody foresaw) is
    logged, told once, and tried again later; the others notice nothing."""
    # One after the other takes its time where there are many: that is no standing still.
    team.turns.due(clock.monotonic())
    try:
        yield
    except (StateDamaged, TmuxUnreachable):
        raise
    except Exception as error:
        # Whatever else it is, it concerns one agent.
        if isinstance(error, OSError) and error.errno in _EVERYBODYS:
            raise
        first = not watched.read.pause
        watched.read.lengthen(clock.monotonic(), first=1.0, longest=60.0)
        if first:
            log.write(team.app, f"{watched.agent.name}: {log.described(error)}")
            tell(team, [watched.agent], "error", f"it cannot be followed: {type(error).__name__}: {error}"[:300])


def tell(team: Team, told: Sequence[Agent], kind: EntryKind, words: str, **detail: object) -> None:
    """The same entry for each of them, in one transaction."""
    entry = NewEntry(kind, words, clock.now_ns(), detail)
    with team.app.db.write() as tx:
        for agent in told:
            journal.append(tx, agent.id, agent.generation, [entry])
