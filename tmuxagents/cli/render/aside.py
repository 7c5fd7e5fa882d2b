"""Pin or dismiss, or take either back: each is tried, each is told, the worst decides the exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import meant
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.fleet.selection import Applies
from tmuxagents.value import Value


class Way(Value):
    """What is done to each: to whom, and what nobody does where there is none; `pinned api` is said of one, `api is
    pinned already` where `act` has changed nothing."""

    applies: Applies
    does: str
    act: Callable[[App, Agent], bool]
    done: str
    already: str


def carry_out(app: App, names: Sequence[str], way: Way, *, everywhere: bool, as_json: bool) -> None:
    """For all whom the names mean."""
    results: list[tuple[Agent, str]] = []
    errors: list[TmuxagentsError] = []
    for agent in meant(fleet_now(app), names, way.applies, everywhere=everywhere, does=way.does):
        try:
            changed = way.act(app, agent)
        except TmuxagentsError as refused:
            results.append((agent, "refused"))
            errors.append(refused)
            continue
        results.append((agent, way.done if changed else way.already))
        if not as_json:
            click.echo(f"{way.done} {agent.name}" if changed else f"{agent.name} is {way.already}")
    if as_json:
        print_json({"results": [{"agent": agent.name, "verdict": word} for agent, word in results]})
    raise_worst(errors)
