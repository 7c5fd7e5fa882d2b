"""Forget an ended agent: off every list, its folder gone, its journal still searchable."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tmuxagents import clock
from tmuxagents.drivers.tmux import window
from tmuxagents.errors import Refused
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App
from tmuxagents.services.done import done
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents, journal, messages, pulls
from tmuxagents.value import replace

if TYPE_CHECKING:
    from tmuxagents.services.worktrees.trash import Kept


def forget(app: App, agent: Agent, *, to_trash: bool = False) -> Kept | None:
    """`Refused` while its program runs or a message for it is held, and while its own worktree holds work that is
    nowhere else, unless `to_trash`. Returns what became of that worktree. Touches no conversation of the agent
    program's own, and no file in a folder that it was not given as its worktree."""
    folder = app.folder(agent.id)
    if agent.phase == "queued":
        raise Refused(f"{agent.name} is queued", hint=f"tmuxagents queue drop {agent.name}")
    if agent.condition.state not in OVER:
        raise Refused(f"{agent.name} is {agent.condition.state}", hint=f"tmuxagents stop {agent.name}")
    if messages.held(app.db, agent.id):
        count = len(messages.held(app.db, agent.id))
        what = "held message waits" if count == 1 else "held messages wait"
        raise Refused(f"{count} {what} for {agent.name}", hint=f"tmuxagents resume {agent.name}")
    # Its record is changed last: what cannot be recorded is not begun.
    app.db.check_writable()
    pane = panes_now(app).of(agent.id, agent.generation)
    if pane is not None:
        window.close(app.server, pane.window)
    kept = _worktree_removed(app, agent, to_trash=to_trash)
    if agent.worktree is not None:
        from tmuxagents.drivers.git import rounds

        rounds.forget(agent.worktree.repository, agent.id)
    with done(_put_away(agent, kept), f"tmuxagents rm {agent.name}"), app.db.write() as tx:
        if kept is not None:
            told = f"removed; its worktree is in the trash ({kept.id})"
            journal.append(tx, agent.id, agent.generation, [NewEntry("note", told, clock.now_ns())])
        pull = pulls.of(app.db, agent.id)
        if pull is not None and pull.watched:
            pulls.put(tx, agent.id, replace(pull, watched=False))
            told = f"pull request #{pull.number} is not watched any more: removed"
            journal.append(tx, agent.id, agent.generation, [NewEntry("note", told, clock.now_ns())])
        agents.forget(tx, agent.id)
    shutil.rmtree(folder, ignore_errors=True)
    return kept


def _put_away(agent: Agent, kept: Kept | None) -> str:
    if kept is not None:
        return f"the worktree of {agent.name} is in the trash ({kept.id}); it is not removed"
    return f"the window of {agent.name} is closed; it is not removed"


def _worktree_removed(app: App, agent: Agent, *, to_trash: bool) -> Kept | None:
    if agent.worktree is None:
        return None
    from tmuxagents.services.worktrees import removing

    return removing.remove(app, agent, to_trash=to_trash)
