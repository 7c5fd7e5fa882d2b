"""Begin what is queued when there is room for it: one after the other, each beside the loop."""

from __future__ import annotations

import contextlib
import os
from functools import partial

from tmuxagents import clock
from tmuxagents.drivers import disk
from tmuxagents.errors import ConfigInvalid, DiskFull, StateDamaged, TmuxagentsError, TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.model import room
from tmuxagents.model.agent import Agent
from tmuxagents.model.room import Waiting
from tmuxagents.names import AgentId
from tmuxagents.services import agent_folder
from tmuxagents.services.controller import log
from tmuxagents.services.controller.background import Ended
from tmuxagents.services.controller.team import Rest, Team
from tmuxagents.services.fleet import claims
from tmuxagents.services.ingest import agent_file
from tmuxagents.store import agents, queue
from tmuxagents.value import replace

APART_S = 0.3
"""Between two starts: of ten programs that begin in one instant each takes ten times as long to be there, and what is
running stands still meanwhile."""

COMMAND_APART_S = 0.05
"""The same for a program of the user's own choice, which is most often a small one."""

AT_ONCE = 8
"""How many are being begun at once: a worktree may take its time, and others have things to do beside the loop."""

LOOK_S = 2.0
"""How often is looked where nothing tells that there is room: memory, the disk, work that was reviewed, a setting."""

TRIES = 5
"""How often a start may fail of what is not its own before it counts as its own all the same."""

_BUSY = ("starting", "working")


def take_over(team: Team) -> None:
    """What was left behind: folders without agents, agents without a place in the line."""
    if next((team.app.state / "agents").glob(f"*/{agent_folder.ASKED}"), None) is not None:
        from tmuxagents.services.lifecycle import queued

        queued.sweep(team.app)
    for agent_id in queue.strays(team.app.db):
        with team.app.db.write() as tx:
            queue.join(tx, agent_id, owner=room.PERSON)


def begin_next(team: Team) -> None:
    """The next one, where somebody waits, there is room, and the one before has had its time."""
    _give_back(team)
    line = team.line
    waiting = frozenset(w.agent.id for w in team.watched.values() if w.agent.phase == "queued")
    for new in waiting - line.kept:
        # From it a rebuild has it, should the database be lost.
        agent_file.keep(team.app, new)
    line.kept = waiting
    if not waiting:
        line.look_at = None
        return
    while _begins_one(team, waiting):
        waiting = frozenset(w.agent.id for w in team.watched.values() if w.agent.phase == "queued")


def _begins_one(team: Team, waiting: frozenset[AgentId]) -> bool:
    """Whether one was begun; those that are behind their time follow at once."""
    line, now = team.line, clock.monotonic()
    begun = [w.agent.id for w in team.watched.values() if _is_ours(w.agent)]
    until = max(line.until, line.rest.until)
    if until > now or len(begun) >= AT_ONCE:
        # Who has been begun wakes the loop.
        line.look_at = until if until > now else now + LOOK_S
        return False
    seen = (waiting, sum(w.agent.condition.state in _BUSY for w in team.watched.values()))
    if seen == line.seen and line.look_at is not None and line.look_at > now:
        return False
    line.seen, line.look_at = seen, now + LOOK_S
    chosen = _choose(team)
    return chosen is not None and _begin(team, AgentId(chosen.agent_id))


def _choose(team: Team) -> Waiting | None:
    # What nobody needs who has no queue is not loaded.
    from tmuxagents import config
    from tmuxagents.services.lifecycle import bounds

    app, full = team.app, disk.is_full(team.app.state)
    # Where the file is wrong whoever types the next command is told, and what it said before holds on.
    with contextlib.suppress(ConfigInvalid):
        team.line.bounds = bounds.of(config.load(config.path()))
    known = team.line.bounds or room.Bounds()
    with app.db.write() as tx:
        load = replace(bounds.load(tx, known), full=full, unbounded=team.line.bounds is None)
        # On a full disk it cannot be recorded either.
        if not full:
            queue.note_why(tx, room.held_by(known, load))
        return room.next_one(queue.waiting(tx), known, load)


def _begin(team: Team, agent_id: AgentId) -> bool:
    from tmuxagents.services.lifecycle import queued

    try:
        claimed = queued.take(team.app, agent_id)
    except TmuxagentsError as error:
        if isinstance(error, StateDamaged):
            raise
        # No port is free, for one: everybody else goes on meanwhile.
        log.write(team.app, f"queue: {error}")
        team.line.rest.lengthen(clock.monotonic(), first=1.0, longest=30.0)
        return False
    if claimed is None:
        return False
    if agent_id in team.watched:
        team.watched[agent_id].agent = claimed
    small = registry.kind(claimed.kind).TAKES_PROGRAM
    now = clock.monotonic()
    # Small ones that were to begin while the loop had something else to do are not late for it.
    after = max(team.line.until, now - AT_ONCE * COMMAND_APART_S) + COMMAND_APART_S if small else now + APART_S
    team.line.until = team.line.look_at = after
    team.beside.start(_key(agent_id), partial(queued.begin, claimed=claimed))
    return True


def _key(agent_id: AgentId) -> tuple[str, AgentId]:
    return "begin", agent_id


def _is_under_way(team: Team, agent_id: AgentId) -> bool:
    """Whether its start is: out of the queue, or once more because its program was lost."""
    return team.beside.busy(_key(agent_id)) or team.beside.busy(("revive", agent_id))


def note(team: Team, agent_id: AgentId, ended: Ended) -> None:
    """Take in how a start has ended: what failed of what is not its own is tried again, later each time."""
    line, agent = team.line, agents.by_id(team.app.db, agent_id)
    if ended.error is None or agent is None:
        line.rest = Rest()
        line.tries.pop(agent_id, None)
    else:
        line.tries[agent_id] = line.tries.get(agent_id, 0) + (not isinstance(ended.error, DiskFull))
        line.rest.lengthen(clock.monotonic(), first=1.0, longest=30.0)
        if line.tries[agent_id] >= TRIES or not claims.is_passing(ended.error):
            _fail(team, agent, ended.error)
    if agent is not None and agent_id in team.watched:
        team.watched[agent_id].agent = agents.by_id(team.app.db, agent_id) or agent
        team.watched[agent_id].dirty, team.watched[agent_id].changed_at = True, clock.monotonic()
    line.seen = ()


def _fail(team: Team, agent: Agent, error: Exception) -> None:
    from tmuxagents.services.lifecycle import queued

    # Where tmux does not answer now it was not the agent's own: it is given back.
    with contextlib.suppress(TmuxUnreachable):
        if not claims.runs_after_all(team.app, agent):
            queued.fail(team.app, agent, error)


def _give_back(team: Team) -> None:
    """What we have claimed and do not begin any more: its start has failed, or a full disk kept us from recording
    that."""
    for watched in team.watched.values():
        if _is_ours(watched.agent) and not _is_under_way(team, watched.agent.id):
            now = agents.by_id(team.app.db, watched.agent.id)
            # Where tmux cannot be asked whether it has its window, it is asked again in the next turn of the loop.
            with contextlib.suppress(TmuxUnreachable):
                if now is not None and _is_ours(now) and not claims.runs_after_all(team.app, now):
                    claims.give_back(team.app, now)
            watched.agent = agents.by_id(team.app.db, watched.agent.id) or watched.agent


def _is_ours(agent: Agent) -> bool:
    claimer = agent.claimer
    return agent.phase == "claimed" and claimer is not None and claimer.pid == os.getpid()
