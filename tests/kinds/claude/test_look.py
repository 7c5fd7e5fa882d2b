"""What a look at Claude's screen does to the state."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.support import golden
from tmuxagents.clock import SECOND
from tmuxagents.kinds import claude
from tmuxagents.model.condition import Condition, Request
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Hook, Screen, SelfReport, Tick
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

START = 1_700_000_000 * SECOND
WORKING = Condition(state="working", conversation=golden.CONVERSATION, turn=1, kind_state={"hook_at": START})
VERSIONS = ["2.1.197", "2.1.330"]


def screen(version: str, name: str) -> Reading:
    """A recorded screen, read."""
    path: Path = golden.DATA / "claude" / version / "screens" / f"{name}.ansi"
    return claude.KIND.read_screen(golden.rows(path))


def look(condition: Condition, reading: Reading, after_s: float) -> tuple[Condition, list[NewEntry]]:
    """The condition after a look."""
    return claude.KIND.observe(condition, Screen(reading, START + int(after_s * SECOND)))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_dialog_is_seen_while_the_agent_works(version: str) -> None:
    condition, drafts = look(WORKING, screen(version, "queued-reads-second.80x24"), 1)

    assert condition.state == "waiting"
    assert condition.needs == "permission"
    assert [draft.kind for draft in drafts] == ["needs"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_dialog_that_was_on_the_screen_before_the_last_hook_is_answered(version: str) -> None:
    condition, drafts = look(WORKING, screen(version, "queued-reads-second.80x24"), -1)

    assert (condition.state, drafts) == ("working", [])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_text_that_imitates_a_dialog_is_none(version: str) -> None:
    condition, drafts = look(WORKING, screen(version, "box-imitation.80x24"), 1)

    assert (condition.state, drafts) == ("working", [])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("steps", [("trust", "trust-pointer-2"), ("mcp-three", "mcp-three-ticked")], ids="-".join)
def test_an_arrow_key_or_a_tick_tells_nobody_anything(version: str, steps: tuple[str, ...]) -> None:
    condition, told = Condition(conversation=golden.CONVERSATION), []
    for second, name in enumerate([*steps, *steps]):
        condition, drafts = look(condition, screen(version, f"{name}.80x24"), second)
        told += drafts

    assert [draft.kind for draft in told] == ["needs"]
    assert condition.dialog == screen(version, f"{steps[-1]}.80x24").dialog


@pytest.mark.parametrize("version", VERSIONS)
def test_the_questions_of_one_dialog_are_told_once(version: str) -> None:
    condition, told = WORKING, []
    for second, name in enumerate(["question-three", "question-three-second", "question-three-review"]):
        condition, drafts = look(condition, screen(version, f"{name}.80x24"), second + 1)
        told += drafts

    assert [draft.kind for draft in told] == ["needs"]
    assert condition.dialog is not None
    assert condition.dialog.form == "review"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_theme_picker_of_a_first_start_is_waited_on(version: str) -> None:
    condition, _ = look(Condition(conversation=golden.CONVERSATION), screen(version, "theme-first.80x24"), 1)

    assert condition.state == "waiting"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["view-transcript.80x24", "view-history-search.80x24"])
def test_what_a_person_opened_to_read_is_no_question(version: str, name: str) -> None:
    idle = replace(WORKING, state="idle", turns=1)
    report = {"sessionId": golden.CONVERSATION, "pid": 1, "status": "waiting", "waitingFor": "dialog open"}
    opened = screen(version, name)

    condition, drafts = look(idle, opened, 1)
    moment = START + 2 * SECOND
    condition, reported = claude.KIND.observe(
        condition, SelfReport({**report, "statusUpdatedAt": moment // 1_000_000}, moment)
    )
    condition, settled = claude.KIND.observe(condition, Tick(START + 3 * SECOND))

    assert (condition.state, [*drafts, *reported, *settled]) == ("idle", [])
    assert opened.dialog is not None
    assert condition.reason == f"{opened.dialog.what} is open"
    assert look(condition, screen(version, "box-idle.80x24"), 4)[0].reason is None


PANELS = ["busy-panel-cost.200x50", "busy-panel-status.200x50", "panel-help.200x50"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", PANELS)
def test_a_command_s_panel_that_nobody_closes_is_waited_on_once_no_turn_runs(version: str, name: str) -> None:
    opened = screen(version, name)
    assert opened.dialog is not None
    reason = f"{opened.dialog.what} is open"

    working, _ = look(WORKING, opened, 1)
    stopped, _ = claude.KIND.observe(working, Hook("Stop", {"last_assistant_message": ""}, START + 2 * SECOND))
    assert (working.state, working.reason) == ("working", reason)
    due = claude.KIND.due_ns(stopped)
    waiting, told = claude.KIND.observe(stopped, Tick(START + 4 * SECOND)) if due else (stopped, [])
    report = {"sessionId": golden.CONVERSATION, "pid": 1, "status": "idle"}
    moment = START + 5 * SECOND
    waiting, _ = claude.KIND.observe(waiting, SelfReport({**report, "statusUpdatedAt": moment // 1_000_000}, moment))
    waiting, _ = claude.KIND.observe(waiting, Tick(START + 9 * SECOND))

    assert (waiting.state, waiting.needs) == ("waiting", "dialog")
    assert waiting.dialog is not None
    assert waiting.dialog.asks_nothing
    assert sum(draft.kind == "needs" for draft in told) <= 1
    assert look(waiting, screen(version, "box-idle.80x24"), 10)[0].state == "idle"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_waited_on_also_where_the_program_calls_itself_busy_and_no_turn_is_known(
    version: str, name: str
) -> None:
    idle = replace(WORKING, state="idle", turns=1)
    moment = START + 2 * SECOND
    report = {"sessionId": golden.CONVERSATION, "pid": 1, "status": "busy", "statusUpdatedAt": moment // 1_000_000}

    opened, _ = look(idle, screen(version, name), 1)
    busy, _ = claude.KIND.observe(opened, SelfReport(report, moment))
    busy, _ = claude.KIND.observe(busy, Tick(START + 5 * SECOND // 2))
    assert busy.state == "working"
    due = claude.KIND.due_ns(busy)
    assert due is not None
    waiting, told = claude.KIND.observe(busy, Tick(due))

    assert (waiting.state, waiting.needs) == ("waiting", "dialog")
    assert [draft.kind for draft in told] == ["needs"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", PANELS)
def test_the_panel_of_a_command_that_is_closed_at_once_needs_nobody(version: str, name: str) -> None:
    idle = replace(WORKING, state="idle", turns=1)

    opened, told = look(idle, screen(version, name), 1)
    closed, later = look(opened, screen(version, "box-idle.80x24"), 2)

    assert (opened.state, closed.state, closed.reason, [*told, *later]) == ("idle", "idle", None, [])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_list_of_a_command_that_is_closed_at_once_needs_nobody(version: str) -> None:
    idle = replace(WORKING, state="idle", turns=1)
    report = {"sessionId": golden.CONVERSATION, "pid": 1, "status": "waiting", "waitingFor": "dialog open"}
    moment = START + SECOND

    opened, told = look(idle, screen(version, "dialog-model"), 1)
    opened, reported = claude.KIND.observe(
        opened, SelfReport({**report, "statusUpdatedAt": moment // 1_000_000}, moment)
    )
    opened, settled = claude.KIND.observe(opened, Tick(START + 5 * SECOND // 2))
    closed, later = look(opened, screen(version, "box-idle.80x24"), 2.6)

    ended = {**report, "status": "idle", "statusUpdatedAt": (moment + 2 * SECOND) // 1_000_000}
    closed, _ = claude.KIND.observe(closed, SelfReport(ended, moment + 2 * SECOND))
    closed, more = claude.KIND.observe(closed, Tick(START + 9 * SECOND))

    assert (opened.state, closed.state, [*told, *reported, *settled, *later, *more]) == ("idle", "idle", [])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("state", ["idle", "working"])
def test_the_list_of_a_command_that_nobody_closes_is_waited_on(version: str, state: Literal["idle", "working"]) -> None:
    shown = screen(version, "dialog-model")
    opened, _ = look(replace(WORKING, state=state), shown, 1)

    waiting, told = claude.KIND.observe(opened, Tick(claude.KIND.due_ns(opened) or 0))

    assert (waiting.state, waiting.dialog) == ("waiting", shown.dialog)
    assert [(draft.kind, draft.text) for draft in told] == [("needs", "Select model")]
    again, more = look(waiting, shown, 4)
    assert (again.dialog, more) == (shown.dialog, [])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_review_that_is_still_drawn_when_it_was_answered_needs_nobody(version: str) -> None:
    shown = screen(version, "question-three-review.80x24")
    assert shown.dialog is not None
    asked = Request("1", "question", "which", START, hints=("Which colour?",))
    over = replace(asked, ended="ran", ended_ns=START + SECOND)

    answered, told = look(replace(WORKING, requests=(over,)), shown, 1.1)
    later, more = look(replace(WORKING, requests=(over,)), shown, 15)

    assert (answered.state, told) == ("working", [])
    assert (later.state, [draft.kind for draft in more]) == ("waiting", ["needs"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_hook_ends_what_the_screen_told(version: str) -> None:
    waiting, _ = look(WORKING, screen(version, "queued-reads-second.80x24"), 1)

    after, _ = claude.KIND.observe(waiting, Hook("PostToolUse", {"tool_name": "Read"}, START + 2 * SECOND))

    assert after.state == "working"
