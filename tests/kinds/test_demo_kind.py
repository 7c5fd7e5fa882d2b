"""What the demo agent's events mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kinds.claude.test_observe import json_values
from tmuxagents.kinds import demo
from tmuxagents.kinds.base import Lines, Start
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.condition import Condition, Dialog, State
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Observation, Record, Screen, Tick
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

EVENTS = ["ready", "prompt", "queued", "text", "tool", "permission", "question", "answered", "interrupted", "turn_end"]


def fold(*events: dict[str, Any] | Observation, condition: Condition | None = None) -> tuple[Condition, list[NewEntry]]:
    condition, drafts = condition or Condition(), list[NewEntry]()
    for at, event in enumerate(events, 1):
        seen = Record(event, at_ns=at) if isinstance(event, dict) else event
        condition, told = demo.KIND.observe(condition, seen)
        drafts += told
    return condition, drafts


def told(drafts: list[NewEntry]) -> list[tuple[str, str]]:
    return [(draft.kind, draft.text) for draft in drafts]


def test_a_turn_is_told_from_prompt_to_cost() -> None:
    usage = {"input_tokens": 5, "output_tokens": 7, "cache_read_tokens": 1800, "cache_write_tokens": 320}

    condition, drafts = fold(
        {"event": "ready"},
        {"event": "prompt", "text": "add auth"},
        {"event": "text", "text": "I'll look."},
        {"event": "tool", "name": "Read", "target": "src/api.rs"},
        {"event": "tool", "name": "Think"},
        {"event": "turn_end", "usage": usage, "total_cost_usd": 0.0312, "cost_usd": 0.0312, "last_text": "Done."},
    )

    assert told(drafts) == [
        ("prompt", "add auth"),
        ("receipt", ""),
        ("text", "I'll look."),
        ("tool", "Read: src/api.rs"),
        ("tool", "Think"),
        ("turn", ""),
    ]
    assert drafts[-1].detail == {"how": "done", "turn": 1, "cost_usd": 0.0312}
    assert (condition.state, condition.turns, condition.last_text) == ("idle", 1, "Done.")
    assert condition.usage.microusd == 31200
    assert condition.usage.input_tokens == 5
    assert [draft.at_ns for draft in drafts] == [2, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(("event", "how"), [("prompt", "submitted"), ("queued", "queued")])
def test_a_prompt_has_a_receipt_that_says_what_became_of_it(event: str, how: str) -> None:
    _, drafts = fold({"event": event, "text": "also\ttest"})

    receipt = drafts[-1]
    assert receipt.kind == "receipt"
    assert (receipt.detail["digest"], receipt.detail["how"]) == (digest("also    test"), how)


def test_a_permission_is_needed_until_it_is_answered() -> None:
    asking = {"event": "permission", "tool": "Write", "target": "src/auth.rs", "choices": ["Yes", "No"]}

    waiting, drafts = fold({"event": "prompt", "text": "go"}, asking)
    working, _ = fold({"event": "answered"}, condition=waiting)

    assert told(drafts)[-1] == ("needs", "Write(src/auth.rs)")
    assert waiting.state == "waiting"
    assert waiting.dialog == Dialog("permission", "Write(src/auth.rs)", ("Yes", "No"), 0)
    assert (working.state, working.dialog) == ("working", None)


def test_a_question_is_told_as_it_was_asked() -> None:
    condition, drafts = fold({"event": "question", "question": "Which one?", "choices": ["Red", "Green"]})

    assert condition.needs == "question"
    assert told(drafts) == [("needs", "Which one?")]


def test_an_interrupted_turn_is_over_and_says_so() -> None:
    condition, drafts = fold({"event": "prompt", "text": "go"}, {"event": "interrupted"})

    assert (condition.state, condition.reason, condition.turns) == ("idle", "interrupted", 1)
    assert drafts[-1].detail["how"] == "interrupted"


def test_a_dialog_that_no_event_announced_is_read_from_the_screen_and_gone_with_it() -> None:
    dialog = Dialog("dialog", "Try the new renderer?", ("Yes", "No"), 0)

    waiting, drafts = fold({"event": "ready"}, Screen(Reading(dialog=dialog), 5), Screen(Reading(dialog=dialog), 6))
    idle, _ = demo.KIND.observe(waiting, Screen(Reading(draft=""), 7))

    assert told(drafts) == [("needs", "Try the new renderer?")], "told once"
    assert waiting.dialog == dialog
    assert (idle.state, idle.dialog) == ("idle", None)


def test_the_screen_does_not_overrule_what_an_event_said() -> None:
    asking = {"event": "permission", "tool": "Write", "target": "f", "choices": ["Yes", "No"]}
    waiting, _ = fold(asking)

    after, drafts = demo.KIND.observe(waiting, Screen(Reading(dialog=Dialog("dialog", "Do you want to?")), 5))

    assert after == waiting
    assert drafts == []
    assert demo.KIND.observe(waiting, Screen(Reading(draft=""), 6))[0].state == "waiting"


@given(
    st.lists(
        st.fixed_dictionaries(
            {"event": st.sampled_from(EVENTS)},
            optional=dict.fromkeys(("text", "name", "target", "tool", "question", "usage", "last_text"), json_values),
        ),
        max_size=8,
    )
)
def test_turns_are_never_ahead_of_their_beginnings(events: list[dict[str, Any]]) -> None:
    condition = Condition()
    for event in events:
        condition, _ = fold({**event, "usage": None}, condition=condition)

        assert condition.turns <= condition.turn
        assert condition.state in get_args(State)
        assert (condition.state == "waiting") == (condition.dialog is not None)


def test_time_alone_changes_nothing() -> None:
    working, _ = fold({"event": "prompt", "text": "go"})

    assert demo.KIND.observe(working, Tick(10**18)) == (working, [])
    assert demo.KIND.due_ns(working) is None


def test_it_is_started_with_its_events_file_and_resumes_with_it() -> None:
    folder = Path("/state/agents/a1")
    first = Start(folder, Path("/bin"), 1, "id", resume=False, task="-x", options={"args": ["--speed", "10"]}, env={})

    argv = list(demo.KIND.launch(first).argv)

    assert argv[-3:] == ["--speed", "10", "--"]
    assert argv[argv.index("--events") + 1] == str(folder / "events.jsonl")
    assert demo.KIND.readers(Condition(), folder) == (Lines("events", folder / "events.jsonl"),)
    assert "--resume" not in argv
    assert "--resume" in demo.KIND.launch(replace(first, resume=True)).argv
