"""The options of a command, for a program of ours in whose own line its words are typed."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import click


@functools.cache
def options(word: str) -> Mapping[str, tuple[bool, str]]:
    """The options of the command that a word of the chat is: whether a value follows, and what it is for. None that
    opens an editor: the terminal is the program's."""
    from importlib import import_module

    from tmuxagents.chat.verbs import VERBS

    argv = VERBS[word].argv if word in VERBS else ()
    if not argv:
        return {}
    found: click.Command = import_module(f"tmuxagents.cli.commands.{argv[0]}").command
    return {
        name: (not param.is_flag and not param.count, param.help or "")
        for param in found.params
        if isinstance(param, click.Option) and not param.hidden and param.name != "edit"
        for name in [*param.opts, *param.secondary_opts]
    }


def takes(word: str) -> Mapping[str, bool]:
    """The same, with whether a value follows alone."""
    return {name: value for name, (value, _) in options(word).items()}
