"""In what state a task is, for every front alike."""

from __future__ import annotations

import pytest

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition, Dialog, State
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import Run, RunState, TaskRow, TaskState
from tmuxagents.names import AgentId, AgentName
from tmuxagents.runs import telling


def agent(state: State) -> Agent:
    """One in that state."""
    dialog = Dialog("permission", "Bash(ls)") if state == "waiting" else None
    condition = Condition(state=state, dialog=dialog)
    return Agent(AgentId("i"), AgentName("n"), "demo", "", None, 0, 0, 0, 0, "running", None, condition)


@pytest.mark.parametrize(
    ("run", "task", "does", "words"),
    [
        ("running", "begun", None, "working"),
        ("running", "begun", "idle", "working"),
        ("running", "begun", "waiting", "needs permission"),
        ("running", "begun", "queued", "queued"),
        ("running", "checking", "working", "checking"),
        ("running", "waiting", None, "waiting"),
        ("stopping", "begun", "working", "stopping"),
        ("stopping", "begun", "waiting", "stopping"),
        ("stopping", "checking", None, "stopping"),
        ("stopping", "waiting", None, "waiting"),
        ("stopping", "done", "ended", "done"),
    ],
)
def test_a_task_is_in_one_state_whoever_asks(run: RunState, task: TaskState, does: State | None, words: str) -> None:
    made = Run("id", "run-1", Manifest("run", ()), run, 0)
    row = TaskRow("a", Task("a", "do it"), task)

    assert telling.state(made, row, agent(does) if does is not None else None) == words
