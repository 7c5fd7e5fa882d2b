"""Claude without a terminal: its arguments, and what its last word makes of its condition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tmuxagents.kinds.base import Start
from tmuxagents.kinds.claude import KIND
from tmuxagents.kinds.claude.launch import launch
from tmuxagents.kinds.folding import fold
from tmuxagents.model.condition import Condition, Usage
from tmuxagents.model.observation import Exit, Hook, Observation, Record

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


def test_what_it_gave_as_data_is_its_answer() -> None:
    condition = folded(*TURN, STOP, last_word(result="x", structured_output={"a": "ü"}), GONE, json_schema={})

    assert (condition.state, condition.last_text) == ("ended", '{"a": "ü"}')


@pytest.mark.parametrize(("kept", "microusd"), [(True, 30_000), (False, 40_000)])
def test_what_it_has_cost_is_counted_once(kept: bool, microusd: int) -> None:
    state = Record({"type": "cost-state", "sessionId": ID}, 25, "main", ID)
    seen: list[Observation] = [*TURN, *([state] if kept else []), last_word(total_cost_usd=0.03), GONE]

    assert folded(*seen, microusd=10_000).usage.microusd == microusd
