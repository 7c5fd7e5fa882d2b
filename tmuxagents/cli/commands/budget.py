"""`tmuxagents budget`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from tmuxagents.cli import run_names
from tmuxagents.cli.options import DOLLARS, TOKENS, json_option, name_argument, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import Refused, word
from tmuxagents.model import budget, spending
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import Run
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

    What was held for it because its budget was reached is delivered once it is raised. The name of a run means what all
    its tasks may spend together.
    """
    named, left = run_names.split(app, [name])
    if named:
        _of_runs(app, named, usd, tokens, as_json=as_json)
    if not left:
        return
    chosen = fleet_now(app).select(left)
    if usd is not None or tokens is not None:
        if speaker.agent(app) is not None:
            raise Refused("an agent does not change what agents may spend", hint=f"tmuxagents budget {word(name)}")
        chosen = [_changed(app, agent, usd, tokens) for agent in chosen]
    if as_json:
        print_json({"results": [_as_json(agent) for agent in chosen]})
        return
    for agent in chosen:
        click.echo(f"{agent.name}: {_words(agent)}")


def _of_runs(app: App, named: Sequence[Run], usd: float | None, tokens: int | None, *, as_json: bool) -> None:
    from tmuxagents.services.runs import starting, viewing

    if usd is not None or tokens is not None:
        if speaker.agent(app) is not None:
            raise Refused("an agent does not change what agents may spend", hint=f"tmuxagents budget {named[0].name}")
        named = [starting.set_budget(app, run, usd=usd, tokens=tokens) for run in named]
    found = [(run, *viewing.spent(app, run)) for run in named]
    if as_json:
        rows = [
            {
                "run": run.name,
                "budget_usd": run.manifest.budget_usd,
                "budget_tokens": run.manifest.budget_tokens,
                "cost_usd": cost,
                "tokens": count,
            }
            for run, cost, count in found
        ]
        print_json({"results": rows})
        return
    for run, cost, count in found:
        limits = [
            f"{'-' if cost is None else f'${cost:.4f}'} of ${run.manifest.budget_usd:g}"
            if run.manifest.budget_usd
            else "",
            f"{'-' if count is None else f'{count:,}'} of {run.manifest.budget_tokens:,} tokens"
            if run.manifest.budget_tokens
            else "",
        ]
        click.echo(f"{run.name}: {'; '.join(filter(None, limits)) or 'no budget'}")
        if run.ended_ns is not None and run.state == "failed" and (usd is not None or tokens is not None):
            click.echo(f"hint: tmuxagents run --retry-failed {run.name}", err=True)


def _changed(app: App, agent: Agent, usd: float | None, tokens: int | None) -> Agent:
    from tmuxagents.services.ingest import budgeting
    from tmuxagents.services.server import startup

    now = budgeting.change(app, agent, usd=usd, tokens=tokens)
    startup.nudge(app)
    return now


def _words(agent: Agent) -> str:
    return budget.words(budget.of(agent.options), agent.condition.usage) or "no budget"


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
