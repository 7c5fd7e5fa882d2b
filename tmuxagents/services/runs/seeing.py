"""What the agents of a run are doing, as the planner sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from tmuxagents import clock
from tmuxagents.kinds import registry
from tmuxagents.model import owed, spending
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.room import Waiting
from tmuxagents.model.run import SETTLED, Seen, Span, TaskRow, Told
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims, waiting
from tmuxagents.services.runs import answering, judging
from tmuxagents.store import agents, messages, queue
from tmuxagents.value import Value, fresh, replace

SPACED_S = 10
"""Within so many seconds behind the end of a limit those that it has ended go on."""

REVIVALS = 5
"""How often the program of a task is started again after it was lost; then something of the task ends the server."""


class World(Value):
    """The agents that are asked about, as they are now, and how many messages each is still to get. `line` are
    those that are queued, where one of them is."""

    agents: Mapping[AgentId, Agent]
    owing: Mapping[AgentId, int] = fresh(default_factory=dict)
    line: Mapping[str, Waiting] = fresh(default_factory=dict)

    def of(self, agent_id: str | None) -> Agent | None:
        """The agent; None where it is forgotten, or there is none."""
        return self.agents.get(AgentId(agent_id)) if agent_id is not None else None

    def had(self, row: TaskRow) -> Sequence[Agent]:
        """Who has worked at that task, in their order; the check that it is at is none of them."""
        return [agent for each in (*row.earlier, row.agent_id) if (agent := self.of(each)) is not None]


def world(app: App, rows: Iterable[TaskRow]) -> World:
    """Look once, at the agents of those tasks. The messages first: what is delivered between the two looks shows in the
    condition."""
    owing = messages.waiting(app.db)
    wanted = [each for row in rows for each in ids(row)]
    found = {agent.id: agent for agent in agents.among(app.db, wanted)}
    waits = any(agent.phase == "queued" for agent in found.values())
    return World(found, owing, {one.agent_id: one for one in queue.line(app.db)} if waits else {})


def ids(row: TaskRow) -> list[str]:
    """Every agent that it has had, those of its checks too."""
    return [each for each in (*row.earlier, row.agent_id, row.check_id) if each is not None]


def is_looked_at(row: TaskRow) -> bool:
    """Whether what its agents do matters still. One that is kept stays as it is where its task is done or failed."""
    if row.state in ("begun", "checking"):
        return True
    kept = row.task.keep and row.state in ("done", "failed")
    return row.state in SETTLED and row.agent_id is not None and not kept


Used = Callable[[TaskRow], bool]
"""Whether somebody is told what that task has answered."""


def seen(app: App, rows: Iterable[TaskRow], around: World, used: Used = lambda row: False) -> dict[str, Seen]:
    """By the keys of the tasks that somebody works at, and of settled ones whose agent is not over yet."""
    found: dict[str, Seen] = {}
    for row in filter(is_looked_at, rows):
        had = around.had(row)
        if row.state in ("begun", "checking"):
            now = replace(_unless_torn(app, row, around, used), resumes=_resumes(around.of(row.agent_id)))
            found[row.key] = _with_spent(now, had)
            continue
        left = [each for i in ids(row) if (each := around.of(i)) and not is_over(each)]
        if left:
            works = any(each.condition.state in ("working", "starting") for each in left)
            found[row.key] = _with_spent(Seen("runs" if works else "answered"), had)
    return found


def waited(found: Mapping[str, Seen], rows: Mapping[str, TaskRow], limited: Sequence[Span]) -> dict[str, Seen]:
    """With how long each has waited for a limit to be reset since its attempt began: that is no time of its own."""
    spent: dict[str, int] = {}
    for span in limited:
        if span.to_ns is not None and span.from_ns >= (rows[span.key].attempt_ns or 0):
            spent[span.key] = spent.get(span.key, 0) + span.to_ns - span.from_ns
    return {key: replace(one, waited_ns=spent[key]) if key in spent else one for key, one in found.items()}


def is_over(agent: Agent) -> bool:
    """Whether its program has ended, or never begins."""
    return agent.condition.state in OVER and agent.phase != "queued"


def _with_spent(now: Seen, had: Sequence[Agent]) -> Seen:
    """What is known of the cost of every agent that the task has had; of one that never ran nothing is owed."""
    usages = [agent.condition.usage for agent in had if agent.condition.turn > 0]
    costs = [usage.microusd for usage in usages]
    tokens = sum(map(spending.tokens, usages))
    known = [cost for cost in costs if cost is not None]
    cost = sum(known) / 1e6 if usages and len(known) == len(costs) else None
    return replace(now, cost_usd=cost, tokens=tokens if usages else None)


def _unless_torn(app: App, row: TaskRow, around: World, used: Used) -> Seen:
    """What its agent is doing; that has failed where its answer is asked for and what it printed was lost."""
    now, agent = _of(app, row, around), around.of(row.agent_id)
    asked_for = now.now == "answered" and row.state != "checking" and used(row)
    if not asked_for or agent is None or not answering.is_torn(app, agent, now.answer):
        return now
    return replace(now, now="failed", answer=None, error="what it printed could not be recorded, and is asked for")


def _of(app: App, row: TaskRow, around: World) -> Seen:
    checking = row.state == "checking"
    agent = around.of(row.check_id if checking else row.agent_id)
    if agent is None:
        return Seen("over", error=f"its {'check' if checking else 'agent'} was removed")
    if agent.phase == "queued":
        return Seen("queued", waits_for=_held_by(around.line.get(agent.id)))
    owing, text = around.owing.get(agent.id, 0), None
    first = answering.first(app, agent) if row.told is None and not checking else None
    if first is not None and not (first.typed and _is_at_work(agent, owing)):
        return Seen("answered", answer=first.text, started_ns=agent.started_ns)
    if row.told is None or checking:
        is_program = not registry.kind(agent.kind).CONFIRMS
        outcome = owed.task_done(agent.condition, messages=owing, is_program=is_program)
    else:
        told = messages.verdict(app.db, row.told.message)
        if told is None:
            return _untold(app, row, row.told, agent)
        state, verdict = told
        if state == "failed":
            return Seen("failed", error=f"it could not be told what was wrong: {verdict}")
        if agent.is_headless:
            # It ends with what came of it.
            outcome = owed.task_done(agent.condition, messages=owing)
        else:
            outcome = waiting.answers(app, row.told.mark, row.told.digest, is_command=False)(agent, owing, None)
            text = answering.to_text(app, agent, row.told)
    if is_lost(agent) and (outcome is None or outcome.how != "there"):
        if _had_ended(agent) and row.told is None:
            return judging.judged(app, agent, owed.THERE, row.task.json_schema)
        if row.revived < REVIVALS:
            # It is started again: it has not failed.
            return Seen("runs")
    if row.revived < REVIVALS and (until := limited_until(agent)) is not None:
        # It goes on when the limit is over: it has not failed.
        return Seen("limited", error=f"limited until {clock.local_hms(until)}", started_ns=agent.started_ns)
    schema = None if checking else row.task.json_schema
    return judging.judged(app, agent, outcome, schema, text, owing=owing)


def _held_by(one: Waiting | None) -> Literal["queue", "paused"] | None:
    """Where nothing holds it back it is about to begin: that is its start alone."""
    if one is None:
        return None
    return "paused" if one.held else "queue" if one.why else None


def limited_until(agent: Agent) -> int | None:
    """When one without a terminal, which a limit has ended, may go on: each some seconds behind the end of it, not all
    at once. None where that is not what has ended it."""
    if not agent.is_headless or agent.condition.state != "failed":
        return None
    until = registry.kind(agent.kind).limited_until(agent.condition)
    return None if until is None else until + (1 + int(agent.id[:4], 16) % SPACED_S) * clock.SECOND


def _is_at_work(agent: Agent, owing: int) -> bool:
    """Whether it is still at what was typed: who has asked is not cut off."""
    return agent.condition.state in ("working", "waiting") or (
        agent.condition.state not in OVER and owed.owes(agent.condition, owing)
    )


def _untold(app: App, row: TaskRow, told: Told, agent: Agent) -> Seen:
    """What was wrong waits to be told: until then its program is started again where it has ended."""
    if judging.is_stopped(agent):
        return Seen("over", error="its agent was stopped")
    if agent.condition.state in OVER and row.revived >= REVIVALS:
        return Seen("failed", error=f"its program could not be started again: {row.error}", started_ns=agent.started_ns)
    if agent.condition.state == "waiting":
        return Seen("queued", waits_for="needs-you")
    return Seen("queued", waits_for="window" if messages.obstacles(app.db, [told.message]) else None)


def is_lost(agent: Agent) -> bool:
    """Whether its program is gone without anybody's doing: lost, or cut off as it was being started again."""
    return (agent.condition.state == "lost" and not judging.is_stopped(agent)) or claims.was_cut_off(agent)


def _had_ended(agent: Agent) -> bool:
    """Whether its turn was over, and its answer told, before its program was lost."""
    condition = agent.condition
    return condition.ended == "done" and 0 < condition.turn <= condition.turns and not condition.closing


def _resumes(agent: Agent | None) -> bool:
    """Whether the agent of a task can be told what was wrong. One that waits for an answer takes nothing before it has
    it; one that never took its task has nothing to go on with."""
    if agent is None or not registry.kind(agent.kind).CONFIRMS:
        return False
    return agent.condition.turn > 0 and agent.condition.state != "waiting"
