"""The last figures of each agent's work, and which pairs of agents conflict."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Literal

from tmuxagents import clock
from tmuxagents.model import codec
from tmuxagents.model.measured import Conflict, Measured
from tmuxagents.names import AgentId
from tmuxagents.store.database import Database

Transaction = sqlite3.Connection

Change = Literal["began", "ceased", ""]

BRANCH = ""
"""In the place of the other agent: the branch that the one's work goes into."""

Pair = tuple[str, str]
"""The ids of two agents, the lesser first, or of one and `BRANCH`."""


def pair(one: AgentId, other: AgentId | None) -> Pair:
    """What a pair is kept under, whichever is named first."""
    if other is None:
        return one, BRANCH
    return (one, other) if one < other else (other, one)


def figures(db: Database) -> dict[AgentId, Measured]:
    """Those of each agent that was looked at."""
    return {AgentId(row[0]): _read(row[1]) for row in db.read("SELECT agent_id, figures FROM figures")}


def signs(db: Database) -> tuple[dict[AgentId, str], dict[Pair, str]]:
    """What each agent held when its figures were taken, and both of each pair when it was tried."""
    ones = {AgentId(row[0]): row[1] for row in db.read("SELECT agent_id, sign FROM figures")}
    return ones, {(row[0], row[1]): row[2] for row in db.read("SELECT one, other, sign FROM pairs")}


def conflicts(db: Database) -> dict[AgentId, list[Conflict]]:
    """Of each agent with whom it conflicts, the longest first."""
    found: dict[AgentId, list[Conflict]] = {}
    sql = (
        "SELECT p.one, a.name, p.other, b.name, p.into_branch, p.files, p.since_ns FROM pairs p"
        " JOIN agents a ON a.id = p.one LEFT JOIN agents b ON b.id = p.other"
        " WHERE p.files IS NOT NULL ORDER BY p.since_ns, p.rowid"
    )
    for one, name, other, its, into, files, since_ns in db.read(sql):
        named = tuple(json.loads(files))
        found.setdefault(AgentId(one), []).append(Conflict(AgentId(other) or None, its, into, named, since_ns))
        if other != BRANCH:
            found.setdefault(AgentId(other), []).append(Conflict(AgentId(one), name, None, named, since_ns))
    return found


def is_there(tx: Transaction, agent_id: AgentId) -> bool:
    """Whether the agent is still on the lists and has a worktree, read inside a transaction."""
    sql = "SELECT 1 FROM agents WHERE id = ? AND forgotten = 0 AND worktree IS NOT NULL"
    return tx.execute(sql, (agent_id,)).fetchone() is not None


def put(tx: Transaction, agent_id: AgentId, measured: Measured, sign: str) -> None:
    """Record the figures of what `sign` names."""
    tx.execute(
        "INSERT INTO figures VALUES (?, ?, ?) ON CONFLICT (agent_id) DO UPDATE SET figures = excluded.figures,"
        " sign = excluded.sign",
        (agent_id, json.dumps(codec.encode(measured), separators=(",", ":")), sign),
    )


def settle(tx: Transaction, of: Pair, sign: str, files: Sequence[str], *, into: str | None, now_ns: int) -> Change:
    """Record how a pair was found, without files where it does not conflict; returns what that has changed."""
    row = tx.execute("SELECT files FROM pairs WHERE one = ? AND other = ?", of).fetchone()
    before, after = row is not None and row[0] is not None, bool(files)
    tx.execute(
        "INSERT INTO pairs (one, other, into_branch, sign, files, since_ns) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (one, other) DO UPDATE SET into_branch = excluded.into_branch, sign = excluded.sign,"
        " files = excluded.files, since_ns = iif((pairs.files IS NULL) = (excluded.files IS NULL), pairs.since_ns,"
        " excluded.since_ns)",
        # A branch may be called by bytes that are no text.
        (
            *of,
            into and into.encode("utf-8", "replace").decode(),
            sign,
            json.dumps(list(files)) if files else None,
            now_ns,
        ),
    )
    return "" if before == after else "began" if after else "ceased"


_FINISHED = (
    "SELECT count(*) FROM agents a LEFT JOIN figures f ON f.agent_id = a.id"
    " WHERE a.forgotten = 0 AND a.worktree IS NOT NULL AND a.state IN ('idle', 'ended')"
    " AND (coalesce(json_extract(f.figures, '$.uncommitted'), 0) > 0"
    "      OR coalesce(json_extract(f.figures, '$.ahead'), 0) > 0 AND json_extract(a.worktree, '$.landed') IS NULL"
    "      OR json_extract(a.condition, '$.since_ns') > max(?, coalesce(json_extract(f.figures, '$.at_ns'), 0)))"
    " AND a.id NOT IN (SELECT agent_id FROM pulls)"
    " AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.agent = a.number AND j.kind = 'note'"
    "      AND json_extract(j.detail, '$.review') IS NOT NULL"
    "      AND j.at_ns >= coalesce(json_extract(f.figures, '$.changed_ns'), 0))"
)
"""Who has come to rest just now, and was not looked at since, may have made something: ? is since when that is new."""

_NEW_S = 60
"""For so long: a worktree that can never be looked at holds nobody back for ever."""


def unreviewed(tx: Transaction, now_ns: int) -> int:
    """How many agents have come to rest with work that waits for a person, by the figures that were taken last: it has
    not landed, is in no pull request, and was not reviewed since it changed."""
    return int(tx.execute(_FINISHED, (now_ns - _NEW_S * clock.SECOND,)).fetchone()[0])


def drop(tx: Transaction, agent_id: AgentId) -> None:
    """Know nothing of its work any more."""
    tx.execute("DELETE FROM figures WHERE agent_id = ?", (agent_id,))
    tx.execute("DELETE FROM pairs WHERE one = ? OR other = ?", (agent_id, agent_id))


def _read(text: str) -> Measured:
    found: Mapping[str, object] = json.loads(text)
    return codec.decode(Measured, found)
