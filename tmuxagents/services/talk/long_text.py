"""A text too large to type goes to a file, and the agent is told to read it."""

from __future__ import annotations

import hashlib

from tmuxagents.drivers import files
from tmuxagents.names import AgentId
from tmuxagents.services.app import App


def pointer(app: App, agent_id: AgentId, text: str) -> str:
    """Write the text, exactly, and return the short prompt that points to it."""
    folder = files.private_folder(app.own_folder(agent_id) / "messages")
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.md"
    files.write_whole(path, text)
    return (
        f"Read the file {path} ({len(text)} characters); it is the message from your user. Act on it as if typed here."
    )
