"""Whether who asks for a lock would close a ring of holders that wait for each other's: nobody of it would ever go on.

Who holds a lock waits for another where a process below its command does, or the agent that it is kept for. Every ring
is closed by somebody who asks, so it is looked for then, behind one's own ticket: of two that ask at one moment one
sees the other, or both do.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection

from tmuxagents.drivers import process
from tmuxagents.drivers.tickets import Ticket
from tmuxagents.errors import TimedOut
from tmuxagents.model import lock
from tmuxagents.model.lock import Holder, Lock
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.locks import looking
from tmuxagents.store import locks as store


def refuse(app: App, name: str, ticket: Ticket, agent_id: str | None) -> None:
    """`TimedOut` where waiting for that lock, in whose line the ticket is ours, would never end."""
    known = {one.name: one for one in looking.every(app, but=name)}
    wanted = _as_it_is(app, name, ticket)
    mine = process.ancestors()
    held = {one.name for one in known.values() if one.holder is not None and _is_within(one.holder, mine, agent_id)}
    if not held or wanted is None:
        return
    known[name] = wanted
    waiting = [(one.name, process.ancestors(w.pid), w.agent_id) for one in known.values() for w in one.waiting if w.pid]
    waits = {
        one.name: [other for other, above, agent in waiting if _is_within(one.holder, above, agent)]
        for one in known.values()
        if one.holder is not None
    }
    ring = lock.cycle(name, held, waits)
    if ring:
        raise TimedOut(_words(ring, known), hint="tmuxagents locks")


def _is_within(holder: Holder, above: Collection[int], agent_id: str | None) -> bool:
    """Whether a process with these above it, or of that agent, is part of what holds it."""
    if holder.kept:
        return agent_id is not None and holder.agent_id == agent_id
    return holder.pid is not None and holder.pid in above


def _as_it_is(app: App, name: str, ticket: Ticket) -> Lock | None:
    """Who has it. Its line is not opened: our ticket would be gone with that."""
    kept = next((one for one in store.kept(app.db) if one.name == name), None)
    if kept is not None:
        return Lock(name, looking.keeper(app, kept))
    first = ticket.first()
    return Lock(name, looking.holder(app, name, *first)) if first is not None else None


def _words(ring: tuple[str, ...], known: dict[str, Lock]) -> str:
    """`'db' is held by api, waiting for 'port', which is held here: …`"""
    text = f"'{ring[0]}' is"
    for each, after in itertools.pairwise(ring):
        holder = known[each].holder
        text += f" held by {one_line(holder.who, 40) if holder is not None else 'somebody'}, waiting for '{after}',"
    return f"{text} which is held here: that would never end, and nothing was run"
