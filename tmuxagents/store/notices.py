"""Calls to a person: recorded with the transition, then sent over each channel: claimed, done, settled."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Literal

from tmuxagents.model.notice import NewNotice, Notice
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store.database import Database
from tmuxagents.value import Value

Transaction = sqlite3.Connection

Stage = Literal["due", "called", "over"]
"""`due` until it is decided over what it goes, `called` while it may be escalated."""

KEPT_NS = 30 * 86_400 * 1_000_000_000
"""How long one is kept whose sending is over."""

_FARTHEST_NS = 3_600 * 1_000_000_000
"""No channel rests longer than that: what is due later was noted before the clock was set back."""

# A command names the agent as it is called by now.
_NAME = "coalesce((SELECT name FROM agents WHERE agents.id = n.agent_id), n.agent) AS agent"
_NOTICE = (
    f"n.number, n.id, n.agent_id, {_NAME}, n.generation, n.kind, n.state, n.at_ns, n.since_ns, n.needs, n.dialog,"
    " n.verb, n.what, n.why"
)


_DUE = (
    "SELECT '', min(next_ns) FROM notices WHERE next_ns IS NOT NULL HAVING min(next_ns) IS NOT NULL UNION ALL"
    " SELECT channel, min(next_ns) FROM notice_sendings WHERE state IN ('due', 'sending') GROUP BY channel"
)


class Sending(Value):
    """One notice on its way over one channel. `round` is 0, and 1 where it was escalated; `tries` counts this one,
    `said` is what became of the one before."""

    notice: Notice
    channel: str
    round: int
    tries: int
    said: str = ""


def record(tx: sqlite3.Connection, agent_id: AgentId, agent: AgentName, generation: int, new: NewNotice) -> None:
    """Record one that is due, in the transaction of its transition. A dialog is told once."""
    tx.execute(
        "INSERT INTO notices (id, agent_id, agent, generation, kind, state, at_ns, since_ns, needs, dialog, verb,"
        " what, stage, next_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'due', ?) ON CONFLICT DO NOTHING",
        (
            new_id(),
            agent_id,
            agent,
            generation,
            new.kind,
            new.state,
            new.at_ns,
            new.since_ns,
            new.needs,
            new.dialog,
            new.verb,
            new.what.encode("utf-8", "replace").decode(),
            new.at_ns,
        ),
    )


def record_test(tx: sqlite3.Connection, notice: Notice, results: Sequence[tuple[str, bool, str]]) -> None:
    """Record one that was sent at once, with what became of it on each channel."""
    at_ns = notice.new.at_ns
    number = tx.execute(
        "INSERT INTO notices (id, agent_id, agent, generation, kind, state, at_ns, since_ns, what, stage)"
        " VALUES (?, ?, ?, 0, ?, ?, ?, ?, '', 'over')",
        (notice.id, notice.agent_id, notice.agent, notice.new.kind, notice.new.state, at_ns, at_ns),
    ).lastrowid
    tx.executemany(
        "INSERT INTO notice_sendings VALUES (?, ?, 0, ?, 1, ?, ?)",
        [(number, channel, "sent" if sent else "failed", at_ns, said) for channel, sent, said in results],
    )


def new_id() -> str:
    """A name that no other notice of any fleet has."""
    return os.urandom(8).hex()


def due(db: Database) -> dict[str, int]:
    """When something is to be done next: by channel, and under the empty name for what is to be decided."""
    return {row[0]: int(row[1]) for row in db.read(_DUE)}


def to_decide(db: Database, now_ns: int) -> list[tuple[Notice, Stage]]:
    """What is to be decided upon now, oldest first."""
    sql = f"SELECT {_NOTICE}, n.stage FROM notices n WHERE n.next_ns IS NOT NULL AND n.next_ns <= ? ORDER BY n.number"
    return [(_notice(row), row["stage"]) for row in db.read(sql, (now_ns,))]


def last_sent_ns(db: Database, agent_id: AgentId, kind: str) -> int | None:
    """When the last notice of that kind about that agent was decided to be sent."""
    sql = "SELECT max(decided_ns) FROM notices WHERE agent_id = ? AND kind = ?"
    found = db.read(sql, (agent_id, kind))[0][0]
    return None if found is None else int(found)


def decide(
    tx: sqlite3.Connection,
    notice: Notice,
    stage: Stage,
    channels: Sequence[str],
    *,
    why: str,
    later: bool,
    now_ns: int,
    next_ns: int | None,
) -> None:
    """Have it sent over these channels, and decided upon again at `next_ns`. Decided by somebody else: nothing."""
    becomes = "due" if later else "called" if next_ns is not None else "over"
    done = tx.execute(
        "UPDATE notices SET stage = ?, next_ns = ?, why = ?, decided_ns = iif(?, ?, decided_ns)"
        " WHERE number = ? AND stage = ? AND next_ns IS NOT NULL",
        (becomes, next_ns, why, bool(channels), now_ns, notice.number, stage),
    )
    if done.rowcount == 1:
        tx.executemany(
            "INSERT INTO notice_sendings VALUES (?, ?, ?, 'due', 0, ?, NULL) ON CONFLICT DO NOTHING",
            [(notice.number, channel, int(stage == "called"), now_ns) for channel in channels],
        )


def take(db: Database, channel: str, now_ns: int) -> Sending | None:
    """Claim the next one of a channel, also one whose sending was cut off: that keeps its id. None: nothing is due.

    Whoever takes is the only one who sends over that channel."""
    with db.write() as tx:
        row = tx.execute(
            f"SELECT {_NOTICE}, s.round, s.tries, s.verdict FROM notice_sendings s"
            " JOIN notices n ON n.number = s.notice"
            " WHERE s.channel = ? AND (s.state = 'sending' OR s.state = 'due' AND (s.next_ns <= ? OR s.next_ns > ?))"
            " ORDER BY s.state DESC, s.notice LIMIT 1",
            (channel, now_ns, now_ns + _FARTHEST_NS),
        ).fetchone()
        if row is None:
            return None
        one = Sending(_notice(row), channel, int(row["round"]), int(row["tries"]) + 1, row["verdict"] or "")
        tx.execute(
            "UPDATE notice_sendings SET state = 'sending', tries = ?, next_ns = ?"
            " WHERE notice = ? AND channel = ? AND round = ?",
            (one.tries, now_ns, one.notice.number, channel, one.round),
        )
        return one


def settle(db: Database, sending: Sending, *, state: str, verdict: str, next_ns: int) -> None:
    """Record what became of it: `sent`, `failed`, `dropped` when it was over before another try, or
    `due` again at `next_ns`."""
    with db.write() as tx:
        tx.execute(
            "UPDATE notice_sendings SET state = ?, verdict = ?, next_ns = ?"
            " WHERE notice = ? AND channel = ? AND round = ?",
            (state, verdict, next_ns, sending.notice.number, sending.channel, sending.round),
        )


def failed(db: Database, since_ns: int) -> list[tuple[str, str]]:
    """The channels that did not take the newest notice since then that was tried over them, each with what became of
    it, also while it is tried again."""
    rows = db.read(
        "SELECT s.channel, s.state, s.verdict, max(s.notice) FROM notice_sendings s"
        " JOIN notices n ON n.number = s.notice WHERE s.verdict IS NOT NULL"
        " AND n.at_ns >= ? GROUP BY s.channel ORDER BY s.channel",
        (since_ns,),
    )
    return [(row[0], row[2] or "") for row in rows if row[1] != "sent"]


def prune(tx: sqlite3.Connection, now_ns: int) -> None:
    """Drop what is long over."""
    # A row that goes takes its sendings with it.
    tx.execute("DELETE FROM notices WHERE at_ns < ? AND next_ns IS NULL", (now_ns - KEPT_NS,))


def _notice(row: sqlite3.Row) -> Notice:
    return Notice(
        number=row["number"],
        id=row["id"],
        agent_id=AgentId(row["agent_id"]),
        agent=AgentName(row["agent"]),
        generation=row["generation"],
        new=NewNotice(
            kind=row["kind"],
            state=row["state"],
            at_ns=row["at_ns"],
            since_ns=row["since_ns"],
            needs=row["needs"],
            dialog=row["dialog"],
            verb=row["verb"],
            what=row["what"],
        ),
        delayed=row["why"] is not None,
    )
