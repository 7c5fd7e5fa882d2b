"""Runs, and the rows of their tasks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tmuxagents.errors import NameTaken
from tmuxagents.model import codec
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import SETTLED, Run, RunState, Span, TaskRow, Why
from tmuxagents.names import AgentId
from tmuxagents.store.database import Database

_COLUMNS = "id, name, manifest, state, created_ns, ended_ns, dir, options, retried_ns"

OVER: frozenset[RunState] = frozenset({"done", "failed", "stopped"})
"""The states of a run in which nothing of it goes on."""


def create(tx: sqlite3.Connection, run: Run, rows: Sequence[TaskRow]) -> None:
    """Record a new run. `NameTaken` when an agent or a run has its name, or one that its agents would have."""
    refuse_taken(tx, run.name)
    values = (run.id, run.name, _manifest(run.manifest), run.state, run.created_ns, run.ended_ns, run.dir)
    tx.execute(
        f"INSERT INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, json.dumps(dict(run.options)), run.retried_ns),
    )
    put(tx, run.id, rows)


def next_name(tx: sqlite3.Connection) -> str:
    """`run-N`, N never used before, and free."""
    tx.execute("INSERT INTO counters VALUES ('run', 0) ON CONFLICT DO NOTHING")
    while True:
        row = tx.execute("UPDATE counters SET value = value + 1 WHERE name = 'run' RETURNING value").fetchone()
        name = f"run-{row[0]}"
        if taken(tx, name) is None:
            return name


def refuse_taken(tx: sqlite3.Connection, name: str) -> None:
    """`NameTaken` where a run cannot be called so."""
    by = taken(tx, name)
    if by is not None:
        raise NameTaken(f"'{name}' is taken by {by}", hint=f"tmuxagents show {name}")


def taken(tx: sqlite3.Connection, name: str) -> str | None:
    """By whom the name of a run is taken, or a name that its agents would have; None where it is free."""
    if tx.execute("SELECT 1 FROM runs WHERE name = ? AND forgotten = 0", (name,)).fetchone() is not None:
        return "a run"
    row = tx.execute(
        "SELECT name FROM agents WHERE forgotten = 0 AND (name = ? OR substr(name, 1, ?) = ?) LIMIT 1",
        (name, len(name) + 1, f"{name}-"),
    ).fetchone()
    return None if row is None else "an agent" if row[0] == name else f"the agent '{row[0]}'"


def holder(tx: sqlite3.Connection, name: str) -> str | None:
    """The run that keeps that name, its own or one of its agents', from others; None where none does."""
    row = tx.execute(
        "SELECT name FROM runs WHERE forgotten = 0"
        " AND (name = ? OR substr(?, 1, length(name) + 1) = name || '-') LIMIT 1",
        (name, name),
    ).fetchone()
    return str(row[0]) if row is not None else None


def known(db: Database) -> list[Run]:
    """Every run that is not forgotten, oldest first, each without its manifest's tasks."""
    sql = (
        "SELECT id, name, json_set(manifest, '$.tasks', json('[]')) AS manifest, state, created_ns, ended_ns, dir,"
        " options, retried_ns FROM runs WHERE forgotten = 0 ORDER BY number"
    )
    return [_run(row) for row in db.read(sql)]


def by_id(db: Database, run_id: str) -> Run | None:
    """The run, whole, forgotten or not."""
    rows = db.read(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,))
    return _run(rows[0]) if rows else None


def by_name(db: Database, name: str) -> Run | None:
    """The run of that name, whole, that is not forgotten."""
    clean = name.encode("utf-8", "replace").decode()
    rows = db.read(f"SELECT {_COLUMNS} FROM runs WHERE name = ? AND forgotten = 0", (clean,))
    return _run(rows[0]) if rows else None


def version(db: Database, run_id: str) -> int:
    """Grows with every change that is recorded of the run."""
    rows = db.read("SELECT version FROM runs WHERE id = ?", (run_id,))
    return int(rows[0][0]) if rows else -1


def advance(tx: sqlite3.Connection, run_id: str, read: int) -> bool:
    """Claim the change of what was read at that version; False when somebody else has changed it since."""
    sql = "UPDATE runs SET version = version + 1 WHERE id = ? AND version = ?"
    return tx.execute(sql, (run_id, read)).rowcount == 1


def touch(tx: sqlite3.Connection, run_id: str) -> None:
    """A change that rests on nothing that was read."""
    tx.execute("UPDATE runs SET version = version + 1 WHERE id = ?", (run_id,))


def state_in(tx: sqlite3.Connection, run_id: str) -> RunState:
    """What is wanted of it, as that transaction has it."""
    state: RunState = tx.execute("SELECT state FROM runs WHERE id = ?", (run_id,)).fetchone()[0]
    return state


def rows(db: Database, run: Run) -> list[TaskRow]:
    """The rows of its tasks, in their order. `run` is whole."""
    tasks = {task.id: task for task in run.manifest.tasks}
    sql = "SELECT key, row FROM run_tasks WHERE run = ? ORDER BY place"
    return [_row(key, json.loads(text), tasks) for key, text in db.read(sql, (run.id,))]


def counts(db: Database, run_id: str) -> dict[str, int]:
    """How many tasks are in which state; a repeated one counts by its elements."""
    sql = "SELECT state, count(*) FROM run_tasks WHERE run = ? AND is_group = 0 GROUP BY state"
    return {row[0]: int(row[1]) for row in db.read(sql, (run_id,))}


def of_agent(db: Database, agent_id: str) -> tuple[str, str] | None:
    """The run and the key of the task that the agent, or the check that it is, was begun for."""
    sql = "SELECT run, key FROM run_tasks WHERE agent_id = ? OR check_id = ? LIMIT 1"
    found = db.read(sql, (agent_id, agent_id))
    return (found[0][0], found[0][1]) if found else None


def put(tx: sqlite3.Connection, run_id: str, changed: Iterable[TaskRow]) -> None:
    """Record these rows, in the place of what was recorded under their keys; new ones behind all others."""
    last = tx.execute("SELECT coalesce(max(place), 0) FROM run_tasks WHERE run = ?", (run_id,)).fetchone()[0]
    sql = (
        "INSERT INTO run_tasks (run, key, place, state, is_group, agent_id, check_id, row)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, key) DO UPDATE"
        " SET state = excluded.state, agent_id = excluded.agent_id, check_id = excluded.check_id, row = excluded.row"
    )
    tx.executemany(
        sql,
        [
            (run_id, row.key, last + n, row.state, row.group, row.agent_id, row.check_id, _text(row))
            for n, row in enumerate(changed, start=1)
        ],
    )


def set_state(tx: sqlite3.Connection, run_id: str, state: RunState, *, ended_ns: int | None) -> None:
    """Record what is wanted of it, or what became of it."""
    tx.execute("UPDATE runs SET state = ?, ended_ns = ? WHERE id = ?", (state, ended_ns, run_id))


def set_retried(tx: sqlite3.Connection, run_id: str, now_ns: int) -> None:
    """Somebody has retried what had failed: it runs again."""
    tx.execute("UPDATE runs SET state = 'running', ended_ns = NULL, retried_ns = ? WHERE id = ?", (now_ns, run_id))


def set_option(tx: sqlite3.Connection, run_id: str, name: str, value: Mapping[str, Any] | None) -> None:
    """Record what is kept with it under that name; None: nothing any more. Nothing that is next depends on it."""
    if value is None:
        tx.execute("UPDATE runs SET options = json_remove(options, '$.' || ?) WHERE id = ?", (name, run_id))
        return
    sql = "UPDATE runs SET options = json_set(options, '$.' || ?, json(?)) WHERE id = ?"
    tx.execute(sql, (name, json.dumps(dict(value)), run_id))


def set_manifest(tx: sqlite3.Connection, run_id: str, manifest: Manifest) -> None:
    """Record the manifest with what was added to it."""
    tx.execute("UPDATE runs SET manifest = ? WHERE id = ?", (_manifest(manifest), run_id))


def give_up(tx: sqlite3.Connection, run_id: str, key: str, why: str) -> None:
    """The program of that task cannot be started again: it counts for lost from now on."""
    touch(tx, run_id)
    sql = "UPDATE run_tasks SET row = json_set(row, '$.revived', 1000, '$.error', ?) WHERE run = ? AND key = ?"
    tx.execute(sql, (why, run_id, key))


def uncount(tx: sqlite3.Connection, run_id: str, key: str) -> None:
    """The program of that task was not started again after all: the machine kept it from that."""
    touch(tx, run_id)
    sql = (
        "UPDATE run_tasks SET row = json_set(row, '$.revived', max(0, json_extract(row, '$.revived') - 1))"
        " WHERE run = ? AND key = ?"
    )
    tx.execute(sql, (run_id, key))


def spans(db: Database, run_id: str, *, open_: bool = False) -> list[Span]:
    """When its tasks waited, and for what; with `open_` those that wait still."""
    where = " AND to_ns IS NULL" if open_ else ""
    sql = f"SELECT key, why, from_ns, to_ns FROM run_spans WHERE run = ?{where} ORDER BY from_ns, key"
    return [Span(*row) for row in db.read(sql, (run_id,))]


def spans_of(db: Database, run_id: str, keys: Sequence[str], *, why: Why) -> list[Span]:
    """When these tasks waited for that."""
    if not keys:
        return []
    sql = (
        "SELECT key, why, from_ns, to_ns FROM run_spans"
        " WHERE run = ? AND key IN (SELECT value FROM json_each(?)) AND why = ? ORDER BY from_ns, key"
    )
    return [Span(*row) for row in db.read(sql, (run_id, json.dumps(list(keys)), why))]


def put_spans(tx: sqlite3.Connection, run_id: str, changed: Iterable[Span]) -> None:
    """Record these: new ones, and the ends of those that are known."""
    sql = (
        "INSERT INTO run_spans (run, key, why, from_ns, to_ns) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (run, key, from_ns) DO UPDATE SET to_ns = excluded.to_ns"
    )
    tx.executemany(sql, [(run_id, one.key, one.why, one.from_ns, one.to_ns) for one in changed])


def forget(tx: sqlite3.Connection, run_id: str) -> None:
    """Take it off every list."""
    tx.execute("UPDATE runs SET forgotten = 1 WHERE id = ?", (run_id,))


def unsettled(rows: Iterable[TaskRow]) -> list[TaskRow]:
    """Those of which something is still to become."""
    return [row for row in rows if row.state not in SETTLED]


def agents_of(rows: Iterable[TaskRow]) -> dict[AgentId, TaskRow]:
    """The tasks by the agents that they have, those of checks too."""
    found: dict[AgentId, TaskRow] = {}
    for row in rows:
        found |= {AgentId(agent_id): row for agent_id in (row.agent_id, row.check_id) if agent_id is not None}
    return found


def _manifest(manifest: Manifest) -> str:
    return json.dumps(codec.encode(manifest), separators=(",", ":"))


def _text(row: TaskRow) -> str:
    kept = codec.encode(row)
    # The manifest has it, once for all elements of a repeated one; the key stands beside.
    return json.dumps({k: v for k, v in kept.items() if k not in ("task", "key")} | {"id": row.task.id})


def _row(key: str, raw: dict[str, Any], tasks: dict[str, Task]) -> TaskRow:
    task = tasks.get(raw.pop("id", "")) or Task(id=key)
    return codec.decode(TaskRow, {**raw, "key": key, "task": codec.encode(task)})


def _run(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        name=row["name"],
        manifest=codec.decode(Manifest, json.loads(row["manifest"])),
        state=row["state"],
        created_ns=row["created_ns"],
        ended_ns=row["ended_ns"],
        dir=row["dir"],
        options=json.loads(row["options"]),
        retried_ns=row["retried_ns"],
    )
