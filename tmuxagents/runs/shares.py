"""How the budgets of a run are split over its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.model.manifest import Manifest, Place, Task
from tmuxagents.runs.nodes import Fault
from tmuxagents.value import replace

KEYS = ("budget_usd", "budget_tokens")


def split(manifest: Manifest, written: Mapping[str, Place]) -> Manifest:
    """Each agent's task that has no budget of its own gets an even share of what the others leave.

    `written` says where each budget stands. A repeated task has one for each of its elements, as far as they are known
    before the run. A command has none.
    """
    for key in KEYS:
        if getattr(manifest, key) is None:
            continue
        without = [task for task in manifest.tasks if task.kind != "command" and getattr(task, key) is None]
        share = _checked(manifest, key, without, written[key])
        if share is not None:
            manifest = _shared_out(manifest, key, without, share)
    return manifest


def anew(manifest: Manifest) -> Manifest:
    """With what the whole may spend by now split again over those that have a share of it: none where it is not bounded
    any more. Where what the others have for themselves leaves nothing they keep what they had: the whole bounds them.
    """
    for key in KEYS:
        among = [task for task in manifest.tasks if key in task.shared]
        share = None if getattr(manifest, key) is None else _share(manifest, key, among)
        if among and (share is None or share > 0):
            manifest = _shared_out(manifest, key, among, share)
    return manifest


def _shared_out(manifest: Manifest, key: str, among: Sequence[Task], share: float | None) -> Manifest:
    ids = {task.id for task in among}
    return replace(manifest, tasks=[_with(task, key, share) if task.id in ids else task for task in manifest.tasks])


def _with(task: Task, key: str, share: float | None) -> Task:
    shared = task.shared if key in task.shared else (*task.shared, key)
    given = int(share) if key == "budget_tokens" and share is not None else share
    return replace(task, **{key: given, "shared": shared})


def _checked(manifest: Manifest, key: str, without: Sequence[Task], place: Place) -> float | None:
    """None where every task has one."""
    whole, own = getattr(manifest, key), _own(manifest, key, without)
    if own > whole * (1 + 1e-9):
        raise Fault(place, f"'{key}' is {whole:,g}, and the tasks' own come to {own:,g}")
    if not without:
        return None
    share = _share(manifest, key, without)
    if share <= 0:
        raise Fault(place, f"'{key}' leaves nothing for task '{without[0].id}'")
    return share


def _share(manifest: Manifest, key: str, among: Sequence[Task]) -> float:
    """Of what the others leave, for each of them."""
    left, count = getattr(manifest, key) - _own(manifest, key, among), sum(map(elements, among)) or 1
    return float(int(left) // count) if key == "budget_tokens" else round(left / count, 6)


def _own(manifest: Manifest, key: str, but: Sequence[Task]) -> float:
    """What the other tasks of agents have for themselves."""
    ids = {task.id for task in but}
    counted = [task for task in manifest.tasks if task.kind != "command" and task.id not in ids]
    return float(sum(getattr(task, key) * elements(task) for task in counted if getattr(task, key) is not None))


def elements(task: Task) -> int:
    """How many agents a task has, as far as that is known before the run; one where it is not."""
    each = task.for_each
    if each is None or each.glob is not None or each.lines_of is not None:
        return 1
    count = 1
    for values in each.matrix.values():
        count *= len(values)
    return count if each.matrix else -(-len(each.items) // each.chunk)
