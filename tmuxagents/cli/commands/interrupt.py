"""`tmuxagents interrupt`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import Refused, TimedOut, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.talk import interrupt


def _works(agent: Agent) -> bool:
    return agent.condition.state == "working"


@click.command()
@names_argument(_works, required=True)
@everywhere_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], everywhere: bool, as_json: bool) -> None:
    """Stop the turn of each NAME; the agent and its conversation stay."""
    chosen = meant(fleet_now(app), names, _works, everywhere=everywhere, does="works")
    results: list[tuple[Agent, str]] = []
    errors: list[TmuxagentsError] = []
    for agent in chosen:
        try:
            word, error = _judged(*interrupt.interrupt(app, agent))
        except TmuxagentsError as refused:
            word, error = "refused", refused
        results.append((agent, word))
        errors += [error] if error is not None else []
        if error is None and not as_json:
            click.echo(f"interrupted: {agent.name}")
    if as_json:
        print_json({"results": [{"agent": agent.name, "verdict": word} for agent, word in results]})
    raise_worst(errors)


def _judged(word: str, now: Agent) -> tuple[str, TmuxagentsError | None]:
    name = now.name
    if word == "not working":
        return word, Refused(f"{name} is {now.condition.state}, not working", hint=f"tmuxagents show {name}")
    if word == "unconfirmed":
        return word, TimedOut(f"{name} has not stopped yet", hint=f"tmuxagents attach {name}")
    return word, None
