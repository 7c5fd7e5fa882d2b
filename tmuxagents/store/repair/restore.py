"""Put rows that were salvaged into a new database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tmuxagents.model import codec
from tmuxagents.model.pull import Pull
from tmuxagents.names import AgentId
from tmuxagents.store import agents, spent
from tmuxagents.store.database import Database
from tmuxagents.value import replace

_AGENT = ("number", *agents.COLUMNS, "forgotten")
_ENTRY = ["agent", "generation", "at_ns", "kind", "text", "detail"]
_NOTICE = ["number", "id", "agent_id", "agent", "generation", "kind", "state", "at_ns", "since_ns", "needs", "dialog"]
_NOTICE += ["verb", "what", "stage", "next_ns", "decided_ns", "why"]
_SENDING = ["notice", "channel", "round", "state", "tries", "next_ns", "verdict"]
_PAIR = ["one", "other", "into_branch", "sign", "files", "since_ns"]
_LOCK = ["name", "agent_id", "run", "since_ns"]
_NOTE = ["number", "board", "text", "agent_id", "who", "at_ns", "done_ns", "done_by"]
_RUN = [
    "number",
    "id",
    "name",
    "manifest",
    "state",
    "created_ns",
    "ended_ns",
    "retried_ns",
    "dir",
    "options",
    "version",
]
_RUN += ["forgotten"]
_TASK = ["run", "key", "place", "state", "is_group", "agent_id", "check_id", "row"]
_QUEUE = ["agent_id", "place", "round", "owner", "now", "why"]
_MESSAGE = ["id", "agent_id", "text", "created_ns", "state", "mark", "verdict", "not_before_ns", "key"]

Row = Mapping[str, Any]


def agent(db: Database, row: Row) -> bool:
    """One agent; False, and nothing is kept of it, when the row makes no sense."""
    try:
        with db.write() as tx:
            done = _insert(tx, "agents", _AGENT, {"forgotten": 0, "pinned": 0, **row})
        return done and agents.by_id(db, row["id"]) is not None
    except (ValueError, TypeError, KeyError, AttributeError):
        with db.write() as tx:
            tx.execute("DELETE FROM agents WHERE id = ?", (row["id"],))
        return False


def numbers(db: Database) -> dict[str, int]:
    """The journal's number of each agent, by id."""
    return {row[0]: row[1] for row in db.read("SELECT id, number FROM agents")}


def entries(tx: sqlite3.Connection, rows: Iterable[Row], *, keep_order: bool) -> None:
    """Journal rows that are entries (`is_entry`), with `keep_order` at their old places."""
    columns = ["seq", *_ENTRY] if keep_order else _ENTRY
    for row in rows:
        _insert(tx, "journal", columns, row)


def message(tx: sqlite3.Connection, row: Row) -> bool:
    """One held message; False when the row makes no sense."""
    texts = ("agent_id", "text", "state")
    return all(isinstance(row.get(name), str) for name in texts) and _insert(tx, "messages", _MESSAGE, row)


def notices(tx: sqlite3.Connection, rows: Iterable[Row], sendings: Iterable[Row]) -> bool:
    """Calls to a person, those on their way with their ids; False when some make no sense."""
    known = [_notice(tx, row) for row in rows]
    return all([*known, *(_sending(tx, row) for row in sendings)])


def _notice(tx: sqlite3.Connection, row: Row) -> bool:
    texts = ("id", "agent_id", "agent", "kind", "state", "what", "stage")
    numbers = ("number", "generation", "at_ns", "since_ns")
    good = all(isinstance(row.get(name), str) for name in texts)
    good = good and all(isinstance(row.get(name), int) for name in numbers)
    good = good and all(isinstance(row.get(name), int | None) for name in ("next_ns", "decided_ns"))
    return good and _insert(tx, "notices", _NOTICE, row)


def _sending(tx: sqlite3.Connection, row: Row) -> bool:
    """False also where nothing tells of its call."""
    numbers = ("notice", "round", "tries", "next_ns")
    good = all(isinstance(row.get(name), int) for name in numbers)
    good = good and all(isinstance(row.get(name), str) for name in ("channel", "state"))
    return good and _insert(tx, "notice_sendings", _SENDING, row)


def steps(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """What was spent when; False when some makes no sense."""
    good = [_step(tx, row) for row in rows]
    return all(good)


def _step(tx: sqlite3.Connection, row: Row) -> bool:
    texts = all(isinstance(row.get(name), str) for name in ("agent_id", "account", "model"))
    numbers = [row.get(name) for name in spent.COLUMNS if name not in ("agent_id", "account", "model")]
    return texts and all(isinstance(one, int) for one in numbers) and _insert(tx, "spent", spent.COLUMNS, row)


def pairs(tx: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Which agents conflict, so that it is not told a second time. What makes no sense is found anew."""
    for row in rows:
        texts = all(isinstance(row.get(name), str) for name in ("one", "other", "sign"))
        if texts and isinstance(row.get("since_ns"), int) and _is_list(row.get("files")):
            _insert(tx, "pairs", _PAIR, row)


def _is_list(text: object) -> bool:
    try:
        return text is None or isinstance(json.loads(str(text)), list)
    except ValueError:
        return False


def pulls(tx: sqlite3.Connection, rows: Iterable[Row], seen: Iterable[Row], *, whole: bool) -> bool:
    """The pull requests, and what of them was told. Unless that is `whole` none is watched any more: it would be told
    again. False when some make no sense."""
    known = [_pull(tx, row, whole=whole) for row in rows]
    return all([*known, *(_seen(tx, row) for row in seen)])


def _pull(tx: sqlite3.Connection, row: Row, *, whole: bool) -> bool:
    try:
        pull = codec.decode(Pull, json.loads(str(row.get("pull"))))
    except ValueError:
        return False
    written = json.dumps(codec.encode(pull if whole else replace(pull, watched=False)), separators=(",", ":"))
    watched = int(whole and bool(pull.watched))
    columns = ("agent_id", "pull", "watched")
    return isinstance(row.get("agent_id"), str) and _insert(
        tx, "pulls", columns, {**row, "pull": written, "watched": watched}
    )


def _seen(tx: sqlite3.Connection, row: Row) -> bool:
    texts = all(isinstance(row.get(name), str) for name in ("agent_id", "key"))
    return texts and _insert(tx, "pull_seen", ("agent_id", "key"), row)


def locks(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """The locks that are kept for agents; False when some rows make no sense."""
    return _all(tx, "locks", _LOCK, rows, texts=("name", "agent_id"), numbers=("since_ns",))


def notes(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """What is on the boards, under its old numbers; False when some rows make no sense."""
    texts, numbers = ("board", "text", "who"), ("number", "at_ns")
    return _all(tx, "notes", _NOTE, rows, texts=texts, numbers=numbers)


def boards_written(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """What was written last where a board is in a file. A file that nothing tells of is taken for a person's."""
    return _all(tx, "boards_written", ("path", "digest", "coming"), rows, texts=("path",))


def runs(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """The runs, with their numbers; False when some rows make no sense."""
    texts, numbers = ("id", "name", "manifest", "state", "dir", "options"), ("number", "created_ns")
    return _all(tx, "runs", _RUN, rows, texts=texts, numbers=numbers)


def run_spans(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """What their tasks waited for; False when some rows make no sense."""
    columns = ("run", "key", "from_ns", "why", "to_ns")
    return _all(tx, "run_spans", columns, rows, texts=("run", "key", "why"), numbers=("from_ns",))


def run_tasks(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """The rows of their tasks; False when some make no sense."""
    return _all(tx, "run_tasks", _TASK, rows, texts=("run", "key", "state", "row"), numbers=("place", "is_group"))


def queue(tx: sqlite3.Connection, rows: Iterable[Row]) -> bool:
    """Who waits for room. One whose row is lost is queued all the same, and stands at the end."""
    texts, numbers = ("agent_id", "owner", "why"), ("place", "round", "now")
    return _all(tx, "queue", _QUEUE, rows, texts=texts, numbers=numbers)


def _all(
    tx: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    texts: Sequence[str],
    numbers: Sequence[str] = (),
) -> bool:
    """Put in each of the rows that makes sense; False when some do not."""
    whole = True
    for row in rows:
        good = all(isinstance(row.get(name), str) for name in texts)
        good = good and all(isinstance(row.get(name), int) for name in numbers)
        whole = good and _insert(tx, table, columns, row) and whole
    return whole


def position(tx: sqlite3.Connection, row: Row) -> bool:
    """How far a source was read; False when the row makes no sense."""
    good = isinstance(row.get("source"), str) and isinstance(row.get("position"), int) and row["position"] >= 0
    return (
        good
        and _is_memory(row.get("memory"))
        and _insert(tx, "sources", ("agent_id", "source", "position", "memory"), row)
    )


def counter(tx: sqlite3.Connection, name: str, value: int) -> None:
    """A counter, never lower than it is."""
    tx.execute(
        "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (name, value),
    )


def order(tx: sqlite3.Connection, behind: int) -> None:
    """Put the whole journal in the order of time, at places behind `behind`: those were given before."""
    tx.execute(
        "UPDATE journal SET seq = -place FROM"
        " (SELECT seq AS old, row_number() OVER (ORDER BY at_ns, seq) AS place FROM journal) WHERE seq = old"
    )
    tx.execute("UPDATE journal SET seq = ? - seq", (behind,))
    tx.execute("UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM journal) WHERE name = 'journal'")


def read_until(tx: sqlite3.Connection, marks: Mapping[AgentId, tuple[int, int]]) -> dict[AgentId, int]:
    """The places that the moments of these marks have in the journal as it is now."""
    sql = "SELECT max(seq) FROM journal WHERE agent = (SELECT number FROM agents WHERE id = ?) AND at_ns <= ?"
    found = {agent: tx.execute(sql, (agent, at_ns)).fetchone()[0] for agent, (_, at_ns) in marks.items()}
    return {agent: seq for agent, seq in found.items() if seq is not None}


def told_once(tx: sqlite3.Connection) -> None:
    """Take out what was decided where a source has told it again: what was kept knows by whom."""
    tx.execute(
        "DELETE FROM journal WHERE kind = 'decision' AND EXISTS (SELECT 1 FROM journal k WHERE k.kind = 'decision'"
        " AND k.agent = journal.agent AND k.at_ns = journal.at_ns AND k.seq < journal.seq)"
    )


def is_entry(row: Row) -> bool:
    """Whether it can be read again: a page may be broken and its rows readable."""
    numbers = ("agent", "generation", "at_ns")
    if not all(isinstance(row.get(name), int) for name in numbers):
        return False
    if not isinstance(row.get("text"), str) or not isinstance(row.get("kind"), str):
        return False
    try:
        return row.get("detail") is None or isinstance(json.loads(row["detail"]), dict)
    except (ValueError, TypeError):
        return False


def _is_memory(memory: object) -> bool:
    """What the readers of sources write: nothing, numbers, or an object."""
    if memory is None or (isinstance(memory, str) and memory.replace(" ", "").isdecimal()):
        return True
    try:
        return isinstance(json.loads(str(memory)), dict)
    except ValueError:
        return False


def _insert(tx: sqlite3.Connection, table: str, columns: Iterable[str], row: Row) -> bool:
    names = list(columns)
    marks = ", ".join("?" * len(names))
    try:
        tx.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [row.get(name) for name in names])
    except (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError):
        # Of this row alone: a constraint it breaks, a value that is none.
        return False
    return True
