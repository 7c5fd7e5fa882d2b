"""A run as it is now, with its agents: for who looks on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import Run, Span, TaskRow
from tmuxagents.names import AgentId
from tmuxagents.runs import comparing, results
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.runs import judging, seeing, standing_in, starting
from tmuxagents.store import agents, messages, queue, runs
from tmuxagents.value import Value, fresh, replace

LOOK_S = 1.0
"""How often who looks on looks where nothing is recorded: times go on."""


class View(Value):
    """The run, its tasks in their order, and those of its agents that are not forgotten. `waits` is what keeps tasks
    from going on, by their keys, where that is known."""

    run: Run
    rows: Sequence[TaskRow]
    agents: Mapping[AgentId, Agent]
    spans: Sequence[Span] = ()
    waits: Mapping[str, str] = fresh(default_factory=dict)

    def agent(self, row: TaskRow) -> Agent | None:
        """Who works at that task now, or did last: while it is checked, its check."""
        agent_id = row.check_id if row.state == "checking" else row.agent_id
        return self.agents.get(AgentId(agent_id)) if agent_id is not None else None

    @property
    def needy(self) -> Sequence[Agent]:
        """Who needs a person."""
        return [
            agent for agent in self.agents.values() if agent.condition.state == "waiting" and agent.condition.dialog
        ]


def view(app: App, run_id: str) -> View | None:
    """As it is recorded; None where it is forgotten."""
    run = runs.by_id(app.db, run_id)
    if run is None:
        return None
    rows = runs.rows(app.db, run)
    ids = [each for row in rows for each in (row.agent_id, row.check_id) if each is not None]
    spans = runs.spans(app.db, run_id) if run.ended_ns is not None else ()
    around = {agent.id: agent for agent in agents.among(app.db, ids)}
    if run.ended_ns is not None:
        return View(run, rows, around, spans)
    waits = {**_interrupted(rows, around), **_untold(app, rows), **_held_back(app, rows, around)}
    return View(run, _still_stopping(rows, around), around, waits=waits)


def _interrupted(rows: Sequence[TaskRow], around: Mapping[AgentId, Agent]) -> dict[str, str]:
    """Who waits to be told how to go on."""
    at = {row.key: around.get(AgentId(row.agent_id or "")) for row in rows if row.state == "begun"}
    why = "was interrupted, and waits to be told how it goes on"
    return {key: why for key, agent in at.items() if agent is not None and judging.is_interrupted(agent)}


def _untold(app: App, rows: Sequence[TaskRow]) -> dict[str, str]:
    """What keeps agents from being told what was wrong."""
    told = {row.told.message: row.key for row in rows if row.state == "begun" and row.told is not None}
    found = messages.obstacles(app.db, list(told)) if told else {}
    return {told[message]: f"cannot be told what was wrong: {why}" for message, why in found.items()}


def _held_back(app: App, rows: Sequence[TaskRow], around: Mapping[AgentId, Agent]) -> dict[str, str]:
    """What holds the starts of those back that are queued."""
    queued = {agent.id for agent in around.values() if agent.phase == "queued"}
    held = {one.agent_id: one.held or one.why for one in queue.line(app.db)} if queued else {}
    at = {row.key: row.check_id if row.state == "checking" else row.agent_id for row in rows}
    return {key: why for key, agent_id in at.items() if agent_id in queued and (why := held.get(agent_id or ""))}


def _still_stopping(rows: Sequence[TaskRow], around: Mapping[AgentId, Agent]) -> Sequence[TaskRow]:
    """One is stopped when its program is gone: until then it is as it was."""
    still = {agent.id for agent in around.values() if not seeing.is_over(agent)}
    return [
        replace(row, state="begun", ended_ns=None, error=None)
        if row.state == "stopped" and still.intersection(map(AgentId, seeing.ids(row)))
        else row
        for row in rows
    ]


def follow(app: App, run_id: str) -> Iterator[View]:
    """The run at each change and once a second, the last time when it is over. A controller is kept there: without one
    nothing of it goes on. While that is stuck the run is taken on here."""
    with waiting.journal_wake(app) as wake:
        while True:
            standing_in.stand_in(app, [run_id], ends=True)
            now = view(app, run_id)
            if now is None:
                return
            yield now
            if now.run.ended_ns is not None:
                return
            starting.keep_going(app)
            wake.wait(LOOK_S)


def as_json(now: View) -> dict[str, Any]:
    """What `run --json` and `show RUN --json` tell."""
    names = {str(agent.id): str(agent.name) for agent in now.agents.values()}
    tasks = results.table(now.rows, names, clock.now_ns(), now.waits)
    return {**_plain(now.run), "picked": comparing.picked(now.run), "tasks": tasks}


def _plain(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "id": run.id,
        "state": run.state,
        "source": run.manifest.source,
        "dir": run.dir,
        "created": clock.rfc3339(run.created_ns),
        "ended": clock.rfc3339(run.ended_ns) if run.ended_ns is not None else None,
    }


def spent(app: App, run: Run) -> tuple[float | None, int | None]:
    """What its tasks have cost in dollars and tokens as far as it is recorded; None where nothing is known."""
    whole = runs.by_id(app.db, run.id)
    rows = runs.rows(app.db, whole) if whole is not None else []
    costs = [row.cost_usd for row in rows if row.cost_usd is not None and not row.group]
    tokens = [row.tokens for row in rows if row.tokens is not None and not row.group]
    return (sum(costs) if costs else None), (sum(tokens) if tokens else None)


def see_to(app: App, shown: Iterable[Run]) -> None:
    """Have those that are not over go on."""
    going = [run.id for run in shown if run.ended_ns is None]
    if going:
        starting.keep_going(app)
        # Without it what is shown would be old.
        standing_in.stand_in(app, going)


class Overview(Value):
    """A run without its tasks, and how many of those are in which state."""

    run: Run
    counts: Mapping[str, int]


def overview(app: App) -> list[Overview]:
    """Every run that is not forgotten, oldest first."""
    return [Overview(run, runs.counts(app.db, run.id)) for run in runs.known(app.db)]


def one_as_json(one: Overview) -> dict[str, Any]:
    """What `runs --json` tells of it."""
    return {**_plain(one.run), "tasks": dict(one.counts)}
