"""`tmuxagents wait`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli.common import DURATION, json_option, names_argument, with_app
from tmuxagents.cli.stream import tell_need
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TimedOut
from tmuxagents.model.condition import OVER
from tmuxagents.services import fleet, roster, waiting
from tmuxagents.services.app import App

_STATES = ("starting", "working", "waiting", "idle", "limited", "ended", "failed", "lost", "queued", "unknown")


@click.command()
@names_argument()
@click.option(
    "--for", "states", default="idle", metavar="STATE,...", help="The states that end the wait (default idle)."
)
@click.option("--any", "any_", is_flag=True, help="Until one of them is there, not all.")
@click.option("--timeout", type=DURATION, metavar="TIME", help="At most this long; exit code 4.")
@json_option
@with_app
def command(app: App, names: tuple[str, ...], states: str, any_: bool, timeout: float | None, as_json: bool) -> None:
    """Wait until the agents (all that are not ended, or those named) are idle.

    Exit code 5 when one of them fails, is lost or ends instead.
    """
    wanted = frozenset(state.strip() for state in states.split(",") if state.strip())
    unknown = sorted(wanted - set(_STATES))
    if unknown or not wanted:
        raise click.UsageError(f"--for '{(unknown or [states])[0][:40]}' is not a state: {', '.join(_STATES)}")
    team = fleet.now(app)
    chosen = team.select(names) if names else [a for a in team.agents if a.condition.state not in OVER]
    deadline = clock.monotonic() + timeout if timeout is not None else None
    there = waiting.until_state(app, [a.id for a in chosen], wanted, deadline=deadline, any_=any_, notice=tell_need)
    if there is None:
        left = [a for a in fleet.now(app).agents if a.id in {c.id for c in chosen} and a.condition.state not in wanted]
        words = ", ".join(f"{a.name} is {a.condition.state}" for a in left[:5])
        raise TimedOut(f"after {timeout:g} s {words}", hint="tmuxagents ls")
    if as_json:
        print_json({"agents": roster.team_json(there)})
        return
    for agent in there:
        click.echo(f"{agent.name} {agent.condition.state}")
