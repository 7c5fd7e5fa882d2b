"""`tmuxagents budget`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli import run_names
from tmuxagents.cli.options import DOLLARS, TOKENS, json_option, name_argument, with_app
from tmuxagents.cli.render import budgets
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import Refused, word
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
    runs, left = run_names.split(app, [name])
    agents: Sequence[Agent] = fleet_now(app).select(left) if left else ()
    changes = usd is not None or tokens is not None
    if changes:
        if speaker.agent(app) is not None:
            raise Refused("an agent does not change what agents may spend", hint=f"tmuxagents budget {word(name)}")
        runs = [_run_changed(app, run, usd, tokens) for run in runs]
        agents = [_changed(app, agent, usd, tokens) for agent in agents]
    _show(app, runs, agents, changed=changes, as_json=as_json)


def _run_changed(app: App, run: Run, usd: float | None, tokens: int | None) -> Run:
    from tmuxagents.services.runs import starting

    return starting.set_budget(app, run, usd=usd, tokens=tokens)


def _changed(app: App, agent: Agent, usd: float | None, tokens: int | None) -> Agent:
    from tmuxagents.services.ingest import budgeting
    from tmuxagents.services.server import startup

    now = budgeting.change(app, agent, usd=usd, tokens=tokens)
    startup.nudge(app)
    return now


def _show(app: App, runs: Sequence[Run], agents: Sequence[Agent], *, changed: bool, as_json: bool) -> None:
    from tmuxagents.services.runs import viewing

    spent = [(run, *viewing.spent(app, run)) for run in runs]
    if as_json:
        rows = [budgets.run_json(*each) for each in spent]
        print_json({"results": [*rows, *map(budgets.agent_json, agents)]})
        return
    for run, cost, tokens in spent:
        click.echo(f"{run.name}: {budgets.of_run(run, cost, tokens)}")
        if changed and run.ended_ns is not None and run.state == "failed":
            click.echo(f"hint: tmuxagents run --retry-failed {run.name}", err=True)
    for agent in agents:
        click.echo(f"{agent.name}: {budgets.of_agent(agent)}")
