"""Whom a follower of the journal listens to, those included that are started while it follows."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId, is_wide, parts
from tmuxagents.services.app import App
from tmuxagents.services.fleet.cursor import Cursor
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.fleet.selection import Narrowing
from tmuxagents.store import agents


class Watched:
    """Those that the names mean and `narrow` takes; `ids` is None where that is everybody. `removed` are those of
    them that are forgotten; nobody `can_speak` where all are."""

    def __init__(self, app: App, names: Sequence[str], narrow: Narrowing, *, waits: bool = False) -> None:
        """Who `waits` may name by a glob those that are all still to come."""
        self._app, self._narrow = app, narrow
        self._globs = [part for name in names for part in name.split(",") if is_wide(part)]
        self._globs = ["*" if glob == "all" else glob for glob in self._globs] if names else ["*"]
        self.ids: list[AgentId] | None
        everybody = not names and narrow.is_empty
        self._mark = agents.newest(app.db) if not everybody else (0, 0)
        team = fleet_now(app)
        if waits and any(map(is_wide, names)):
            known_names = [agent.name for agent in team.agents]
            names = [part for name in names for part in parts(name) if not self._is_to_come(part, known_names)]
            meant = team.find(names) if names else []
        else:
            meant = team.find(names or ["all"]) if not everybody else []
        chosen = [agent for agent in meant if narrow.takes(agent)]
        self.ids = None if everybody else [agent.id for agent in chosen]
        known = {agent.id for agent in team.agents}
        self.removed = [agent.name for agent in chosen if agent.id not in known]
        self.can_speak = not chosen or len(self.removed) < len(chosen)

    @staticmethod
    def _is_to_come(part: str, known: Sequence[str]) -> bool:
        return part != "all" and is_wide(part) and not any(fnmatchcase(name, part) for name in known)

    def read(self, cursor: Cursor) -> list[Entry]:
        """The next entries. Who was started since joins before: an agent's row is committed with its first entry."""
        before = cursor.last, cursor.told
        entries = cursor.read()
        if self._joined():
            cursor.agents = self.ids
            cursor.last, cursor.told = before
            entries = cursor.read()
        return entries

    def has_from_another(self, entry: Entry) -> bool:
        """Whether it is told of another one beside it, to whom this follower listens as well."""
        beside = entry.detail.get("beside")
        return beside is not None and (self.ids is None or beside in self.ids)

    def _joined(self) -> bool:
        if self.ids is None or (mark := agents.newest(self._app.db)) == self._mark:
            return False
        self._mark = mark
        new = [a.id for a in agents.known(self._app.db) if a.id not in self.ids and self._means(a)]
        self.ids = [*self.ids, *new]
        return bool(new)

    def _means(self, agent: Agent) -> bool:
        # In which state one is was asked when the following began.
        named = any(fnmatchcase(agent.name, glob) for glob in self._globs)
        return named and not self._narrow.states and self._narrow.takes(agent)
