"""Give an agent another name: in the database, its copy, its window."""

from __future__ import annotations

from tmuxagents import clock, names
from tmuxagents.drivers.tmux import window
from tmuxagents.errors import AgentNotFound, NameInvalid, TmuxagentsError, TmuxMissing, TmuxUnreachable
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App
from tmuxagents.services.ingest import agent_file
from tmuxagents.services.server import startup
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents, journal


def rename(app: App, agent: Agent, text: str) -> Agent:
    """Call it that from now on; what it said before is told under the new name too. Its program goes on with the
    old one in TMUXAGENTS_NAME until it is started again."""
    name = _parsed(agent, text)
    if name == agent.name:
        raise TmuxagentsError(f"{name} is its name already", hint=f"tmuxagents show {name}")
    with app.db.write() as tx:
        if not agents.rename(tx, agent.id, agent.name, name):
            # Of two who rename it at once the second one finds nobody of that name.
            raise AgentNotFound(f"no agent is named '{agent.name}' any more", hint="tmuxagents ls")
        journal.append(
            tx, agent.id, agent.generation, [NewEntry("note", f"{agents.RENAMED}{agent.name}", clock.now_ns())]
        )
    agent_file.keep(app, agent.id)
    _name_window(app, agent, name)
    startup.nudge(app)
    renamed = agents.by_id(app.db, agent.id)
    assert renamed is not None
    return renamed


def _parsed(agent: Agent, text: str) -> names.AgentName:
    try:
        return names.parse(text)
    except NameInvalid as error:
        raise NameInvalid(error.message, hint=f"tmuxagents rename {agent.name} {names.suggest(text)}") from error


def _name_window(app: App, agent: Agent, name: names.AgentName) -> None:
    """A window without its name is only that: it is never found by it."""
    try:
        pane = panes_now(app).of(agent.id, agent.generation)
        if pane is not None:
            window.rename(app.server, pane.window, name)
    except (TmuxUnreachable, TmuxMissing) as error:
        app.remark(f"its window keeps its name: {error.message}", error.hint or "tmuxagents doctor")
