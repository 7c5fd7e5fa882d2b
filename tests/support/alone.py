"""A fleet without tmux: one agent's sources are written by the test, and pulled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.rows import claim
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.ingest import ingest
from tmuxagents.store import agents, journal


class Alone:
    """One agent of kind demo; its events file is the test's to write."""

    def __init__(self, app: App, agent_id: AgentId) -> None:
        self.app, self.id = app, agent_id
        self.folder = app.folder(agent_id)
        (self.folder / "spool").mkdir(parents=True)
        self.events = self.folder / "events.jsonl"

    @property
    def agent(self) -> Agent:
        """Its row now."""
        found = agents.by_id(self.app.db, self.id)
        assert found is not None
        return found

    def add(self, raw: bytes) -> None:
        """Append bytes to its events file."""
        with self.events.open("ab") as file:
            file.write(raw)

    def say(self, *texts: str) -> None:
        """Append text events."""
        self.add(b"".join(event("text", text=text) for text in texts))

    def pull(self) -> int:
        """Read on."""
        return ingest.pull(self.app, self.agent)

    def texts(self, *kinds: str) -> list[str]:
        """What the journal has of it."""
        return [entry.text for entry in journal.after(self.app.db, 0, kinds=kinds or ["text"], limit=1_000_000)]


def event(name: str, **fields: Any) -> bytes:
    """One line of an events file."""
    return json.dumps({"event": name, **fields}).encode() + b"\n"


@contextmanager
def alone(state: Path) -> Iterator[Alone]:
    """The agent in a state directory of its own."""
    with open_app(str(state)) as app:
        yield Alone(app, claim(app.db))
