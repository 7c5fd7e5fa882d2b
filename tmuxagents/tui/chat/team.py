"""Who is in the chat, as the database says."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.chat.roster import Roster, roster
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.fleet import project
from tmuxagents.store import agents
from tmuxagents.store.database import Database


class Team:
    """It is asked ten times a second: who works in this project is looked up once for each agent, and the names of the
    removed ones once for each that comes or goes."""

    def __init__(self) -> None:
        self._is_here = project.here()
        self._wide = project.too_wide() is not None
        self._here: dict[AgentId, bool] = {}
        self._removed = frozenset[str]()
        self._as_of: object = None

    def now(self, db: Database) -> Roster:
        """All of it."""
        known = agents.known(db)
        as_of = (agents.newest(db), [agent.id for agent in known])
        if as_of != self._as_of:
            self._removed, self._as_of = agents.removed_names(db), as_of
        return roster(known, self._of_this_project(known), self._removed)

    def _of_this_project(self, known: Sequence[Agent]) -> list[AgentId]:
        """Nobody where one stands in the home of all projects: `all` would be every one of them."""
        if self._wide:
            return []
        for agent in known:
            if agent.id not in self._here:
                self._here[agent.id] = self._is_here(agent)
        return [agent.id for agent in known if self._here[agent.id]]
