"""The one ordered record of what every agent said and did."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from tmuxagents.model.entry import HIDDEN, Entry, NewEntry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store.database import Database
from tmuxagents.value import replace

_SELECT = (
    "SELECT j.seq, j.at_ns, a.id, a.name, a.color, j.generation, j.kind, j.text, j.detail, a.forgotten"
    " FROM journal j JOIN agents a ON a.number = j.agent"
)
_INDEXED = "SELECT value FROM counters WHERE name = 'indexed'"
_HIDDEN = ", ".join(f"'{kind}'" for kind in sorted(HIDDEN))

INDEX_STEP = 400
"""Entries indexed in one transaction, so that nobody waits long for the write lock (a few MB at most)."""


def append(tx: sqlite3.Connection, agent_id: AgentId, generation: int, drafts: Iterable[NewEntry]) -> int:
    """Add entries in their order; returns how many."""
    drafts = list(drafts)
    if not drafts:
        return 0
    number = tx.execute("SELECT number FROM agents WHERE id = ?", (agent_id,)).fetchone()[0]
    rows = [
        (number, generation, d.at_ns, d.kind, _storable(d.text), _dump(d.detail) if d.detail else None) for d in drafts
    ]
    tx.executemany("INSERT INTO journal (agent, generation, at_ns, kind, text, detail) VALUES (?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def index(db: Database, limit: int = INDEX_STEP) -> int:
    """Make the words of the next `limit` entries searchable; returns how many entries, 0 when all are."""
    if not db.read(f"SELECT 1 FROM journal WHERE seq > ({_INDEXED}) LIMIT 1"):
        return 0
    with db.write() as tx:
        done = int(tx.execute(_INDEXED).fetchone()[0])
        seqs = tx.execute("SELECT seq FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (done, limit)).fetchall()
        if not seqs:
            return 0
        last = int(seqs[-1][0])
        # The index holds no copy of the text.
        tx.execute(
            "INSERT INTO journal_words (rowid, text) SELECT seq, text FROM journal"
            f" WHERE seq > ? AND seq <= ? AND kind NOT IN ({_HIDDEN})",
            (done, last),
        )
        tx.execute("UPDATE counters SET value = ? WHERE name = 'indexed'", (last,))
    return len(seqs)


def last_in(tx: sqlite3.Connection) -> int:
    """The place of the newest entry, as that transaction has it."""
    return int(tx.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])


def last_seq(db: Database, *, until_ns: int | None = None) -> int:
    """The place of the newest entry, or of the newest that is no later than that moment; 0 if there is none."""
    if until_ns is None:
        return int(db.read("SELECT coalesce(max(seq), 0) FROM journal")[0][0])
    return int(db.read("SELECT coalesce(max(seq), 0) FROM journal WHERE at_ns <= ?", (until_ns,))[0][0])


def after(
    db: Database,
    seq: int,
    *,
    agents: Sequence[AgentId] | None = None,
    kinds: Sequence[str] | None = None,
    limit: int = 5000,
) -> list[Entry]:
    """Entries after `seq`, in order. `kinds=None` is everything that is not hidden."""
    where, values = _where(agents, kinds)
    sql = f"{_SELECT} WHERE j.seq > ?{where} ORDER BY j.seq LIMIT ?"
    return [_entry(row) for row in db.read(sql, (seq, *values, limit))]


def of_agent(
    db: Database,
    agent: AgentId,
    seq: int,
    *,
    kinds: Sequence[str] | None = None,
    since_ns: int = 0,
    limit: int = 5000,
) -> list[Entry]:
    """The entries of one agent after `seq` and not before that moment, in order; `kinds` as in `after`."""
    where, values = _where(None, kinds)
    sql = (
        f"{_SELECT} WHERE j.agent = (SELECT number FROM agents WHERE id = ?) AND j.seq > ? AND j.at_ns >= ?{where}"
        " ORDER BY j.seq LIMIT ?"
    )
    return [_entry(row) for row in db.read(sql, (agent, seq, since_ns, *values, limit))]


def newest(
    db: Database,
    count: int,
    *,
    agents: Sequence[AgentId] | None = None,
    kinds: Sequence[str] | None = None,
    since_ns: int = 0,
    until_ns: int | None = None,
) -> list[Entry]:
    """The newest `count` entries, oldest of them first; none of them before `since_ns` or after `until_ns`."""
    where, values = _where(agents, kinds)
    sql = f"{_SELECT} WHERE j.at_ns BETWEEN ? AND ?{where} ORDER BY j.seq DESC LIMIT ?"
    return [_entry(row) for row in reversed(db.read(sql, (since_ns, _end(until_ns), *values, count)))]


def _end(until_ns: int | None) -> int:
    return until_ns if until_ns is not None else 2**63 - 1


def search(
    db: Database,
    text: str,
    *,
    agents: Sequence[AgentId] | None = None,
    limit: int = 100,
    since_ns: int = 0,
    until_ns: int | None = None,
) -> list[Entry]:
    """The newest entries that hold every word of `text` (a prefix of a word counts), oldest first.

    Words in double quotes are a phrase, of whole words; nothing in `text` is query syntax. What is not
    indexed yet is indexed first. By the path or the branch of its worktree an agent's beginning is found.
    """
    query = " ".join(_terms(text))
    if not query:
        return []
    while index(db):
        pass
    where, values = _where(agents, None)
    span = (since_ns, _end(until_ns), *values)
    sql = (
        f"{_SELECT} JOIN journal_words w ON w.rowid = j.seq"
        f" WHERE journal_words MATCH ? AND j.at_ns BETWEEN ? AND ?{where} ORDER BY w.rowid DESC LIMIT ?"
    )
    found = [_entry(row) for row in db.read(sql, (query, *span, limit))]
    begun = _spawned_in(db, text, where, span)
    every = {entry.seq: entry for entry in [*begun, *found]}
    return [every[seq] for seq in sorted(every)[-limit:]]


def _spawned_in(db: Database, text: str, where: str, span: Sequence[object]) -> list[Entry]:
    """The beginnings of agents that were given a worktree which `text` names; with its path and its branch."""
    rows = db.read("SELECT number, worktree FROM agents WHERE worktree IS NOT NULL")
    named = {row[0]: worktree for row in rows if _names(text, worktree := json.loads(row[1]))}
    sql = (
        f"{_SELECT} WHERE j.seq = (SELECT min(seq) FROM journal WHERE agent = ?) AND j.kind = 'spawned'"
        f" AND j.at_ns BETWEEN ? AND ?{where}"
    )
    found = [(_entry(row), its) for number, its in named.items() for row in db.read(sql, (number, *span))]
    return [replace(one, detail={**one.detail, "path": its["path"], "branch": its["branch"]}) for one, its in found]


def _names(text: str, worktree: Mapping[str, str]) -> bool:
    """Whether it is the name of the branch or of the folder, or the words are parts of paths that are in them. A word
    alone would be found in every path of a project."""
    path, branch = worktree["path"].lower(), worktree["branch"].lower()
    words = text.lower().replace('"', " ").split()
    if " ".join(words) in (branch, path.rpartition("/")[2]):
        return True
    return bool(words) and all("/" in word and (word in path or word in branch) for word in words)


def _terms(text: str) -> list[str]:
    # SQLite's query ends at a NUL.
    parts = _storable(text).replace("\0", " ").split('"')
    terms: list[str] = []
    for index, part in enumerate(parts):
        words = [part.strip()] if index % 2 else part.split()
        # A prefix at the end of a phrase costs twice the phrase (182 against 90 ms in a million entries).
        end = "" if index % 2 and " " in part.strip() else "*"
        terms += [f'"{word}"{end}' for word in words if any(c.isalnum() for c in word)]
    return terms


def _where(agents: Sequence[AgentId] | None, kinds: Sequence[str] | None) -> tuple[str, list[object]]:
    clauses, values = "", list[object]()
    if agents is not None:
        clauses += f" AND j.agent IN (SELECT number FROM agents WHERE id IN ({','.join('?' * len(agents))}))"
        values += agents
    chosen = kinds if kinds is not None else sorted(HIDDEN)
    clauses += f" AND j.kind {'IN' if kinds is not None else 'NOT IN'} ({','.join('?' * len(chosen))})"
    return clauses, values + list(chosen)


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        seq=row["seq"],
        at_ns=row["at_ns"],
        agent_id=AgentId(row["id"]),
        agent=AgentName(row["name"]),
        color=row["color"],
        generation=row["generation"],
        kind=row["kind"],
        text=row["text"],
        detail=json.loads(row["detail"]) if row["detail"] else {},
        removed=bool(row["forgotten"]),
    )


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _dump(detail: object) -> str:
    # In ASCII: half a surrogate pair, which JSON can carry, is no UTF-8.
    return json.dumps(detail, separators=(",", ":"))
