"""What the chat says about its line: who it goes to, and in rows that are divided between words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.made import member, roster
from tmuxagents.chat import help_page, prompt
from tmuxagents.chat.focus import Focus, moved_by_itself, turned
from tmuxagents.chat.line import Refused, read
from tmuxagents.chat.shown import text_of
from tmuxagents.output import detaching
from tmuxagents.output.widths import width_of, wrapped


@given(st.text(alphabet="ab 漢-", max_size=60), st.integers(6, 20))
def test_a_row_is_divided_between_words_and_no_word_is_lost(text: str, width: int) -> None:
    rows = wrapped(f"  {text}", width)

    assert all(width_of(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    short = [word for word in text.split() if width_of(word) <= width - 4]
    assert [word for word in short if word not in [part for row in rows for part in row.split()]] == []


def test_the_later_rows_stand_further_in() -> None:
    assert wrapped("  one two three", 11) == ["  one two", "    three"]


@pytest.mark.parametrize("columns", [39, 79])
@pytest.mark.parametrize("nested", [True, False])
def test_help_names_the_keys_that_come_back_here_and_no_row_is_too_long(columns: int, nested: bool) -> None:
    rows = help_page.rows(columns, detaching.keys(nested=nested))

    assert max(map(len, rows)) <= columns
    said = " ".join(" ".join(rows).split())
    assert f"the real tmux; {'C-]' if nested else 'C-b'} d comes back" in said


def test_who_was_chosen_and_is_forgotten_is_called_gone_and_the_line_stays() -> None:
    chosen = turned(Focus(), roster(member("v1"), member("v2")), 1)
    left = roster(member("v2"))
    kept = moved_by_itself(chosen, left, text="say: half", key_s=None, now_s=0)

    assert read("say: half", left, kept.on, gone=kept.name) == Refused("v1 is gone; Tab or @NAME chooses another")
    assert text_of(prompt.prompt(left.by_id(kept.on), 80, gone=kept.name)) == "v1 gone> "
    assert moved_by_itself(kept, left, text="", key_s=None, now_s=0).name == "v2"


def test_where_nobody_else_is_there_it_is_said_how_one_starts() -> None:
    assert read("x", roster(), member("v1").id, gone="v1") == Refused(
        "v1 is gone, and nobody else is there to have it: /s TASK starts an agent"
    )
