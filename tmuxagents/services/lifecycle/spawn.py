"""Start a new agent, at once where there is room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmuxagents.drivers import files
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.lifecycle import asked as asking
from tmuxagents.services.lifecycle import bounds, launch, trust
from tmuxagents.services.lifecycle.asked import TASK_LIMIT, Asked, SpawnRequest, WorktreeRequest
from tmuxagents.store import agents

if TYPE_CHECKING:
    from tmuxagents.services.lifecycle.branch_off import Origin

__all__ = ["TASK_LIMIT", "SpawnRequest", "WorktreeRequest", "over_already", "spawn"]


def spawn(app: App, request: SpawnRequest, *, now: bool = False) -> Agent:
    """Start the agent, or have it queued where there is no room, unless it is to begin `now`; returns it as recorded.
    When anything is wrong nothing is left behind."""
    if request.branch_off is None:
        return _spawn(app, request, None, now=now)
    from tmuxagents.services.lifecycle import branch_off

    with branch_off.taken(app, request.branch_off) as origin:
        return _spawn(app, request, origin, now=now)


def _spawn(app: App, request: SpawnRequest, origin: Origin | None, *, now: bool) -> Agent:
    asked = asking.look_up(app, request, origin=origin)
    # A branch-off begins with what is there at this moment: it is made now, and only its program waits.
    claimed, why = _claim(app, asked, now=now, made_first=origin is not None)
    try:
        if claimed.phase != "queued":
            claimed = _made(app, claimed, asked, origin)
            if why is None:
                launch.start(app, claimed, resume=False, given=request.given)
            else:
                _line_up(app, asked, why)
    except BaseException:
        _leave_nothing(app, asked, origin)
        raise
    if why is not None:
        from tmuxagents.services.lifecycle import queued

        queued.wake(app)
    return _now(app, asked)


def _claim(app: App, asked: Asked, *, now: bool, made_first: bool) -> tuple[Agent, str | None]:
    """The agent as it is claimed, and why it has to wait; None where it does not."""
    with app.db.write() as tx:
        why = None if now else bounds.held(app, tx)
        if why is None or made_first:
            asking.claim(app, tx, asked, claimer=claims.claimer())
    if why is not None and not made_first:
        from tmuxagents.services.lifecycle import queued

        try:
            queued.keep(app, asked)
            with app.db.write() as tx:
                queued.claim(app, tx, asked, why=why)
        except BaseException:
            queued.forgo(app, asked)
            raise
    return _now(app, asked), why


def _now(app: App, asked: Asked) -> Agent:
    agent = agents.by_id(app.db, asked.agent_id)
    assert agent is not None
    return agent


def _made(app: App, claimed: Agent, asked: Asked, origin: Origin | None) -> Agent:
    """With everything that its program needs: its worktree, its trust, what it goes on with."""
    request = asked.request
    if asked.wish is not None:
        from tmuxagents.services.worktrees import making

        claimed = making.make(app, claimed, asked.wish)
    trust.as_asked(app, claimed, request.given)
    if origin is not None:
        from tmuxagents.services.lifecycle import branch_off

        branch_off.carry(app, claimed, origin)
    return claimed


def _line_up(app: App, asked: Asked, why: str) -> None:
    from tmuxagents.services.lifecycle import queued

    queued.keep(app, asked)
    queued.line_up(app, asked.agent_id, why=why)


def _leave_nothing(app: App, asked: Asked, origin: Origin | None) -> None:
    import shutil

    claimed = _now(app, asked)
    if agent_folder.has_begun(app.folder(asked.agent_id), claimed.generation):
        # It runs: whoever looks next finds its window, and records it.
        return
    if origin is not None:
        from tmuxagents.services.lifecycle import branch_off

        branch_off.take_back(claimed, origin)
    if claimed.worktree is not None:
        from tmuxagents.services.worktrees import mending

        mending.undo(app, claimed, claimed.worktree)
    # The files first: on a full disk they leave the room for the record.
    shutil.rmtree(app.folder(asked.agent_id), ignore_errors=True)
    with app.db.write() as tx:
        agents.unclaim(tx, asked.agent_id)


def over_already(app: App, agent: Agent) -> Agent | None:
    """The agent as it ended, where its program has ended by now; None where it runs, which nobody waits to see."""
    if not files.exists(agent_folder.exit_path(app.folder(agent.id), agent.generation)):
        return None
    from tmuxagents.services.ingest import ingest

    ingest.pull(app, agent)
    now = agents.by_id(app.db, agent.id)
    return now if now is not None and now.condition.state in OVER else None
