"""`tmuxagents diff`"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tmuxagents import clock
from tmuxagents.cli import pager
from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import differing
from tmuxagents.cli.scope import found
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width, wants_color
from tmuxagents.model.agent import Agent
from tmuxagents.output.painted import painted, seen
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.review import figures, patch, sides

if TYPE_CHECKING:
    from tmuxagents.services.review.sides import Side


def _has_worktree(agent: Agent) -> bool:
    return agent.worktree is not None


@click.command()
@names_argument(_has_worktree)
@click.option("--stat", is_flag=True, help="How many lines of each file.")
@click.option("--name-only", is_flag=True, help="The names of the files alone.")
@json_option
@with_app
def command(app: App, names: tuple[str, ...], stat: bool, name_only: bool, as_json: bool) -> None:
    """What each NAME has done in its worktree, from where its branch began: committed, staged, unstaged and
    untracked together. Without a NAME one line for each agent that has a worktree."""
    if stat and name_only:
        raise click.UsageError("--stat or --name-only: choose one")
    if (stat or name_only) and (as_json or not names):
        raise click.UsageError(f"{'--stat' if stat else '--name-only'} is for the text of a NAME")
    team = fleet_now(app)
    if as_json or not names:
        chosen = found(team, names) if names else list(team.agents)
        if names:
            sides.refuse_trashed(app, chosen)
            _refuse_without([agent for agent in chosen if not _has_worktree(agent)])
        _summary(chosen, as_json=as_json)
        return
    chosen = found(team, names)
    sides.refuse_trashed(app, chosen)
    for place, agent in enumerate(chosen):
        _show(sides.one(agent), stat=stat, name_only=name_only, heading=len(chosen) > 1, behind=place > 0)


def _refuse_without(agents: Sequence[Agent]) -> None:
    for agent in agents:
        # It says so.
        sides.one(agent)


def _summary(agents: Sequence[Agent], *, as_json: bool) -> None:
    judged = figures.of(agents)
    if as_json:
        print_json({"agents": [differing.as_json(agent, one) for agent, one in judged]})
    elif judged:
        put("\n".join(differing.rows(judged, clock.now_ns())))
    else:
        tell("tmuxagents: no agent has a worktree of its own")


def _show(side: Side, *, stat: bool, name_only: bool, heading: bool, behind: bool) -> None:
    screen = sys.stdout.isatty()
    words = [f"--stat={terminal_width()}" if screen else "--stat"] if stat else ["--name-only"] if name_only else []
    if not (screen or words):
        words += patch.TO_BE_APPLIED
    made = patch.of(side, *words, colors=wants_color() and (not screen or patch.wants_color(side)))
    head = ("\n" if behind else "") + (f"[{side.agent.name}]\n" if heading else "")
    if screen:
        pager.put_through(head + _shown(made).removesuffix("\n"), patch.pager(side))
    else:
        # Into a file or another program: every byte as it is.
        whole = made.plain if made.colored is None else _shown(made).encode()
        sys.stdout.buffer.write(head.encode() + whole)
        sys.stdout.buffer.flush()
    if made.doing is not None:
        tell(f"tmuxagents: {made.doing} is under way in {side.agent.name}: what it has done so far is in it")
    for path in made.within:
        tell(f"tmuxagents: not in it: the repository '{one_line(os.fsdecode(path))}' of its own")


def _shown(made: patch.Patch) -> str:
    plain = made.plain.decode("utf-8", "surrogateescape")
    if made.colored is None:
        return seen(plain)
    return painted(plain, made.colored.decode("utf-8", "surrogateescape"))
