"""Commands that end in a TEXT: their options end at its first word, and from there all is text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from tmuxagents.errors import BadValue
from tmuxagents.names import did_you_mean, nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Worded(click.Command):
    """`say NAME TEXT…`: options stand before NAME or between NAME and TEXT; a `--` right in front of
    the text is not part of it. What looks like an option there and is none is a usage error."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        params = self.get_params(ctx)
        head, words = split(args, _with_values(params))
        unknown = None if ctx.resilient_parsing else misspelt(head, _options(params), _with_values(params))
        if unknown is not None:
            raise no_option(unknown, _options(params), ctx.command_path, "; to say it literally: --")
        return super().parse_args(ctx, [*head, "--", *words])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Behind the text's first word nothing is an option any more."""
        return [] if ctx.params.get("text") else super().shell_complete(ctx, incomplete)


def split(args: Sequence[str], with_values: frozenset[str]) -> tuple[list[str], list[str]]:
    """The options with the NAME, and the words of the text."""
    head: list[str] = []
    named, at = False, 0
    while at < len(args):
        word = args[at]
        if word == "--":
            name = [] if named else list(args[at + 1 : at + 2])
            rest = list(args[at + 1 + len(name) :])
            # In front of NAME it ends the options; one right in front of the text does so too.
            return [*head, *name], rest[1:] if name and rest[:1] == ["--"] else rest
        if not word.startswith("-") or word == "-":
            if named:
                return head, list(args[at:])
            named = True
        head.append(word)
        at += 1
        if word in with_values and at < len(args):
            head.append(args[at])
            at += 1
    return head, []


def misspelt(head: Sequence[str], options: Iterable[str], with_values: frozenset[str]) -> str | None:
    """The first word of the head that looks like an option and is none."""
    known, value = frozenset(options), False
    for word in head:
        if not value and word.startswith("-") and word != "-" and word.partition("=")[0] not in known:
            return word
        value = not value and word in with_values
    return None


def no_option(word: str, options: Iterable[str], command: str, way: str = "") -> BadValue:
    """The error of a word that looks like an option of the command and is none; `way`: how to have it as it is."""
    near = nearest(word.partition("=")[0], sorted(options))
    return BadValue(f"there is no option '{word[:40]}'{way}{did_you_mean(near)}", hint=f"{command} --help")


def no_word(option: str, word: str, what: str, known: Sequence[str], otherwise: str) -> BadValue:
    """The error of a word that an option does not know."""
    message = f"{option} '{word[:40]}' is not a {what}: {', '.join(known)}"
    return BadValue(f"{message}{did_you_mean(nearest(word, known))}", hint=otherwise)


def options_of(command: click.Command | None, ctx: click.Context) -> frozenset[str]:
    """Every option that the command takes."""
    return _options(command.get_params(ctx)) if command is not None else frozenset()


def _options(params: Sequence[click.Parameter]) -> frozenset[str]:
    return frozenset(name for p in params if isinstance(p, click.Option) for name in (*p.opts, *p.secondary_opts))


def _with_values(params: Sequence[click.Parameter]) -> frozenset[str]:
    options = [p for p in params if isinstance(p, click.Option) and not p.is_flag and not p.count]
    return frozenset(name for option in options for name in (*option.opts, *option.secondary_opts))
