"""`tmuxagents queue`"""

from __future__ import annotations

from typing import Any

import click

from tmuxagents import clock
from tmuxagents.cli import completing
from tmuxagents.cli.groups import Group
from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import agreed, everywhere_option, meant, yes_option
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width
from tmuxagents.errors import BadValue, Refused
from tmuxagents.model import room
from tmuxagents.model.agent import Agent
from tmuxagents.names import is_wide
from tmuxagents.output import columns
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, is_queued
from tmuxagents.services.lifecycle import queued
from tmuxagents.services.server import startup
from tmuxagents.store import queue


@click.group(cls=Group, invoke_without_command=True)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Who waits for room to begin, in order, and what holds them back: max_agents, min_free_memory or max_unreviewed
    (tmuxagents help queue)."""
    if ctx.invoked_subcommand is None:
        with_app(_list)(as_json)


def _list(app: App, as_json: bool) -> None:
    team = fleet_now(app)
    known = {str(agent.id): agent for agent in team.agents}
    line = [(place, one) for place, one in enumerate(queue.line(app.db), 1) if one.agent_id in known]
    if as_json:
        print_json({"queue": [_json(known[one.agent_id], place, one) for place, one in line]})
    elif line:
        rows = [{name: name for name in _COLUMNS}, *(_row(known[one.agent_id], place, one) for place, one in line)]
        put("\n".join(columns.table(rows, _COLUMNS, going=_GOING, width=terminal_width())))
    else:
        tell("nobody is queued")


_COLUMNS = ("NAME", "PLACE", "OWNER", "FOR", "WHY", "TASK")
_GOING = ("FOR", "OWNER", "WHY")
"""Columns that a narrow terminal has no room for, the first to go first."""


def _row(agent: Agent, place: int, one: room.Waiting) -> dict[str, str]:
    return {
        "NAME": agent.name,
        "PLACE": room.ordinal(place),
        "OWNER": _owner(agent, one),
        "FOR": clock.ago(agent.condition.since_ns, clock.now_ns()),
        "WHY": one.held or ("now" if one.now else one.why or "-"),
        "TASK": one_line(agent.purpose, 200),
    }


def _json(agent: Agent, place: int, one: room.Waiting) -> dict[str, Any]:
    return {
        "place": place,
        "agent": agent.name,
        "id": agent.id,
        "owner": _owner(agent, one),
        "now": one.now,
        "reason": one.held or one.why or None,
        "since": clock.rfc3339(agent.condition.since_ns),
        "task": agent.task,
    }


def _owner(agent: Agent, one: room.Waiting) -> str:
    """`you`, or the run by its name."""
    return str((agent.options.get("run") or {}).get("name") or one.owner)


@command.command(short_help="Give it another place.")
@click.argument("name", metavar="NAME", shell_complete=completing.agents(is_queued, several=False))
@click.argument("place", metavar="first|last|N", shell_complete=completing.among(["first", "last"]))
@json_option
@with_app
def move(app: App, name: str, place: str, as_json: bool) -> None:
    """Give the agent NAME another place in the queue: the first, the last, or the N-th."""
    if is_wide(name) or "," in name:
        raise BadValue(f"'{name[:60]}' is not one agent", hint="tmuxagents queue")
    agent, to = fleet_now(app).one(name), _place(place)
    now = queued.move(app, agent.id, to)
    if now is None:
        raise _not_queued(agent)
    startup.nudge(app)
    if as_json:
        print_json({"results": [{"agent": agent.name, "place": now}]})
    else:
        click.echo(f"{agent.name} is {room.ordinal(now)} in the queue")


def _place(word: str) -> int:
    if word == "last":
        return queued.LAST
    if word == "first":
        return 1
    if word.isascii() and word.isdecimal() and int(word[:9]) > 0 and len(word) < 9:
        return int(word)
    raise BadValue(f"'{word[:40]}' is no place: first, last, or a number from 1", hint="tmuxagents queue")


def _not_queued(agent: Agent) -> Refused:
    return Refused(f"{agent.name} is {agent.condition.state}, not queued", hint="tmuxagents queue")


@command.command(short_help="Take agents out of it.")
@names_argument(is_queued, required=True)
@everywhere_option
@yes_option
@json_option
@with_app
def drop(app: App, names: tuple[str, ...], everywhere: bool, yes: bool, as_json: bool) -> None:
    """Take agents out of the queue, as `stop` does: they have ended, and `resume` starts them all the same."""
    chosen = meant(fleet_now(app), names, is_queued, everywhere=everywhere, does="is queued")
    agreed("drop", names, chosen, everywhere=everywhere, yes=yes)
    dropped = [(agent, queued.drop(app, agent.id)) for agent in chosen]
    startup.nudge(app)
    gone = [agent for agent, now in dropped if now is not None]
    if as_json:
        print_json({"results": [{"agent": agent.name, "how": "dropped"} for agent in gone]})
    elif gone:
        put("\n".join(f"dropped {agent.name}" for agent in gone))
    raise_worst(_not_queued(agent) for agent, now in dropped if now is None)
