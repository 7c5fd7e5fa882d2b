"""What several commands share: the fleet of this command line, options, names that complete, texts."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tmuxagents.cli.terminal import remark
from tmuxagents.services.app import open_app

F = TypeVar("F", bound=Callable[..., Any])


def with_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command the fleet as its first argument, and close it."""

    @functools.wraps(function)
    @click.pass_context
    def run(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        with open_app(ctx.obj) as app:
            app.tell = remark
            return function(app, *args, **kwargs)

    return run


def complete_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names that begin so; also behind a comma."""
    from tmuxagents.store import agents

    head, comma, last = incomplete.rpartition(",")
    with open_app(ctx.find_root().params.get("state_dir")) as app:
        names = [str(agent.name) for agent in agents.known(app.db)]
    return [f"{head}{comma}{name}" for name in [*names, "all"] if name.startswith(last)]


def name_argument(**options: Any) -> Callable[[F], F]:
    """One NAME."""
    return click.argument("name", metavar="NAME", shell_complete=complete_name, **options)


def names_argument(**options: Any) -> Callable[[F], F]:
    """NAMEs: several with commas or blanks, globs, `all`."""
    metavar = "NAME..." if options.get("required") else "[NAME]..."
    return click.argument("names", metavar=metavar, nargs=-1, shell_complete=complete_name, **options)


def complete_label(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The labels that begin so."""
    from tmuxagents.store import agents

    with open_app(ctx.find_root().params.get("state_dir")) as app:
        labels = sorted({label for agent in agents.known(app.db) for label in agent.labels})
    return [label for label in labels if label.startswith(incomplete)]


dialog_option = click.option(
    "--dialog", metavar="ID", help="Only that very dialog, as a notice or show --json names it."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON (tmuxagents help json).")


def read_text(words: tuple[str, ...], file: str | None) -> str:
    """The text given as words, as `-` for standard input, or in a file, exactly."""
    if file is not None:
        if words:
            raise click.UsageError("give the text or --file, not both")
        return _read_file(file)
    return read_input() if words == ("-",) else " ".join(words)


def read_input() -> str:
    """What standard input holds; nothing where it is closed, as in some cron jobs."""
    if sys.stdin is None:
        return ""
    try:
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    except OSError:
        # Open for writing only, or a folder.
        return ""


def _read_file(file: str) -> str:
    from pathlib import Path

    from tmuxagents.errors import TmuxagentsError, word

    try:
        return Path(file).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise TmuxagentsError(f"'{file}' cannot be read: {error.strerror}", hint=f"ls -l {word(file)}") from error


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
