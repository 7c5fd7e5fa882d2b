"""Any program: its lines are what its terminal shows, its state is whether it runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tmuxagents.kinds import arguments
from tmuxagents.kinds.base import Folded, Kind, Launch, Reader, Start, Terminal
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import EntryKind
from tmuxagents.model.observation import Observation, Tick
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace


class Command(Kind):
    """We know nothing of the program but that it runs in a terminal."""

    TAKES_PROGRAM = True
    RETOLD: frozenset[EntryKind] = frozenset(("output", "exit"))
    NOT_RETOLD = "the times of its output"

    def launch(self, start: Start) -> Launch:
        """The program is what stood behind `--`; a TASK becomes its last argument."""
        argv, files = arguments.by_file([str(word) for word in start.options.get("args", ())], start.folder)
        return Launch(argv=argv, files=files, task=start.task)

    def readers(self, condition: Condition, folder: Path) -> Sequence[Reader]:
        return (Terminal(),)

    def observe(self, condition: Condition, seen: Observation) -> Folded:
        """It works from the moment it was started."""
        if _begins(condition) and isinstance(seen, Tick):
            return replace(condition, state="working", since_ns=seen.at_ns, evidence="its program runs"), []
        return condition, []

    def due_ns(self, condition: Condition) -> int | None:
        return condition.since_ns if _begins(condition) else None

    def read_screen(self, rows: Sequence[str]) -> Reading:
        """We cannot tell a prompt from a dialog, so every screen counts as a place to type."""
        from tmuxagents.kinds import tui

        return Reading(draft="", tail=tuple(row for row in tui.plain(rows) if row)[-12:])


def _begins(condition: Condition) -> bool:
    return condition.state in ("starting", "unknown")


KIND = Command()
