"""Start the program of a task again that was lost, or that has ended and is to be told something."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.run import TaskRow, Told
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import sendable
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.ingest import ingest
from tmuxagents.services.lifecycle import resume
from tmuxagents.services.runs import filling, seeing, upkeep
from tmuxagents.store import agents, journal, messages, runs
from tmuxagents.value import replace


def revive(app: App, agent: Agent) -> None:
    """Of two that do so one does it. What cannot be started stays as it is, and is judged as that; where the machine
    keeps it from being started it raises, and nothing is counted."""
    found = runs.of_agent(app.db, agent.id)
    now = agents.by_id(app.db, agent.id)
    if found is None or now is None or now.generation != agent.generation or now.condition.state not in OVER:
        return
    # What it had said and nobody has read decides whether it has answered.
    ingest.pull(app, now)
    if not _count(app, *found, agent.id):
        return
    now = agents.by_id(app.db, agent.id)
    for done in resume.resume(app, [now] if now is not None else []):
        if done.error is not None:
            _note(app, *found, agent.id, done.error)


def _note(app: App, run_id: str, key: str, agent_id: AgentId, error: TmuxagentsError) -> None:
    now = agents.by_id(app.db, agent_id)
    if now is None or now.condition.state not in OVER:
        # Somebody else has started it.
        return
    with app.db.write() as tx:
        if claims.is_passing(error):
            runs.uncount(tx, run_id, key)
        else:
            runs.give_up(tx, run_id, key, str(error.message))
    if claims.is_passing(error):
        raise error


def _count(app: App, run_id: str, key: str, agent_id: AgentId) -> bool:
    """Record that it is started again, with what it is told then; False where it needs not be, or somebody else has
    recorded something."""
    version = runs.version(app.db, run_id)
    run = runs.by_id(app.db, run_id)
    rows = {row.key: row for row in runs.rows(app.db, run)} if run is not None else {}
    row = rows.get(key)
    if row is None or agent_id not in (row.agent_id, row.check_id) or row.state not in ("begun", "checking"):
        return False
    around = seeing.world(app, [row])
    agent = around.of(agent_id)
    judged = seeing.seen(app, [row], around)[key].now
    if agent is None or judged not in ("runs", "queued", "limited") or not upkeep.must_revive(row, agent, around):
        return False
    with app.db.write() as tx:
        if not runs.advance(tx, run_id, version):
            return False
        row = replace(row, revived=row.revived + 1)
        text = _owed(app, row, agent, around.owing)
        if text is not None:
            clean = sendable(text)
            number = messages.hold(tx, agent.id, clean, now_ns=clock.now_ns())
            row = replace(row, told=Told(number, journal.last_in(tx), digest(clean)))
        runs.put(tx, run_id, [row])
    return True


def _owed(app: App, row: TaskRow, agent: Agent, owing: Mapping[AgentId, int]) -> str | None:
    """What it is told when it is there again: to go on with the turn that was cut off, or once more what it was told
    and has not taken. A task that it has not taken it is given again."""
    if row.state != "begun" or owing.get(agent.id) or not registry.kind(agent.kind).CONFIRMS:
        return None
    if seeing.limited_until(agent) is not None:
        return filling.LIMITED
    if agent.condition.turn > agent.condition.turns:
        return filling.GO_ON
    if row.told is None or _was_taken(app, row.told, agent):
        return None
    return filling.GO_ON if row.told.digest == digest(filling.GO_ON) else filling.again(row.error or "")


def _was_taken(app: App, told: Told, agent: Agent) -> bool:
    prompts = journal.after(app.db, told.mark, agents=[agent.id], kinds=["prompt"], limit=100_000)
    return any(prompt.detail.get("digest") == told.digest for prompt in prompts)
