"""The options that say what agent is begun: those of `spawn`, `fork` and `run` that are alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tmuxagents.cli import completing, defaults
from tmuxagents.cli.options import DOLLARS, DURATION, TOKENS
from tmuxagents.kinds import registry

F = TypeVar("F", bound=Callable[..., Any])

permission_mode_option = click.option(
    "--permission-mode",
    metavar="MODE",
    shell_complete=completing.of_kind(completing.permission_modes),
    help="The permission mode, as the program names it.",
)


def kind_option(words: str) -> Callable[[F], F]:
    """`--kind KIND`."""
    return click.option("--kind", metavar="KIND", shell_complete=completing.among(registry.NAMES), help=words)


def model_option(words: str, *, name: str = "--model") -> Callable[[F], F]:
    """`--model MODEL`."""
    return click.option(name, metavar="MODEL", shell_complete=completing.of_kind(completing.models), help=words)


def kept_option(name: str, words: str) -> Callable[[F], F]:
    """`--role ROLE`, `--profile PROFILE`: settings that are kept by a name."""
    metavar = name.removeprefix("--").upper()
    return click.option(name, metavar=metavar, shell_complete=defaults.complete_profile, help=words)


def scope_option(words: str) -> Callable[[F], F]:
    """`--scope GLOB`, several times."""
    return click.option("--scope", metavar="GLOB", multiple=True, help=words)


def env_option(words: str) -> Callable[[F], F]:
    """`--env K=V`, several times."""
    return click.option("--env", metavar="K=V", multiple=True, help=words)


def timeout_option(words: str) -> Callable[[F], F]:
    """`--timeout TIME`."""
    return click.option("--timeout", type=DURATION, metavar="TIME", help=words)


def each_option(words: str) -> Callable[[F], F]:
    """`--each FILE`."""
    return click.option("--each", metavar="FILE", shell_complete=completing.file, help=words)


def budget_options(words: str) -> Callable[[F], F]:
    """`--budget USD` and `--budget-tokens N` (see `help usage`)."""

    def both(function: F) -> F:
        tokens = click.option("--budget-tokens", type=TOKENS, metavar="N", help="The same, by tokens (100k).")
        return click.option("--budget", type=DOLLARS, metavar="USD", help=words)(tokens(function))

    return both
