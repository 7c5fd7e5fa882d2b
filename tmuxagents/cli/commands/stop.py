"""`tmuxagents stop`"""

from __future__ import annotations

import click

from tmuxagents.cli import run_names
from tmuxagents.cli.options import DURATION, json_option, names_argument, with_app
from tmuxagents.cli.scope import agreed, everywhere_option, meant, yes_option
from tmuxagents.cli.terminal import print_json
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, is_there
from tmuxagents.services.lifecycle import stop as stopping
from tmuxagents.services.runs import starting
from tmuxagents.services.server import startup


@click.command()
@names_argument(is_there, required=True)
@click.option("--grace", type=DURATION, default="5s", metavar="TIME", help="How long each step may take (default 5s).")
@everywhere_option
@yes_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], grace: float, everywhere: bool, yes: bool, as_json: bool) -> None:
    """Ask the agents to end, then terminate, then kill. Conversation, files and journal stay.

    The name of a run means all of it: nothing of it begins any more, and `run --retry-failed` takes it up again.
    """
    stopped_runs, agents = run_names.split(app, names)
    names = tuple(agents)
    chosen: list[Agent] = []
    if agents or not stopped_runs:
        chosen = meant(
            fleet_now(app),
            names,
            lambda agent: is_there(agent) or agent.phase == "stopping",
            everywhere=everywhere,
            does="runs",
        )
        agreed("stop", names, chosen, everywhere=everywhere, yes=yes)
    for run in stopped_runs:
        if run.ended_ns is None:
            starting.stop(app, run)
        if not as_json:
            click.echo(f"stopping {run.name}" if run.ended_ns is None else f"{run.name} was over")
        # Those that were kept when their tasks were done; of a live run the others are ended by it.
        chosen += [agent for agent in starting.kept(app, run) if is_there(agent)]
    if stopped_runs and not chosen and not agents:
        if as_json:
            print_json({"results": [], "runs": [run.name for run in stopped_runs]})
        return
    stopped = stopping.stop(app, chosen, ask=grace, terminate=grace)
    startup.nudge(app)
    if as_json:
        results = [{"agent": s.agent.name, "how": s.how} for s in stopped]
        print_json({"results": results, "runs": [run.name for run in stopped_runs]})
        return
    for one in stopped:
        click.echo(_row(one))


def _row(one: stopping.Stopped) -> str:
    if one.how == "was over":
        return f"{one.agent.name} was over"
    return f"stopped {one.agent.name} ({'it was queued' if one.how == 'dropped' else one.how})"
