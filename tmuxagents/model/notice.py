"""What a person is called for: which change of a condition is worth it, and which dialog an action is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from tmuxagents.model.condition import OVER, Condition, Dialog
from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import Value

if TYPE_CHECKING:
    from tmuxagents.model.run import RunState

NoticeKind = Literal["needs", "failed", "limited", "lost", "budget", "finished", "test"]

_OVER: Mapping[str, NoticeKind] = {"failed": "failed", "lost": "lost", "ended": "finished"}
_RUNS: Mapping[RunState, NoticeKind] = {"done": "finished", "failed": "failed"}
_TURNS: Mapping[str, NoticeKind | None] = {"failed": "failed", "interrupted": None}


class NewNotice(Value):
    """A call that is not recorded yet. `what` is what is asked for, or why it failed; `verb` what settles it,
    `dialog` names that very dialog. `since_ns` is when the state began, `at_ns` when it was seen."""

    kind: NoticeKind
    state: str
    at_ns: int
    since_ns: int = 0
    needs: str | None = None
    dialog: str | None = None
    verb: str | None = None
    what: str = ""


class Notice(Value):
    """A recorded call: `id` is the same however often it is sent, on every channel. `delayed` says that it was
    kept back once, because one of its kind had been sent just before. That of a run has its id and its name, and no
    generation: agents have one and more."""

    number: int
    id: str
    agent_id: AgentId
    agent: AgentName
    generation: int
    new: NewNotice
    delayed: bool = False

    @property
    def is_of_run(self) -> bool:
        """Whether it tells of a run's end."""
        return self.generation == 0 and self.new.kind != "test"


def arises_from_run(state: RunState) -> NoticeKind | None:
    """What a person may want to be called for when a run has come to that; who stopped it knows."""
    return _RUNS.get(state)


def arises(before: Condition, after: Condition, *, asked: bool) -> NoticeKind | None:
    """What a person may want to be called for when one becomes the other; `asked`: it is ended on request."""
    if after.state in OVER:
        if after.is_limited and before.state not in ("unknown", *OVER) and not asked:
            return "limited"
        if before.state not in OVER and before.ending:
            # By us, and nobody asked for it just now: a time limit.
            return "failed"
        return None if before.state in OVER or asked else _OVER[after.state]
    if _asks(after) and not _goes_on(before, after):
        return "needs"
    if before.state == "unknown":
        # A rebuilt database: what was before is not known, and was told then.
        return None
    if after.is_limited and not before.is_limited:
        return "limited"
    if _rests(after) and (after.turns > before.turns or before.state == "working"):
        return _TURNS.get(after.ended or "", "finished")
    return None


def dialog_id(agent_id: AgentId, generation: int, condition: Condition) -> str | None:
    """A short name of the very dialog that the agent waits on; None where it waits on none.

    What the program asked leave for by a hook is that request whatever its screen shows. Another dialog with the
    same words is another: it began at another moment.
    """
    dialog = condition.dialog
    if dialog is None:
        return None
    import hashlib

    own = [dialog.request] if dialog.request is not None else [str(condition.since_ns), dialog.needs, _shown(dialog)]
    words = "\0".join([agent_id, str(generation), *own])
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:10]


def _shown(dialog: Dialog) -> str:
    return dialog.text or "\0".join([dialog.what, *dialog.choices])


def _asks(condition: Condition) -> bool:
    return condition.state == "waiting" and condition.dialog is not None and not condition.dialog.asks_nothing


def _goes_on(before: Condition, after: Condition) -> bool:
    """Whether it is the need that was there before, of which more is known by now."""
    was, now = before.dialog, after.dialog
    if not _asks(before) or was is None or now is None or was.needs != now.needs or before.since_ns != after.since_ns:
        return False
    if was.request is not None and now.request is not None:
        return was.request == now.request
    return not was.text or not now.text or was.text == now.text


def _rests(condition: Condition) -> bool:
    return condition.state == "idle" and not (condition.task_due or condition.queued or condition.closing)
