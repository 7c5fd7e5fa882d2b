"""How the budgets of a run are split over its tasks."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents.model.manifest import Manifest, Place, Task
from tmuxagents.runs.nodes import Fault
from tmuxagents.value import replace


def split(manifest: Manifest, written: Mapping[str, Place]) -> Manifest:
    """Each agent's task that has no budget of its own gets an even share of what the others leave.

    `written` says where each budget stands. A repeated task has one for each of its elements, as far as they are known
    before the run. A command has none.
    """
    usd, tokens = manifest.budget_usd, manifest.budget_tokens
    share_usd = _share(manifest, written, "budget_usd", usd) if usd is not None else None
    share_tokens = _share(manifest, written, "budget_tokens", tokens) if tokens is not None else None
    if share_usd is None and share_tokens is None:
        return manifest
    return replace(manifest, tasks=[_with(task, share_usd, share_tokens) for task in manifest.tasks])


def _with(task: Task, usd: float | None, tokens: float | None) -> Task:
    if task.kind == "command":
        return task
    return replace(
        task,
        budget_usd=usd if task.budget_usd is None else task.budget_usd,
        budget_tokens=int(tokens) if task.budget_tokens is None and tokens is not None else task.budget_tokens,
    )


def _share(manifest: Manifest, written: Mapping[str, Place], key: str, whole: float) -> float | None:
    """None where every task has one."""
    counted = [task for task in manifest.tasks if task.kind != "command"]
    own = sum(getattr(task, key) * elements(task) for task in counted if getattr(task, key) is not None)
    without = sum(elements(task) for task in counted if getattr(task, key) is None)
    place = written[key]
    if own > whole * (1 + 1e-9):
        raise Fault(place, f"'{key}' is {whole:,g}, and the tasks' own come to {own:,g}")
    if not without:
        return None
    left = whole - own
    share = float(int(left) // without) if key == "budget_tokens" else round(left / without, 6)
    if share <= 0:
        first = next(task.id for task in counted if getattr(task, key) is None)
        raise Fault(place, f"'{key}' leaves nothing for task '{first}'")
    return share


def elements(task: Task) -> int:
    """How many agents a task has, as far as that is known before the run; one where it is not."""
    each = task.for_each
    if each is None or each.glob is not None or each.lines_of is not None:
        return 1
    count = 1
    for values in each.matrix.values():
        count *= len(values)
    return count if each.matrix else -(-len(each.items) // each.chunk)
