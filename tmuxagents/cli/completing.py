"""What a shell is offered for the word that is being typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tmuxagents.services.app import App, open_app

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from tmuxagents.model.agent import Agent

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Fits = Callable[["Agent"], bool]


def looked_into(ctx: click.Context) -> App:
    """The fleet that is typed, for what is offered: whoever presses Tab makes nothing."""
    from tmuxagents.services import app as apps

    given = ctx.find_root().params.get("state_dir")
    return open_app(given) if apps.missing(given) is None else apps.open_nothing()


def agents(fits: Fits | None = None, *, several: bool = True) -> Completer:
    """The names of those that a verb can do something with, each with its state; with `several` also behind a
    comma, and `all`."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        known = [agent for agent in _known(ctx) if fits is None or fits(agent)]
        words = {str(agent.name): agent.condition.words for agent in known}
        if not several:
            return _items(words, incomplete)
        return _listed({**words, **({"all": "Each of them."} if words else {})}, incomplete)

    return complete


def _known(ctx: click.Context) -> list[Agent]:
    # As they are recorded: tmux is not asked at every keystroke.
    from tmuxagents.store import agents as stored

    with looked_into(ctx) as app:
        return stored.known(app.db)


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The runs, each with its state."""
    from tmuxagents.store import runs as stored

    with looked_into(ctx) as app:
        return _items({run.name: run.state for run in stored.known(app.db)}, incomplete)


def tasks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The tasks of the run that is named before, each with its state."""
    from tmuxagents.store import runs as stored

    with looked_into(ctx) as app:
        run = stored.by_name(app.db, str(ctx.params.get("run") or ""))
        rows = stored.rows(app.db, run) if run is not None else []
        return _items({row.key: row.state for row in rows if not row.group}, incomplete)


def in_the_trash(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The agents whose worktrees are there, each with its branch."""
    from tmuxagents.services.worktrees import trash

    with looked_into(ctx) as app:
        words = {kept.agent: kept.worktree.branch for kept in trash.known(app)}
    return _items(words, incomplete)


def orphans(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What `prune` lists, by id."""
    from tmuxagents.services.worktrees import pruning

    with looked_into(ctx) as app:
        words = {one.id: f"{one.agent} {one.branch}" for one in pruning.listed(app)}
    return _items(words, incomplete)


def locks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The locks that somebody holds or waits for, each with who has it."""
    from tmuxagents.services.locks import looking

    with looked_into(ctx) as app:
        words = {lock.name: lock.holder.who if lock.holder is not None else "" for lock in looking.every(app)}
    return _items(words, incomplete)


def among(words: Iterable[str]) -> Completer:
    """One of these words."""
    chosen = dict.fromkeys(words, "")
    return lambda ctx, param, incomplete: _items(chosen, incomplete)


def several(words: Iterable[str]) -> Completer:
    """Several of these words with commas."""
    chosen = dict.fromkeys(words, "")
    return lambda ctx, param, incomplete: _listed(chosen, incomplete)


def of_kind(pick: Callable[[str], Sequence[str]]) -> Completer:
    """What the kind that was chosen takes; without one what any kind takes."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from tmuxagents.kinds import registry

        given = ctx.params.get("kind")
        kinds = [given] if given in registry.NAMES else list(registry.NAMES)
        return _items(dict.fromkeys(word for name in kinds for word in pick(name)), incomplete)

    return complete


def models(kind: str) -> Sequence[str]:
    """The short names of models that a kind knows."""
    from tmuxagents.kinds import registry

    return registry.kind(kind).MODELS


def permission_modes(kind: str) -> Sequence[str]:
    """The permission modes that a kind knows."""
    from tmuxagents.kinds import registry

    return registry.kind(kind).PERMISSION_MODES


def folder(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell's own folders."""
    return _path(incomplete, "dir")


def file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell's own files."""
    return _path(incomplete, "file")


def _path(incomplete: str, kind: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type=kind)]


def _items(words: Mapping[str, str | None], incomplete: str, head: str = "") -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(head + word, help=said or None) for word, said in words.items() if word.startswith(incomplete)
    ]


def _listed(words: Mapping[str, str | None], incomplete: str) -> list[CompletionItem]:
    """Behind a comma too, without those that stand there already."""
    head, comma, last = incomplete.rpartition(",")
    had = frozenset(head.split(","))
    return _items({word: said for word, said in words.items() if word not in had}, last, head + comma)
