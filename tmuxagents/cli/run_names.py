"""Which of the NAMEs on a command line are runs: runs and agents share one namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tmuxagents import names as naming
from tmuxagents.services.app import App

if TYPE_CHECKING:
    from tmuxagents.model.run import Run


def split(app: App, given: Sequence[str]) -> tuple[list[Run], list[str]]:
    """The runs that are named, and what is left for agents. A glob and `all` mean agents alone."""
    from tmuxagents.store import runs

    found: list[Run] = []
    left: list[str] = []
    for part in (part for word in given for part in naming.parts(word)):
        run = None if naming.is_wide(part) else runs.by_name(app.db, part)
        if run is None:
            left.append(part)
        elif run.id not in [each.id for each in found]:
            found.append(run)
    return found, left
