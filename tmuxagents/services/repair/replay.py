"""Fill a new database with what a damaged one, the sources and tmux's windows still tell.

What was read whole is put back exactly. Where rows are missing, what a transcript or a terminal's
record holds is read again from there, and the report says what could not be had again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import snapshot
from tmuxagents.drivers.tmux.snapshot import EMPTY, PaneNow, Snapshot
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Lines
from tmuxagents.model.agent import Agent, PaneAddress
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.ingest import agent_file, ingest, pane_output, set_up_output
from tmuxagents.services.repair import runs_again
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents, journal, marks, queue, sources, spent
from tmuxagents.store.repair import restore
from tmuxagents.store.repair.salvage import Row, Salvaged
from tmuxagents.store.sources import Position
from tmuxagents.value import Value, fresh, replace


class Report(Value, frozen=False):
    """What became of it. `aside` holds the damaged files; `lost` says in a line each what is missing."""

    aside: Path
    agents: int = 0
    entries: int = 0
    lost: list[str] = fresh(default_factory=list)

    def lines(self) -> list[str]:
        """For a person to read."""
        what = "nothing is missing" if not self.lost else "missing:"
        head = f"the database was damaged and is rebuilt: {self.agents} agents, {self.entries} entries; {what}"
        return [head, *(f"  {line}" for line in self.lost), f"the damaged files are in '{self.aside}'"]


def seen(app: App) -> Snapshot:
    """The windows, as far as tmux can be asked."""
    try:
        return panes_now(app)
    except TmuxUnreachable:
        return EMPTY


def fill(app: App, found: Salvaged, report: Report) -> None:
    """Fill the empty database of `app`; `report` gets what was and what could not be put into it."""
    panes = seen(app)
    _agents(app, found, panes, report)
    numbers = restore.numbers(app.db)
    known = [a for i in numbers if (a := agents.by_id(app.db, AgentId(i))) is not None]
    with app.db.write() as tx:
        for row in found.rows["counters"]:
            if row["name"] in ("agent", "run", queue.ROUND) and isinstance(row["value"], int):
                restore.counter(tx, row["name"], row["value"])
        restore.counter(tx, "agent", _highest(known))
        if sum(restore.message(tx, row) for row in found.rows["messages"]) < len(found.rows["messages"]):
            found.broken.add("messages")
        if not restore.notices(tx, found.rows["notices"], found.rows["notice_sendings"]):
            found.broken.add("notices")
        restore.pairs(tx, found.rows["pairs"])
        whole = not found.broken & {"pulls", "pull_seen"}
        if not restore.pulls(tx, found.rows["pulls"], found.rows["pull_seen"], whole=whole):
            found.broken.add("pulls")
        found.broken |= {table for table, put in _SHARED.items() if not put(tx, found.rows[table])}
    entries = _entries(found, numbers)
    strange = len(found.rows["journal"]) - len(entries)
    if strange:
        report.lost.append(f"{strange} entries that make no sense, or of agents that nothing else tells of")
    if strange or found.has_gaps:
        found.broken.add("journal")
    if not found.broken & {"agents", "journal", "sources"}:
        _put_back(app, found, entries)
    else:
        _read_again(app, found, entries, known, panes, report)
    with app.db.write() as tx:
        for agent in known:
            now = agents.condition_of(tx, agent.id)
            spent.settle(tx, agent.id, now.usage, now.since_ns)
    # By what its sources tell of each agent now.
    report.lost += runs_again.restore_lost(app)
    report.lost += [words for tables, words in _LOST.items() if found.broken & set(tables)]
    report.agents = len(agents.known(app.db))
    report.entries = int(app.db.read("SELECT count(*) FROM journal")[0][0])


_SHARED = {
    "locks": restore.locks,
    "notes": restore.notes,
    "boards_written": restore.boards_written,
    "runs": restore.runs,
    "run_tasks": restore.run_tasks,
    "run_spans": restore.run_spans,
    "queue": restore.queue,
    "spent": restore.steps,
}

_LOST = {
    ("messages",): "messages that were held: some or all",
    ("notices", "notice_sendings"): "notices that were to be sent: some or all",
    ("pulls", "pull_seen"): "pull requests and what of them was told: some or all; none is watched any more",
    ("locks",): "locks that are kept for the agents of runs: some or all",
    ("runs", "run_tasks"): "runs and the tasks of some: what is missing of one does not go on by itself",
    ("queue",): "who waits in the queue, and in which order: some or all",
    ("spent",): "when tokens and money were spent: some or all counts as spent at the last change of state",
    ("notes",): "notes on the shared boards: some or all",
}
"""What the report says where rows of these tables could not be had."""


def _agents(app: App, found: Salvaged, panes: Snapshot, report: Report) -> None:
    """The rows that could be read, then the copies beside the sources, then what the windows say."""
    there: set[str] = set()
    for row in [*found.rows["agents"], *agent_file.kept(app)]:
        makes_sense = isinstance(row.get("id"), str) and row.get("kind") in registry.NAMES
        if makes_sense and row["id"] not in there and restore.agent(app.db, row):
            there.add(row["id"])
    for pane in panes.panes.values():
        if pane.agent_id in there:
            _begun(app, pane, panes)
        if pane.agent_id and pane.agent_id not in there:
            _from_window(app, pane, panes)
            report.lost.append(f"of the agent in window {pane.window}: its task, options and what it was started with")


def _begun(app: App, pane: PaneNow, panes: Snapshot) -> None:
    """A copy of a row may be of the time when it was queued: what has a window has begun, and does not begin again."""
    agent = agents.by_id(app.db, AgentId(pane.agent_id))
    if agent is not None and agent.phase == "queued":
        with app.db.write() as tx:
            place = PaneAddress(panes.server, pane.window, pane.pane, pane.pid)
            agents.place(tx, agent.id, place, phase="running")
            started = replace(agent.condition, state="starting", evidence="its window is there")
            agents.set_condition(tx, agent.id, started)


def _from_window(app: App, pane: PaneNow, panes: Snapshot) -> None:
    name, folder = snapshot.described(app.server, pane.pane)
    own = app.state / "agents" / pane.agent_id
    kind = registry.marked(frozenset(path.name for path in own.glob("*")))
    taken = {agent.name for agent in agents.known(app.db)}
    now = clock.now_ns()
    found = Agent(
        id=AgentId(pane.agent_id),
        name=AgentName(name if name not in taken else f"{name}-{pane.pane[1:]}"),
        kind=kind,
        dir=folder,
        task=None,
        color=len(taken),
        created_ns=now,
        started_ns=now,
        generation=pane.generation,
        phase="running",
        place=PaneAddress(panes.server, pane.window, pane.pane, pane.pid),
        condition=Condition(state="unknown", since_ns=now, conversation=pane.agent_id),
    )
    restore.agent(app.db, agents.to_row(found))


def _highest(known: Sequence[Agent]) -> int:
    numbers = [agent.name.removeprefix("agent-") for agent in known if agent.name.startswith("agent-")]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _put_back(app: App, found: Salvaged, entries: Sequence[Row]) -> None:
    """Nothing of it was broken: as it was."""
    with app.db.write() as tx:
        restore.entries(tx, entries, keep_order=True)
        for row in found.rows["sources"]:
            restore.position(tx, row)
        marks.put(tx, {agent: seq for agent, (seq, _) in _read_marks(found).items()})


def _read_marks(found: Salvaged) -> dict[AgentId, tuple[int, int]]:
    """How far a person had read each agent: the place as it was, and the moment of the last entry up to there."""
    own = {row.get("number"): row.get("id") for row in found.rows["agents"]}
    places = {
        str(row["name"]).removeprefix(marks.PREFIX): row["value"]
        for row in found.rows["counters"]
        if str(row["name"]).startswith(marks.PREFIX) and isinstance(row["value"], int)
    }
    moments = dict.fromkeys(places, 0)
    for row in found.rows["journal"]:
        agent = str(row.get("agent_id") or own.get(row.get("agent")))
        if agent in places and row["seq"] <= places[agent] and isinstance(row.get("at_ns"), int):
            moments[agent] = max(moments[agent], row["at_ns"])
    return {AgentId(agent): (seq, moments[agent]) for agent, seq in places.items()}


def _entries(found: Salvaged, numbers: dict[str, int]) -> list[Row]:
    """The journal's rows with the numbers that the agents have now; the first schema has ids there."""
    ids = {row.get("number"): row.get("id") for row in found.rows["agents"]}
    rows = []
    for row in found.rows["journal"]:
        number = numbers.get(str(row.get("agent_id") or ids.get(row.get("agent"))))
        if number is not None and restore.is_entry({**row, "agent": number}):
            rows.append({**row, "agent": number})
    return rows


def _read_again(
    app: App, found: Salvaged, entries: Sequence[Row], known: Sequence[Agent], panes: Snapshot, report: Report
) -> None:
    """Entry by entry it cannot be told what is missing: each agent's history comes from the better place."""
    positions: dict[str, list[Row]] = {}
    for row in found.rows["sources"]:
        positions.setdefault(str(row["agent_id"]), []).append(row)
    retold = {agent.id: _retold(app, agent, positions.get(agent.id, [])) for agent in known}
    numbers = restore.numbers(app.db)
    by_number = {numbers[agent.id]: agent for agent in known}
    kept = [row for row in entries if row["kind"] not in retold[by_number[row["agent"]].id]]
    begun = {row["agent"] for row in kept if row["kind"] == "spawned"}
    # What a set-up printed was printed before all else, and is there or is not.
    printed = {row["agent"] for row in kept if row["kind"] == "output"}
    with app.db.write() as tx:
        restore.entries(tx, kept, keep_order=False)
        for agent in known:
            if numbers[agent.id] not in begun:
                journal.append(tx, agent.id, 1, [NewEntry("spawned", agent.purpose or "no task", agent.created_ns)])
    for agent in known:
        count = sum(1 for row in kept if row["agent"] == numbers[agent.id])
        known_places = positions.get(agent.id, [])
        if numbers[agent.id] not in printed:
            known_places = [row for row in known_places if not str(row["source"]).startswith("set-up-pane")]
        _history(app, agent, retold[agent.id], known_places, panes, count, report, numbers[agent.id] in printed)
    with app.db.write() as tx:
        restore.told_once(tx)
        restore.order(tx, found.last_seq)
        marks.put(tx, restore.read_until(tx, _read_marks(found)))


def _retold(app: App, agent: Agent, positions: Sequence[Row]) -> frozenset[str]:
    """The kinds of entries that its sources tell again from their start."""
    folder = app.folder(agent.id)
    kind = registry.kind(agent.kind)
    wanted = kind.readers(agent.condition, folder)
    if any(isinstance(reader, Lines) and reader.path.exists() for reader in wanted):
        return kind.RETOLD
    raw = agent_folder.raw_path(folder, agent.generation)
    drawn = any(
        "settle" in str(row.get("memory")) for row in positions if row["source"] == pane_output.source(agent.generation)
    )
    if ingest.reads_terminal(wanted) and raw.exists() and not drawn and files.first_data(raw) == 0:
        return kind.RETOLD
    return frozenset()


def _history(
    app: App,
    agent: Agent,
    retold: frozenset[str],
    positions: Sequence[Row],
    panes: Snapshot,
    kept: int,
    report: Report,
    printed: bool,
) -> None:
    now = clock.now_ns()
    pane = panes.of(agent.id, agent.generation)
    condition = agent.condition
    if retold:
        condition = registry.kind(agent.kind).reset_for_replay(condition)
    if condition.state not in OVER and agent.phase != "queued":
        condition = replace(condition, state="unknown", since_ns=now, evidence="the database was rebuilt", dialog=None)
    if retold:
        # Payloads that were read and not deleted yet, and a set-up, of which nothing is dropped.
        positions = [row for row in positions if str(row["source"]).startswith(("spool:", "set-up"))]
    with app.db.write() as tx:
        agents.set_condition(tx, agent.id, condition)
        if retold:
            spent.recount(tx, agent.id, condition.usage)
        for row in positions:
            restore.position(tx, row)
        if printed:
            sources.advance(tx, agent.id, set_up_output.past(agent))
        if not retold:
            sources.advance(tx, agent.id, _end(app, agent, positions))
        said = "the database was damaged; " + ("read again from its source" if retold else f"{kept} entries were saved")
        journal.append(tx, agent.id, agent.generation, [NewEntry("gap", said, now)])
    if app.folder(agent.id).is_dir():
        ingest.pull(app, agent, pane=pane)
    if not retold:
        report.lost.append(f"{agent.name}: entries that could not be read; {kept} were")
    elif registry.kind(agent.kind).NOT_RETOLD:
        report.lost.append(f"{agent.name}: {registry.kind(agent.kind).NOT_RETOLD}")
    agent_file.keep(app, agent.id)


def _end(app: App, agent: Agent, positions: Sequence[Row]) -> list[Position]:
    """Its terminal's record goes on from its end, when nobody knows how far it was read."""
    name = pane_output.source(agent.generation)
    raw = agent_folder.raw_path(app.folder(agent.id), agent.generation)
    if any(row["source"] == name for row in positions) or not raw.exists():
        return []
    return [Position(name, files.size(raw))]
