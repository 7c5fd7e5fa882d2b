"""Wait for facts in the journal and in agents' states, woken by what is written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from tmuxagents import clock
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import AgentFailed
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.services import fleet
from tmuxagents.services.app import App
from tmuxagents.store import journal

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


@contextlib.contextmanager
def journal_wake(app: App) -> Iterator[JournalWake]:
    """Wakes when something is committed."""
    with open_wake() as wake:
        database = app.state / "tmuxagents.db"
        app.db.read("SELECT 1")
        wake.watch(database)
        wake.watch(database.with_name(database.name + "-wal"))
        yield JournalWake(wake)


def until_state(
    app: App,
    ids: Sequence[AgentId],
    states: frozenset[str],
    *,
    deadline: float | None,
    any_: bool,
    turn: bool = False,
    notice: Callable[[Agent], None] = lambda agent: None,
) -> list[Agent] | None:
    """The agents when all (or any) of them are in one of the states; None when the deadline passed.

    With `turn` a first turn must have ended too: an agent is idle for a moment before it takes its task.
    `notice` gets each agent that needs a person meanwhile, once for each need.
    An agent that is over can never get there: `AgentFailed`, unless its end is waited for.
    """
    told: set[tuple[AgentId, int]] = set()
    with journal_wake(app) as wake:
        while True:
            now = {agent.id: agent for agent in fleet.now(app).agents}
            chosen = [now[i] for i in ids if i in now]
            there = [a for a in chosen if a.condition.state in states and not (turn and _before_turn(a))]
            if (any_ and there) or len(there) == len(ids):
                return there
            _give_up(chosen, states, any_=any_)
            for agent in chosen:
                need = (agent.id, agent.condition.since_ns)
                if agent.condition.state == "waiting" and need not in told:
                    told.add(need)
                    notice(agent)
            if not _nap(wake, deadline):
                return None


def _before_turn(agent: Agent) -> bool:
    return agent.task is not None and agent.condition.turns == 0 and agent.condition.state not in OVER


def _give_up(chosen: Sequence[Agent], states: frozenset[str], *, any_: bool) -> None:
    over = [agent for agent in chosen if agent.condition.state in OVER and agent.condition.state not in states]
    if over and (not any_ or len(over) == len(chosen)):
        agent = over[0]
        said = agent.condition.reason or agent.condition.evidence
        raise AgentFailed(f"{agent.name} is {agent.condition.state}: {said}", hint=f"tmuxagents show {agent.name}")


def until_turn_end(app: App, agent_id: AgentId, mark: int, wanted: str, *, deadline: float | None) -> str | None:
    """The last text of the turn that took the prompt with that digest; None when the deadline passed."""
    with journal_wake(app) as wake:
        while True:
            current = next((a for a in fleet.now(app).agents if a.id == agent_id), None)
            entries = journal.after(app.db, mark, agents=[agent_id], kinds=["prompt", "text", "turn"], limit=100_000)
            prompt = next((e for e in entries if e.kind == "prompt" and e.detail.get("digest") == wanted), None)
            end = next((e for e in entries if prompt and e.kind == "turn" and e.seq > prompt.seq), None)
            if prompt is not None and end is not None:
                texts = [e.text for e in entries if e.kind == "text" and prompt.seq < e.seq < end.seq]
                # A text that is not told yet stands in the hook that ended the turn.
                return texts[-1] if texts else (current.condition.last_text if current else None) or ""
            if current is None or current.condition.state in OVER:
                state = current.condition.state if current else "forgotten"
                raise AgentFailed(f"the agent is {state} and has not answered", hint="tmuxagents ls")
            if not _nap(wake, deadline):
                return None


def _nap(wake: JournalWake, deadline: float | None) -> bool:
    left = LONGEST_NAP if deadline is None else min(LONGEST_NAP, deadline - clock.monotonic())
    if left <= 0:
        return False
    wake.wait(left)
    return True
