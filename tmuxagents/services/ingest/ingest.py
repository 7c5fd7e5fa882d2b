"""Turn what an agent's sources hold into journal entries and its condition, exactly once.

Entries, condition and source offsets are committed in one transaction that first checks that
the offsets are still the ones that were read from. So anybody may pull: the controller, a `say`
that wants its evidence now, an `ls` while the controller is dead; whoever comes second reads on.
"""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.drivers import files, hook_pipe
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.kinds import folding, registry
from tmuxagents.kinds.base import Reader, Terminal
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Observation, Screen
from tmuxagents.services.app import App
from tmuxagents.services.ingest import agent_file, budgeting, noticing, pane_output, readers, set_up_output
from tmuxagents.store import agents, journal, sources, spent

_TRIES = 20
"""How often somebody else may read on meanwhile."""

_ROUNDS = 100
"""How many chunks are read in one pull: a source that grows faster must not hold us for ever."""


def pull(app: App, agent: Agent, *, pane: PaneNow | None = None) -> int:
    """Read on in all sources of an agent; returns how many entries were added.

    `pane` lets a kind without a transcript be read from its screen. Raises nothing about sources
    that are missing.
    """
    added = 0
    for _ in range(_ROUNDS):
        count, more = pull_chunk(app, agent, pane=pane)
        added += count
        if not more:
            break
    return added


def pull_chunk(
    app: App, agent: Agent, *, pane: PaneNow | None = None, screen: Screen | None = None
) -> tuple[int, bool]:
    """Read on by a chunk of each source; how many entries were added, and whether there is more to read.

    `screen` is a look that was taken already.
    """
    extra = [screen] if screen is not None else []
    for _ in range(_TRIES):
        count, more = _pull_once(app, agent, pane, extra)
        if count is not None:
            return count, more
    return 0, True


def _pull_once(app: App, agent: Agent, pane: PaneNow | None, extra: Sequence[Observation]) -> tuple[int | None, bool]:
    """The number of entries added, None when somebody else has read on meanwhile; and whether there is more."""
    now_ns = clock.now_ns()
    kind = registry.kind(agent.kind)
    folder = app.folder(agent.id)
    if files.is_linked(folder):
        # What it leads to is not ours; the next command says so.
        return 0, False
    positions = sources.of(app.db, agent.id)
    current = agents.by_id(app.db, agent.id)
    if current is None or current.generation != agent.generation or current.phase == "queued":
        return 0, False
    wanted = kind.readers(current.condition, folder)
    found = readers.read(current, folder, wanted, positions, now_ns)
    said_all = True
    prints = reads_terminal(wanted)
    if prints:
        said_all = pane_output.is_over(folder, current.generation, pane, now_ns)
        looked = pane_output.read(found, app.server, current, folder, pane, positions, now_ns, over=said_all)
        said_all = said_all and looked
    elif set_up_output.has_one(current) and set_up_output.is_open(current, folder, positions):
        said_all = pane_output.is_over(folder, current.generation, pane, now_ns)
        set_up_output.read(found, current, folder, positions, now_ns, over=said_all)
    if said_all and not found.more:
        ends = readers.read_exit(found, current, folder, positions)
        if ends and prints and pane_output.is_torn(folder, current.generation):
            found.drafts.append(NewEntry("gap", pane_output.TORN, now_ns, {"end": True}))
    observations = [*found.observations, *extra]
    if not (observations or found.positions or found.drafts or folding.is_due(kind, current.condition, now_ns)):
        _delete(found)
        return 0, found.more
    with app.db.write() as tx:
        if not sources.unchanged(tx, agent.id, positions):
            return None, True
        before = agents.condition_of(tx, agent.id)
        asked = current.phase in ("stopping", "stopped")
        after, drafts, steps = folding.fold_spending(kind, before, observations, now_ns, asked=asked)
        if after.conversation != before.conversation:
            others = agents.in_conversation(tx, after.conversation or "", but=agent.id)
            drafts += _shared(others, now_ns) if after.state not in OVER else []
        after, warned = budgeting.note(tx, current, before, after, now_ns)
        count = journal.append(tx, agent.id, agent.generation, [*found.drafts, *drafts, *warned])
        spent.add(tx, agent.id, steps)
        sources.advance(tx, agent.id, found.positions)
        sources.drop(tx, agent.id, found.gone)
        if after != before:
            agents.set_condition(tx, agent.id, after)
            noticing.note(tx, current, before, after, now_ns)
    _delete(found)
    _release(app, agent, before, after)
    if agent_file.is_worth_keeping(before, after):
        agent_file.keep(app, agent.id)
    # Newly named transcripts are read in the next round.
    return count, found.more or tuple(kind.readers(after, folder)) != tuple(wanted)


def reads_terminal(wanted: Sequence[Reader]) -> bool:
    """Whether the pane itself is what is followed."""
    return any(isinstance(reader, Terminal) for reader in wanted)


def _shared(others: Sequence[str], now_ns: int) -> list[NewEntry]:
    """Said once, when it begins: neither program knows what the other one does there."""
    words = f"{', '.join(others)} goes on with the same conversation: what is written there is told under both names"
    return [NewEntry("note", words, now_ns)] if others else []


def take_in(app: App, agent: Agent, observations: Sequence[Observation]) -> None:
    """Fold in what no source holds."""
    kind = registry.kind(agent.kind)
    with app.db.write() as tx:
        before = agents.condition_of(tx, agent.id)
        asked = agent.phase in ("stopping", "stopped")
        now_ns = clock.now_ns()
        after, drafts, steps = folding.fold_spending(kind, before, observations, now_ns, asked=asked)
        after, warned = budgeting.note(tx, agent, before, after, now_ns)
        journal.append(tx, agent.id, agent.generation, [*drafts, *warned])
        spent.add(tx, agent.id, steps)
        agents.set_condition(tx, agent.id, after)
        noticing.note(tx, agent, before, after, now_ns)


def _release(app: App, agent: Agent, before: Condition, after: Condition) -> None:
    """Let the hooks of requests that have ended end too: what was answered at the keyboard leaves its hook waiting."""
    was, now = ({r.id for r in c.open_requests} for c in (before, after))
    for ended in was - now:
        # By name: the hook of a request that is not read yet waits on.
        hook_pipe.send(app.folder(agent.id) / "asks" / ended, "")


def _delete(found: readers.Read) -> None:
    for path in found.spool:
        path.unlink(missing_ok=True)
