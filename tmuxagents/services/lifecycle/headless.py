"""Agents that run without a terminal: where that is safe, and how they are gone on with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from tmuxagents.errors import Refused
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import resume

GO_ON = "You were cut off. Go on with what you were told to do, to its end."


def refuse_untrusted(agent: Agent, env: Mapping[str, str]) -> None:
    """`Refused` where the program, with a terminal, would ask whether its folder is trusted: without one it asks
    nobody, and does what the folder's own settings say."""
    noted = registry.kind(agent.kind).trust(env)
    if noted is None:
        return
    try:
        config = json.loads(noted.path.read_text())
    except (OSError, ValueError):
        config = {}
    folder = os.path.realpath(agent.dir)
    above = [folder]
    while above[-1] != "/":
        above.append(os.path.dirname(above[-1]))
    if not isinstance(config, dict) or not any(noted.has(config, place) for place in (agent.dir, *above)):
        raise Refused(
            f"'{agent.dir}' is not trusted, and without a terminal nobody is asked: --trust trusts it",
            hint="tmuxagents help headless",
        )


def again(app: App, agent: Agent, text: str) -> Agent:
    """Start an agent that has ended again, without a terminal as before, in its conversation and with `text` as its
    prompt; returns it as it is claimed. Where it never had one it is given its task and the text. `Refused` where it
    runs, or somebody else starts it."""
    if not agent.is_headless:
        raise Refused(f"{agent.name} has a terminal: it is spoken to", hint="tmuxagents say --help")
    return resume.once(app, agent, text=text)
