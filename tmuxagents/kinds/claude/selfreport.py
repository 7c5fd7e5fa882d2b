"""What `~/.claude/sessions/PID.json` and the screen add where no hook speaks.

Measured on 2.1.197 and 2.1.330: `status` is busy, idle, waiting or shell, with `waitingFor`
(`permission prompt`, `input needed`, `dialog open`) and `statusUpdatedAt` in milliseconds. It is
the only trace of Esc before any output, of an answered permission while the tool still runs, and
of a dialog that no hook announces. The trust dialog comes before the file exists: the screen alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.choices import needed
from tmuxagents.kinds.claude import headless, identity, requests
from tmuxagents.kinds.claude.memory import remember, to_state
from tmuxagents.kinds.claude.turns import in_turn, is_unsure, seem_busy, seem_idle, stop_turn
from tmuxagents.model.codec import decode, encode
from tmuxagents.model.condition import Condition, Dialog, Need, State
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Screen, SelfReport
from tmuxagents.value import replace

_NEEDS: Mapping[str, Need] = {"permission prompt": "permission", "input needed": "question"}


GRACE = 4 * SECOND // 10
"""A report is believed when no hook has told more within this time: `busy` is written some
milliseconds before UserPromptSubmit fires, `waiting` before PermissionRequest."""


GRACE_UNHOOKED = 2 * SECOND
"""The same where the transcript has to say what hooks do not: it is written up to 0.3 s later, on a busy
machine more."""


def _grace(condition: Condition) -> int:
    report = condition.kind_state.get("report") or {}
    if report.get("status") == "waiting" and report.get("waitingFor") not in _NEEDS and condition.state == "idle":
        # It may be what a command opened, and whoever gave that closes.
        return LEFT_OPEN
    return GRACE_UNHOOKED if condition.kind_state.get("unhooked") and condition.state == "working" else GRACE


_FARTHEST_NS = 60 * SECOND


def observe(condition: Condition, report: SelfReport) -> Folded:
    """Remember a report; `settle` acts on it when no hook was later."""
    payload = report.payload
    updated = payload.get("statusUpdatedAt")
    if not identity.is_named(condition, payload.get("sessionId")) or not isinstance(updated, int):
        return condition, []
    at_ns = updated * 1_000_000
    if condition.task_due:
        condition = remember(condition, status=[str(payload.get("status")), at_ns])
    if headless.runs_so(condition):
        return condition, []
    condition = _since_set_back(condition, max(report.at_ns, at_ns))
    if (
        at_ns <= int(condition.kind_state.get("report_at", 0))
        or at_ns < int(condition.kind_state.get("hook_at", 0)) - 1_000_000
    ):
        return condition, []
    kept = {key: payload.get(key) for key in ("status", "waitingFor", "pid")}
    return remember(condition, report_at=at_ns, report=kept), []


def _since_set_back(condition: Condition, written_ns: int) -> Condition:
    """Forget what was noted at a time that had not come when the report was written: the clock was set back."""
    later = {
        name: 0
        for name in ("hook_at", "report_at")
        if int(condition.kind_state.get(name, 0)) > written_ns + _FARTHEST_NS
    }
    return remember(condition, **later) if later else condition


TASK_PATIENCE = 30 * SECOND
"""How long Claude may say that it is idle before its task counts as lost: 0.2 to 0.8 s pass until it is
taken, more where servers are connected to first. Without a report of its own it has twice as long."""


def untaken_ns(condition: Condition) -> int | None:
    """When the task counts as lost; None while it does not."""
    started = condition.kind_state.get("session_at")
    if not condition.task_due or condition.state != "starting" or started is None:
        return None
    status, since = condition.kind_state.get("status") or ("", 0)
    if status not in ("", "idle"):
        return None
    return max(int(started), int(since), condition.since_ns) + (TASK_PATIENCE if status else 2 * TASK_PATIENCE)


def give_up_task(condition: Condition, now_ns: int) -> Condition:
    """Idle, with the reason, when the task was not taken in time: a person cleared it, or it was lost."""
    due = untaken_ns(condition)
    if due is None or now_ns < due:
        return condition
    given_up = replace(condition, task_due=False, ended="untaken")
    return to_state(given_up, "idle", now_ns, "it waits for a prompt", reason="it has not taken its task")


def settle(condition: Condition, now_ns: int) -> Folded:
    """Act on the remembered report once its grace is over; drop it when a hook came after it."""
    report = condition.kind_state.get("report")
    if report is None:
        return condition, []
    at_ns = int(condition.kind_state["report_at"])
    if int(condition.kind_state.get("hook_at", 0)) >= at_ns:
        return remember(condition, report=None), []
    if now_ns < at_ns + _grace(condition):
        return condition, []
    status = str(report["status"])
    evidence = f"sessions/{report['pid']}.json says {status}"
    return _fold(remember(condition, report=None), status, report, at_ns, evidence)


def due_ns(condition: Condition) -> int | None:
    """When `settle` would act."""
    return (
        int(condition.kind_state["report_at"]) + _grace(condition)
        if condition.kind_state.get("report") is not None
        else None
    )


def _fold(condition: Condition, status: str, payload: Mapping[str, Any], at_ns: int, evidence: str) -> Folded:
    match status, condition.state:
        case "waiting", _ if _is_its_own(condition) and payload.get("waitingFor") not in _NEEDS:
            # What a person has opened to read asks nobody anything; a list has its own time. 2.1.197 asks what to do
            # about a limit: the screen tells whether it is something else.
            return condition, []
        case "waiting", "working" | "idle" | "starting" | "limited" | "unknown":
            waiting_for = str(payload.get("waitingFor") or "dialog")
            needs = _NEEDS.get(waiting_for, "dialog")
            dialog = Dialog(needs=needs, what=waiting_for)
            waiting = to_state(condition, "waiting", at_ns, f"{evidence} ({waiting_for})", dialog=dialog)
            return waiting, [NewEntry("needs", waiting_for, at_ns, needed(dialog))]
        case "idle", "working" if is_unsure(condition):
            # `/compact`, `/clear`, an unknown command, `! command`: no prompt was seen.
            return seem_idle(condition, at_ns, evidence), []
        case "idle", "working":
            # The prompt goes back into the box: no hook, no transcript record.
            return stop_turn(condition, at_ns, evidence)
        case "idle", "waiting" if _left_open(condition) is not None:
            # So says 2.1.197 of a turn that has ended under a panel.
            return condition, []
        case "idle", "waiting" if condition.needs != "login":
            if in_turn(condition):
                return stop_turn(condition, at_ns, evidence)
            return to_state(condition, "idle", at_ns, evidence), []
        case "idle", "unknown":
            return to_state(condition, "idle", at_ns, evidence), []
        case "busy" | "shell", "waiting" if in_turn(condition):
            return to_state(condition, "working", at_ns, evidence), []
        case "busy" | "shell", "waiting" | "idle" | "limited" | "unknown":
            return seem_busy(condition, at_ns, evidence), []
        case "busy" | "shell", "starting" if condition.task_due:
            return seem_busy(condition, at_ns, evidence), []
        case _:
            return condition, []


def look(condition: Condition, screen: Screen) -> Folded:
    """Fold a look at the screen in: a dialog nobody announced, its disappearance, a reason for slowness."""
    reading = screen.reading
    if condition.kind_state.get("list_open") and (reading.dialog is None or reading.dialog.form != "list"):
        condition = remember(condition, list_open=None)
    if reading.dialog is not None and reading.dialog.form == "panel":
        return _panel(condition, reading.dialog, screen.at_ns)
    if condition.kind_state.get("panel"):
        condition = replace(remember(condition, panel=None, left_open=None), reason=None)
    if reading.dialog is not None and requests.was_settled(condition, reading.dialog, screen.at_ns):
        return condition, []
    opened = reading.dialog is not None and reading.dialog.form == "list" and condition.state in _RUNS
    if opened and reading.dialog is not None and _may_wait(condition, screen.at_ns):
        return _list(condition, reading.dialog, screen.at_ns)
    if reading.dialog is not None and _may_wait(condition, screen.at_ns):
        return _dialog(condition, reading.dialog, screen.at_ns)
    if reading.draft is not None and condition.state == "unknown":
        return to_state(condition, "idle", screen.at_ns, "screen: it waits for a prompt"), []
    if reading.dialog is None and reading.draft is not None and (_seen_only(condition) or _shown(condition)):
        state: State = "working" if in_turn(condition) else "idle"
        return to_state(condition, state, screen.at_ns, "screen: the dialog is gone"), []
    notice = reading.notice or ("compacting" if condition.kind_state.get("compacting") else None)
    if condition.state == "working" and notice != condition.reason:
        return replace(condition, reason=notice), []
    return condition, []


def _is_its_own(condition: Condition) -> bool:
    return condition.state == "limited" or _shows_its_own(condition)


def _shows_its_own(condition: Condition) -> bool:
    return bool(condition.kind_state.get("panel") or condition.kind_state.get("list_open"))


def _may_wait(condition: Condition, at_ns: int) -> bool:
    """While it works a dialog counts that was seen after the last hook: an answered one is gone by then."""
    if condition.state == "working":
        return at_ns > int(condition.kind_state.get("hook_at", 0))
    return condition.state in ("starting", "idle", "limited", "waiting", "unknown")


_RUNS: frozenset[State] = frozenset({"idle", "working"})

LEFT_OPEN = 2 * SECOND
"""How long the panel or the list of a command must stand before it is waited on: whoever gave the command closes it
again, after half a second to a second."""


def _left_open(condition: Condition) -> list[Any] | None:
    """The row that tells the panel which a command opened and nobody has closed, what it is and since when."""
    left: list[Any] | None = condition.kind_state.get("left_open")
    return left


def left_open_due_ns(condition: Condition) -> int | None:
    """When a panel that stands there is waited on."""
    left = _left_open(condition)
    runs_none = condition.state == "idle" or is_unsure(condition)
    return int(left[2]) + LEFT_OPEN if left is not None and runs_none else None


def wait_on_panel(condition: Condition, now_ns: int) -> Folded:
    """It runs nothing, and a command's panel takes what is typed: somebody has to close it."""
    left, due = _left_open(condition), left_open_due_ns(condition)
    if left is None or due is None or now_ns < due:
        return condition, []
    row, what, _ = left
    dialog = Dialog("dialog", what, form="panel", anchors=(row,))
    evidence = f"screen: {what} is open"
    waiting = to_state(condition, "waiting", now_ns, evidence, dialog=dialog, reason=condition.reason)
    return waiting, [NewEntry("needs", what, now_ns, {"needs": "dialog"})]


def _list(condition: Condition, shown: Dialog, at_ns: int) -> Folded:
    """A picker that a command opened: waited on when nobody has chosen or closed it after a moment."""
    known = condition.kind_state.get("list_open")
    since = known[1] if known is not None and known[0].get("what") == shown.what else at_ns
    return wait_on_list(remember(condition, list_open=[encode(shown), since]), at_ns)


def list_open_due_ns(condition: Condition) -> int | None:
    """When a list that stands there is waited on."""
    known = condition.kind_state.get("list_open")
    return int(known[1]) + LEFT_OPEN if known is not None and condition.state in _RUNS else None


def wait_on_list(condition: Condition, now_ns: int) -> Folded:
    """It takes what is typed: somebody has to choose, or to close it."""
    due = list_open_due_ns(condition)
    if due is None or now_ns < due:
        return condition, []
    dialog = decode(Dialog, condition.kind_state["list_open"][0])
    condition = remember(condition, list_open=None)
    waiting = to_state(condition, "waiting", now_ns, "screen: a dialog is open", dialog=dialog)
    return waiting, [NewEntry("needs", dialog.what, now_ns, needed(dialog))]


def _panel(condition: Condition, panel: Dialog, at_ns: int) -> Folded:
    """What is there to be read: not a question, but nothing can be said to it meanwhile."""
    if not panel.asks_nothing:
        return _opened_by_a_person(remember(condition, left_open=None), panel.what, at_ns), []
    left = _left_open(condition)
    if left is None or left[0] != panel.anchors[0]:
        condition = remember(condition, panel=panel.what, left_open=[panel.anchors[0], panel.what, at_ns])
    if condition.state == "waiting" and condition.needs == "dialog" and not condition.open_requests:
        return replace(condition, dialog=panel, reason=f"{panel.what} is open"), []
    return (
        replace(condition, reason=f"{panel.what} is open") if condition.state in ("idle", "working") else condition
    ), []


def _opened_by_a_person(condition: Condition, what: str, at_ns: int) -> Condition:
    by_report = condition.state == "waiting" and condition.evidence.startswith(("screen:", "sessions/"))
    if by_report and condition.needs == "dialog":
        state: State = "working" if in_turn(condition) else "idle"
        condition = to_state(condition, state, at_ns, f"screen: {what} is open")
    if condition.state not in ("idle", "working"):
        return condition
    return replace(remember(condition, panel=what), reason=f"{what} is open")


def _dialog(condition: Condition, dialog: Dialog, at_ns: int) -> Folded:
    if condition.dialog is not None and not _seen_only(condition):
        # Hooks know better what it is about; the screen knows how it is answered.
        if not condition.evidence.startswith("sessions/"):
            return condition, []
        better = replace(dialog, needs=condition.dialog.needs) if condition.dialog.needs != "dialog" else dialog
        return replace(condition, dialog=better), []
    if condition.dialog is not None and _is_same(condition.dialog, dialog):
        return replace(condition, dialog=dialog), []
    waiting = to_state(condition, "waiting", at_ns, "screen: a dialog is open", dialog=dialog)
    return waiting, [NewEntry("needs", dialog.what, at_ns, needed(dialog))]


def _is_same(known: Dialog, shown: Dialog) -> bool:
    """Whatever is pointed at, ticked and typed; the questions of one dialog are one."""
    names = [name for name, _ in known.tabs]
    if names and names == [name for name, _ in shown.tabs]:
        return True
    return known.text == shown.text if known.text else known == shown


def _shown(condition: Condition) -> bool:
    """Whether what only the report told of was seen on the screen."""
    known = condition.dialog
    by_report = condition.state == "waiting" and condition.evidence.startswith("sessions/")
    return by_report and known is not None and known.request is None and bool(known.text)


def _seen_only(condition: Condition) -> bool:
    return condition.state == "waiting" and condition.evidence.startswith("screen:")
