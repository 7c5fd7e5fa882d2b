"""What has happened in a run between two looks, a line each, and how it ended: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import State
from tmuxagents.model.run import SETTLED, Run, TaskRow, TaskState
from tmuxagents.runs.results import duration_s
from tmuxagents.settings.shown import duration

FAILED: frozenset[TaskState] = frozenset({"failed", "timed-out", "skipped", "stopped"})

_WORDS: Mapping[TaskState, str] = {
    "done": "done",
    "failed": "failed",
    "timed-out": "timed out",
    "skipped": "skipped",
    "stopped": "stopped",
}


_RESTS: frozenset[State] = frozenset({"idle", "ended"})


def is_shown(row: TaskRow) -> bool:
    """Whether it is a task by itself: a repeated one is where it has failed before it had elements."""
    return not row.group or (row.state in FAILED and not row.expanded)


def state(run: Run, row: TaskRow, agent: Agent | None) -> str:
    """In what state a task is now, in words: `agent` has it, and what that does is said of it. An agent that rests says
    nothing: its answer is not taken yet."""
    if row.state in ("begun", "checking") and run.state == "stopping":
        return "stopping"
    if row.state == "begun":
        return agent.condition.words if agent is not None and agent.condition.state not in _RESTS else "working"
    return row.state


def news(before: Mapping[str, TaskRow], rows: Sequence[TaskRow], names: Mapping[str, str], now_ns: int) -> list[str]:
    """What of the tasks is new since, in their order; `names` are those of the agents by their ids."""
    return [
        line for row in rows if is_shown(row) and (line := _new(before.get(row.key), row, names, now_ns)) is not None
    ]


def _new(was: TaskRow | None, row: TaskRow, names: Mapping[str, str], now_ns: int) -> str | None:
    state = was.state if was is not None else "waiting"
    attempt = was.attempt if was is not None else 0
    if row.state in SETTLED:
        return _ended(row, now_ns) if state != row.state else None
    if row.attempt != attempt:
        who = names.get(row.agent_id or "", "")
        if row.attempt > 1:
            return f"{row.key} is tried again ({row.attempt - 1} of {row.task.retries}): {_first(row.error)}"
        return f"{row.key} began" + (f" ({who})" if who else "")
    if row.state == "checking" and state != "checking":
        return f"{row.key} is checked"
    return None


def _ended(row: TaskRow, now_ns: int) -> str:
    took = duration_s(row, now_ns)
    words = f"{row.key} {_WORDS[row.state]}"
    if took is not None:
        words += f" after {took:.1f}s" if took < 60 else f" after {duration(round(took))}"
    if row.cost_usd is not None:
        words += f" (${row.cost_usd:.4f})"
    return f"{words}: {_first(row.error)}" if row.error and row.state != "done" else words


def _first(text: str | None) -> str:
    return next((line.strip() for line in (text or "").splitlines() if line.strip()), "")


def once(why: str) -> str:
    """The same, where its first line ends with the last one of what was printed without that end: it is read below."""
    first, _, printed = why.partition("\n")
    last = printed.rstrip().rpartition("\n")[2].strip()
    return f"{first.removesuffix(f': {last}')}\n{printed}" if last else why


def summary(run: Run, rows: Sequence[TaskRow]) -> str:
    """`run-1 failed: 3 of 5 done, 1 failed (lint), 1 skipped (report)`."""
    tasks = [row for row in rows if is_shown(row)]
    done = sum(row.state == "done" for row in tasks)
    parts = [f"{done} of {len(tasks)} done"]
    for state in ("failed", "timed-out", "skipped", "stopped"):
        keys = [row.key for row in tasks if row.state == state]
        if keys:
            shown = ", ".join(keys[:5]) + (" …" if len(keys) > 5 else "")
            parts.append(f"{len(keys)} {_WORDS[state]} ({shown})")
    going = sum(row.state not in SETTLED for row in tasks)
    if going:
        parts.append(f"{going} to do")
    return f"{run.name} {run.state}: {', '.join(parts)}"
