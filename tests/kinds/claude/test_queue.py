"""The mirror of Claude's own queue: what is owed is counted, what left it is not, in every order of reading."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import golden
from tmuxagents.clock import SECOND
from tmuxagents.kinds import claude, prompts
from tmuxagents.kinds.claude import queue
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Exit, Hook, Observation, Record, Tick

START = 1_700_000_000 * SECOND

Version = Literal["2.1.197", "2.1.330"]
versions = pytest.mark.parametrize("version", ["2.1.197", "2.1.330"])

BUSY = Condition(
    "working", START, conversation=golden.CONVERSATION, turn=1, kind_state={"began_by": "x", "began_at": START}
)


@versions
@given(st.data())
def test_what_is_in_the_queue_is_counted_until_it_is_told(version: Version, data: st.DataObject) -> None:
    condition, kept, number = BUSY, deque[str](), 0
    for step in data.draw(st.lists(st.sampled_from(["enqueue", "dequeue", "absorb", "pop"]), max_size=12)):
        match step:
            case "enqueue":
                number += 1
                # Twice the same text is two prompts.
                text = f"text {number // 2}"
                kept.append(text)
                condition = _fold(condition, _enqueued(version, text, hook_first=data.draw(st.booleans())))
            case "dequeue" if kept:
                condition = _fold(condition, [_operation("dequeue")])
                assert condition.queued == len(kept)
                condition = _fold(condition, [_prompt(kept.popleft())])
            case "absorb" if kept:
                absorbed = list(kept)
                condition = _fold(condition, _absorbed(version, absorbed))
                kept.clear()
            case "pop" if kept:
                condition = _fold(condition, [_operation("popAll", text) for text in kept])
                kept.clear()
        assert condition.queued == len(kept)


@versions
@pytest.mark.parametrize("how", ["taken back", "never taken", "ended"])
def test_what_will_never_be_taken_is_not_owed_for_ever(version: Version, how: str) -> None:
    condition = _fold(BUSY, _enqueued(version, "text"))
    told: list[NewEntry] = []

    match how:
        case "taken back":
            condition, told = claude.KIND.observe(condition, _operation("popAll", "text"))
        case "never taken":
            condition, _ = claude.KIND.observe(condition, Hook("Stop", {}, START + SECOND))
            waited = START + SECOND + queue.PATIENCE
            assert claude.KIND.observe(condition, Tick(waited - 1))[0].queued == 1
            condition, told = claude.KIND.observe(condition, Tick(waited))
        case "ended":
            condition, _ = claude.KIND.observe(condition, Exit(0, None, START + SECOND))

    assert condition.queued == 0
    if how != "ended":
        assert [(d.detail["how"], d.detail["digest"]) for d in told if d.kind == "receipt"] == [
            ("withdrawn", prompts.digest("text"))
        ]


def test_a_text_that_was_queued_during_a_compaction_is_counted_although_its_record_holds_no_text() -> None:
    # 2.1.330.
    condition = _fold(BUSY, [_operation("enqueue"), _operation("dequeue")])

    assert condition.queued == 1
    assert _fold(condition, [_prompt("text")]).queued == 0


def test_a_hook_that_calls_a_text_queued_which_has_left_the_queue_is_owed_nothing() -> None:
    # 2.1.197, after Esc: the hook comes before the record of the interruption.
    condition = _fold(BUSY, [_operation("enqueue", "text"), _submit("text"), _operation("dequeue"), _prompt("text")])

    assert condition.queued == 0


def _fold(condition: Condition, seen: Sequence[Observation]) -> Condition:
    for each in seen:
        condition, _ = claude.KIND.observe(condition, each)
        assert condition.queued >= 0
    return condition


def _enqueued(version: Version, text: str, *, hook_first: bool = True) -> list[Observation]:
    if version == "2.1.197":
        return [_operation("enqueue", text)]
    both: list[Observation] = [_submit(text), _operation("enqueue", text)]
    return both if hook_first else both[::-1]


def _absorbed(version: Version, texts: Sequence[str]) -> list[Observation]:
    removed: list[Observation] = [_operation("remove", text if version == "2.1.330" else None) for text in texts]
    return [*removed, *map(_attachment, texts)]


def _operation(operation: str, text: str | None = None) -> Record:
    line: dict[str, Any] = {"type": "queue-operation", "operation": operation}
    return Record(line if text is None else {**line, "content": text}, START)


def _attachment(text: str) -> Record:
    return Record({"type": "attachment", "attachment": {"type": "queued_command", "prompt": text}}, START)


def _prompt(text: str) -> Record:
    return Record({"type": "user", "message": {"role": "user", "content": text}}, START)


def _submit(text: str) -> Hook:
    return Hook("UserPromptSubmit", {"prompt": text}, START)
