"""Wait for facts in the journal and in agents' states, woken by what is written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from tmuxagents import clock
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.kinds import registry
from tmuxagents.model import owed
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.owed import Outcome, Said
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.store import agents, journal, messages, queue

LONGEST_NAP = 2.0
"""A wait looks again after this long even when nothing woke it: a window can be killed without a trace."""


AGAIN_S = (0.02, 0.05, 0.2)
"""After a wake the journal is read again after these, when nothing was found: SQLite writes the
log, which wakes us, a moment before it makes the commit visible (1 of 95 reads came too early)."""


class JournalWake:
    """Sleeps until something is committed."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self._again: Sequence[float] = ()

    def wait(self, timeout: float) -> bool:
        """True when the journal may hold more; False after `timeout` seconds in which nothing happened."""
        pause = min(timeout, self._again[0]) if self._again else timeout
        if self._wake.wait(pause):
            self._again = AGAIN_S
            return True
        looked_again, self._again = bool(self._again), self._again[1:]
        return looked_again

    def poke(self) -> None:
        """End the wait that is on, or the next one; a signal's handler may."""
        self._wake.poke()


@contextlib.contextmanager
def journal_wake(app: App) -> Iterator[JournalWake]:
    """Wakes when something is committed."""
    with open_wake() as wake:
        database = app.state / "tmuxagents.db"
        app.db.read("SELECT 1")
        wake.watch(database)
        wake.watch(database.with_name(database.name + "-wal"))
        yield JournalWake(wake)


Judge = Callable[[Agent, int, float | None], Outcome | None]
"""Of an agent, how many messages it still gets and the time limit that ended it, how its wait has ended."""


def reaches(states: frozenset[str]) -> Judge:
    """Whether it has reached one of the states. What runs without a terminal is never idle: it ends instead."""

    def judge(agent: Agent, waiting: int, limit: float | None) -> Outcome | None:
        if agent.is_headless and "idle" in states:
            return does_its_task(agent, waiting, limit)
        return owed.state_reached(agent.condition, states, messages=waiting, limit=limit)

    return judge


def does_its_task(agent: Agent, waiting: int, limit: float | None) -> Outcome | None:
    """Whether its first turn has ended; a program that takes no prompts ends instead."""
    is_program = agent.is_headless or not registry.kind(agent.kind).CONFIRMS
    return owed.task_done(agent.condition, messages=waiting, limit=limit, is_program=is_program)


def answers(app: App, mark: int, digest: str, *, is_command: bool) -> Judge:
    """What came of the text with that digest which was sent after that place of the journal."""

    def judge(agent: Agent, waiting: int, limit: float | None) -> Outcome | None:
        entries = journal.after(app.db, mark, agents=[agent.id], kinds=_TELLING, limit=100_000)
        text = Said(digest, is_command)
        return owed.answered(agent.condition, entries, text, messages=waiting, limit=limit)

    return judge


_TELLING = ("prompt", "text", "turn", "receipt", "error")


def until(
    app: App,
    judges: Mapping[AgentId, Judge],
    *,
    deadline: float | None,
    any_: bool = False,
    notice: Callable[[Agent], None] = lambda agent: None,
) -> dict[AgentId, tuple[Agent, Outcome | None]]:
    """Each agent with how its wait has ended, when all of them have, or with `any_` when one is there; None
    for those that had not ended when the deadline passed. Everything that an outcome rests on is in the journal.

    `notice` gets each agent that needs a person meanwhile, once for each need, or that waits for a limit; what it
    raises ends the wait. An agent that is forgotten meanwhile has failed.
    """
    found: dict[AgentId, tuple[Agent, Outcome | None]] = {}
    told: set[tuple[object, ...]] = set()
    with journal_wake(app) as wake:
        while True:
            if any(one.agent_id in judges for one in queue.line(app.db)) and not controller_alive.runs(app):
                # Nobody else begins them.
                startup.ensure(app)
            # The messages first: what is delivered between the two looks shows in the condition.
            owing = messages.waiting(app.db)
            if any(owing.get(i) for i in judges):
                startup.ensure_controller(app)
            now = {agent.id: agent for agent in fleet_now(app).agents}
            for agent_id, judge in judges.items():
                if agent_id in found and found[agent_id][1] is not None:
                    continue
                found[agent_id] = _look(app, now.get(agent_id), agent_id, judge, owing.get(agent_id, 0))
                _notice(*found[agent_id], told, notice)
            outcomes = [outcome for _, outcome in found.values()]
            if all(outcomes) or (any_ and owed.THERE.how in [o.how for o in outcomes if o]):
                return found
            if not _nap(wake, deadline):
                return found


def going(app: App, among: Sequence[Agent]) -> list[Agent]:
    """Those that have not ended, or are started again when the limit is over that has ended them."""
    again = messages.waiting(app.db) if any(agent.condition.is_limited for agent in among) else {}
    return [a for a in among if a.condition.state not in OVER or (a.condition.is_limited and a.id in again)]


def being_set_up(app: App, among: Collection[AgentId]) -> Iterator[list[Agent]]:
    """Those of them whose worktree is being set up, at each change and once a second, until none is."""
    with journal_wake(app) as wake:
        while True:
            known = [agent for agent in fleet_now(app).agents if agent.id in among]
            now = [agent for agent in known if agent.condition.set_up and agent.condition.state not in OVER]
            if not now:
                return
            yield now
            wake.wait(1.0)


def _look(app: App, agent: Agent | None, agent_id: AgentId, judge: Judge, waiting: int) -> tuple[Agent, Outcome | None]:
    if agent is None:
        gone = agents.by_id(app.db, agent_id)
        assert gone is not None
        return gone, Outcome("failed", "was forgotten")
    limit = time_limit(app, agent) if agent.condition.state in OVER else None
    return agent, judge(agent, waiting or _is_to_go_on(app, agent), limit)


def _is_to_go_on(app: App, agent: Agent) -> bool:
    """Whether the controller is about to plan that it goes on when its limit is over, or has since it was asked what is
    held."""
    if not agent.condition.is_limited or agent.condition.resets_ns is None:
        return False
    from tmuxagents.model import continuing

    own = continuing.key(agent)
    if own is None or app.config.continues == 0:
        return False
    return not messages.is_known(app.db, agent.id, own) or agent.id in messages.waiting(app.db)


def _notice(
    agent: Agent, outcome: Outcome | None, told: set[tuple[object, ...]], notice: Callable[[Agent], None]
) -> None:
    condition, dialog = agent.condition, agent.condition.dialog
    if outcome is not None:
        return
    if condition.is_limited:
        need: tuple[object, ...] = (agent.id, agent.generation, condition.turn, condition.resets_ns)
    elif dialog is not None and condition.state == "waiting":
        need = (agent.id, condition.since_ns, dialog.needs, dialog.what)
    else:
        return
    if need not in told:
        told.add(need)
        notice(agent)


def time_limit(app: App, agent: Agent) -> float | None:
    """Its own time limit, in seconds, when that has stopped this start of it."""
    errors = journal.newest(app.db, 20, agents=[agent.id], kinds=["error"])
    limits = [e.detail.get("timeout_s") for e in errors if e.generation == agent.generation]
    return next((float(limit) for limit in limits if isinstance(limit, int | float)), None)


def _nap(wake: JournalWake, deadline: float | None) -> bool:
    left = LONGEST_NAP if deadline is None else min(LONGEST_NAP, deadline - clock.monotonic())
    if left <= 0:
        return False
    wake.wait(left)
    return True
