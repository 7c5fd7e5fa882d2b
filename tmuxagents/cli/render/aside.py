"""What became of those that were pinned or dismissed: each is tried, each is told, the worst decides the exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent


def carry_out(chosen: Sequence[Agent], act: Callable[[Agent], bool], *, done: str, already: str, as_json: bool) -> None:
    """`pinned api` for each, `api is pinned already` where nothing was changed."""
    results: list[tuple[Agent, str]] = []
    errors: list[TmuxagentsError] = []
    for agent in chosen:
        try:
            changed = act(agent)
        except TmuxagentsError as refused:
            results.append((agent, "refused"))
            errors.append(refused)
            continue
        results.append((agent, done if changed else already))
        if not as_json:
            click.echo(f"{done} {agent.name}" if changed else f"{agent.name} is {already}")
    if as_json:
        print_json({"results": [{"agent": agent.name, "verdict": word} for agent, word in results]})
    raise_worst(errors)
