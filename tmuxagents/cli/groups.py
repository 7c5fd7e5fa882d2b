"""A command that has commands of its own, and what is said of a word that is none of them."""

from __future__ import annotations

from typing import Any

import click

from tmuxagents.cli.synonyms import nearest_harmless, verb_of
from tmuxagents.errors import BadValue
from tmuxagents.names import did_you_mean


class Group(click.Group):
    """Says of a word that is none of its commands which one was probably meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise no_command(args[0], nearest_harmless(args[0], self.commands), ctx) from error


def no_command(word: str, near: str | None, ctx: click.Context) -> BadValue:
    """The error of a word that is no command there."""
    known = f"{ctx.command_path} {verb_of(near)}" if near else ctx.command_path
    return BadValue(f"there is no command '{word[:40]}'{did_you_mean(near)}", hint=f"{known} --help")
