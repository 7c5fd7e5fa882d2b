"""The agents' rows."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.errors import NameTaken
from tmuxagents.model import codec, dismissal
from tmuxagents.model.agent import Agent, Claimer, PaneAddress, Phase
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.dismissal import Dismissal
from tmuxagents.model.worktree import Worktree
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import measured, queue
from tmuxagents.store.database import Database

COLUMNS = (
    "id",
    "name",
    "kind",
    "dir",
    "task",
    "options",
    "color",
    "created_ns",
    "started_ns",
    "generation",
    "phase",
    "server",
    "window",
    "pane",
    "pid",
    "condition",
    "state",
    "worktree",
    "pinned",
    "dismissed",
)
"""What an agent's row holds, besides its number in the journal and whether it is forgotten."""

_COLUMNS = ", ".join(COLUMNS)


def known(db: Database) -> list[Agent]:
    """Every agent that is not forgotten, oldest first."""
    return [
        from_row(r) for r in db.read(f"SELECT {_COLUMNS} FROM agents WHERE forgotten = 0 ORDER BY created_ns, number")
    ]


def claimed(db: Database) -> list[Agent]:
    """Those whose start is claimed."""
    return _where(db, "phase = 'claimed'")


def at_large(db: Database) -> list[Agent]:
    """Those that are to have a window."""
    over = ", ".join(f"'{state}'" for state in sorted(OVER))
    return _where(db, f"phase IN ('running', 'stopping') AND state NOT IN ({over})")


def _where(db: Database, what: str) -> list[Agent]:
    sql = f"SELECT {_COLUMNS} FROM agents WHERE forgotten = 0 AND {what} ORDER BY created_ns, number"
    return [from_row(row) for row in db.read(sql)]


def removed(db: Database, name: str) -> Agent | None:
    """The newest forgotten agent of that name."""
    sql = f"SELECT {_COLUMNS} FROM agents WHERE forgotten = 1 AND name = ? ORDER BY number DESC LIMIT 1"
    rows = db.read(sql, (name.encode("utf-8", "replace").decode(),))
    return from_row(rows[0]) if rows else None


def removed_names(db: Database) -> frozenset[str]:
    """The names of all that are forgotten."""
    return frozenset(str(row[0]) for row in db.read("SELECT DISTINCT name FROM agents WHERE forgotten = 1"))


def rename(tx: sqlite3.Connection, agent_id: AgentId, old: AgentName, name: AgentName) -> bool:
    """Give the agent that is called `old` another name; False when it is not called so any more. `NameTaken` says
    by whom the new one is taken."""
    _refuse_taken(tx, name)
    sql = "UPDATE agents SET name = ? WHERE id = ? AND name = ? AND forgotten = 0"
    return tx.execute(sql, (name, agent_id, old)).rowcount == 1


RENAMED = "renamed, was "
"""How the journal tells of another name; the old one follows."""


def once(db: Database, name: str) -> Agent | None:
    """The agent that had the name before it was given another."""
    told = "SELECT agent FROM journal WHERE kind = 'note' AND text = ? ORDER BY seq DESC LIMIT 1"
    sql = f"SELECT {_COLUMNS} FROM agents WHERE forgotten = 0 AND number = ({told})"
    rows = db.read(sql, (f"{RENAMED}{name}",))
    return from_row(rows[0]) if rows else None


def newest(db: Database) -> tuple[int, int]:
    """Changes with every new agent."""
    # A number may be given again after a start that failed.
    number, created = db.read("SELECT coalesce(max(number), 0), coalesce(max(created_ns), 0) FROM agents")[0]
    return int(number), int(created)


def by_id(db: Database, agent_id: AgentId) -> Agent | None:
    """The agent with that id, forgotten or not."""
    rows = db.read(f"SELECT {_COLUMNS} FROM agents WHERE id = ?", (agent_id,))
    return from_row(rows[0]) if rows else None


def in_transaction(tx: sqlite3.Connection, agent_id: AgentId) -> Agent:
    """The agent of that id as a transaction has it; there has to be one."""
    return from_row(tx.execute(f"SELECT {_COLUMNS} FROM agents WHERE id = ?", (agent_id,)).fetchone())


def among(db: Database, ids: Sequence[str]) -> list[Agent]:
    """Those of the ids that are not forgotten."""
    found: list[Agent] = []
    for at in range(0, len(ids), 500):
        some = ids[at : at + 500]
        places = ", ".join("?" * len(some))
        rows = db.read(f"SELECT {_COLUMNS} FROM agents WHERE forgotten = 0 AND id IN ({places})", list(some))
        found += map(from_row, rows)
    return found


def claim(
    tx: sqlite3.Connection,
    *,
    agent_id: AgentId,
    name: AgentName | None,
    kind: str,
    folder: str,
    task: str | None,
    options: Mapping[str, Any],
    color: int,
    now_ns: int,
    claimer: Claimer | None = None,
    phase: Phase = "claimed",
) -> AgentName:
    """Take a name for a new agent: the given one, or the next `agent-N`. `NameTaken` says by whom: what begins with the
    name of a run is kept for those whose options say that they are begun for it.

    The transaction holds the write lock, so of two claims of one name the second one sees the first. One that is to be
    `queued` begins later (`begin`).
    """
    name = name or _next_name(tx)
    _refuse_taken(tx, name, (options.get("run") or {}).get("name"))
    claimed = Agent(
        id=agent_id,
        name=name,
        kind=kind,
        dir=folder,
        task=task,
        color=color,
        created_ns=now_ns,
        started_ns=now_ns,
        generation=1,
        phase=phase,
        place=None,
        condition=_first(phase, now_ns),
        options=options,
        claimer=claimer,
    )
    row = to_row(claimed)
    tx.execute(f"INSERT INTO agents ({_COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS))})", [row[c] for c in COLUMNS])
    return name


def _first(phase: Phase, now_ns: int) -> Condition:
    if phase == "queued":
        return Condition(state="queued", since_ns=now_ns, evidence="there was no room at spawn")
    return Condition(state="starting", since_ns=now_ns, evidence="claimed at spawn")


def had(tx: sqlite3.Connection, base: AgentName) -> frozenset[str]:
    """The names like that one that any agent has or had: an old journal line never seems to be a new agent's."""
    rows = tx.execute("SELECT name FROM agents WHERE name = ? OR name LIKE ?", (base, f"{base}-%"))
    return frozenset(row[0] for row in rows)


def _refuse_taken(tx: sqlite3.Connection, name: AgentName, run: str | None = None) -> None:
    from tmuxagents.store import runs

    keeps = runs.holder(tx, name)
    if keeps is not None and (keeps != run or name == run):
        raise NameTaken(f"'{name}' is kept for the run '{keeps}' and its agents", hint=f"tmuxagents show {keeps}")
    taken = tx.execute("SELECT state, task FROM agents WHERE name = ? AND forgotten = 0", (name,)).fetchone()
    if taken is not None:
        raise NameTaken(
            f"'{name}' is taken by an agent that is {taken[0]}: {(taken[1] or 'no task')[:40]}",
            hint=f"tmuxagents show {name}",
        )


def unclaim(tx: sqlite3.Connection, agent_id: AgentId) -> None:
    """Give back the name of an agent whose program was never started."""
    if tx.execute("SELECT 1 FROM agents WHERE id = ? AND phase = 'claimed'", (agent_id,)).fetchone() is None:
        return
    # Somebody may have followed it or spoken to it meanwhile.
    tx.execute("DELETE FROM journal WHERE agent = (SELECT number FROM agents WHERE id = ?)", (agent_id,))
    measured.drop(tx, agent_id)
    queue.leave(tx, agent_id)
    for table in ("sources", "messages", "notices", "spent"):
        tx.execute(f"DELETE FROM {table} WHERE agent_id = ?", (agent_id,))
    tx.execute("DELETE FROM agents WHERE id = ?", (agent_id,))


def place(tx: sqlite3.Connection, agent_id: AgentId, where: PaneAddress | None, *, phase: Phase) -> None:
    """Record where the program runs now. Whoever has a place, or is given none, waits for no turn."""
    queue.leave(tx, agent_id)
    values = (where.server, where.window, where.pane, where.pid) if where else (None, None, None, None)
    tx.execute(
        "UPDATE agents SET server = ?, window = ?, pane = ?, pid = ?, phase = ? WHERE id = ?",
        (*values, phase, agent_id),
    )


def set_port(tx: sqlite3.Connection, agent_id: AgentId, port: int) -> None:
    """Record the port that it may serve at."""
    tx.execute("UPDATE agents SET options = json_set(options, '$.port', ?) WHERE id = ?", (port, agent_id))


def set_option(tx: sqlite3.Connection, agent_id: AgentId, key: str, value: float | bool | None) -> None:
    """Record what it was asked for otherwise than at its start; None takes it away."""
    if value is None:
        tx.execute("UPDATE agents SET options = json_remove(options, ?) WHERE id = ?", (f"$.{key}", agent_id))
    else:
        sql = "UPDATE agents SET options = json_set(options, ?, json(?)) WHERE id = ?"
        tx.execute(sql, (f"$.{key}", json.dumps(value), agent_id))


def set_set_up(tx: sqlite3.Connection, agent_id: AgentId, commands: Sequence[str]) -> None:
    """Record what its worktree is set up with."""
    sql = "UPDATE agents SET options = json_set(options, '$.worktree.setup', json(?)) WHERE id = ?"
    tx.execute(sql, (json.dumps(list(commands)), agent_id))


def ports(tx: sqlite3.Connection, *, but: str) -> frozenset[int]:
    """The ports of all agents that are not forgotten, without that one's: who has ended keeps its own for a resume."""
    sql = "SELECT json_extract(options, '$.port') FROM agents WHERE forgotten = 0 AND id != ?"
    return frozenset(row[0] for row in tx.execute(sql, (but,)) if isinstance(row[0], int))


def pin(tx: sqlite3.Connection, agent_id: AgentId, pinned: bool) -> None:
    """Keep it first among its equals, or no more. Who is pinned is not dismissed."""
    sql = "UPDATE agents SET pinned = ?, dismissed = iif(?, NULL, dismissed) WHERE id = ?"
    tx.execute(sql, (pinned, pinned, agent_id))


def dismiss(tx: sqlite3.Connection, agent_id: AgentId, how: Dismissal | None) -> None:
    """Record how it was when it was dismissed; None shows it again. Who is dismissed is not pinned."""
    text = how.text() if how is not None else None
    sql = "UPDATE agents SET dismissed = ?, pinned = iif(? IS NULL, pinned, 0) WHERE id = ?"
    tx.execute(sql, (text, text, agent_id))


def set_phase(tx: sqlite3.Connection, agent_id: AgentId, phase: Phase) -> None:
    """Record what we want of it."""
    tx.execute("UPDATE agents SET phase = ? WHERE id = ?", (phase, agent_id))


def set_worktree(tx: sqlite3.Connection, agent_id: AgentId, worktree: Worktree | None, *, folder: str) -> None:
    """Record the worktree that it was given, and the folder that it works in from now on."""
    tx.execute("UPDATE agents SET worktree = ?, dir = ? WHERE id = ?", (_worktree_text(worktree), folder, agent_id))


def next_generation(
    tx: sqlite3.Connection, agent_id: AgentId, expected: int, *, now_ns: int, claimer: Claimer | None = None
) -> bool:
    """Claim the next start of an agent, which has no place from then on; False when somebody else has claimed it."""
    done = tx.execute(
        "UPDATE agents SET generation = generation + 1, phase = 'claimed', started_ns = ?"
        " WHERE id = ? AND generation = ? AND phase != 'claimed' AND forgotten = 0",
        (now_ns, agent_id, expected),
    )
    if done.rowcount != 1:
        return False
    _set_claimer(tx, agent_id, claimer)
    return True


def begin(tx: sqlite3.Connection, agent_id: AgentId, *, now_ns: int, claimer: Claimer | None = None) -> bool:
    """Claim the start of an agent that is queued; False when somebody else has, or it was dropped."""
    done = tx.execute(
        "UPDATE agents SET phase = 'claimed', started_ns = ? WHERE id = ? AND phase = 'queued' AND forgotten = 0",
        (now_ns, agent_id),
    )
    if done.rowcount != 1:
        return False
    _set_claimer(tx, agent_id, claimer)
    return True


def give_back(tx: sqlite3.Connection, agent_id: AgentId, generation: int, *, now: int) -> bool:
    """Have it queued again whose start was claimed, as generation `now`; False when that start is not claimed."""
    done = tx.execute(
        "UPDATE agents SET phase = 'queued', generation = ?, server = NULL, window = NULL, pane = NULL, pid = NULL"
        " WHERE id = ? AND generation = ? AND phase = 'claimed' AND forgotten = 0",
        (now, agent_id, generation),
    )
    return done.rowcount == 1


def is_claimed(tx: sqlite3.Connection, agent_id: AgentId, generation: int) -> bool:
    """Whether that start is claimed still, read inside a transaction so that nothing comes between."""
    row = tx.execute("SELECT phase, generation FROM agents WHERE id = ?", (agent_id,)).fetchone()
    return row is not None and row[0] == "claimed" and row[1] == generation


def _set_claimer(tx: sqlite3.Connection, agent_id: AgentId, claimer: Claimer | None) -> None:
    """What is claimed has no place yet: its `server` and `pid` are those of who claims it."""
    mark, pid = (claimer.mark, claimer.pid) if claimer is not None else (None, None)
    tx.execute("UPDATE agents SET server = ?, window = NULL, pane = NULL, pid = ? WHERE id = ?", (mark, pid, agent_id))


def set_condition(tx: sqlite3.Connection, agent_id: AgentId, condition: Condition) -> None:
    """Record what is known of it."""
    tx.execute("UPDATE agents SET condition = ?, state = ? WHERE id = ?", (_dump(condition), condition.state, agent_id))


def condition_of(tx: sqlite3.Connection, agent_id: AgentId) -> Condition:
    """What is recorded, read inside a transaction so that nothing comes between."""
    row = tx.execute("SELECT condition FROM agents WHERE id = ?", (agent_id,)).fetchone()
    return codec.decode(Condition, json.loads(row[0]))


def in_conversation(tx: sqlite3.Connection, conversation: str, *, but: AgentId) -> list[AgentName]:
    """The other agents whose program runs and is in that conversation."""
    rows = tx.execute(
        "SELECT name, state, json_extract(condition, '$.conversation') FROM agents WHERE forgotten = 0 AND id != ?",
        (but,),
    )
    return [AgentName(name) for name, state, its in rows if its == conversation and state not in OVER]


def limited(tx: sqlite3.Connection, *, but: AgentId) -> list[Condition]:
    """The conditions of the other agents that a limit has stopped."""
    sql = (
        "SELECT condition FROM agents WHERE forgotten = 0 AND id != ? AND (state = 'limited'"
        " OR (state = 'failed' AND json_extract(condition, '$.resets_ns') IS NOT NULL))"
    )
    rows = tx.execute(sql, (but,))
    return [codec.decode(Condition, json.loads(row[0])) for row in rows]


def forget(tx: sqlite3.Connection, agent_id: AgentId) -> None:
    """Take it off every list; its journal stays searchable."""
    measured.drop(tx, agent_id)
    queue.leave(tx, agent_id)
    tx.execute("UPDATE agents SET forgotten = 1 WHERE id = ?", (agent_id,))


def remember(tx: sqlite3.Connection, agent_id: AgentId) -> None:
    """Take it back onto the lists."""
    tx.execute("UPDATE agents SET forgotten = 0 WHERE id = ?", (agent_id,))


def forgotten(db: Database) -> list[Agent]:
    """The agents that are forgotten, those that were given a worktree."""
    sql = f"SELECT {_COLUMNS} FROM agents WHERE forgotten = 1 AND worktree IS NOT NULL ORDER BY number"
    return [from_row(row) for row in db.read(sql)]


def colors(tx: sqlite3.Connection) -> list[int]:
    """The colours of all agents that are not forgotten."""
    return [int(row[0]) for row in tx.execute("SELECT color FROM agents WHERE forgotten = 0")]


def _next_name(tx: sqlite3.Connection) -> AgentName:
    """`agent-N`, N never used before: an old journal line never seems to be a new agent's."""
    tx.execute("INSERT INTO counters VALUES ('agent', 0) ON CONFLICT DO NOTHING")
    while True:
        row = tx.execute("UPDATE counters SET value = value + 1 WHERE name = 'agent' RETURNING value").fetchone()
        name = f"agent-{row[0]}"
        if tx.execute("SELECT 1 FROM agents WHERE name = ?", (name,)).fetchone() is None:
            return AgentName(name)


def to_row(agent: Agent) -> dict[str, Any]:
    """The columns of an agent's row, by name; `from_row` is the way back."""
    place, claimer = agent.place, agent.claimer
    return {
        "id": agent.id,
        "name": agent.name,
        "kind": agent.kind,
        "dir": agent.dir,
        "task": agent.task,
        "options": json.dumps(dict(agent.options)),
        "color": agent.color,
        "created_ns": agent.created_ns,
        "started_ns": agent.started_ns,
        "generation": agent.generation,
        "phase": agent.phase,
        # What is claimed has no place yet: its `server` and `pid` are those of who claims it.
        "server": place.server if place else claimer.mark if claimer else None,
        "window": place.window if place else None,
        "pane": place.pane if place else None,
        "pid": place.pid if place else claimer.pid if claimer else None,
        "condition": _dump(agent.condition),
        "state": agent.condition.state,
        "worktree": _worktree_text(agent.worktree),
        "pinned": int(agent.pinned),
        "dismissed": agent.dismissal.text() if agent.dismissal is not None else None,
    }


def from_row(row: sqlite3.Row) -> Agent:
    """The agent of a row."""
    where, claimer = None, None
    if row["pane"] is not None:
        where = PaneAddress(server=row["server"], window=row["window"], pane=row["pane"], pid=row["pid"])
    elif row["phase"] == "claimed" and isinstance(row["server"], str) and isinstance(row["pid"], int):
        claimer = Claimer(pid=row["pid"], mark=row["server"])
    return Agent(
        id=AgentId(row["id"]),
        name=AgentName(row["name"]),
        kind=row["kind"],
        dir=row["dir"],
        task=row["task"],
        color=row["color"],
        created_ns=row["created_ns"],
        started_ns=row["started_ns"],
        generation=row["generation"],
        phase=row["phase"],
        place=where,
        condition=_condition(row["condition"]),
        options=json.loads(row["options"]),
        claimer=claimer,
        worktree=codec.decode(Worktree, json.loads(row["worktree"])) if row["worktree"] is not None else None,
        pinned=bool(row["pinned"]),
        dismissal=dismissal.read(row["dismissed"]) if row["dismissed"] is not None else None,
    )


@functools.lru_cache(maxsize=2048)
def _condition(text: str) -> Condition:
    """Who looks often finds most of them as they were: of a thousand that have ended each is read once."""
    return codec.decode(Condition, json.loads(text))


def _worktree_text(worktree: Worktree | None) -> str | None:
    return json.dumps(codec.encode(worktree), separators=(",", ":")) if worktree is not None else None


def _dump(condition: Condition) -> str:
    # In ASCII: half a surrogate pair, which an agent's JSON can carry, is no UTF-8.
    return json.dumps(codec.encode(condition), separators=(",", ":"))
