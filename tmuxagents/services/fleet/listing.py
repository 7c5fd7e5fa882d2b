"""The team as data: what `ls --json` and `show --json` print."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tmuxagents import clock
from tmuxagents.drivers.git import checkout
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition, State
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import pulled, worked
from tmuxagents.services.fleet.worked import Worked
from tmuxagents.services.locks.looking import by_agent
from tmuxagents.store import agents, marks
from tmuxagents.value import as_dict

if TYPE_CHECKING:
    from tmuxagents.model.pull import Pull

# Who needs the person first, then who does something, then who has ended.
_ORDER: Sequence[State] = (
    "waiting",
    "failed",
    "lost",
    "limited",
    "unknown",
    "idle",
    "working",
    "starting",
    "queued",
    "ended",
)


def in_order(known: Sequence[Agent]) -> list[Agent]:
    """Those who need you first; among equals those that are pinned, then the oldest first."""
    return sorted(known, key=lambda agent: (_ORDER.index(agent.condition.state), not agent.pinned, agent.created_ns))


def branches(known: Sequence[Agent]) -> dict[str, str | None]:
    """The branch checked out in each folder that they work in; each folder is looked at once."""
    # Where a worktree is gone, a repository around its place would answer.
    gone = {agent.dir for agent in known if agent.worktree is not None and not os.path.isdir(agent.dir)}
    return {folder: None if folder in gone else checkout.branch(folder) for folder in {agent.dir for agent in known}}


def team_json(app: App, chosen: Sequence[Agent]) -> list[dict[str, Any]]:
    """Several agents by the contract, in their order."""
    found, unread, done = branches(chosen), marks.unread(app.db), worked.of(app, chosen)
    meet, pulls, locked = overlapping(app, chosen), pulled.of(app, chosen), by_agent(app)
    planned = _continuations(app, chosen)
    return [
        as_json(
            app,
            one,
            found[one.dir],
            unread.get(one.id, 0),
            done.get(one.id),
            meet.get(one.id, ()),
            pulls.get(one.id),
            locked.get(one.id, ()),
            planned.get(one.id),
        )
        for one in chosen
    ]


def overlapping(app: App, chosen: Sequence[Agent]) -> Mapping[AgentId, Sequence[str]]:
    """The names of those whose scopes can touch the same files as theirs, whoever is listed."""
    if not any(agent.scope for agent in chosen):
        return {}
    from tmuxagents.services.fleet import overlaps

    return overlaps.of(agents.known(app.db))


def _continuations(app: App, chosen: Sequence[Agent]) -> Mapping[AgentId, int]:
    if not any(one.condition.is_limited for one in chosen):
        return {}
    from tmuxagents.services.fleet import limited

    return limited.continuations(app, chosen)


def spent_words(agent: Agent) -> str | None:
    """Why nothing more is begun in it, where its budget is reached."""
    if not (agent.options.get("budget_usd") or agent.options.get("budget_tokens")):
        return None
    from tmuxagents.services import budgets

    refused = budgets.refusal(agent)
    return refused.message if refused is not None else None


def nobody_json(app: App) -> dict[str, Any]:
    """The keys of an agent, without one."""
    nothing = Agent(AgentId(""), AgentName(""), "", "", None, 0, 0, 0, 0, "stopped", None, Condition())
    return as_json(app, nothing, None, 0, None)


def _pid(app: App, agent: Agent) -> int | None:
    """The program's, as its starter tells it: the window's own process is that starter."""
    if agent.place is None:
        return None
    return agent_folder.program_pid(f"{app.state}/agents/{agent.id}", agent.generation) or agent.place.pid


def as_json(
    app: App,
    agent: Agent,
    branch: str | None,
    unread: int,
    work: Worked | None,
    overlaps: Sequence[str] = (),
    pull: Pull | None = None,
    locked: Sequence[tuple[str, bool]] = (),
    continues_ns: int | None = None,
) -> dict[str, Any]:
    """One agent by the contract: no key is ever missing, unknown is None, money is dollars."""
    condition, usage = agent.condition, agent.condition.usage
    return {
        "name": agent.name,
        "id": agent.id,
        "kind": agent.kind,
        "state": condition.state,
        "since": clock.rfc3339(condition.since_ns),
        "needs": condition.needs,
        "choices": list(condition.dialog.choices) if condition.dialog is not None else [],
        "open_requests": len(condition.open_requests),
        "reason": condition.dialog.what
        if condition.dialog is not None
        else app.advised(condition.reason) or spent_words(agent),
        "doing": condition.doing or None,
        "task": agent.task,
        "dir": agent.dir,
        "worktree": as_dict(agent.worktree) if agent.worktree is not None else None,
        "branch": branch,
        **worked.as_json(work),
        "host": None,
        "conversation": condition.conversation,
        "generation": agent.generation,
        "pane": agent.place.pane if agent.place is not None else None,
        "pid": _pid(app, agent),
        "exit_code": condition.exit_code,
        "turns": condition.turns,
        "last_text": condition.last_text,
        "unread": unread,
        "usage": {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cache_read_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
            "cost_usd": None if usage.microusd is None else usage.microusd / 1_000_000,
        },
        "budget_usd": agent.options.get("budget_usd"),
        "budget_tokens": agent.options.get("budget_tokens"),
        "budget_reached": spent_words(agent) is not None,
        "account": condition.account or None,
        "used_model": condition.model or None,
        "context_left": condition.context_left,
        "resets": clock.rfc3339(condition.resets_ns),
        "continues": clock.rfc3339(continues_ns),
        "timeout_s": agent.options.get("timeout_s"),
        "labels": sorted(agent.labels),
        "scope": list(agent.scope),
        "scope_overlaps": list(overlaps),
        "outside_scope": list(condition.outside),
        "pr": pulled.as_json(pull),
        "role": agent.role,
        "mode": "print" if agent.is_headless else "terminal",
        "pinned": agent.pinned,
        "dismissed": agent.is_dismissed,
        "locks": [{"name": name, "held": held} for name, held in locked],
    }
