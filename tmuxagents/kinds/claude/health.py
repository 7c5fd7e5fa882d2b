"""What of Claude Code's settings would break a promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.kinds.base import Health

KEPT_DAYS = 30
"""How long Claude Code keeps conversations where nothing else is set."""


def health(settings: Mapping[Path, Mapping[str, Any]]) -> Sequence[Health]:
    """Its hooks, and how long it keeps what it was told."""
    path, own = next(iter(settings.items()), (Path("settings.json"), {}))
    return (_hooks(path, own), _retention(path, own))


def _hooks(path: Path, settings: Mapping[str, Any]) -> Health:
    if settings.get("disableAllHooks") or settings.get("allowManagedHooksOnly"):
        what = "Claude Code's hooks are switched off: states would come late"
        return Health("problem", "hooks", what, f"remove disableAllHooks from {path}")
    return Health("ok", "hooks", "Claude Code's hooks are not switched off")


def _retention(path: Path, settings: Mapping[str, Any]) -> Health:
    days = settings.get("cleanupPeriodDays")
    if isinstance(days, int) and days < KEPT_DAYS:
        what = f"Claude Code deletes conversations after {days} days"
        return Health("problem", "retention", what, f'set "cleanupPeriodDays" in {path}')
    kept = days if isinstance(days, int) else KEPT_DAYS
    return Health("ok", "retention", f"Claude Code keeps conversations for {kept} days; the journal keeps its own")
