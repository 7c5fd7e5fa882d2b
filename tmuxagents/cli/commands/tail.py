"""`tmuxagents tail`"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

from tmuxagents import clock
from tmuxagents.cli.mending import mend
from tmuxagents.cli.options import DURATION, json_option, names_argument, with_app
from tmuxagents.cli.render.stream import show
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, StateDamaged
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.fleet.now import fleet_now, read_on
from tmuxagents.services.server import liveness, startup
from tmuxagents.store import journal

_KINDS = ("spawned", "prompt", "text", "tool", "output", "needs", "turn", "exit", "state", "note", "gap", "error")
_BATCH = 5000

_Tell = Callable[[Sequence[Entry]], None]


@click.command()
@names_argument()
@click.option("-n", "--lines", "count", type=click.IntRange(0), metavar="N", help="Begin N entries back (default 20).")
@click.option("--follow/--no-follow", default=True, help="Go on as more is said (the default).")
@click.option("--since", type=DURATION, metavar="TIME", help="Begin this long ago (90s, 15m, 2h).")
@click.option("--grep", "pattern", metavar="REGEX", help="Only entries that match.")
@click.option("--only", metavar="KIND,...", help=f"Only these kinds: {', '.join(_KINDS)}.")
@click.option("-t", "--times", is_flag=True, help="Show the time of each entry.")
@json_option
@with_app
def command(
    app: App,
    names: tuple[str, ...],
    count: int | None,
    follow: bool,
    since: float | None,
    pattern: str | None,
    only: str | None,
    times: bool,
    as_json: bool,
) -> None:
    """Print the merged stream of all agents, or of those named, and follow it.

    With --no-follow everything so far is printed, unless -n or --since says how much.
    """
    matches = _matcher(pattern)
    kinds = _kinds(only)
    team = fleet_now(app)
    ids = [agent.id for agent in team.select(names)] if names else None
    since_ns = clock.now_ns() - round(since * clock.SECOND) if since is not None else 0

    def tell(entries: Sequence[Entry]) -> None:
        show([entry for entry in entries if matches(entry)], as_json=as_json, times=times)

    place = _Place(0)
    begin = _everything if count is None and (since is not None or not follow) else _newest
    asked = _Asked(ids, kinds, since_ns, 20 if count is None else count)
    steps = [begin, _follow] if follow else [begin]
    while steps:
        try:
            steps[0](app, tell, asked, place)
            steps.pop(0)
        except (DatabaseDamaged, DatabaseReplaced) as error:
            _reopen(app, error, place)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which entries were asked for, and how many of the newest to begin with."""

    ids: Sequence[AgentId] | None
    kinds: Sequence[str] | None
    since_ns: int
    count: int


@dataclass(slots=True)
class _Place:
    """How far the journal was read, and the last entry that was told."""

    last: int
    told: Entry | None = None


def _everything(app: App, tell: _Tell, asked: _Asked, place: _Place) -> None:
    while entries := journal.after(app.db, place.last, agents=asked.ids, kinds=asked.kinds, limit=_BATCH):
        tell([entry for entry in entries if entry.at_ns >= asked.since_ns])
        place.last, place.told = entries[-1].seq, entries[-1]


def _newest(app: App, tell: _Tell, asked: _Asked, place: _Place) -> None:
    last = journal.last_seq(app.db)
    entries = journal.newest(app.db, asked.count, agents=asked.ids, kinds=asked.kinds, since_ns=asked.since_ns)
    tell(entries)
    # What came between the two questions has been told, and is not told again.
    place.last = max([last, *(entry.seq for entry in entries)])
    place.told = entries[-1] if entries else None


def _follow(app: App, tell: _Tell, asked: _Asked, place: _Place) -> None:
    """Go on for ever. A controller that has died is started again, if there is a server to hold it; while
    there is none that turns, the sources are read on here."""
    looked_at = clock.monotonic()
    with waiting.journal_wake(app) as wake:
        while True:
            if clock.monotonic() - looked_at >= waiting.LONGEST_NAP:
                looked_at = clock.monotonic()
                if not liveness.is_left(app):
                    startup.ensure_controller(app)
                read_on(app)
            entries = journal.after(app.db, place.last, agents=asked.ids, kinds=asked.kinds, limit=_BATCH)
            tell(entries)
            if entries:
                place.last, place.told = entries[-1].seq, entries[-1]
                continue
            wake.wait(waiting.LONGEST_NAP)


def _reopen(app: App, error: StateDamaged, place: _Place) -> None:
    """Have the journal that was rebuilt, and go on in it behind what was told."""
    if isinstance(error, DatabaseDamaged):
        mend(app)
    app.close()
    place.last = _behind(app, place)


def _behind(app: App, place: _Place) -> int:
    """Where to go on in a journal that was rebuilt: places may have changed, moments have not."""
    told = place.told
    if told is None:
        return place.last
    there = journal.after(app.db, told.seq - 1, limit=1)
    if there and (there[0].seq, there[0].text) == (told.seq, told.text):
        return place.last
    return journal.last_seq(app.db, until_ns=told.at_ns)


def _matcher(pattern: str | None) -> Callable[[Entry], bool]:
    if pattern is None:
        return lambda entry: True
    try:
        regex = re.compile(pattern)
    except re.error as error:
        raise click.UsageError(f"--grep '{pattern[:60]}' is not a regular expression: {error}") from error
    return lambda entry: regex.search(entry.text) is not None


def _kinds(only: str | None) -> list[str] | None:
    if only is None:
        return None
    chosen = [kind.strip() for kind in only.split(",") if kind.strip()]
    unknown = [kind for kind in chosen if kind not in _KINDS]
    if unknown or not chosen:
        raise click.UsageError(f"--only '{(unknown or [only])[0][:40]}' is not a kind: {', '.join(_KINDS)}")
    return chosen
