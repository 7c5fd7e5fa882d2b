"""A run in a database of its own, each task's agent as a test says it is: nothing is started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import rows
from tmuxagents.model.agent import Phase
from tmuxagents.model.condition import Condition
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import Run, RunState, TaskRow, Told
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.runs import stepping
from tmuxagents.services.runs.stepping import Stepped
from tmuxagents.store import agents, messages, runs

RUN = "id-of-the-run"

AT_WORK: dict[str, Any] = {"state": "working", "turn": 1, "turns": 0}
ANSWERED: dict[str, Any] = {"state": "idle", "turn": 1, "turns": 1, "ended": "done"}
LOST_AT_WORK: dict[str, Any] = {"state": "lost", "turn": 1, "turns": 0}


class Recorded:
    """The run; `step` takes it one step on."""

    def __init__(self, app: App, state: RunState = "running") -> None:
        self.app, self.state = app, state

    def agent(self, *, kind: str = "demo", phase: Phase = "running", name: str | None = None, **now: Any) -> AgentId:
        """An agent in that condition."""
        agent_id = rows.claim(self.app.db, name, kind=kind, options={"run": {"id": RUN, "name": "run-1"}})
        self.set(agent_id, phase=phase, **now)
        return agent_id

    def set(self, agent_id: AgentId, *, phase: Phase = "running", **now: Any) -> None:
        """The agent is in that condition from now on."""
        with self.app.db.write() as tx:
            agents.set_phase(tx, agent_id, phase)
            agents.set_condition(tx, agent_id, Condition(**now))

    def run(self, *tasks: TaskRow, state: RunState = "running") -> None:
        """The run has these rows."""
        manifest = Manifest(name="m", tasks=[row.task for row in tasks])
        with self.app.db.write() as tx:
            runs.create(tx, Run(RUN, "run-1", manifest, state, 1, dir=str(self.app.state)), tasks)

    def step(self) -> Stepped:
        """Take it one step on."""
        return stepping.step(self.app, RUN)

    def rows(self) -> Mapping[str, TaskRow]:
        """What is recorded."""
        run = runs.by_id(self.app.db, RUN)
        assert run is not None
        return {row.key: row for row in runs.rows(self.app.db, run)}


def begun(agent_id: str | None, *, key: str = "a", task: Mapping[str, Any] | None = None, **more: Any) -> TaskRow:
    """The row of a task that this agent has."""
    values = {"state": "begun", "attempt": 1, "begun_ns": 1, "attempt_ns": 1, **more}
    return TaskRow(key, Task(id=key, **{"prompt": "do it", **(task or {})}), agent_id=agent_id, **values)


def told(one: Recorded, agent_id: AgentId, *, cut: int | None = None) -> Told:
    """A message that is held for it, as the row of its task knows it."""
    with one.app.db.write() as tx:
        return Told(messages.hold(tx, agent_id, "mend it", now_ns=1), 0, "digest", cut)


@contextmanager
def recorded(state: Path) -> Iterator[Recorded]:
    """In a state directory of its own."""
    with open_app(str(state)) as app:
        yield Recorded(app)
