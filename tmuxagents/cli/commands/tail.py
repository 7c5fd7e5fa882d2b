"""`tmuxagents tail`"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import islice
from typing import get_args

import click

from tmuxagents import clock
from tmuxagents.cli import completing, run_names, terminal
from tmuxagents.cli.mending import mend
from tmuxagents.cli.options import (
    Whole,
    json_option,
    look_options,
    names_argument,
    regex,
    since_option,
    until_option,
    with_app,
)
from tmuxagents.cli.render.stream import Look, show
from tmuxagents.cli.scope import narrowed
from tmuxagents.cli.words import no_word
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced
from tmuxagents.model.entry import HIDDEN, Entry, EntryKind
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.fleet.cursor import BATCH, Cursor
from tmuxagents.services.fleet.now import read_on
from tmuxagents.services.fleet.reader import Reader, is_person, unread
from tmuxagents.services.fleet.selection import Narrowing
from tmuxagents.services.fleet.watched import Watched
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.store import agents, journal

_KINDS = tuple(kind for kind in get_args(EntryKind) if kind != "receipt")
_NEVER = 2**63 - 1

_Tell = Callable[[Sequence[Entry]], None]
_Step = Callable[[Cursor], None]


@click.command()
@names_argument()
@click.option("-n", "--lines", "count", type=Whole(0), metavar="N", help="Begin N entries back (default 20).")
@click.option("-f/ ", "--follow/--no-follow", default=True, help="Go on as more is said (the default).")
@since_option
@until_option
@click.option("--new", is_flag=True, help="Begin where you stopped reading.")
@click.option("--grep", "pattern", metavar="REGEX", help="Only entries that match.")
@click.option(
    "--only",
    metavar="KIND,...",
    shell_complete=completing.several(_KINDS),
    help=f"Only these kinds: {', '.join(_KINDS)}.",
)
@click.option("--exclude", metavar="KIND,...", shell_complete=completing.several(_KINDS), help="All but these kinds.")
@look_options
@narrowed
@json_option
@with_app
def command(
    app: App,
    names: tuple[str, ...],
    count: int | None,
    follow: bool,
    since: int | None,
    until: int | None,
    new: bool,
    pattern: str | None,
    only: str | None,
    exclude: str | None,
    narrow: Narrowing,
    look: Look,
    as_json: bool,
) -> None:
    """Print the merged stream of all agents, or of those named, and follow it. Who is started later joins
    where a glob, --here or --label means it too.

    With --no-follow everything so far is printed, unless -n, --since or --new says how much. --until ends it. What is
    shown on your terminal without a filter counts as read.
    """
    if new and any(one is not None for one in (count, since, until)):
        raise click.UsageError("--new begins where you stopped reading: give it without -n, --since and --until")
    matches = _matcher(pattern)
    kinds = _kinds(only, exclude)
    whole, left = run_names.split(app, names)
    # Also those that are begun later: no other agent may be called so.
    names = (*left, *(f"{run.name}-*" for run in whole)) if whole else names
    watched = Watched(app, names, narrow, waits=follow and until is None)
    for name in watched.removed:
        terminal.tell(f"tmuxagents: {name} (removed)")
    if watched.ids == []:
        terminal.tell_nobody()
    # What a removed agent said is whole.
    follow = follow and watched.can_speak
    follow = follow and until is None
    span = (since or 0, until if until is not None else _NEVER)

    reader = Reader(app) if is_person(app) and not as_json and pattern is None and kinds is None else None

    def tell(entries: Sequence[Entry]) -> None:
        shown = [entry for entry in entries if matches(entry) and not watched.has_from_another(entry)]
        show(shown, as_json=as_json, look=look)
        if reader is not None:
            reader.shown(entries)

    if not watched.ids and not agents.known(app.db):
        terminal.tell("no agents yet" + ("; what they say will appear here" if follow else ""))
    cursor = Cursor(app, watched.ids, kinds)
    # A number that SQLite takes.
    count = min(count, 2**31) if count is not None else None
    count = 20 if count is None and since is None and follow else count
    first = _unread(tell, follow=follow) if new else _begin(tell, span, count)
    steps: list[_Step] = [
        first,
        *([_tell_gap(reader)] if reader is not None else []),
        *([_follow(app, tell, watched)] if follow else []),
    ]
    while steps:
        try:
            steps[0](cursor)
            steps.pop(0)
        except (DatabaseDamaged, DatabaseReplaced) as error:
            if isinstance(error, DatabaseDamaged):
                mend(app)
            cursor.find_again()


def _begin(tell: _Tell, span: tuple[int, int], count: int | None) -> _Step:
    """The newest `count` entries of that span of time; None: all of it."""
    since_ns, until_ns = span

    def begin(cursor: Cursor) -> None:
        if count is not None:
            tell(cursor.newest(count, since_ns=since_ns, until_ns=until_ns))
            return
        for entries in cursor.everything():
            tell([entry for entry in entries if since_ns <= entry.at_ns <= until_ns])

    return begin


def _unread(tell: _Tell, *, follow: bool) -> _Step:
    """What nobody was shown yet."""

    def begin(cursor: Cursor) -> None:
        until, before = journal.last_seq(cursor.app.db), cursor.told
        entries = unread(cursor.app, cursor.agents, kinds=cursor.kinds, until=until)
        while batch := list(islice(entries, BATCH)):
            tell(batch)
            cursor.told = batch[-1]
        cursor.last = until
        if cursor.told is before and not follow and sys.stderr.isatty():
            terminal.tell("tmuxagents: nothing new")

    return begin


def _tell_gap(reader: Reader) -> _Step:
    def say(cursor: Cursor) -> None:
        if not all(reader.whole.values()):
            terminal.remark(
                "there is more that you have not read than is shown", "tmuxagents catchup", state_dir=cursor.app.named
            )

    return say


def _follow(app: App, tell: _Tell, watched: Watched) -> _Step:
    """Go on for ever. A controller that has died is started again, if there is a server to hold it; while
    there is none that turns, the sources are read on here."""

    def follow(cursor: Cursor) -> None:
        looked_at = clock.monotonic()
        with waiting.journal_wake(app) as wake:
            while True:
                if clock.monotonic() - looked_at >= waiting.LONGEST_NAP:
                    looked_at = clock.monotonic()
                    if not controller_alive.is_left(app):
                        startup.ensure_controller(app)
                    read_on(app)
                entries = watched.read(cursor)
                tell(entries)
                if not entries:
                    wake.wait(waiting.LONGEST_NAP)

    return follow


def _matcher(pattern: str | None) -> Callable[[Entry], bool]:
    if pattern is None:
        return lambda entry: True
    compiled = regex("--grep", pattern)
    return lambda entry: compiled.search(entry.text) is not None


def _kinds(only: str | None, exclude: str | None) -> list[str] | None:
    """The kinds that are meant; None is everything that is not hidden."""
    chosen = _listed("--only", only) if only is not None else None
    if exclude is None:
        return chosen
    without = _listed("--exclude", exclude)
    usual = chosen if chosen is not None else [kind for kind in _KINDS if kind not in HIDDEN]
    return [kind for kind in usual if kind not in without]


def _listed(option: str, given: str) -> list[str]:
    chosen = [kind.strip() for kind in given.split(",") if kind.strip()]
    unknown = [kind for kind in chosen if kind not in _KINDS]
    if unknown or not chosen:
        raise no_word(option, (unknown or [given])[0], "kind", _KINDS, "tmuxagents tail --help")
    return chosen
