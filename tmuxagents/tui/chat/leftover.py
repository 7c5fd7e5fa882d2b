"""What chats that were cut off have left: each text that has no end is told by the next chat, and sent by none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.chat import unfinished
from tmuxagents.chat.shown import Row
from tmuxagents.chat.unfinished import Unfinished
from tmuxagents.errors import TmuxagentsError
from tmuxagents.output.safe_text import sendable
from tmuxagents.services.app import App
from tmuxagents.services.ingest import ingest
from tmuxagents.services.talk import arrived
from tmuxagents.store import agents
from tmuxagents.tui.chat import ledger

RECEIPT_S = 1.0
"""Enter may have been the last act of a chat that was killed a moment ago: its receipt is waited for."""


@contextlib.contextmanager
def told(app: App, folder: Path) -> Iterator[list[Row]]:
    """A line for each. They count as told at the end, unless something was raised."""
    with ledger.left(folder) as raws:
        yield [unfinished.row(one) for raw in raws for one in _missing(app, unfinished.read(raw))]


def _missing(app: App, entered: Sequence[Unfinished]) -> list[Unfinished]:
    """Without those that their agents have, as they say themselves."""
    open_ = [one for one in entered if one.may_be_there]

    def all_there() -> bool | None:
        open_[:] = [one for one in open_ if not _has(app, one)]
        return None if open_ else True

    clock.eventually(all_there, within=RECEIPT_S, every=0.1)
    return [one for one in entered if not one.may_be_there or one in open_]


def _has(app: App, one: Unfinished) -> bool:
    assert one.mark is not None, "it was begun"
    try:
        agent = agents.by_id(app.db, one.to)
        if agent is not None:
            ingest.pull(app, agent)
        return agent is not None and arrived.has(app, one.to, sendable(one.text), one.mark)
    except TmuxagentsError:
        return False
