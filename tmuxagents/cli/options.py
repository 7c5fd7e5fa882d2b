"""What several commands share: the fleet of this command line, options, names that complete."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tmuxagents.cli import completing
from tmuxagents.cli.completing import Fits
from tmuxagents.cli.terminal import remark
from tmuxagents.services.app import App, open_app

if TYPE_CHECKING:
    from pathlib import Path

_MAKES = frozenset(
    {
        "spawn",
        "chat",
        "demo",
        "controller",
        "doctor",
        "trust",
        "notify",
        "help",
        "completion",
        "lock",
        "note",
        "run",
        "fork",
    }
)
"""What makes the state directory that was typed."""

_EMPTY = frozenset(
    {"ls", "tail", "search", "wait", "catchup", "diff", "conflicts", "prune", "config", "locks", "queue", "usage"}
)
"""What has an answer also where there is none, or waits there for who comes. Everything else means an agent."""

F = TypeVar("F", bound=Callable[..., Any])


def with_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command the fleet as its first argument, and close it."""

    @functools.wraps(function)
    @click.pass_context
    def run(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        with _opened(ctx) as app:
            app.named = ctx.obj
            app.tell = functools.partial(remark, state_dir=ctx.obj)
            return function(app, *args, **kwargs)

    return run


def _opened(ctx: click.Context) -> App:
    """The fleet; only who begins something makes its directory, and a slip in its name is told."""
    from tmuxagents.services import app as apps

    gone = apps.missing(ctx.obj)
    verb = f"{ctx.command_path} ".split(" ")[1]
    waits = ctx.params.get("watch") is not None or ctx.params.get("follow") is True
    if gone is None or verb in _MAKES:
        return open_app(ctx.obj)
    if verb not in _EMPTY:
        raise gone
    remark(gone.message, gone.hint or "")
    return open_app(ctx.obj) if waits else apps.open_nothing()


def fleet_named() -> str | None:
    """What `--state-dir` said on this command line."""
    context = click.get_current_context(silent=True)
    return context.find_root().params.get("state_dir") if context is not None else None


def name_argument(fits: Fits | None = None, **options: Any) -> Callable[[F], F]:
    """One NAME; a shell offers those that `fits`."""
    return click.argument("name", metavar="NAME", shell_complete=completing.agents(fits), **options)


def names_argument(fits: Fits | None = None, **options: Any) -> Callable[[F], F]:
    """NAMEs: several with commas or blanks, globs, `all`; a shell offers those that `fits`."""
    metavar = "NAME..." if options.get("required") else "[NAME]..."
    return click.argument("names", metavar=metavar, nargs=-1, shell_complete=completing.agents(fits), **options)


def complete_label(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The labels that begin so."""
    from tmuxagents.store import agents

    with completing.looked_into(ctx) as app:
        labels = sorted({label for agent in agents.known(app.db) for label in agent.labels})
    return [label for label in labels if label.startswith(incomplete)]


dialog_option = click.option(
    "--dialog", metavar="ID", help="Only that very dialog, as a notice or show --json names it."
)
compare_option = click.option(
    "--compare", is_flag=True, help="Answers, changes, checks, time and cost side by side, to pick one."
)
detach_option = click.option("-d", "--detach", is_flag=True, help="Begin it and return; it goes on by itself.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (tmuxagents help json).")


def labels_option(words: str) -> Callable[[F], F]:
    """`-l WORD`, several times."""
    return click.option(
        "-l", "--label", "labels", multiple=True, metavar="WORD", shell_complete=complete_label, help=words
    )


def name_option(words: str) -> Callable[[F], F]:
    """`--name NAME`, of what is begun."""
    return click.option("--name", metavar="NAME", help=words)


def folder_option(words: str, *, default: str | None = ".") -> Callable[[F], F]:
    """`-C DIR`, the current folder without."""
    return click.option(
        "-C", "--dir", "folder", default=default, metavar="DIR", shell_complete=completing.folder, help=words
    )


def folder_of(given: str) -> Path:
    """The folder that was typed, absolute; a bad value where none is to work in."""
    from tmuxagents.errors import BadValue, FolderMissing
    from tmuxagents.services.lifecycle import launch

    try:
        return launch.check_folder(given)
    except FolderMissing as error:
        if given == ".":
            # Nobody typed it: where one stands is gone.
            raise
        raise BadValue(error.message, hint=error.hint) from error


class Duration(click.ParamType[float]):
    """`90`, `90s`, `15m`, `2h`, `1d` as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        from tmuxagents import clock

        try:
            return clock.duration(str(value))
        except ValueError:
            self.fail(f"'{value}' is not a duration: 90s, 15m, 2h", param, ctx)


DURATION = Duration()


class Tokens(click.ParamType[int]):
    """`100000`, `100k`, `1.5M`."""

    name = "tokens"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        from tmuxagents.settings.spawn import counted

        try:
            return counted(str(value))
        except ValueError:
            self.fail(f"'{str(value)[:40]}' is not a number of tokens: 100000, 100k, 1.5M", param, ctx)


class Dollars(click.ParamType[float]):
    """`2.50`, `$2.50`."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        from tmuxagents.settings.spawn import LEAST_USD, is_money

        shown = str(value)[:40]
        try:
            number = float(str(value).removeprefix("$"))
        except ValueError:
            self.fail(f"'{shown}' is not a number of dollars: 2.50", param, ctx)
        if 0 < number < LEAST_USD:
            self.fail(
                f"'{shown}' is less than a millionth of a dollar, the least that is counted: 0.000001", param, ctx
            )
        if not is_money(number):
            self.fail(f"'{shown}' is not a number of dollars: 2.50", param, ctx)
        return number


TOKENS, DOLLARS = Tokens(), Dollars()


class Whole(click.IntRange):
    """A whole number, whose range is told in words."""

    def _describe_range(self) -> str:
        return spoken(self.min, self.max)


class Real(click.FloatRange):
    """A number, whose range is told in words."""

    def _describe_range(self) -> str:
        return spoken(self.min, self.max)


def spoken(low: float | None, high: float | None) -> str:
    """A range as one says it."""
    if high is None:
        return f"{low:g} or more"
    return f"{low:g} to {high:g}" if low is not None else f"at most {high:g}"


class Moment(click.ParamType[int]):
    """`15m` ago, or a date and time (the reader's own, where no zone is given), in nanoseconds."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        from tmuxagents import clock

        try:
            ago = clock.duration(str(value), most=float("inf"))
            return max(-_FARTHEST, clock.now_ns() - round(min(ago, _FARTHEST / clock.SECOND) * clock.SECOND))
        except ValueError:
            return self._dated(str(value), param, ctx)

    def _dated(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from tmuxagents import clock

        try:
            return max(-_FARTHEST, min(clock.moment(value), _FARTHEST))
        except ValueError:
            self.fail(f"'{value[:40]}' is no time: 90s, 15m, 2h (ago), or 2026-01-31T09:30", param, ctx)


MOMENT = Moment()

_FARTHEST = 2**63 - 1
"""Nanoseconds that the database can hold, the year 2262: whatever is later is as late."""

since_option = click.option(
    "--since", type=MOMENT, metavar="TIME", help="Begin this long ago (90s, 15m, 2h), or at a date and time."
)
until_option = click.option("--until", type=MOMENT, metavar="TIME", help="End this long ago, or at a date and time.")


def look_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that prints the stream `look`: how it is to look."""
    from tmuxagents.output import rendering

    @click.option("-t", "--times", is_flag=True, help="Show the time of each entry.")
    @click.option(
        "--prefix/--no-prefix",
        default=None,
        help="Name who speaks on every row (as in a pipe), or nowhere.",
    )
    @click.option("--highlight", metavar="REGEX", help="Show what matches in reverse, in colour only.")
    @click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colours: auto (the default) is where a terminal reads.",
    )
    @functools.wraps(function)
    def run(*args: Any, times: bool, prefix: bool | None, highlight: str | None, color: str, **more: Any) -> Any:
        from tmuxagents.cli.render.stream import Look

        speaker: rendering.Speaker | None = None if prefix is None else "every" if prefix else "never"
        lit = regex("--highlight", highlight) if highlight is not None else None
        return function(*args, look=Look(times, {"always": True, "never": False}.get(color), speaker, lit), **more)

    return run


def regex(option: str, pattern: str) -> re.Pattern[str]:
    """The pattern that an option was given; a usage error where it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise click.UsageError(f"{option} '{pattern[:60]}' is not a regular expression: {error}") from error
