"""`tmuxagents wait`"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import State
from tmuxagents.model.owed import THERE
from tmuxagents.model.run import Run
from tmuxagents.services.app import App
from tmuxagents.services.fleet import listing, waiting
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.fleet.selection import Narrowing
from tmuxagents.services.runs import viewing
from tmuxagents.services.runs.viewing import View
from tmuxagents.value import Value

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
    chosen = _chosen(app, left, narrow) if left or not named else []
    if not chosen and not named:
        tell("no agent runs; there is nothing to wait for")
    deadline = clock.monotonic() + timeout if timeout is not None else None
    notice = noticing(no_dialog=no_dialog)
    over = [_waited_for(app, run, timeout, deadline, notice, as_json=as_json) for run in named]
    told = {"runs": [viewing.as_json(one.view) for one in over if one.view is not None]} if named else {}
    judges = {agent.id: waiting.reaches(wanted) for agent in chosen}
    try:
        found = waiting.until(app, judges, deadline=deadline, any_=any_, notice=notice) if judges else {}
    except Refused as error:
        if as_json:
            print_json({**told, "agents": listing.team_json(app, [a for a in fleet_now(app).agents if a.id in judges])})
        raise_worst([*(one.error for one in over), error])
        raise
    there = [agent for agent, outcome in found.values() if outcome == THERE]
    if as_json:
        # With --any those that made it end; else all, with the states in which the wait has left them.
        shown = there if any_ and there else [agent for agent, _ in found.values()]
        print_json({**told, **({"agents": listing.team_json(app, shown)} if left or not named else {})})
    else:
        for agent in there:
            click.echo(f"{agent.name} {agent.condition.state}")
    for agent in there:
        # It goes on when somebody has settled that.
        tell_need(agent)
    ended = [] if any_ and there else [error_of(agent, how, timeout=timeout) for agent, how in found.values()]
    raise_worst([*(one.error for one in over), *ended])


def _chosen(app: App, names: Sequence[str], narrow: Narrowing) -> list[Agent]:
    team = fleet_now(app)
    asked = team.select(names) if names else waiting.going(app, team.agents)
    return [agent for agent in asked if narrow.takes(agent)]


class _Over(Value):
    """How the wait for a run has ended: the last look at it, None where it was removed, and what is wrong."""

    view: View | None
    error: TmuxagentsError | None = None


def _waited_for(
    app: App,
    run: Run,
    timeout: float | None,
    deadline: float | None,
    notice: Callable[[Agent], None],
    *,
    as_json: bool,
) -> _Over:
    """Wait until it is over."""
    from tmuxagents.runs import telling

    told: set[tuple[object, ...]] = set()
    for now in viewing.follow(app, run.id):
        if now.run.ended_ns is not None and now.run.state == "done":
            if not as_json:
                click.echo(f"{run.name} done")
            return _Over(now)
        if now.run.ended_ns is not None:
            return _Over(now, AgentFailed(telling.summary(now.run, now.rows), hint=f"tmuxagents show {run.name}"))
        try:
            for agent in now.needy:
                need = (agent.id, agent.condition.since_ns)
                if need not in told:
                    told.add(need)
                    notice(agent)
        except Refused as error:
            return _Over(now, error)
        if deadline is not None and clock.monotonic() >= deadline:
            words = f"the wait's time limit has passed: after {timeout:g} s {run.name} is {now.run.state}"
            return _Over(now, TimedOut(words, hint=f"tmuxagents show {run.name}"))
    return _Over(None, AgentFailed(f"{run.name} was removed", hint="tmuxagents runs"))
