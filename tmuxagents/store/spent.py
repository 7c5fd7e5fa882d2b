"""What agents have spent, and when: written in the transaction of the offsets that it was read from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tmuxagents import clock
from tmuxagents.model.condition import Usage
from tmuxagents.model.spending import Spent, rest
from tmuxagents.names import AgentId
from tmuxagents.store.database import Database
from tmuxagents.value import fields

COLUMNS = ("agent_id", *fields(Spent))
_KEY = frozenset({"agent_id", "at_ns", "account", "model"})
_ADD = ", ".join(f"{name} = {name} + excluded.{name}" for name in COLUMNS if name not in _KEY)
_SUMS = ", ".join(f"coalesce(sum({name}), 0)" for name in COLUMNS if name not in _KEY)


def add(tx: sqlite3.Connection, agent_id: AgentId, steps: Iterable[Spent]) -> None:
    """Count these steps."""
    marks = ", ".join("?" * len(COLUMNS))
    tx.executemany(
        f"INSERT INTO spent ({', '.join(COLUMNS)}) VALUES ({marks})"
        f" ON CONFLICT (agent_id, at_ns, account, model) DO UPDATE SET {_ADD}",
        [(agent_id, *(getattr(step, name) for name in COLUMNS[1:])) for step in steps],
    )


def of(db: Database, *, since_ns: int = 0) -> list[tuple[AgentId, Spent]]:
    """Every step since then, oldest first; that quarter of an hour whole."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM spent WHERE at_ns >= ? ORDER BY at_ns, agent_id"
    return [(AgentId(row[0]), Spent(*row[1:])) for row in db.read(sql, (since_ns,))]


def recount(tx: sqlite3.Connection, agent_id: AgentId, usage: Usage) -> None:
    """Forget what its sources are about to tell again: its tokens; money and time too where `usage`, from which they
    are counted, holds no money any more."""
    again = "" if usage.microusd is not None else ", microusd = 0, worked_ns = 0"
    tx.execute(
        "UPDATE spent SET input_tokens = 0, output_tokens = 0, cache_read_tokens = 0, cache_write_tokens = 0"
        f"{again} WHERE agent_id = ?",
        (agent_id,),
    )


def settle(tx: sqlite3.Connection, agent_id: AgentId, usage: Usage, at_ns: int) -> None:
    """Have the steps come to what the agent's condition says, where some were lost: the rest is of that moment."""
    row = tx.execute(f"SELECT {_SUMS} FROM spent WHERE agent_id = ?", (agent_id,)).fetchone()
    left = rest(usage, Spent(0, "", "", *row), at_ns)
    if left.tokens or left.microusd:
        add(tx, agent_id, [left])


def rates(db: Database, since_ns: int) -> dict[AgentId, float]:
    """Tokens of output for each second that its turns ran since then, of each agent that had a second."""
    sql = "SELECT agent_id, sum(output_tokens), sum(worked_ns) FROM spent WHERE at_ns >= ? GROUP BY agent_id"
    rows = db.read(sql, (since_ns,))
    return {AgentId(row[0]): row[1] * clock.SECOND / row[2] for row in rows if row[2] >= clock.SECOND}
