"""What Claude Code asks leave for: each request has an identity, is told when it is its turn, and ends as its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support import golden
from tmuxagents.clock import SECOND
from tmuxagents.kinds import registry
from tmuxagents.kinds.claude.decisions import reply
from tmuxagents.model import notice
from tmuxagents.model.codec import decode, encode
from tmuxagents.model.condition import Condition, Dialog, Request
from tmuxagents.model.decision import Decision
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Denied, Exit, Hook, Observation, Record, Screen, Tick, Told
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

CLAUDE = registry.kind("claude")
START = 1_700_000_000 * SECOND
WORKING = Condition(state="working", turn=1, since_ns=START)
FILES = ("a.txt", "b.txt", "c.txt")


def hook(event: str, path: str, at: int, thread: str = "") -> Hook:
    payload: dict[str, Any] = {"tool_name": "Read", "tool_input": {"file_path": f"/x/{path}"}}
    if event != "PermissionRequest":
        payload["tool_use_id"] = f"toolu_{path}"
    if thread:
        payload["agent_id"] = thread
    return Hook(event, payload, START + at, f"{START + at}.{path}")


def asks(*paths: str, thread: str = "") -> list[Observation]:
    found: list[Observation] = []
    for n, path in enumerate(paths):
        found += [hook("PreToolUse", path, 10 * n, thread), hook("PermissionRequest", path, 10 * n + 5, thread)]
    return found


def shows(path: str, at: int = 500) -> Screen:
    dialog = Dialog("permission", "Do you want to proceed?", ("Yes", "No"), text=f"Read file\nRead(/x/{path})\nYes\nNo")
    return Screen(Reading(dialog=dialog), START + at)


def result(path: str, content: str = "1 secret", at: int = 900, failed: bool = False) -> Record:
    block = {"type": "tool_result", "tool_use_id": f"toolu_{path}", "content": content, "is_error": failed}
    return Record({"type": "user", "message": {"content": [block]}}, START + at)


def decision(path: str, how: str = "allow") -> Record:
    attachment = {"type": "hook_permission_decision", "decision": how, "toolUseID": f"toolu_{path}"}
    return Record({"type": "attachment", "attachment": attachment}, START + 800)


def fold(seen: Sequence[Observation], condition: Condition = WORKING) -> tuple[Condition, list[NewEntry]]:
    drafts: list[NewEntry] = []
    for one in seen:
        condition, told = CLAUDE.observe(condition, one)
        drafts += told
    return condition, drafts


def told(condition: Condition) -> str:
    assert condition.dialog is not None
    return condition.dialog.what


REJECTED = "The user doesn't want to proceed with this tool use. The tool use was rejected"


def test_what_is_told_is_what_the_screen_shows_whatever_came_last() -> None:
    condition, _ = fold([*asks(*FILES), shows("b.txt")])

    assert "b.txt" in told(condition)
    assert condition.words == "needs permission (1 of 3)"


def test_the_next_one_is_told_when_the_first_has_ended() -> None:
    condition, drafts = fold(
        [*asks(*FILES), shows("b.txt"), Tick(START + SECOND), result("b.txt"), shows("c.txt", 950)]
    )
    condition, more = fold([Tick(START + 3 * SECOND)], condition)

    assert "c.txt" in told(condition)
    assert condition.words == "needs permission (1 of 2)"
    assert [d.text.count(".txt") for d in [*drafts, *more] if d.kind == "needs"] == [1, 1]


@pytest.mark.parametrize(
    ("after_ms", "state"), [(-900, "idle"), (-1, "idle"), (300, "idle"), (2500, "idle"), (12000, "waiting")]
)
def test_a_look_that_was_taken_about_when_it_ended_shows_nothing_new(after_ms: int, state: str) -> None:
    end = 2 * SECOND
    over = [hook("PostToolUse", "a.txt", end), Hook("Stop", {"last_assistant_message": ""}, START + end + SECOND // 10)]
    condition, _ = fold([*asks("a.txt"), Tick(START + SECOND), *over])
    assert condition.state == "idle"

    condition, drafts = fold([shows("a.txt", end + after_ms * SECOND // 1000)], condition)

    assert condition.state == state
    assert ("needs" in [draft.kind for draft in drafts]) == (state == "waiting")


def test_one_that_ended_before_its_entry_was_due_is_told_all_the_same() -> None:
    _, drafts = fold([*asks("a.txt", "b.txt"), result("a.txt"), result("b.txt"), Tick(START + 5 * SECOND)])

    assert ["a.txt" in d.text for d in drafts if d.kind == "needs"] == [True, False]


def test_equal_requests_end_one_by_one() -> None:
    same = [hook("PreToolUse", "a.txt", 0), hook("PermissionRequest", "a.txt", 5)]
    other = Hook("PreToolUse", {**same[0].payload, "tool_use_id": "toolu_other"}, START + 10)
    again = Hook("PermissionRequest", same[1].payload, START + 15, "second")

    condition, _ = fold([*same, other, again, result("a.txt")])

    assert [(r.call, r.ended) for r in condition.requests] == [("toolu_a.txt", "ran"), ("toolu_other", "")]


def test_a_subagents_request_outlives_the_main_threads_turn() -> None:
    condition, _ = fold([*asks("a.txt", thread="sub"), Hook("Stop", {}, START + 100)])

    assert condition.state == "waiting"
    ended, _ = fold([hook("PostToolUse", "a.txt", 200, "sub")], condition)
    assert ended.state == "idle"


def test_an_answer_at_the_keyboard_is_seen_when_the_box_is_back() -> None:
    condition, _ = fold([*asks("a.txt"), shows("a.txt"), Screen(Reading(draft=""), START + 700)])

    assert (condition.state, condition.requests[0].ended) == ("working", "left")
    late, _ = fold([hook("PostToolUse", "a.txt", 900)], condition)
    assert late.requests[0].ended == "ran"


def test_a_screen_that_was_drawn_before_the_dialog_ends_nothing() -> None:
    condition, _ = fold([*asks("a.txt"), Screen(Reading(draft=""), START + 20)])

    assert condition.state == "waiting"


def test_whose_answer_was_taken_is_kept() -> None:
    condition, _ = fold(
        [*asks("a.txt", "b.txt"), decision("a.txt"), result("a.txt"), result("b.txt", REJECTED, failed=True)]
    )

    assert [(r.decided, r.ended) for r in condition.requests] == [("allow", "ran"), ("", "refused")]


def test_a_result_that_is_our_own_reason_shows_that_the_denial_was_taken() -> None:
    """2.1.197 writes no decision for a subagent, and the reason as it was given."""
    denied = Denied(f"{START + 5}.a.txt", "not  that\none ", START + 600)

    condition, _ = fold([*asks("a.txt", thread="sub"), denied, result("a.txt", "not  that\none ", failed=True)])

    assert [(r.decided, r.ended) for r in condition.requests] == [("deny", "refused")]


@given(st.text(), st.text(), st.booleans())
def test_a_result_that_is_not_our_reason_is_no_denial(reason: str, content: str, failed: bool) -> None:
    assume(not (failed and content == reason) and not content.startswith(REJECTED))
    denied = Denied(f"{START + 5}.a.txt", reason, START + 600)

    condition, _ = fold([*asks("a.txt", thread="sub"), denied, result("a.txt", content, failed=failed)])

    assert [(r.decided, r.ended) for r in condition.requests] == [("", "failed" if failed else "ran")]


def test_it_works_again_when_its_tool_was_seen_to_begin() -> None:
    began = Told(f"{START + 5}.a.txt", "began", START + 600)
    condition, _ = fold([*asks("a.txt"), shows("a.txt"), began])

    assert (condition.state, condition.dialog, condition.open_requests) == ("working", None, [])
    ended, _ = fold([result("a.txt")], condition)
    assert (ended.state, ended.requests[0].ended) == ("working", "ran")


def test_the_next_one_is_told_when_the_first_was_seen_to_begin() -> None:
    began = Told(f"{START + 5}.a.txt", "began", START + 600)
    condition, _ = fold([*asks("a.txt", "b.txt"), shows("a.txt"), began])

    assert condition.state == "waiting"
    assert "b.txt" in told(condition)


def test_a_look_from_before_its_tool_began_is_older_than_the_answer() -> None:
    began = Told(f"{START + 5}.a.txt", "began", START + 600)
    condition, drafts = fold([*asks("a.txt"), shows("a.txt"), began, shows("a.txt", 590), Tick(START + 2 * SECOND)])

    assert (condition.state, [d.kind for d in drafts]) == ("working", ["needs", "decision"])


def test_one_that_has_ended_is_not_told_to_have_begun() -> None:
    condition, _ = fold([*asks("a.txt"), result("a.txt"), Told(f"{START + 5}.a.txt", "began", START + 950)])

    assert (condition.requests[0].told, condition.requests[0].by) == ("", "transcript tool_result")


def test_a_refusal_behind_an_approval_is_corrected_once() -> None:
    condition, _ = fold([*asks("a.txt"), Told(f"{START + 5}.a.txt", "began", START + 600)])

    after, drafts = fold([result("a.txt", REJECTED, failed=True), result("a.txt", REJECTED, failed=True)], condition)

    assert [d.text for d in drafts if d.text.startswith("correction")] == [
        "correction: Read(/x/a.txt) was told approved, but it was refused"
    ]
    assert after.requests[0].ended == "refused"


def test_nothing_is_asked_by_a_program_that_has_ended() -> None:
    condition, _ = fold([*asks(*FILES), Exit(0, None, START + 700)])

    assert condition.open_requests == []


EVENTS = st.sampled_from(
    [
        *asks(*FILES),
        *asks("d.txt", thread="sub"),
        *(shows(path) for path in FILES),
        *(result(path) for path in FILES),
        result("a.txt", REJECTED, failed=True),
        *(decision(path) for path in FILES),
        *(hook("PostToolUse", path, 400) for path in FILES),
        Told(f"{START + 5}.a.txt", "began", START + 600),
        Screen(Reading(draft=""), START + 600),
        Hook("Stop", {}, START + 650),
        Hook("UserPromptSubmit", {"prompt": "x"}, START + 655),
        Tick(START + 9 * SECOND),
    ]
)


@given(st.lists(EVENTS, max_size=30))
def test_whatever_comes_it_waits_just_while_something_is_asked(seen: list[Observation]) -> None:
    condition = WORKING
    for one in seen:
        condition, _ = CLAUDE.observe(condition, one)
        waiting = condition.open_requests
        if waiting:
            assert condition.state == "waiting"
            assert condition.dialog is not None
            assert condition.dialog.request in {r.id for r in waiting}
            assert condition.dialog.open == len(waiting)
        else:
            assert condition.dialog is None or condition.dialog.open == 1
        assert decode(Condition, json.loads(json.dumps(encode(condition)))) == condition


@given(st.text(), st.booleans())
def test_a_reply_is_one_line_that_says_what_was_decided(text: str, allow: bool) -> None:
    question = {"questions": [{"question": text, "options": [{"label": "x"}]}]}
    request = Request("1", "question", text, 0, given=json.dumps(question))

    line = reply(request, Decision(allow, answers=(text,) if allow else (), text=None if allow else text))

    assert "\n" not in line
    said = json.loads(line)["hookSpecificOutput"]["decision"]
    assert said["behavior"] == ("allow" if allow else "deny")
    if allow:
        assert said["updatedInput"]["answers"] == {text: text}


@given(st.permutations(range(3)), st.sampled_from(["began", "decided", "ran"]))
def test_each_request_is_told_once_however_soon_it_is_settled(order: list[int], how: str) -> None:
    """The entry of one waits for its call to be told; the next one comes up before that."""
    seen = list(asks(*FILES))
    for number in order:
        path, request = FILES[number], f"{START + 10 * number + 5}.{FILES[number]}"
        settled: dict[str, Observation] = {
            "began": Told(request, "began", START + 200),
            "decided": decision(path),
            "ran": hook("PostToolUse", path, 300),
        }
        seen += [shows(path, 100), settled[how]]

    _, drafts = fold([*seen, Tick(START + 9 * SECOND)])

    asked = [draft.text for draft in drafts if draft.kind == "needs"]
    assert sorted(asked) == [f"Read(/x/{path})" for path in FILES]


def test_its_choices_are_those_that_the_screen_shows_and_none_before() -> None:
    dialog = Dialog("permission", "?", ("Yes", "Yes, and always", "No"), text="Read(/x/a.txt) Yes Yes, and always No")
    seen = [*asks("a.txt")]

    before, _ = fold(seen)
    after, _ = fold([*seen, Screen(Reading(dialog=dialog), START + 100)])

    assert before.dialog is not None
    assert after.dialog is not None
    assert before.dialog.choices == ()
    assert after.dialog.choices == ("Yes", "Yes, and always", "No")


def test_a_dialog_that_is_seen_before_its_hook_comes_through_is_told_once_and_is_one_need() -> None:
    asked, leave = asks("a.txt")
    before, first = fold([asked, shows("a.txt")])
    condition, second = fold([leave, shows("a.txt", 950), Tick(START + 60 * SECOND)], before)

    assert [e.kind for e in (*first, *second)] == ["needs"]
    assert notice.arises(before, condition, asked=False) is None
    assert condition.dialog is not None
    assert condition.dialog.request == condition.open_requests[0].id


def test_a_dialog_that_is_seen_before_the_hook_of_another_is_told_beside_it() -> None:
    asked, leave = asks("a.txt")
    _, drafts = fold([asked, shows("c.txt"), leave, Tick(START + 60 * SECOND)])

    assert [e.kind for e in drafts] == ["needs", "needs"]


REVIEWS = [path for path in golden.SHOWN if "-review" in path.stem]


def _asked(*headers: str) -> list[Observation]:
    """Questions of one dialog, asked and answered."""
    asked = [{"question": f"Which {h.lower()}?", "header": h, "options": [{"label": "x"}]} for h in headers]
    payload = {"tool_name": "AskUserQuestion", "tool_input": {"questions": asked}, "tool_use_id": "toolu_1"}
    leave = {key: value for key, value in payload.items() if key != "tool_use_id"}
    return [
        Hook("PreToolUse", payload, START, f"{START}.q"),
        Hook("PermissionRequest", leave, START + 5, f"{START + 5}.q"),
        Hook("PostToolUse", payload, START + 9, f"{START + 9}.q"),
    ]


def _is_one_need(asked: Sequence[Observation], page: Dialog) -> None:
    *open_, over = asked
    shown = Reading(dialog=page)

    condition, drafts = fold([*open_, Screen(shown, START + 7), over, Screen(shown, START + 2 * SECOND)])

    assert [entry.kind for entry in drafts] == ["needs", "decision"]
    assert condition.state == "working"


@pytest.mark.parametrize("path", REVIEWS, ids=golden.name)
def test_the_page_of_answers_is_that_of_its_questions_also_when_they_are_over(path: Path) -> None:
    page = golden.read(path).dialog
    assert page is not None

    _is_one_need(_asked("Colour", "Toppings", "Size"), page)


@pytest.mark.parametrize("by", ["tabs", "about"])
def test_the_page_of_answers_is_known_by_its_tabs_and_by_what_it_is_about(by: str) -> None:
    # Where no row of it is an anchor: a question of one letter.
    page = Dialog(
        "question", "Review your answers", ("Submit answers", "Cancel"), form="review", text="\u2190 Submit \u2192"
    )
    tabs, about = (("A", True), ("B", True)), "Review your answers\n \u25cf Which a?\n   \u2192 1"

    _is_one_need(_asked("A", "B"), replace(page, tabs=tabs) if by == "tabs" else replace(page, about=about))
