"""The longest way through tasks that wait for each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def longest(before: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> list[str]:
    """The chain of keys whose weights are the most together, first to last; the first of them where two are alike.
    `before` has what each waits for. Without recursion: a chain may be as long as the run has tasks."""
    total: dict[str, float] = {}
    came_by: dict[str, str | None] = {}
    for key in _sorted(before):
        known = [name for name in before[key] if name in total]
        by = max(known, key=lambda name: total[name], default=None)
        total[key] = weights.get(key, 0) + (total[by] if by is not None else 0)
        came_by[key] = by
    path: list[str] = []
    at = max(total, key=lambda key: total[key], default=None)
    while at is not None:
        path.append(at)
        at = came_by[at]
    return path[::-1]


def _sorted(before: Mapping[str, Sequence[str]]) -> list[str]:
    """Each behind all that it waits for."""
    behind: dict[str, list[str]] = {}
    missing = {key: sum(name in before for name in names) for key, names in before.items()}
    for key, names in before.items():
        for name in names:
            behind.setdefault(name, []).append(key)
    order = [key for key, count in missing.items() if not count]
    for key in order:
        for each in behind.get(key, ()):
            missing[each] -= 1
            if not missing[each]:
                order.append(each)
    return order
