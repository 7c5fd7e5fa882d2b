"""Have the controller deliver a text, when the agent's turn has ended."""

from __future__ import annotations

from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict


def later(app: App, agent: Agent, text: str) -> Verdict:
    """Held, or why not: what the agent's budget refuses is not kept either."""
    from tmuxagents.services import budgets
    from tmuxagents.services.server import startup

    refused = budgets.refuse(app, agent)
    if refused is not None:
        return Verdict("refused", refused.message, hint=refused.hint or "")
    # First who is to deliver it: what ends with an error is not kept, so that it may be said again.
    startup.ensure_controller(app)
    verdict = say.hold(app, agent, text)
    startup.nudge(app)
    return verdict
