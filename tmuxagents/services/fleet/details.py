"""Everything known of one agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.kinds.tui import plain
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import Entry
from tmuxagents.model.notice import dialog_id
from tmuxagents.model.pull import Pull
from tmuxagents.services.app import App
from tmuxagents.services.fleet import listing, pulled, worked
from tmuxagents.services.fleet.now import Fleet
from tmuxagents.services.fleet.worked import Worked
from tmuxagents.services.locks import looking
from tmuxagents.store import journal, marks, messages
from tmuxagents.value import Value

STATES_SHOWN = 8
ROWS_SHOWN = 15


class Dossier(Value):
    """An agent with the history of its states, what waits for it, and the end of its screen."""

    agent: Agent
    branch: str | None
    states: Sequence[Entry]
    held: Sequence[messages.Message]
    screen: Sequence[str]
    resident_mb: float | None
    unread: int
    pull: Pull | None = None
    worktree_trouble: str | None = None
    overlaps: Sequence[str] = ()
    worked: Worked | None = None
    locked: Sequence[tuple[str, bool]] = ()


def of(app: App, team: Fleet, agent: Agent) -> Dossier:
    """Gather it. The screen of an agent without a window is the last one that was kept."""
    pane = team.pane(agent)
    return Dossier(
        agent=agent,
        branch=listing.branches([agent])[agent.dir],
        states=journal.newest(app.db, STATES_SHOWN, agents=[agent.id], kinds=["state"]),
        held=messages.held(app.db, agent.id),
        screen=_screen(app, agent, pane.pane if pane is not None else None),
        resident_mb=process.resident_mb(pane.pid) if pane is not None and not pane.dead else None,
        unread=marks.unread(app.db).get(agent.id, 0),
        pull=pulled.of(app, [agent]).get(agent.id),
        worktree_trouble=_trouble(app, agent),
        overlaps=listing.overlapping(app, [agent]).get(agent.id, ()),
        worked=worked.of(app, [agent]).get(agent.id),
        locked=looking.by_agent(app).get(agent.id, ()),
    )


def _trouble(app: App, agent: Agent) -> str | None:
    if agent.worktree is None:
        return None
    from tmuxagents.services.worktrees import finding, trash

    trouble, kept = finding.trouble(agent), trash.of_agent(app, agent.id)
    if trouble is None or kept is None:
        return trouble
    return f"in the trash: {app.addressed(f'tmuxagents restore {kept.agent}')}"


def branched_off(agent: Agent) -> str | None:
    """The name that the one had whose conversation and work it began with a copy of."""
    origin = agent.options.get("branch_off")
    return str(origin["agent"]) if origin else None


def as_json(app: App, one: Dossier) -> dict[str, Any]:
    """What `ls --json` says of it, and the rest."""
    dialog = one.agent.condition.dialog
    return {
        **listing.as_json(app, one.agent, one.branch, one.unread, one.worked, one.overlaps, one.pull, one.locked),
        "evidence": one.agent.condition.evidence,
        "dialog": None
        if dialog is None
        else {
            "id": dialog_id(one.agent.id, one.agent.generation, one.agent.condition),
            "needs": dialog.needs,
            "what": dialog.what,
            "about": dialog.about,
            "choices": list(dialog.choices),
            "descriptions": list(dialog.descriptions),
        },
        "states": [
            {"at": clock.rfc3339(e.at_ns), "state": e.text, "evidence": e.detail.get("evidence")} for e in one.states
        ],
        "held": [{"at": clock.rfc3339(m.created_ns), "text": m.text} for m in one.held],
        "screen": list(one.screen),
        "resident_mb": one.resident_mb,
        "worktree_trouble": one.worktree_trouble,
        "port": one.agent.options.get("port"),
        "branched_off": branched_off(one.agent),
    }


def _screen(app: App, agent: Agent, pane: str | None) -> list[str]:
    try:
        rows = plain(keyboard.screen(app.server, pane)) if pane is not None else _kept(app, agent)
    except TmuxUnreachable:
        rows = _kept(app, agent)
    while rows and not rows[-1].strip():
        rows.pop()
    return rows[-ROWS_SHOWN:]


def _kept(app: App, agent: Agent) -> list[str]:
    try:
        return files.read_whole(app.folder(agent.id) / "last-screen.txt").decode(errors="replace").splitlines()
    except OSError:
        return []
