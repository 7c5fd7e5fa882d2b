"""One order: a prompt before what it caused, a call before what it needs, a command before its effect."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import golden
from tests.support.golden import Folded, Seen
from tmuxagents.clock import SECOND
from tmuxagents.kinds import folding, registry
from tmuxagents.kinds.claude import order
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Exit, Hook, Observation, Record, Tick
from tmuxagents.value import replace

CLAUDE = registry.kind("claude")
MS = SECOND // 1000
START = 1_700_000_000 * SECOND
IDLE = Condition("idle", START, conversation=golden.CONVERSATION)


def _hook(at: int, event: str, **payload: Any) -> Hook:
    return Hook(event, payload, START + at * MS, f"{START + at * MS}.1")


def _record(at: int, kind: str, content: Any, **line: Any) -> Record:
    stamp = datetime.fromtimestamp(1_700_000_000 + at / 1000, UTC).isoformat()
    message = {"content": content, "id": f"m{at}"}
    whole = {"type": kind, "timestamp": stamp, "message": message, **line}
    return Record(whole, START + at * MS, file=golden.CONVERSATION)


def _text(at: int, text: str) -> Record:
    return _record(at, "assistant", [{"type": "text", "text": text}])


def _call(at: int, number: int = 1) -> Record:
    used = {"type": "tool_use", "id": f"toolu_{number}", "name": "Write", "input": {"file_path": f"/x/{number}"}}
    return _record(at, "assistant", [used])


def _asks(at: int, number: int = 1) -> list[Hook]:
    tool = {"tool_name": "Write", "tool_input": {"file_path": f"/x/{number}"}}
    return [_hook(at, "PreToolUse", tool_use_id=f"toolu_{number}", **tool), _hook(at + 5, "PermissionRequest", **tool)]


def _command(at: int, name: str) -> Record:
    return _record(at, "user", f"<command-name>{name}</command-name>\n<command-args></command-args>")


PROMPTED, PROMPT = _hook(0, "UserPromptSubmit", prompt="go"), _record(10, "user", "go")
RAN, SAID = _hook(2000, "PostToolUse", tool_use_id="toolu_1", tool_name="Write"), _text(2200, "wrote")
STOPPED = _hook(2300, "Stop", last_assistant_message="wrote")
WHOLE = ["prompt", "text", "tool", "needs", "decision", "text", "turn"]


def _fold(batches: Sequence[Sequence[Observation]], condition: Condition = IDLE, read_ms: int = 100) -> Folded:
    """Each batch read `read_ms` after its last."""
    seen = []
    for batch in batches:
        at_ns = max(one.at_ns for one in batch) + read_ms * MS
        seen += [Seen(one, at_ns if one is batch[-1] else None) for one in batch]
    return golden.fold(CLAUDE, seen, condition)


def _kinds(folded: Folded) -> list[str]:
    return [draft.kind for draft in folded.drafts if draft.kind != "receipt"]


def test_a_prompt_that_its_file_has_behind_the_answer_stands_before_it() -> None:
    # As 2.1.197 was seen to write it: the prompt's record, older, behind the two that it caused.
    first: list[Observation] = [PROMPTED, _text(330, "I will"), _call(331), PROMPT, *_asks(400)]

    folded = _fold([first, [RAN, SAID, STOPPED]])

    assert _kinds(folded) == WHOLE
    moments = [draft.at_ns for draft in folded.of("prompt", "text", "tool")]
    assert moments == sorted(moments)


def test_without_hooks_a_record_that_another_answers_is_read_before_it() -> None:
    unhooked = replace(IDLE, kind_state={"unhooked": True})
    prompt = _record(330, "user", "go", uuid="p")
    linked = _record(331, "attachment", None, uuid="a", parentUuid="p")
    said = _record(330, "assistant", [{"type": "text", "text": "done"}], uuid="t", parentUuid="a")
    ended = _record(500, "system", None, subtype="turn_duration", uuid="e", parentUuid="t")

    folded = _fold([[said, prompt, linked], [ended]], unhooked)

    assert _kinds(folded) == ["prompt", "text", "turn"]
    assert folded.of("turn")[0].detail["how"] == "done"


def _chain(number: int) -> list[Observation]:
    return [_record(n, "user", str(n), uuid=str(n), parentUuid=str(n - 1)) for n in range(number)]


@given(st.permutations(_chain(7)), st.lists(st.integers(0, 7), max_size=3))
def test_no_record_of_a_batch_stands_before_the_one_it_answers(mixed: list[Observation], hooks: list[int]) -> None:
    for at in hooks:
        mixed.insert(at, PROMPTED)

    ordered = CLAUDE.in_order(mixed)

    assert [one for one in ordered if isinstance(one, Record)] == _chain(7)
    assert sorted(map(id, ordered)) == sorted(map(id, mixed))


def test_records_that_answer_each_other_are_read_once() -> None:
    one, other = (_record(n, "user", "x", uuid=str(n), parentUuid=str(1 - n)) for n in (0, 1))

    assert len(CLAUDE.in_order([one, other])) == 2


@given(st.sets(st.integers(1, 8)))
def test_the_order_is_the_same_however_the_reading_is_cut(cuts: set[int]) -> None:
    seen: list[Observation] = [PROMPTED, _text(330, "I will"), _call(331), PROMPT, *_asks(400), RAN, SAID, STOPPED]
    edges = [0, *sorted(cuts), len(seen)]
    batches = [list(seen[a:b]) for a, b in itertools.pairwise(edges) if a < b]

    assert _kinds(_fold(batches)) == WHOLE


@pytest.mark.parametrize("late_ms", [100, 500, 900])
def test_what_needs_leave_stands_behind_its_call(late_ms: int) -> None:
    folded = _fold(
        [[PROMPTED, PROMPT], [*_asks(400)], [_text(405 + late_ms, "I will"), _call(406 + late_ms)]], read_ms=0
    )

    assert _kinds(folded) == ["prompt", "text", "tool", "needs"]


def test_what_was_answered_before_its_call_is_read_stands_behind_it_too() -> None:
    tool = {"tool_use_id": "toolu_1", "tool_name": "Write", "tool_input": {"file_path": "/x/1"}}
    answered = _hook(600, "PostToolUse", **tool)
    seen: list[list[Observation]] = [
        [PROMPTED, PROMPT],
        [*_asks(400)],
        [answered],
        [_text(620, "I will"), _call(621)],
        [SAID, STOPPED],
    ]

    assert _kinds(_fold(seen, read_ms=0)) == WHOLE


def test_a_cause_that_never_comes_delays_what_it_caused_by_a_second_and_once() -> None:
    condition, drafts = folding.fold(CLAUDE, IDLE, [PROMPTED, _text(330, "I will")], START + 400 * MS, asked=False)
    assert condition.state == "working"
    assert [d.kind for d in drafts if d.kind not in ("receipt", "state")] == []
    due = CLAUDE.due_ns(condition)
    assert due == START + 330 * MS + order.PATIENCE

    condition, drafts = folding.fold(CLAUDE, condition, [], due, asked=False)
    assert [d.text for d in drafts] == ["I will"]
    _, drafts = folding.fold(CLAUDE, condition, [_text(1500, "and more")], START + 1600 * MS, asked=False)
    assert [d.text for d in drafts] == ["and more"]


def test_the_last_text_of_the_turn_before_waits_for_no_prompt() -> None:
    stopped, again = _hook(1000, "Stop", last_assistant_message="first"), _hook(1100, "UserPromptSubmit", prompt="two")
    seen: list[list[Observation]] = [
        [PROMPTED, PROMPT],
        [stopped],
        [again],
        [_text(990, "first"), _record(1110, "user", "two")],
    ]

    folded = _fold(seen)

    assert [(d.kind, d.text) for d in folded.drafts if d.kind in ("prompt", "text", "turn")] == [
        ("prompt", "go"),
        ("text", "first"),
        ("turn", ""),
        ("prompt", "two"),
    ]


def test_a_turn_counts_as_told_when_its_text_is_in_the_journal() -> None:
    stopped = _hook(400, "Stop", last_assistant_message="I will")
    condition, drafts = folding.fold(
        CLAUDE, IDLE, [PROMPTED, _text(330, "I will"), stopped], START + 500 * MS, asked=False
    )
    assert (condition.state, condition.turns, condition.closing) == ("idle", 0, True)
    assert "turn" not in [d.kind for d in drafts]

    condition, drafts = folding.fold(CLAUDE, condition, [], START + 3 * SECOND, asked=False)
    assert [d.kind for d in drafts] == ["text", "turn"]
    assert condition.turns == 1


def test_what_waits_is_told_when_the_program_ends() -> None:
    seen: list[Observation] = [PROMPTED, _text(330, "I will"), Exit(0, None, START + 400 * MS)]
    _, drafts = folding.fold(CLAUDE, IDLE, seen, START + 401 * MS, asked=False)

    assert "I will" in [d.text for d in drafts]


def test_a_command_stands_before_its_effect() -> None:
    compacting, compacted = (
        _hook(at, event, trigger="manual") for at, event in ((0, "PreCompact"), (800, "PostCompact"))
    )

    folded = _fold([[compacting], [compacted], [_command(830, "/compact")]])

    assert [d.text for d in folded.drafts if d.kind != "receipt"] == ["/compact", "the conversation was compacted"]


def test_an_effect_whose_command_is_not_told_is_told_all_the_same() -> None:
    folded = _fold([[_hook(800, "PostCompact", trigger="manual")], [Tick(START + 2 * SECOND)]])

    assert [d.text for d in folded.drafts] == ["the conversation was compacted"]
