"""What a run of observations makes of a condition, whatever the kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds import demo, folding
from tmuxagents.kinds.guard import guard
from tmuxagents.model.condition import Condition, Dialog
from tmuxagents.model.observation import Exit, Record


def test_what_comes_behind_the_end_is_told_and_revives_nobody() -> None:
    late = [
        Record({"event": "prompt", "text": "late"}, 3, "main", "f"),
        Record({"event": "text", "text": "x"}, 4, "main", "f"),
    ]

    condition, told = folding.fold(demo.KIND, Condition("working", 1), [Exit(0, None, 2), *late], 5, asked=False)

    assert (condition.state, condition.evidence) == ("ended", "exit record: 0")
    assert [entry.text for entry in told if entry.kind in ("prompt", "text")] == ["late", "x"]


def test_what_stop_types_is_nobodys_word_to_the_agent() -> None:
    seen = [Record({"event": "prompt", "text": text}, at, "main", "f") for at, text in enumerate(["go on", "/exit"], 2)]

    condition, told = folding.fold(demo.KIND, Condition("idle", 1), seen, 5, asked=True)
    _, by_somebody = folding.fold(demo.KIND, Condition("idle", 1), seen, 5, asked=False)

    assert [(entry.kind, entry.text) for entry in told if entry.kind in ("prompt", "note")] == [
        ("prompt", "go on"),
        ("note", "asked to end: /exit"),
    ]
    assert condition.doing == "go on"
    assert [entry.text for entry in by_somebody if entry.kind == "prompt"] == ["go on", "/exit"]


def test_a_dialog_without_rows_of_its_own_has_no_guard_wherever_the_pointer_stands() -> None:
    dialog = Dialog("permission", "Do you want to proceed?", ("Yes", "No"), preselected=0)

    assert guard(dialog) == guard(dialog, pointed=0) == ()


@given(st.lists(st.tuples(st.sampled_from(["prompt", "text", "tool"]), st.text(max_size=300)), max_size=6))
def test_what_an_agent_does_is_its_last_prompt_or_call_on_one_short_line(said: list[tuple[str, str]]) -> None:
    seen = [
        Record({"event": event, "text": text, "name": text}, at, "main", "f") for at, (event, text) in enumerate(said)
    ]

    condition, told = folding.fold(demo.KIND, Condition("working", 1), seen, 5, asked=False)

    last = next((entry.text for entry in reversed(told) if entry.kind in ("prompt", "tool")), "")
    assert len(condition.doing) <= 120
    assert condition.doing.split() == condition.doing.split("\n")[0].split()
    assert " ".join(last.split()).startswith(condition.doing.removesuffix("…"))
