"""What was changed outside an agent's scope: told once for each file."""

from __future__ import annotations

from tmuxagents.kinds.base import Folded
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Outside
from tmuxagents.value import replace

_NAMED = 5
"""So many files are named."""

_REMEMBERED = 200
"""A file that comes and goes (a build's own) is told once, as long as no more than these come between."""


def observe(condition: Condition, seen: Outside) -> Folded:
    """What is outside now, and an entry of what was not told yet."""
    new = [path for path in seen.paths if path not in condition.strayed]
    strayed = (*condition.strayed, *new)[-_REMEMBERED:]
    condition = replace(condition, outside=seen.paths, strayed=strayed)
    if not new:
        return condition, []
    more = seen.count - len(seen.paths)
    named = [*new[:_NAMED], *([f"{len(new) - _NAMED + more} more"] if len(new) > _NAMED or more else [])]
    by = ", by it or by somebody else in that checkout" if seen.shared else ""
    words = f"changed outside its scope: {', '.join(named)}{by}"
    return condition, [NewEntry("note", words, seen.at_ns, {"scope": "outside", "paths": new})]
