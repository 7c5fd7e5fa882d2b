"""Hold a named lock: wait for one's turn, or keep it for an agent while its task runs.

Two things say that a lock is taken: a ticket that a process holds (`drivers.tickets`), and a row that keeps it for an
agent (`store.locks`). Who has the first ticket looks at the rows, and who writes a row has the first ticket then; so
of two one is first, whoever is killed.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files, process, tickets
from tmuxagents.drivers.tickets import Ticket
from tmuxagents.errors import BadValue, DatabaseReplaced, TimedOut
from tmuxagents.model.lock import LONGEST, Lock, is_name
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.locks import crossing, looking
from tmuxagents.store import locks as store
from tmuxagents.value import Value

_LOOK_S = 0.25
"""How often who is first in line looks whether a run still keeps the lock for its agent."""


class Asker(Value):
    """Who asks for a lock, and for what: `agent_id` where it is an agent."""

    who: str
    agent_id: AgentId | None
    command: Sequence[str]


def named(text: str) -> str:
    """The name that a lock is given; a bad value where it is none."""
    if not is_name(text):
        raise BadValue(
            f"'{one_line(text, 60)}' cannot be a lock's name: a-z, A-Z, 0-9, then . _ / - too, at most {LONGEST}",
            hint="tmuxagents lock --help",
        )
    return text


@contextlib.contextmanager
def held(
    app: App, name: str, asker: Asker, *, within: float | None, waits: Callable[[Lock], None]
) -> Iterator[Ticket | None]:
    """Hold the lock while the block runs; `waits` is told once, where it has to be waited for. None where it is kept
    for this very agent, or held by a command that this one is part of: it has it already. `TimedOut` when it was not
    had within so many seconds, and at once where it never would be: its holder waits for one that is held here.

    The database is closed while the block runs.
    """
    folder = _line(app, name)
    first = next(iter(tickets.held(folder)), None)
    mine = asker.agent_id is not None and _keeper(app, name) == asker.agent_id
    if mine or (first is not None and first[1] in process.ancestors()):
        yield None
        return
    end = None if within is None else clock.monotonic() + within
    ticket = tickets.take(folder, within=within or _LOOK_S if within is not None else None)
    if ticket is None:
        raise _too_late(name, within)
    slip = folder / str(ticket.number)
    try:
        asked = clock.now_ns()
        _note(slip, asker, asked, None)
        _await(app, name, ticket, asker, end, within, waits)
        _note(slip, asker, asked, clock.now_ns())
        _sweep(folder, ticket.number)
        yield ticket
    finally:
        with contextlib.suppress(OSError):
            slip.unlink()
        ticket.close()


def _line(app: App, name: str) -> Path:
    path = looking.folder_of(app, name)
    files.private_folder(path.parent)
    return files.private_folder(path)


def _await(
    app: App,
    name: str,
    ticket: Ticket,
    asker: Asker,
    end: float | None,
    within: float | None,
    waits: Callable[[Lock], None],
) -> None:
    """Return when it is our turn and nobody has the lock kept."""
    told = False
    while True:
        keeper = _keeper(app, name) if ticket.is_first() else AgentId("")
        if keeper is None or (keeper and keeper == asker.agent_id):
            return
        left = None if end is None else end - clock.monotonic()
        if left is not None and left <= 0:
            raise _too_late(name, within)
        if not told:
            crossing.refuse(app, name, ticket, asker.agent_id)
            waits(_as_it_is(app, name, ticket))
            app.close()
            told = True
        if not keeper:
            ticket.wait(left)
        else:
            _rest(_LOOK_S if left is None else min(_LOOK_S, left))


def _as_it_is(app: App, name: str, ticket: Ticket) -> Lock:
    """The lock as others have it. Its file is not opened: our ticket would be gone with it."""
    kept = next((one for one in store.kept(app.db) if one.name == name), None)
    if kept is not None:
        return Lock(name, looking.keeper(app, kept))
    first = ticket.first()
    return Lock(name, looking.holder(app, name, *first) if first is not None else None)


def _keeper(app: App, name: str) -> AgentId | None:
    """For whom it is kept. The database is opened for this alone: a rebuild may replace it meanwhile."""
    try:
        found = next((one.agent_id for one in store.kept(app.db) if one.name == name), None)
    except DatabaseReplaced:
        app.close()
        found = next((one.agent_id for one in store.kept(app.db) if one.name == name), None)
    app.close()
    return found


def _rest(seconds: float) -> None:
    clock.eventually(lambda: None, within=seconds, every=seconds)


def _too_late(name: str, within: float | None) -> TimedOut:
    return TimedOut(
        f"the lock '{name}' was not free within {within or 0:g} s: nothing was run", hint="tmuxagents locks"
    )


def _note(slip: Path, asker: Asker, asked_ns: int, held_ns: int | None) -> None:
    """For who looks; the lock holds without it, also where the disk is full."""
    said = {
        "who": asker.who,
        "agent_id": asker.agent_id,
        "command": one_line(" ".join(asker.command), 300),
        "asked_ns": asked_ns,
        "held_ns": held_ns,
    }
    with contextlib.suppress(OSError):
        files.write_whole(slip, json.dumps(said))


def _sweep(folder: Path, number: int) -> None:
    """Remove what those left who were killed: we have the turn, so a lower number is nobody's."""
    for path in folder.iterdir():
        # `.N.PID` was to become `N`.
        told = path.name.lstrip(".").partition(".")[0]
        if told.isdecimal() and int(told) < number:
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def reserved(app: App, names: Sequence[str]) -> Iterator[bool]:
    """Have the turn in all these locks while the block runs, so that it may keep them for an agent
    (`store.locks.keep` in its transaction, which decides); False, at once, where somebody holds one or waits for it.

    Waits for nothing, so whoever asks for several is never part of a deadlock.
    """
    with contextlib.ExitStack() as stack:
        yield all(_has_turn(app, name, stack) for name in sorted(set(names)))


def _has_turn(app: App, name: str, stack: contextlib.ExitStack) -> bool:
    folder = _line(app, name)
    if tickets.held(folder):
        return False
    ticket = tickets.take(folder, within=_LOOK_S)
    if ticket is None:
        return False
    stack.callback(ticket.close)
    return ticket.is_first()


def keep(app: App, names: Sequence[str], agent_id: AgentId, *, run: str | None) -> bool:
    """Keep these locks for an agent until `give_back`; False, and none is kept, where one is not free."""
    with reserved(app, names) as ours:
        if not ours:
            return False
        with app.db.write() as tx:
            return store.keep(tx, names, agent_id, run=run, now_ns=clock.now_ns())


def give_back(app: App, agent_id: AgentId) -> None:
    """Free what is kept for that agent."""
    with app.db.write() as tx:
        store.give_back(tx, agent_id)
