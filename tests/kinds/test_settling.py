"""What was decided is one entry: how, by whom, from where, and never more than is known."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kinds.claude.test_requests import (
    REJECTED,
    START,
    WORKING,
    asks,
    decision,
    hook,
    result,
    shows,
)
from tmuxagents.clock import SECOND
from tmuxagents.kinds import folding, registry
from tmuxagents.model.codec import decode, encode
from tmuxagents.model.condition import Condition, Dialog, Settler
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Exit, Hook, Observation, Record, Screen, Settling, Tick, Told
from tmuxagents.model.reading import Reading

ME = Settler("approved", "you on pts/3", at_ns=START + 600)
KEY = f"{START + 5}.a.txt"
LATE = Tick(START + 60 * SECOND)


def fold(kind: str, seen: Sequence[Observation], condition: Condition) -> tuple[Condition, list[NewEntry]]:
    drafts: list[NewEntry] = []
    for one in seen:
        condition, told = folding.fold(registry.kind(kind), condition, [one], one.at_ns, asked=False)
        # What is kept between two readings says as much.
        condition = decode(Condition, json.loads(json.dumps(encode(condition))))
        drafts += told
    return condition, drafts


def decided(
    seen: Sequence[Observation], kind: str = "claude", condition: Condition = WORKING, *, until: Tick = LATE
) -> list[str]:
    return [entry.text for entry in fold(kind, [*seen, until], condition)[1] if entry.kind == "decision"]


def claims(how: str = "approved", *, at: int = 600, undone: bool = False, chosen: str = "") -> Settling:
    return Settling(KEY, Settler(how, "you on pts/3", chosen, at_ns=START + 600), START + at, undone)  # type: ignore[arg-type]


def test_what_the_program_took_was_decided_by_who_said_so_before() -> None:
    told = decided([*asks("a.txt"), claims(), hook("PostToolUse", "a.txt", 700), decision("a.txt"), result("a.txt")])

    assert told == ["approved: Read(/x/a.txt), by you on pts/3"]


def test_what_was_decided_stands_before_the_end_that_it_brought() -> None:
    trust = Dialog("trust", "Trust?", ("Yes", "No, exit"), text="Trust?\nYes\nNo, exit")
    waits = Condition(state="waiting", evidence="screen: a dialog is open", dialog=trust)
    mine = Settling("", Settler("denied", "you", keys=True, at_ns=START), START)

    _, told = fold("claude", [mine, Exit(1, None, START + SECOND)], waits)

    assert [(entry.kind, entry.text) for entry in told if entry.kind != "state"] == [
        ("decision", "denied: Trust?, by you"),
        ("exit", "failed (exit 1)"),
    ]


def test_without_a_claim_it_was_decided_at_the_window() -> None:
    assert decided([*asks("a.txt"), hook("PostToolUse", "a.txt", 700)]) == ["approved: Read(/x/a.txt), at its window"]
    assert decided([*asks("a.txt"), result("a.txt", REJECTED, failed=True)]) == [
        "denied: Read(/x/a.txt), at its window"
    ]


def test_a_result_without_a_record_of_our_answer_was_decided_at_the_window() -> None:
    assert decided([*asks("a.txt"), claims(), result("a.txt")]) == ["approved: Read(/x/a.txt), at its window"]


def test_a_no_that_ran_was_no_no_of_ours() -> None:
    assert decided([*asks("a.txt"), claims("denied"), result("a.txt")]) == ["approved: Read(/x/a.txt), at its window"]


def test_a_reason_is_told_with_the_no() -> None:
    told = decided([*asks("a.txt"), claims("denied", chosen="use b"), decision("a.txt", "deny")])

    assert told == ["denied: Read(/x/a.txt) (use b), by you on pts/3"]


def test_a_tool_that_was_seen_to_begin_was_approved() -> None:
    assert decided([*asks("a.txt"), claims(), Told(KEY, "began", START + 700)]) == [
        "approved: Read(/x/a.txt), by you on pts/3"
    ]


def test_who_has_not_done_it_after_all_is_not_named() -> None:
    seen = [*asks("a.txt"), claims(), claims(at=650, undone=True), hook("PostToolUse", "a.txt", 700)]

    assert decided(seen) == ["approved: Read(/x/a.txt), at its window"]


def test_of_two_that_settle_at_once_the_first_is_named() -> None:
    other = Settling(KEY, Settler("approved", "agent-2", at_ns=START + 601), START + 601)
    undone = Settling(KEY, other.settler, START + 602, undone=True)

    assert decided([*asks("a.txt"), claims(), other, undone, decision("a.txt")]) == [
        "approved: Read(/x/a.txt), by you on pts/3"
    ]


def test_what_was_left_at_the_keyboard_waits_for_its_true_end() -> None:
    box = Screen(Reading(draft=""), START + 700)

    assert decided([*asks("a.txt"), shows("a.txt"), box], until=Tick(START + SECOND)) == []
    assert decided([*asks("a.txt"), shows("a.txt"), box, hook("PostToolUse", "a.txt", 900)]) == [
        "approved: Read(/x/a.txt), at its window"
    ]
    assert decided([*asks("a.txt"), shows("a.txt"), box]) == ["answered: Read(/x/a.txt), at its window"]


def test_what_nobody_answered_before_the_end_was_left() -> None:
    assert decided([*asks("a.txt", "b.txt"), Exit(0, None, START + SECOND)]) == [
        "left unanswered: Read(/x/a.txt)",
        "left unanswered: Read(/x/b.txt)",
    ]


def test_what_was_needed_is_told_before_what_was_decided() -> None:
    _, drafts = fold("claude", [*asks("a.txt"), claims(), decision("a.txt"), result("a.txt"), LATE], WORKING)

    assert [d.kind for d in drafts if d.kind in ("needs", "decision")] == ["needs", "decision"]


def test_an_answer_at_the_window_is_told_with_its_words() -> None:
    asked = {"questions": [{"question": "Which?", "options": [{"label": "Red"}]}]}
    call = {"tool_name": "AskUserQuestion", "tool_input": asked}
    done = {**call, "tool_input": {**asked, "answers": {"Which?": "Red"}}}

    told = decided([Hook("PermissionRequest", call, START, "q"), Hook("PostToolUse", done, START + 9)])

    assert told == ["answered: Which? (Red), at its window"]


def test_requests_that_an_older_version_kept_owe_no_entry() -> None:
    condition, _ = fold("claude", asks("a.txt"), WORKING)
    kept = encode(condition)
    old = [{k: v for k, v in r.items() if k not in ("owed", "settler", "ended_ns")} for r in kept["requests"]]

    assert decided([hook("PostToolUse", "a.txt", 700)], condition=decode(Condition, {**kept, "requests": old})) == []


# Dialogs that are no request's


def event(name: str, at: int, **fields: object) -> Record:
    return Record({"event": name, **fields}, START + at)


ASKS = event("permission", 1, tool="Write", target="a.rs", choices=["Yes", "No"])


def test_a_dialog_that_was_settled_by_its_keys_names_who_pressed_them() -> None:
    mine = Settling("", Settler("approved", "agent-2", "Yes", True, START + 2), START + 2)

    assert decided([ASKS, mine, event("answered", 3, choice="Yes", allowed=True)], "demo") == [
        "approved: Write(a.rs), by agent-2"
    ]


def test_an_answer_that_was_not_ours_was_given_at_the_window() -> None:
    mine = Settling("", Settler("approved", "agent-2", "Yes", True, START + 2), START + 2)

    assert decided([ASKS, mine, event("answered", 3, choice="No", allowed=False)], "demo") == [
        "denied: Write(a.rs), at its window"
    ]


def test_who_was_named_wrongly_is_corrected() -> None:
    mine = Settling("", Settler("approved", "agent-2", "Yes", True, START + 2), START + 2)
    answered = event("answered", 3, choice="Yes", allowed=True)
    undone = Settling("", mine.settler, START + 4, undone=True)

    _, drafts = fold("demo", [ASKS, mine, answered, undone], WORKING)

    assert [d.text for d in drafts if d.kind == "note"] == [
        "correction: what was told approved by agent-2 was settled at its window"
    ]


def mine(at: int = 2, *, how: str = "approved", chosen: str = "Yes", undone: bool = False, **more: bool) -> Settling:
    """Somebody who settles by its keys."""
    return Settling("", Settler(how, "you", chosen, True, START + 2), START + at, undone, **more)  # type: ignore[arg-type]


def notes(seen: Sequence[Observation], kind: str = "demo") -> list[str]:
    return [entry.text for entry in fold(kind, [*seen, LATE], WORKING)[1] if entry.kind == "note"]


AGAIN = event("permission", 4, tool="Write", target="a.rs", choices=["Yes", "No"])


@pytest.mark.parametrize(("how", "chosen", "answer"), [("approved", "Yes", "Yes"), ("denied", "", "No")])
def test_of_two_dialogs_alike_the_first_is_ours_and_the_second_is_settled_at_the_window(
    how: str, chosen: str, answer: str
) -> None:
    settled = event("answered", 3, choice=answer, allowed=answer == "Yes")

    told = decided(
        [ASKS, mine(how=how, chosen=chosen), settled, AGAIN, event("answered", 9, choice="Yes", allowed=True)], "demo"
    )

    assert told == [f"{how}: Write(a.rs), by you", "approved: Write(a.rs), at its window"]


def test_a_claim_whose_dialog_was_told_settled_by_it_corrects_nothing_when_it_is_unsure() -> None:
    seen: list[Observation] = [
        ASKS,
        mine(),
        event("answered", 3, choice="Yes", allowed=True),
        AGAIN,
        mine(5, unsure=True),
    ]

    assert notes(seen) == []
    assert decided(seen, "demo") == ["approved: Write(a.rs), by you"]


def test_a_claim_that_named_nobody_corrects_nothing() -> None:
    seen: list[Observation] = [ASKS, event("answered", 1, choice="Yes", allowed=True), mine(2), mine(5, undone=True)]

    assert notes(seen) == []


def test_an_answer_from_before_the_claim_was_given_at_the_window_and_the_key_goes_into_the_next_one() -> None:
    early, late = (event("answered", at, choice="Yes", allowed=True) for at in (1, 9))

    assert decided([ASKS, mine(), early, AGAIN, late], "demo") == [
        "approved: Write(a.rs), at its window",
        "approved: Write(a.rs), by you",
    ]


def test_what_nobody_told_was_done_by_one_or_at_the_window() -> None:
    seen: list[Observation] = [ASKS, mine(), mine(5, unsure=True), event("answered", 9, choice="Yes", allowed=True)]

    assert decided(seen, "demo") == ["approved: Write(a.rs), by you or at its window"]


def test_a_dialog_that_its_program_tells_nothing_of_is_ours_when_it_goes_and_never_corrected_without_cause() -> None:
    shown = Dialog("dialog", "Go on?", ("Yes", "No"), 0, text="Go on?", anchors=("Go on?",))
    looks: list[Observation] = [Screen(Reading(dialog=shown), START + 1), mine(), Screen(Reading(draft=""), START + 3)]
    again: list[Observation] = [Screen(Reading(dialog=shown), START + 4), mine(5, unsure=True)]

    assert decided([*looks, *again], "demo") == ["approved: Go on?, by you"]
    assert notes([*looks, *again]) == []


def test_a_request_that_ended_as_an_error_is_not_told_approved() -> None:
    wrong = result("a.txt", "Something went wrong", failed=True)

    assert decided([*asks("a.txt"), wrong]) == ["answered: Read(/x/a.txt), at its window"]
    assert decided([*asks("a.txt"), hook("PostToolUseFailure", "a.txt", 700), wrong]) == [
        "approved: Read(/x/a.txt), at its window"
    ]


def test_a_choice_is_told_with_the_question() -> None:
    asks_which = event("question", 1, question="Which?", choices=["Red", "Green"])

    assert decided([asks_which, event("answered", 2, choice="Green", allowed=True)], "demo") == [
        "answered: Which? (Green), at its window"
    ]


def test_a_dialog_that_is_seen_again_and_again_is_settled_once() -> None:
    trust = Dialog("trust", "Do you trust?", ("Yes", "No"), 0, text="Do you trust?\nYes\nNo", anchors=("x",))
    moved = Dialog("trust", "Do you trust?", ("Yes", "No"), 1, text="Do you trust?\nYes\nNo", anchors=("x",))
    looks = [Screen(Reading(dialog=d), START + n) for n, d in enumerate((trust, moved, trust))]

    told = decided([*looks, Screen(Reading(draft=""), START + 9)], condition=Condition("starting", START))

    assert told == ["answered: Do you trust?, at its window"]


def test_a_look_that_is_older_than_the_answer_tells_of_no_second_dialog() -> None:
    late: list[Observation] = [decision("a.txt"), shows("a.txt", 2_000), Screen(Reading(draft=""), START + 3_000)]

    assert decided([*asks("a.txt"), claims(), *late, result("a.txt")]) == ["approved: Read(/x/a.txt), by you on pts/3"]


@given(st.lists(st.sampled_from(["claim", "undo", "post", "record", "result", "refused", "box", "stop", "told"])))
def test_whatever_comes_in_whatever_order_each_request_has_one_entry(words: list[str]) -> None:
    """Also where the program ends in the middle."""
    seen: dict[str, Observation] = {
        "claim": claims(),
        "undo": claims(undone=True),
        "post": hook("PostToolUse", "a.txt", 700),
        "record": decision("a.txt"),
        "result": result("a.txt"),
        "refused": result("a.txt", REJECTED, failed=True),
        "box": Screen(Reading(draft=""), START + 700),
        "stop": Hook("Stop", {}, START + 700),
        "told": Told(KEY, "began", START + 700),
    }

    told = decided([*asks("a.txt"), shows("a.txt"), *(seen[w] for w in words), Exit(0, None, START + 9 * SECOND)])

    assert len(told) == 1
