"""`tmuxagents tail`"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import click

from tmuxagents import clock
from tmuxagents.cli.common import DURATION, json_option, names_argument, with_app
from tmuxagents.cli.stream import show
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId
from tmuxagents.services import fleet, house, waiting
from tmuxagents.services.app import App
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
    team = fleet.now(app)
    ids = [agent.id for agent in team.select(names)] if names else None
    since_ns = clock.now_ns() - round(since * clock.SECOND) if since is not None else 0

    def tell(entries: Sequence[Entry]) -> None:
        show([entry for entry in entries if matches(entry)], as_json=as_json, times=times)

    if count is None and (since is not None or not follow):
        last = _everything(app, tell, ids, kinds, since_ns)
    else:
        last = journal.last_seq(app.db)
        newest = journal.newest(app.db, 20 if count is None else count, agents=ids, kinds=kinds, since_ns=since_ns)
        tell(newest)
        # What came between the two questions has been told, and is not told again.
        last = max([last, *(entry.seq for entry in newest)])
    if follow:
        _follow(app, tell, ids, kinds, last)


def _everything(
    app: App, tell: _Tell, ids: Sequence[AgentId] | None, kinds: Sequence[str] | None, since_ns: int
) -> int:
    last = 0
    while entries := journal.after(app.db, last, agents=ids, kinds=kinds, limit=_BATCH):
        last = entries[-1].seq
        tell([entry for entry in entries if entry.at_ns >= since_ns])
    return last


def _follow(app: App, tell: _Tell, ids: Sequence[AgentId] | None, kinds: Sequence[str] | None, last: int) -> None:
    """Go on for ever. A controller that has died is started again, if there is a server to hold it."""
    with waiting.journal_wake(app) as wake:
        while True:
            entries = journal.after(app.db, last, agents=ids, kinds=kinds, limit=_BATCH)
            tell(entries)
            if entries:
                last = entries[-1].seq
                continue
            if not wake.wait(waiting.LONGEST_NAP):
                house.ensure_controller(app)


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
