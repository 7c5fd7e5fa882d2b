"""Which agents of a run are to be stopped, interrupted or started again now."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tmuxagents import clock
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.run import End, Next, TaskRow
from tmuxagents.services.runs import judging, seeing
from tmuxagents.services.runs.known_run import Known
from tmuxagents.services.runs.seeing import World


def to_stop(known: Known, begun: Sequence[TaskRow], decided: Next, around: World) -> list[Agent]:
    """Whom nobody waits for any more: the agents of what is settled, and those of earlier attempts."""
    ended = [known.rows[action.key] for action in decided.actions if isinstance(action, End)]
    found = [agent for row in ended for i in seeing.ids(row) if (agent := around.of(i))]
    if known.run.state != "stopping":
        answered = {row.agent_id for row in ended if row.state == "done"}
        found = [agent for agent in found if not _is_spared(answered, agent)]
    found += [agent for row in begun for i in row.earlier if i != row.agent_id and (agent := around.of(i))]
    return [agent for agent in found if not seeing.is_over(agent)]


def _is_spared(answered: Collection[str | None], agent: Agent) -> bool:
    """Whether a person has given it something to do since it has answered: that is not cut off."""
    condition = agent.condition
    has_turns = agent.id in answered and registry.kind(agent.kind).CONFIRMS
    return has_turns and condition.turn > condition.turns and condition.state in ("working", "waiting")


def to_interrupt(begun: Sequence[TaskRow], around: World) -> list[Agent]:
    """Whose turn took too long, and runs while what was wrong waits to be told."""
    found = [(row, agent) for row in begun if row.state == "begun" and (agent := around.of(row.agent_id))]
    return [agent for row, agent in found if _is_to_be_cut(row, agent)]


def _is_to_be_cut(row: TaskRow, agent: Agent) -> bool:
    condition, cut = agent.condition, row.told.cut if row.told is not None else None
    return condition.state == "working" and condition.turn == cut and condition.turns < condition.turn


def to_revive(begun: Sequence[TaskRow], around: World) -> list[Agent]:
    """Whose program was lost while a task is its own, and who has ended and is to be told something."""
    found = [(row, around.of(row.check_id if row.state == "checking" else row.agent_id)) for row in begun]
    return [agent for row, agent in found if agent is not None and must_revive(row, agent, around)]


def must_revive(row: TaskRow, agent: Agent, around: World) -> bool:
    """Whether the program of that task's agent, or of its check, is to be started again."""
    if agent.phase in ("queued", "claimed") or row.revived >= seeing.REVIVALS or judging.is_stopped(agent):
        return False
    waits = row.state == "begun" and row.told is not None and around.owing.get(agent.id, 0) > 0
    until = seeing.limited_until(agent)
    if until is not None and not waits:
        return clock.now_ns() >= until
    return seeing.is_lost(agent) or (waits and agent.condition.state in OVER)
