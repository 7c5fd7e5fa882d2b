"""`tmuxagents budget`"""

from __future__ import annotations

from typing import Any

import click

from tmuxagents.cli.options import DOLLARS, TOKENS, json_option, name_argument, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import Refused, word
from tmuxagents.model import budget, spending
from tmuxagents.model.agent import Agent
from tmuxagents.services import budgets
from tmuxagents.services.app import App
from tmuxagents.services.fleet import speaker
from tmuxagents.services.fleet.now import fleet_now


@click.command()
@name_argument()
@click.argument("usd", metavar="[USD]", type=DOLLARS, required=False)
@click.option("--tokens", type=TOKENS, metavar="N", help="By tokens (200k), in place of dollars or beside them.")
@json_option
@with_app
def command(app: App, name: str, usd: float | None, tokens: int | None, as_json: bool) -> None:
    """What NAME may spend in all, and what it has; with USD it may spend so much from now on, 0 takes the limit away.

    What was held for it because its budget was reached is delivered once it is raised.
    """
    chosen = fleet_now(app).select([name])
    if usd is not None or tokens is not None:
        if speaker.agent(app) is not None:
            raise Refused("an agent does not change what agents may spend", hint=f"tmuxagents budget {word(name)}")
        chosen = [_changed(app, agent, usd, tokens) for agent in chosen]
    if as_json:
        print_json({"results": [_as_json(agent) for agent in chosen]})
        return
    for agent in chosen:
        click.echo(f"{agent.name}: {_words(agent)}")


def _changed(app: App, agent: Agent, usd: float | None, tokens: int | None) -> Agent:
    from tmuxagents.services.server import startup

    now = budgets.change(app, agent, usd=usd, tokens=tokens)
    startup.nudge(app)
    return now


def _words(agent: Agent) -> str:
    own = budget.of(agent.options)
    if not own.is_set:
        return "no budget"
    over = " (reached)" if budget.reached(own, agent.condition.usage) is not None else ""
    return "; ".join(share.words for share in budget.shares(own, agent.condition.usage)) + over


def _as_json(agent: Agent) -> dict[str, Any]:
    own, usage = budget.of(agent.options), agent.condition.usage
    return {
        "agent": agent.name,
        "budget_usd": None if own.microusd is None else own.microusd / 1e6,
        "budget_tokens": own.tokens,
        "cost_usd": None if usage.microusd is None else usage.microusd / 1e6,
        "tokens": spending.tokens(usage),
        "reached": budget.reached(own, usage) is not None,
    }
