"""What the tasks of a run came to, to choose one: their answers, and what lies in their worktrees."""

from __future__ import annotations

from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import TaskRow
from tmuxagents.names import AgentId
from tmuxagents.runs import comparing
from tmuxagents.services.app import App
from tmuxagents.services.review import figures, sides
from tmuxagents.services.review.figures import Figures
from tmuxagents.services.runs.viewing import View
from tmuxagents.value import Value


class Compared(Value):
    """One task. `agent` is None where nobody has begun it, or it was removed; `work` where it has no worktree of its
    own; an error says why that cannot be looked at."""

    row: TaskRow
    agent: Agent | None
    work: Figures | TmuxagentsError | None
    picked: bool


def of(app: App, now: View) -> list[Compared]:
    """Those of the run that are compared, in their order."""
    rows = comparing.compared(now.rows)
    agents = {row.key: now.agents.get(AgentId(row.agent_id)) for row in rows if row.agent_id is not None}
    having = [agent for agent in agents.values() if agent is not None and agent.worktree is not None]
    works = {agent.id: _unless_trashed(app, agent, work) for agent, work in figures.of(having)}
    picked = comparing.picked(now.run)
    return [
        Compared(row, agent, works.get(agent.id) if agent is not None else None, row.key == picked)
        for row in rows
        for agent in [agents.get(row.key)]
    ]


def _unless_trashed(app: App, agent: Agent, work: Figures | TmuxagentsError) -> Figures | TmuxagentsError:
    """Where it cannot be looked at because it is in the trash, that is said."""
    if isinstance(work, TmuxagentsError):
        try:
            sides.refuse_trashed(app, [agent])
        except TmuxagentsError as error:
            return error
    return work
