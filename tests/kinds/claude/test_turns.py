"""Where turns begin and end: never idle before the task, whole when told, and compaction ends none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import golden
from tests.support.golden import Folded, Seen
from tmuxagents.clock import SECOND
from tmuxagents.kinds import registry
from tmuxagents.kinds.claude import selfreport, turns
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Hook, Record, SelfReport, Tick
from tmuxagents.value import replace

CLAUDE = registry.kind("claude")

START = 1_700_000_000 * SECOND

TASK = Condition(conversation=golden.CONVERSATION, since_ns=START, task_due=True)
IDLE = Condition("idle", START, conversation=golden.CONVERSATION)


# The task


def test_an_agent_is_starting_until_its_task_is_taken() -> None:
    folded = _fold(TASK, [_started(), _report(100, "idle"), _report(400, "busy"), _prompted(500, "task")])

    assert folded.states == ["starting", "working"]
    assert not folded.condition.task_due


@pytest.mark.parametrize(
    ("seen", "ended"),
    [
        ([("system", {"content": "Unknown command: /nosuch"})], "refused"),
        ([("user", {"message": {"content": "<command-name>/compact</command-name>"}})], None),
        ([("system", {"content": "<command-name>/model</command-name>"})], None),
    ],
    ids=["unknown command", "/compact", "/model"],
)
def test_a_task_that_is_a_command_is_taken_when_the_command_was(
    seen: list[tuple[str, dict[str, Any]]], ended: str
) -> None:
    # 2.1.330 calls itself busy meanwhile.
    for reports in ([], [_report(400, "busy"), _report(900, "idle")]):
        records = [_record(700, kind, **line) for kind, line in seen]

        folded = _fold(TASK, [_started(), *reports, *records])

        assert folded.condition.state == "idle"
        assert (folded.condition.task_due, folded.condition.ended, folded.condition.turns) == (False, ended, 0)
        assert folded.of("turn") == []


def test_a_task_that_never_comes_is_given_up_with_the_reason() -> None:
    condition, _ = CLAUDE.observe(TASK, _started().one)
    condition, _ = CLAUDE.observe(condition, _report(100, "idle").one)
    lost = START + SECOND // 10 + selfreport.TASK_PATIENCE

    before, _ = CLAUDE.observe(condition, Tick(lost - 1))
    after, _ = CLAUDE.observe(condition, Tick(lost))

    assert before.state == "starting"
    assert CLAUDE.due_ns(before) == lost
    assert (after.state, after.reason, after.ended) == ("idle", "it has not taken its task", "untaken")


def test_a_persons_own_prompt_ends_the_wait_for_the_task() -> None:
    folded = _fold(TASK, [_started(), _prompted(500, "mine"), _stopped(900, "yes")])

    assert folded.condition.state == "idle"
    assert not folded.condition.task_due


def test_without_a_task_it_is_idle_at_once() -> None:
    assert _fold(replace(TASK, task_due=False), [_started()]).states == ["starting", "idle"]


# A turn that has ended is whole


def test_a_turn_is_counted_when_its_last_text_is_told() -> None:
    condition, drafts = _each(IDLE, [_prompted(0, "x"), _stopped(1000, "answer")])
    assert (condition.state, condition.turns, condition.closing) == ("idle", 0, True)
    assert not [d for d in drafts if d.kind == "turn"]

    condition, drafts = _each(condition, [_text(990, "answer"), Seen(Tick(START + 3 * SECOND), None)])

    assert (condition.turns, condition.closing) == (1, False)
    assert [d.kind for d in drafts] == ["text", "turn"]


def test_a_last_text_that_does_not_come_in_time_is_told_by_the_hook_and_once() -> None:
    condition, _ = _each(IDLE, [_prompted(0, "x"), _stopped(1000, "answer")])

    condition, drafts = CLAUDE.observe(condition, Tick(START + SECOND + turns.TEXT_PATIENCE))
    assert [(d.kind, d.text) for d in drafts] == [("text", "answer"), ("turn", "")]
    condition, late = CLAUDE.observe(condition, _text(990, "answer").one)
    _, again = CLAUDE.observe(condition, _text(2000, "answer").one)

    assert late == []
    assert [(d.kind, d.text) for d in again] == [("text", "answer")]


def test_a_prompt_names_the_turn_that_took_it() -> None:
    folded = _fold(
        IDLE,
        [
            _prompted(0, "one"),
            _user(10, "one"),
            _stopped(1000, "first"),
            # 2.1.330 takes it from its queue without a hook; the entry of the turn before waits for its text.
            _user(1100, "two"),
            _text(990, "first"),
            _stopped(2000, "second"),
            _text(1990, "second"),
        ],
    )

    assert [d.detail["turn"] for d in folded.of("prompt")] == [1, 2]
    assert [d.detail["turn"] for d in folded.of("turn")] == [1, 2]


def test_the_same_text_twice_is_two_turns() -> None:
    folded = _fold(
        IDLE,
        [
            _prompted(0, "go on"),
            _user(10, "go on"),
            _stopped(1000, "first"),
            _text(990, "first"),
            _user(1100, "go on"),
            _stopped(2000, "second"),
            _text(1990, "second"),
        ],
    )

    assert [d.detail["turn"] for d in folded.of("prompt")] == [1, 2]
    assert [d.detail["turn"] for d in folded.of("turn")] == [1, 2]


def test_a_prompts_record_that_is_read_behind_its_turns_end_begins_no_other() -> None:
    folded = _fold(IDLE, [_prompted(10, "x"), _stopped(500, "yes"), _user(5, "x", read_ms=900), _text(490, "yes")])

    assert folded.condition.state == "idle"
    assert folded.condition.turns == folded.condition.turn == 1


# No turn


@pytest.mark.parametrize("version", ["2.1.197", "2.1.330"])
def test_compaction_is_work_and_no_turn(version: str) -> None:
    busy, pre = _report(5, "busy"), _hook(0, "PreCompact", trigger="manual", custom_instructions="keep names")
    before = [pre, busy] if version == "2.1.197" else [busy, pre]
    condition, drafts = _each(IDLE, before)

    assert (condition.state, condition.reason) == ("working", "compacting")
    assert [(d.detail["how"], d.detail["by"]) for d in drafts if d.kind == "receipt"] == [
        ("submitted", "hook PreCompact")
    ]
    folded = _fold(
        condition,
        [
            _hook(60_000, "SessionStart", source="compact"),
            _hook(60_100, "PostCompact", trigger="manual"),
            _report(60_200, "idle"),
            _record(60_500, "user", message={"content": "<command-name>/compact</command-name>"}),
        ],
    )

    assert (folded.condition.state, folded.condition.turns, folded.condition.reason) == ("idle", 0, None)
    assert folded.of("turn") == []


def test_a_compaction_that_failed_is_over_when_it_says_that_it_is_idle() -> None:
    folded = _fold(IDLE, [_hook(0, "PreCompact", trigger="manual"), _report(5, "busy"), _report(200, "idle")])

    assert (folded.condition.state, folded.condition.reason, folded.condition.turn) == ("idle", None, 0)
    assert folded.of("turn") == []


def test_a_compaction_inside_a_turn_ends_nothing() -> None:
    folded = _fold(
        IDLE,
        [
            _prompted(0, "x"),
            _hook(1000, "PreCompact", trigger="auto"),
            _hook(2000, "SessionStart", source="compact"),
            _hook(2100, "PostCompact", trigger="auto"),
            _stopped(3000, "done"),
            _text(2990, "done"),
        ],
    )

    assert folded.states == ["idle", "working", "idle"]
    assert [d.detail["how"] for d in folded.of("turn")] == ["done"]


@pytest.mark.parametrize("late", [False, True], ids=["in time", "behind the report"])
@pytest.mark.parametrize(
    "sign",
    [
        ("attachment", {"attachment": {"type": "hook_non_blocking_error", "hookEvent": "Stop"}}),
        ("system", {"subtype": "turn_duration"}),
    ],
    ids=["hook error", "duration"],
)
def test_a_turn_whose_hooks_could_not_run_was_finished_and_not_interrupted(
    sign: tuple[str, dict[str, Any]], late: bool
) -> None:
    finished = _record(1000, sign[0], read_ms=1600 if late else 1010, **sign[1])
    report = _report(1100, "idle")

    folded = _fold(IDLE, [_prompted(0, "x"), *((report, finished) if late else (finished, report))])

    assert [d.detail["how"] for d in folded.of("turn")] == ["done"]
    assert (folded.condition.state, folded.condition.reason, folded.condition.ended) == ("idle", None, "done")


def test_a_turn_that_no_hook_told_is_counted_although_its_prompt_is_read_last() -> None:
    prompt, done = _user(5, "x", read_ms=1600), _record(90, "system", read_ms=1600, subtype="turn_duration")

    folded = _fold(IDLE, [_report(0, "busy"), _report(1000, "idle"), prompt, done])

    assert folded.states == ["idle", "working", "idle"]
    assert [(d.detail["turn"], d.detail["how"]) for d in folded.of("turn")] == [(1, "done")]


def test_a_sign_that_the_turn_before_was_finished_says_nothing_of_this_one() -> None:
    folded = _fold(
        IDLE,
        [
            _prompted(0, "x"),
            _stopped(1000, None),
            _prompted(1050, "y"),
            _record(1020, "system", read_ms=1100, subtype="turn_duration"),
            _report(2000, "idle"),
        ],
    )

    assert [d.detail["how"] for d in folded.of("turn")] == ["done", "interrupted"]


def _fold(condition: Condition, seen: list[Seen]) -> Folded:
    return golden.fold(CLAUDE, seen, condition)


def _each(condition: Condition, seen: list[Seen]) -> tuple[Condition, list[Any]]:
    drafts = []
    for each in seen:
        condition, told = CLAUDE.observe(condition, each.one)
        drafts += told
    return condition, drafts


def _ns(ms: int) -> int:
    return START + ms * SECOND // 1000


def _hook(ms: int, event: str, **payload: object) -> Seen:
    return Seen(Hook(event, {"session_id": golden.CONVERSATION, **payload}, _ns(ms)), _ns(ms))


def _started() -> Seen:
    return _hook(0, "SessionStart", source="startup", transcript_path="/x.jsonl")


def _prompted(ms: int, text: str) -> Seen:
    return _hook(ms, "UserPromptSubmit", prompt=text)


def _stopped(ms: int, text: str | None) -> Seen:
    return _hook(ms, "Stop", last_assistant_message=text)


def _report(ms: int, status: str) -> Seen:
    payload = {"sessionId": golden.CONVERSATION, "pid": 1, "status": status, "statusUpdatedAt": _ns(ms) // 1_000_000}
    # Acted on when its grace is over.
    return Seen(SelfReport(payload, _ns(ms)), _ns(ms) + SECOND // 100)


def _record(ms: int, kind: str, *, read_ms: int | None = None, **line: object) -> Seen:
    stamp = datetime.fromtimestamp(_ns(ms) / SECOND, UTC).isoformat(timespec="milliseconds")
    return Seen(Record({"type": kind, "timestamp": stamp, **line}, _ns(ms)), _ns(ms if read_ms is None else read_ms))


def _user(ms: int, text: str, *, read_ms: int | None = None) -> Seen:
    return _record(ms, "user", read_ms=read_ms, message={"role": "user", "content": text})


def _text(ms: int, text: str) -> Seen:
    content = [{"type": "text", "text": text}]
    return _record(ms, "assistant", read_ms=ms + 200, message={"id": f"m{ms}", "content": content})
