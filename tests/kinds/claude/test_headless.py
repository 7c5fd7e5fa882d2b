"""Claude without a terminal: its arguments, and what its last word makes of its condition."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmuxagents.kinds.base import Start
from tmuxagents.kinds.claude import KIND
from tmuxagents.kinds.claude.launch import launch
from tmuxagents.kinds.folding import fold
from tmuxagents.model import owed
from tmuxagents.model.condition import Condition, Usage
from tmuxagents.model.observation import Exit, Hook, Observation, Record, SelfReport

ID = "00000000-0000-4000-8000-000000000001"
FOLDER = Path("/state/agents/a1")


def start(**options: Any) -> Start:
    return Start(
        folder=FOLDER,
        scripts=Path("/state/bin"),
        generation=2,
        conversation=ID,
        resume=True,
        task="go on",
        options={"mode": "print", **options},
        env={"HOME": "/home/u"},
        dir="/work",
    )


def folded(*seen: Observation, microusd: int | None = None, **options: Any) -> Condition:
    before = Condition(state="starting", conversation=ID, task_due=True, usage=Usage(microusd=microusd))
    condition = KIND.prepared(before, start(**options), 1)
    return fold(KIND, condition, seen, 100, asked=False)[0]


def last_word(**line: Any) -> Record:
    return Record({"type": "result", "subtype": "success", "is_error": False, **line}, 50, "main", "result.2")


def hook(event: str, at_ns: int, **payload: Any) -> Hook:
    return Hook(event, {"session_id": ID, "hook_event_name": event, **payload}, at_ns)


TURN = (hook("SessionStart", 10, source="resume"), hook("UserPromptSubmit", 20, prompt="go on"))
STOP = hook("Stop", 30, last_assistant_message="done")
GONE = Exit(0, None, 60)


def test_its_output_goes_to_a_file_and_it_asks_nobody() -> None:
    made = launch(start(max_turns=3, json_schema={"type": "object"}))

    script, program, result, schema, again, *words = list(made.argv)[2:]
    assert list(made.argv)[:2] == ["/bin/sh", "-c"]
    assert script.endswith('exec "$program" --json-schema "$schema" "$@" > "$out"')
    assert (program, again, result) == ("claude", "claude", str(FOLDER / "result.2.jsonl"))
    assert made.files[Path(schema).name] == '{"type": "object"}'
    assert words[:7] == ["-p", "--output-format", "json", "--max-turns", "3", "--resume", ID]
    assert words[-1] == "--"
    assert "PermissionRequest" not in made.files["settings.json"]


def test_between_its_turn_and_its_end_it_works() -> None:
    assert folded(*TURN, STOP).state == "working"
    assert folded(*TURN, STOP, last_word(result="done"), GONE).state == "ended"


@pytest.mark.parametrize(
    ("line", "options", "reason"),
    [
        ({"is_error": True, "result": "API Error: 400 no"}, {}, "API Error: 400 no"),
        (
            {"is_error": True, "subtype": "error_max_turns", "errors": ["Reached maximum (3)"]},
            {},
            "Reached maximum (3)",
        ),
        ({"result": "no"}, {"json_schema": {}}, "its answer is not as asked: it is no JSON"),
        ({"result": "{}", "structured_output": {}}, {"json_schema": {"required": ["a"]}}, "'a' is a required property"),
    ],
)
def test_what_went_wrong_is_its_reason_whatever_it_ends_with(
    line: dict[str, Any], options: dict[str, Any], reason: str
) -> None:
    condition = folded(*TURN, last_word(**line), GONE, **options)

    assert condition.state == "failed"
    assert reason in (condition.reason or "")


def test_one_that_was_stopped_is_known_for_it() -> None:
    condition = folded(*TURN, last_word(is_error=True, subtype="error_during_execution"), GONE)

    assert (condition.state, condition.reason, condition.ended) == ("failed", "interrupted", "interrupted")


def test_what_it_gave_as_data_is_its_answer() -> None:
    condition = folded(*TURN, STOP, last_word(result="x", structured_output={"a": "ü"}), GONE, json_schema={})

    assert (condition.state, condition.last_text) == ("ended", '{"a": "ü"}')


@pytest.mark.parametrize(("kept", "microusd"), [(True, 30_000), (False, 40_000)])
def test_what_it_has_cost_is_counted_once(kept: bool, microusd: int) -> None:
    state = Record({"type": "cost-state", "sessionId": ID}, 25, "main", ID)
    seen: list[Observation] = [*TURN, *([state] if kept else []), last_word(total_cost_usd=0.03), GONE]

    assert folded(*seen, microusd=10_000).usage.microusd == microusd


# Nobody is there who could give it a prompt or press Esc

BEGAN = 1_700_000_000_000
"""In milliseconds; what it does is at so many behind it."""

MS = 1_000_000


def late_hook(ms: int, event: str, **payload: Any) -> Hook:
    return hook(event, (BEGAN + ms) * MS, **payload)


def record(ms: int, kind: str, **line: Any) -> Record:
    stamp = datetime.fromtimestamp((BEGAN + ms) / 1000, UTC).isoformat(timespec="milliseconds")
    return Record({"type": kind, "sessionId": ID, "timestamp": stamp, **line}, (BEGAN + ms) * MS, "main", ID)


def report(ms: int, status: str) -> SelfReport:
    told = {"sessionId": ID, "pid": 1, "status": status, "statusUpdatedAt": BEGAN + ms}
    return SelfReport(told, (BEGAN + ms) * MS)


HOOKS = (
    late_hook(300, "SessionStart", source="startup"),
    late_hook(500, "UserPromptSubmit", prompt="go on"),
    late_hook(1000, "Stop", last_assistant_message="done"),
    late_hook(1050, "SessionEnd"),
)
WRITTEN = (
    record(520, "user", message={"role": "user", "content": "go on"}),
    record(990, "assistant", message={"id": "m", "content": [{"type": "text", "text": "done"}]}),
    record(1040, "system", subtype="turn_duration"),
)
REPORTS = (report(310, "idle"), report(505, "busy"), report(1010, "idle"), report(1045, "busy"))
LAST = Record({"type": "result", "result": "done"}, (BEGAN + 1100) * MS, "main", "result.2")


@settings(max_examples=150, deadline=None)
@given(
    hooks=st.sampled_from([HOOKS, HOOKS[:2], HOOKS[1:], ()]),
    reports=st.sets(st.sampled_from(range(4))),
    steps=st.lists(st.sampled_from([1, 30, 200, 700, 3000]), min_size=16, max_size=16),
    seed=st.integers(0, 1 << 20),
)
def test_one_that_did_its_task_has_done_it_in_whatever_order_that_is_read(
    hooks: tuple[Hook, ...], reports: set[int], steps: list[int], seed: int
) -> None:
    sources: list[list[Observation]] = [[*hooks], [*WRITTEN], [REPORTS[n] for n in sorted(reports)], [LAST]]
    turns = [source for source in sources for _ in source]
    random.Random(seed).shuffle(turns)
    condition, now = KIND.prepared(Condition("starting", BEGAN * MS, conversation=ID, task_due=True), start(), 1), 0

    for step, source in zip(steps, turns, strict=False):
        seen = source.pop(0)
        now = max(now + step * MS, seen.at_ns)
        condition = fold(KIND, condition, [seen], now, asked=False)[0]
        assert condition.state in ("starting", "working")
    condition = fold(KIND, condition, [Exit(0, None, now)], now + 9000 * MS, asked=False)[0]

    assert (condition.state, condition.last_text) == ("ended", "done")
    assert owed.task_done(condition, messages=0) == owed.THERE


def test_what_it_says_of_itself_begins_and_ends_no_turn() -> None:
    seen: list[Observation] = [*HOOKS[:3], REPORTS[2], Exit(0, None, (BEGAN + 1100) * MS)]
    condition = KIND.prepared(Condition("starting", BEGAN * MS, conversation=ID, task_due=True), start(), 1)

    for at, one in enumerate(seen):
        condition = fold(KIND, condition, [one], (BEGAN + 5000 * (at + 1)) * MS, asked=False)[0]

    assert (condition.state, condition.ended, condition.turn, condition.turns) == ("ended", "done", 1, 1)
