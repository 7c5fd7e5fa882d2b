"""`tmuxagents wait`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import click

from tmuxagents import clock
from tmuxagents.cli import completing, run_names
from tmuxagents.cli.options import DURATION, json_option, names_argument, with_app
from tmuxagents.cli.render.stream import tell_need
from tmuxagents.cli.render.waited import error_of, no_dialog_option, noticing, raise_worst
from tmuxagents.cli.scope import narrowed
from tmuxagents.cli.terminal import print_json, tell
from tmuxagents.cli.words import no_word
from tmuxagents.errors import AgentFailed, Refused, TimedOut, TmuxagentsError
from tmuxagents.model.condition import State
from tmuxagents.model.owed import THERE
from tmuxagents.model.run import Run
from tmuxagents.services.app import App
from tmuxagents.services.fleet import listing, waiting
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.fleet.selection import Narrowing

_STATES = get_args(State)


@click.command()
@names_argument()
@click.option(
    "--for",
    "states",
    default="idle",
    metavar="STATE,...",
    shell_complete=completing.several(_STATES),
    help="The states that end the wait (default idle).",
)
@click.option("--any", "any_", is_flag=True, help="Until one of them is there, not all.")
@click.option("--timeout", type=DURATION, metavar="TIME", help="At most this long; exit code 4.")
@no_dialog_option
@narrowed
@json_option
@with_app
def command(
    app: App,
    names: tuple[str, ...],
    states: str,
    any_: bool,
    timeout: float | None,
    no_dialog: bool,
    narrow: Narrowing,
    as_json: bool,
) -> None:
    """Wait until the agents (all that are not ended, or those named) are idle and nothing is owed.

    Owed is a task that is not taken yet, a queued or held message, and the last text of a turn: what
    they said is in the journal when this returns. A dialog is told at once and waited through. A run is
    waited for until it is over.

    The worst exit code of them all: 0 they are there; 3 one needs you (--no-dialog); 4 the time limit
    of the wait (--timeout) or of an agent (spawn --timeout) has passed; 5 the last turn of one failed,
    or it is limited, lost, killed or ended instead.
    """
    wanted = frozenset(state.strip() for state in states.split(",") if state.strip())
    unknown = sorted(wanted - set(_STATES))
    if unknown or not wanted:
        raise no_word("--for", (unknown or [states])[0], "state", _STATES, "tmuxagents wait --help")
    named, left = run_names.split(app, names)
    if named:
        _wait_for_runs(app, named, timeout)
        if not left:
            return
    names = tuple(left)
    team = fleet_now(app)
    asked = team.select(names) if names else waiting.going(app, team.agents)
    chosen = [agent for agent in asked if narrow.takes(agent)]
    if not chosen:
        tell("no agent runs; there is nothing to wait for")
    deadline = clock.monotonic() + timeout if timeout is not None else None
    judges = {agent.id: waiting.reaches(wanted) for agent in chosen}
    try:
        found = waiting.until(app, judges, deadline=deadline, any_=any_, notice=noticing(no_dialog=no_dialog))
    except Refused:
        if as_json:
            print_json({"agents": listing.team_json(app, [a for a in fleet_now(app).agents if a.id in judges])})
        raise
    there = [agent for agent, outcome in found.values() if outcome == THERE]
    if as_json:
        # With --any those that made it end; else all, with the states in which the wait has left them.
        told = there if any_ and there else [agent for agent, _ in found.values()]
        print_json({"agents": listing.team_json(app, told)})
    else:
        for agent in there:
            click.echo(f"{agent.name} {agent.condition.state}")
    for agent in there:
        # It goes on when somebody has settled that.
        tell_need(agent)
    if not (any_ and there):
        raise_worst(error_of(agent, outcome, timeout=timeout) for agent, outcome in found.values())


def _wait_for_runs(app: App, named: Sequence[Run], timeout: float | None) -> None:
    """Until each is over; the worst of them as the exit code."""
    from tmuxagents.runs import telling
    from tmuxagents.services.runs import viewing

    deadline = clock.monotonic() + timeout if timeout is not None else None
    errors: list[TmuxagentsError] = []
    for run in named:
        for now in viewing.follow(app, run.id):
            if deadline is not None and clock.monotonic() >= deadline:
                words = f"the wait's time limit has passed: after {timeout:g} s {run.name} is {now.run.state}"
                raise TimedOut(words, hint=f"tmuxagents show {run.name}")
            if now.run.ended_ns is not None and now.run.state == "done":
                click.echo(f"{run.name} done")
            elif now.run.ended_ns is not None:
                errors.append(AgentFailed(telling.summary(now.run, now.rows), hint=f"tmuxagents show {run.name}"))
    raise_worst(errors)
