"""One of the tasks of a run is picked: recorded before and after its work is landed, so that no second one is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from tmuxagents import clock, names
from tmuxagents.drivers import files
from tmuxagents.errors import NoWorktree, Refused, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.run import SETTLED, Run, TaskRow
from tmuxagents.names import AgentId
from tmuxagents.runs import comparing
from tmuxagents.services.app import App
from tmuxagents.services.review import sides
from tmuxagents.services.review.merge import Merged
from tmuxagents.services.runs import filling
from tmuxagents.services.runs.viewing import View
from tmuxagents.store import agents, runs
from tmuxagents.value import Value


class Claim(Value, frozen=False):
    """What came of it: None while nothing has landed."""

    merged: Merged | None = None


def chosen(app: App, now: View, name: str) -> tuple[TaskRow, Agent]:
    """The task that is called so, or whose agent is, with who has done it. Refuses what cannot be picked."""
    run = now.run
    row = _named(now, name)
    _refuse_landed(run)
    show = f"tmuxagents show {run.name}"
    if row.group:
        raise Refused(f"'{row.key}' of {run.name} is repeated: pick one of its elements", hint=show)
    if row.state not in SETTLED:
        raise Refused(f"'{row.key}' of {run.name} is not over", hint=show)
    if row.agent_id is None:
        raise Refused(f"'{row.key}' of {run.name} was begun by nobody", hint=show)
    agent = now.agents.get(AgentId(row.agent_id))
    if agent is None:
        gone = agents.by_id(app.db, AgentId(row.agent_id))
        hint = f"tmuxagents restore {gone.name}" if gone is not None else show
        raise Refused(f"the agent of '{row.key}' of {run.name} was removed", hint=hint)
    if agent.worktree is None:
        raise NoWorktree(f"'{row.key}' of {run.name} has no worktree of its own: nothing is to be landed", hint=show)
    sides.refuse_trashed(app, [agent])
    return row, agent


def _named(now: View, name: str) -> TaskRow:
    known = {row.key: row for row in now.rows}
    by_agent = {str(agent.name): row for row in now.rows for agent in [now.agent(row)] if agent is not None}
    found = known.get(name) or by_agent.get(name)
    if found is None:
        meant = names.did_you_mean(names.nearest(name, list(known)), f": {', '.join(list(known)[:8])}")
        raise TmuxagentsError(
            f"{now.run.name} has no task '{name[:60]}'{meant}", hint=f"tmuxagents show {now.run.name}"
        )
    return found


def others(now: View, row: TaskRow) -> list[tuple[TaskRow, Agent]]:
    """Those that it was compared with, and the checks of them that are there still."""
    return [
        (each, agent)
        for each in comparing.compared(now.rows)
        if each.key != row.key
        for agent_id in (each.agent_id, each.check_id)
        if agent_id is not None and (agent := now.agents.get(AgentId(agent_id))) is not None
    ]


def left_over(now: View, name: str, *, keep: bool) -> list[tuple[TaskRow, Agent]]:
    """Who is there still of those that are removed behind a pick that has landed: nobody where another was picked. With
    `keep` the one that was picked stays."""
    before = comparing.picked(now.run)
    row = next((row for row in now.rows if row.key == before), None)
    own = now.agents.get(AgentId(row.agent_id)) if row is not None and row.agent_id is not None else None
    if row is None or name not in (row.key, own.name if own is not None else row.key):
        return []
    return [*others(now, row), *([(row, own)] if own is not None and own.condition.state in OVER and not keep else [])]


@contextlib.contextmanager
def claimed(app: App, run: Run, row: TaskRow, agent: Agent) -> Iterator[Claim]:
    """Hold the pick of that run: who holds it sets `merged` when the work has landed. Killed between, the same one can
    be picked again, and no other: it may have landed."""
    folder = files.private_folder(filling.folder(app, run.id))
    with files.locked_folder(folder, within=0) as alone:
        if not alone:
            raise Refused(f"one of {run.name} is being picked", hint=f"tmuxagents show {run.name}")
        _refuse_picked(app, run, row)
        mark = {"key": row.key, "agent": agent.name, "id": agent.id, "at": clock.rfc3339(clock.now_ns())}
        _keep(app, run, {**mark, "landed": False})
        claim = Claim()
        yield claim
        done = claim.merged
        _keep(app, run, None if done is None else {**mark, "landed": True, "into": done.into, "after": done.after})


def _refuse_landed(run: Run) -> None:
    before = comparing.picked(run)
    if before is not None:
        into = run.options[comparing.PICKED]["into"]
        raise Refused(
            f"'{before}' of {run.name} was picked already, into '{into}'", hint=f"tmuxagents show {run.name} --compare"
        )


def _refuse_picked(app: App, run: Run, row: TaskRow) -> None:
    """As it is recorded by now. One that has not landed is of somebody who was killed: we hold the lock."""
    now = runs.by_id(app.db, run.id) or run
    _refuse_landed(now)
    before = now.options.get(comparing.PICKED)
    if before and before["key"] != row.key:
        raise Refused(
            f"picking '{before['key']}' of {run.name} was broken off, and may have landed it",
            hint=f"tmuxagents pick {run.name} {before['key']}",
        )


def _keep(app: App, run: Run, mark: Mapping[str, Any] | None) -> None:
    with app.db.write() as tx:
        runs.set_option(tx, run.id, comparing.PICKED, mark)
