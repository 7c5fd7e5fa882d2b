"""An agent as the dashboard shows it, and who needs you."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tmuxagents.model import settling_key
from tmuxagents.model.condition import Dialog, State
from tmuxagents.value import Value

Group = Literal["needs you", "unknown", "working", "queued", "completed"]
GROUPS: Sequence[Group] = ("needs you", "unknown", "working", "queued", "completed")

_FIRST: Sequence[State] = ("waiting", "failed", "lost", "limited")


class Row(Value):
    """One agent. `said` is what is asked, went wrong, or is done. `rate` are tokens of output a second, None where
    nobody knows; `cost` and `budget` are in words, "" where nobody knows or none is set; `dialog_id` names the very
    dialog that `dialog` is, `place` where it stands in the queue, 0 where it is in none; `continues` that a limit ends
    without anybody. `pane` is its window's, "" without one; `paths` is its
    folder in whole, each way that it is written."""

    id: str
    name: str
    kind: str
    color: int
    state: State
    words: str
    since_ns: int
    created_ns: int
    generation: int = 1
    said: str = ""
    turn: int = 0
    rate: float | None = None
    cost: str = ""
    microusd: int | None = None
    budget: str = ""
    over_budget: bool = False
    context_left: int | None = None
    files: int | None = None
    conflicts: int = 0
    place: int = 0
    folder: str = ""
    paths: tuple[str, ...] = ()
    run: str = ""
    run_id: str = ""
    pinned: bool = False
    dismissed: bool = False
    unread: int = 0
    continues: bool = False
    pane: str = ""
    has_worktree: bool = False
    dialog: Dialog | None = None
    dialog_id: str | None = None

    @property
    def group(self) -> Group:
        """Who needs you first. What has failed or is lost waits for a person; a limit that ends by itself does not."""
        if self.state in ("waiting", "failed", "lost"):
            return "needs you"
        if self.state == "unknown":
            return "unknown"
        if self.state == "limited":
            return "working" if self.continues else "needs you"
        if self.state == "queued":
            return "queued"
        return "working" if self.state in ("working", "starting") else "completed"

    @property
    def may_leave(self) -> bool:
        """Whether it can be dismissed, as far as its state says."""
        return self.dialog is None and (self.is_over or self.state == "idle")

    @property
    def asks_whole(self) -> bool:
        """Whether what is known of its dialog is all that it asks."""
        return self.dialog is not None and settling_key.is_whole(self.dialog)

    @property
    def is_over(self) -> bool:
        """Whether no program runs."""
        return self.state in ("ended", "failed", "lost")


def in_order(rows: Sequence[Row]) -> list[Row]:
    """By group; within it who is pinned, then who waits before who has failed, the queue by its places, and the oldest
    first; of those that are completed who has come to rest last."""
    return sorted(rows, key=_key)


def _key(row: Row) -> tuple[int, bool, int, int, str]:
    urgency = _FIRST.index(row.state) if row.group == "needs you" else row.place
    age = -row.since_ns if row.group == "completed" else row.created_ns
    return GROUPS.index(row.group), not row.pinned, urgency, age, row.id
