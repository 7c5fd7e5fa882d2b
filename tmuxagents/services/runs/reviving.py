"""Start the program of a task again that was lost, or that has ended and is to be told something."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.run import Told
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import resume
from tmuxagents.services.runs import filling
from tmuxagents.store import agents, journal, messages, runs
from tmuxagents.value import replace


def revive(app: App, agent: Agent) -> None:
    """Of two that do so one does it. What cannot be started stays as it is, and is judged as that."""
    found = runs.of_agent(app.db, agent.id)
    now = agents.by_id(app.db, agent.id)
    if found is None or now is None or now.generation != agent.generation or now.condition.state not in OVER:
        return
    if not _count(app, *found, now):
        return
    for done in resume.resume(app, [now]):
        if done.error is not None:
            with app.db.write() as tx:
                runs.give_up(tx, *found, str(done.error.message))


def _count(app: App, run_id: str, key: str, agent: Agent) -> bool:
    """Record that it is started again, with what it is told then; False where somebody else has recorded something."""
    version = runs.version(app.db, run_id)
    run = runs.by_id(app.db, run_id)
    row = next((row for row in runs.rows(app.db, run) if row.key == key), None) if run is not None else None
    if run is None or row is None:
        return False
    owing = messages.waiting(app.db).get(agent.id, 0)
    with app.db.write() as tx:
        if not runs.advance(tx, run_id, version):
            return False
        row = replace(row, revived=row.revived + 1)
        if _was_cut_off(agent) and not owing and row.state == "begun":
            from tmuxagents.kinds.prompts import digest

            number = messages.hold(tx, agent.id, filling.GO_ON, now_ns=clock.now_ns())
            row = replace(row, told=Told(number, journal.last_in(tx), digest(filling.GO_ON)))
        runs.put(tx, run_id, [row])
    return True


def _was_cut_off(agent: Agent) -> bool:
    """Whether it had begun with a turn that it has not ended; a task that it has not taken it is given again."""
    return registry.kind(agent.kind).CONFIRMS and agent.condition.turn > agent.condition.turns
