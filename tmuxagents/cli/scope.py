"""Which agents a command means: options that say where and which, and what is said of those left out."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import labels_option
from tmuxagents.cli.terminal import nobody, tell
from tmuxagents.cli.words import no_word
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import State
from tmuxagents.names import is_wide
from tmuxagents.services.fleet.now import Fleet
from tmuxagents.services.fleet.selection import Applies, Narrowing

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

_NAMED = 5
"""So many of those left out are named."""

everywhere_option = click.option(
    "-A", "--all-projects", "everywhere", is_flag=True, help="`all` and globs mean those of every project."
)
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask (-A at a terminal asks).")


class States(click.ParamType[frozenset[State]]):
    """`waiting,failed`"""

    name = "states"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[State]:
        given = [word.strip() for word in str(value).split(",") if word.strip()]
        known = get_args(State)
        unknown = sorted(set(given) - set(known))
        if unknown or not given:
            command = ctx.command_path if ctx is not None else "tmuxagents"
            raise no_word("--state", (unknown or [str(value)])[0], "state", known, f"{command} --help")
        return frozenset(state for state in known if state in given)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Also behind a comma."""
        return completing.several(get_args(State))(ctx, param, incomplete)


def narrowed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that reads `narrow`: whom --here, --state and --label leave."""

    @click.option("--here", is_flag=True, help="Only those of the project that you stand in.")
    @click.option("--state", "in_states", type=States(), metavar="STATE,...", help="Only those in these states.")
    @labels_option("Only those with this label.")
    # It is what they do anyway; typed out of habit it is no error.
    @click.option("-A", "--all-projects", "everywhere", is_flag=True, hidden=True)
    @functools.wraps(function)
    def run(
        *args: Any,
        here: bool,
        in_states: frozenset[State] | None,
        labels: tuple[str, ...],
        everywhere: bool,
        **more: Any,
    ) -> Any:
        if here and everywhere:
            raise click.UsageError("--here is this project, -A every one: choose one")
        narrow = Narrowing(in_states or frozenset(), frozenset(labels), _project() if here else None)
        return function(*args, narrow=narrow, **more)

    return run


def _project() -> Applies:
    from tmuxagents.services.fleet import project

    return project.here()


def meant(
    team: Fleet, names: Sequence[str], applies: Applies, *, everywhere: bool, does: str, whole: bool = False
) -> list[Agent]:
    """Those that a command which changes something means. Who is left out is told, and that nobody `does` it."""
    if not everywhere and any(map(is_wide, names)):
        _refuse_home()
    choice = team.choose(names, applies, everywhere=everywhere, whole=whole)
    if not choice.chosen:
        nobody(f"{does} in this project" if choice.elsewhere else does)
    left_out(choice.elsewhere)
    return list(choice.chosen)


def _refuse_home() -> None:
    """Where one stands after a login `all` would be every project, without the option that says so."""
    from tmuxagents.services.fleet import project

    folder = project.too_wide()
    if folder is not None:
        hint = _everywhere(click.get_current_context())
        raise TmuxagentsError(f"'{folder}' is no project: every agent below it would be meant", hint=hint)


def _everywhere(context: click.Context) -> str:
    """The same command with -A; one that carries a text is not repeated."""
    from tmuxagents.errors import word

    given = {param.name: context.params.get(param.name or "") for param in context.command.params}
    if any(isinstance(param, click.Argument) and given[param.name] for param in context.command.params[1:]):
        return "tmuxagents ls"
    flags = [p.opts[-1] for p in context.command.params if isinstance(p, click.Option) and given[p.name] is True]
    names = given.get("names") or [given.get("name")]
    words = [each if re.fullmatch(r"[a-z0-9,-]+", str(each)) else word(each) for each in names]
    return " ".join([context.command_path, *flags, "-A", *words])


def left_out(elsewhere: Sequence[Agent]) -> None:
    """Say who was not meant because they work elsewhere."""
    if elsewhere:
        names = ", ".join([*(agent.name for agent in elsewhere[:_NAMED]), *(["…"] if elsewhere[_NAMED:] else [])])
        tell(f"tmuxagents: {len(elsewhere)} more in other projects ({names}): -A")


def found(team: Fleet, names: Sequence[str]) -> list[Agent]:
    """Those that a command which reads means; that one is a record of a removed agent is told."""
    chosen = team.find(names)
    known = {agent.id for agent in team.agents}
    for agent in chosen:
        if agent.id not in known:
            tell(f"tmuxagents: {agent.name} (removed)")
    return chosen


def agreed(verb: str, names: Sequence[str], chosen: Sequence[Agent], *, everywhere: bool, yes: bool) -> None:
    """Ask before agents of every project are meant by `all` or a glob; nobody is asked without a terminal."""
    if not (everywhere and chosen and any(map(is_wide, names))) or yes or not _at_terminal():
        return
    count, folders = len(chosen), len({agent.dir for agent in chosen})
    question = (
        f"{verb} {count} {'agent' if count == 1 else 'agents'} in {folders} {'folder' if folders == 1 else 'folders'}?"
    )
    if not click.confirm(question, err=True):
        raise TmuxagentsError("nothing was done", hint="tmuxagents ls")


def _at_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
