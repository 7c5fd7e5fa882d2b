"""`tmuxagents resume`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli import run_names
from tmuxagents.cli.options import fleet_named, json_option, names_argument, with_app
from tmuxagents.cli.scope import everywhere_option, left_out
from tmuxagents.cli.terminal import nobody, print_json, remark, tell
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.names import is_wide, parts
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import Fleet, can_come_back, fleet_now, is_done, is_out_of_time, is_queued
from tmuxagents.services.lifecycle import resume as resuming
from tmuxagents.services.runs import starting
from tmuxagents.services.server import startup


@click.command()
@names_argument(can_come_back)
@click.option("--all", "all_", is_flag=True, help="All that are lost (the server or the machine went down).")
@everywhere_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], all_: bool, everywhere: bool, as_json: bool) -> int:
    """Start the agents again with the same conversation, one after another.

    The name of a run means one that was paused: it goes on. `all` and globs mean those of this project that are lost or
    were stopped; --all means all that are lost, wherever it is typed. A program of --kind command that ended by itself
    is run again by its name alone.
    """
    if all_ == bool(names):
        raise click.UsageError("give NAMEs or --all")
    paused, agents = run_names.split(app, names)
    for run in paused:
        starting.go_on(app, run)
        click.echo(f"{run.name} goes on", err=as_json)
    if paused and not agents:
        if as_json:
            print_json({"results": [], "runs": [run.name for run in paused]})
        return 0
    names = tuple(agents)
    team = fleet_now(app)
    team.must_be_seen()
    _bring_back_queue(app, team)
    if all_:
        chosen = team.select([agent.name for agent in resuming.lost(team.agents)])
    else:
        chosen = _of_this_project(team, names, everywhere=everywhere)
    results = []
    for one in resuming.resume(app, chosen):
        results.append(one)
        startup.nudge(app)
        if not as_json and one.error is None:
            click.echo(one_line(f"resumed {one.agent.name} ({one.agent.condition.conversation})"))
        elif one.error is not None:
            click.echo(f"tmuxagents: {one_line(one.error.message, 600)}", err=True)
            if one.error.hint:
                click.echo(f"hint: {one_line(app.addressed(one.error.hint), 600)}", err=True)
    if as_json:
        rows = [{"agent": r.agent.name, "resumed": r.error is None, "error": _words(r.error)} for r in results]
        print_json({"results": rows, "runs": [run.name for run in paused]})
    if all_ and not results and not as_json:
        click.echo("nobody is lost", err=True)
    return max((r.error.exit_code for r in results if r.error is not None), default=0)


def _bring_back_queue(app: App, team: Fleet) -> None:
    """After a restart of the machine nobody else starts who begins what waits."""
    if any(map(is_queued, team.agents)):
        startup.ensure(app)


def _of_this_project(team: Fleet, names: Sequence[str], *, everywhere: bool) -> list[Agent]:
    choice = team.choose(names, can_come_back, everywhere=everywhere)
    lost = resuming.lost(choice.elsewhere)
    left_out([agent for agent in choice.elsewhere if agent not in lost])
    _tell_done(team, names, everywhere=everywhere)
    if lost:
        words = f"{len(lost)} {'other is' if len(lost) == 1 else 'others are'} lost"
        remark(words, "tmuxagents resume --all", state_dir=fleet_named())
    if not choice.chosen:
        nobody("is lost or was stopped" + (" in this project" if choice.elsewhere else ""))
    return list(choice.chosen)


def _tell_done(team: Fleet, names: Sequence[str], *, everywhere: bool) -> None:
    """Name those that `all` and globs would mean, had they not ended by themselves or by their time limit."""
    wide = [part for name in names for part in parts(name) if is_wide(part)]
    for applies, one, several in (
        (is_done, "1 ended command is", "{} ended commands are"),
        (is_out_of_time, "1 that its time limit ended is", "{} that their time limits ended are"),
    ):
        done = team.choose(wide, applies, everywhere=everywhere).chosen if wide else []
        if done:
            what, name_ = (one, "it") if len(done) == 1 else (several.format(len(done)), "them")
            listed = ", ".join([*(agent.name for agent in done[:6]), *(["…"] if done[6:] else [])])
            tell(f"tmuxagents: {what} not run again by {' '.join(wide)} ({listed}): name {name_}")


def _words(error: TmuxagentsError | None) -> str | None:
    return error.message if error is not None else None
