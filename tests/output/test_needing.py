"""What stands under the line that says what an agent needs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tmuxagents.output import needing, rendering
from tmuxagents.output.rendering import Line
from tmuxagents.output.widths import width_of

SHOW = "tmuxagents show api"
TEXT = st.text(max_size=30)
DETAIL = st.fixed_dictionaries(
    {},
    optional={
        "about": st.text(max_size=400),
        "choices": st.lists(TEXT, max_size=5),
        "descriptions": st.lists(TEXT, max_size=6),
        "questions": st.integers(2, 4),
    },
)


def test_choices_are_numbered_with_their_descriptions() -> None:
    detail = {"choices": ["Postgres", "SQLite", "None"], "descriptions": ["the usual", "no server", "None"]}

    assert needing.beneath(detail, show=SHOW) == ["  1 Postgres: the usual", "  2 SQLite: no server", "  3 None"]


def test_a_plain_yes_and_no_are_not_listed() -> None:
    assert needing.beneath({"choices": ["Yes", "No"]}, show=SHOW) == []


def test_a_plain_yes_and_no_that_no_command_settles_are_listed() -> None:
    detail = {"needs": "dialog", "verb": "attach", "choices": ["Yes", "No"]}

    assert needing.beneath(detail, show=SHOW) == ["  1 Yes", "  2 No"]


def test_a_plan_keeps_its_line_breaks() -> None:
    assert needing.beneath({"about": "1. read\n\n2. write"}, show=SHOW) == ["  1. read", "  ", "  2. write"]


def test_a_long_text_says_how_much_is_left_out_and_what_shows_it() -> None:
    rows = needing.beneath({"about": "\n".join(map(str, range(40)))}, show=SHOW)

    assert len(rows) == needing.ROWS
    assert rows[-1] == f"  … 29 more lines: {SHOW}"


def test_nothing_is_left_out_where_all_is_asked_for() -> None:
    assert len(needing.beneath({"about": "\n".join(map(str, range(40)))}, show=None)) == 40


@examples(12)
@given(DETAIL, st.integers(20, 100))
def test_whatever_a_dialog_holds_nothing_acts_on_the_terminal_and_no_row_is_too_wide(
    detail: dict[str, Any], width: int
) -> None:
    line = Line(
        1, 1, "api", 0, "needs", "What?", {"needs": "question", "command": "tmuxagents answer api CHOICE", **detail}
    )

    rows = rendering.render(line, width=width, color=False)

    assert all(row.isprintable() or not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in row) for row in rows)
    assert all(width_of(row) <= width for row in rows)
