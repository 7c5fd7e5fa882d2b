"""A listing's columns go in the right order, and no row is wider than the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tmuxagents.output.columns import table, tails
from tmuxagents.output.widths import width_of

COLUMNS = ("NAME", "STATE", "FOR", "COST", "DOING")
GOING = ("FOLDER", "COST")
"""A column that is not shown has gone already."""
TEXTS = st.text(st.sampled_from("ab é界👩"), max_size=60)
ROWS = st.fixed_dictionaries(
    {
        "NAME": st.text(st.sampled_from("abc-1"), min_size=1, max_size=40),
        "STATE": st.sampled_from(["idle", "working", "needs permission (1 of 3)"]),
        "FOR": st.sampled_from(["3s", "12m"]),
        "COST": st.sampled_from(["-", "$0.0123"]),
        "DOING": TEXTS,
    }
)
PLAIN = {"NAME": "api", "STATE": "working", "FOR": "3s", "COST": "$0.0123", "DOING": "Bash: cargo test --workspace"}


def lined(width: int | None, *rows: dict[str, str]) -> list[str]:
    return table([dict(zip(COLUMNS, COLUMNS, strict=True)), *rows], COLUMNS, going=GOING, width=width)


@examples(12)
@given(st.lists(ROWS, min_size=1, max_size=6), st.integers(20, 220))
def test_no_row_is_wider_than_the_terminal_and_name_and_state_are_there(rows: list[dict[str, str]], width: int) -> None:
    head, *lines = lined(width, *rows)

    assert all(width_of(line) <= width for line in [head, *lines])
    assert head.startswith("NAME")
    assert "STATE" in head
    for row, line in zip(rows, lines, strict=True):
        assert line.startswith(row["NAME"][:5])
        assert row["STATE"][:5] in line


@examples(12)
@given(st.lists(ROWS, min_size=1, max_size=6), st.integers(20, 220))
def test_what_is_painted_is_the_same_text(rows: list[dict[str, str]], width: int) -> None:
    styles = [{"STATE": "1;38;5;163"} for _ in rows]

    painted = table(rows, COLUMNS, going=GOING, width=width, styles=styles)

    plain = table(rows, COLUMNS, going=GOING, width=width)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in painted] == plain


@pytest.mark.parametrize(
    ("width", "head"),
    [
        (None, "NAME STATE FOR COST DOING"),
        (80, "NAME STATE FOR COST DOING"),
        (40, "NAME STATE FOR DOING"),
        (34, "NAME STATE FOR DOING"),
        (28, "NAME STATE FOR DOING"),
        (27, "NAME STATE FOR"),
        (20, "NAME STATE FOR"),
    ],
)
def test_columns_go_in_their_order(width: int | None, head: str) -> None:
    assert lined(width, PLAIN)[0].split() == head.split()


def test_the_column_before_the_last_goes_after_it() -> None:
    row = {**PLAIN, "NAME": "parser-tests", "STATE": "needs permission"}

    assert lined(40, row)[1] == "parser-tests  needs permission  3s"
    assert lined(32, row)[1] == "parser-tests  needs permission"


def test_the_name_gives_way_before_the_state_does() -> None:
    row = {**PLAIN, "NAME": "a-name-of-many-letters", "STATE": "needs permission"}

    assert lined(30, row)[1] == "a-name-of-m…  needs permission"


@pytest.mark.parametrize(
    ("folders", "short"),
    [
        (["/home/me/api", "/home/me/web"], ["api", "web"]),
        (["/home/me/api", "/srv/api"], ["me/api", "srv/api"]),
        (["/api", "/srv/api"], ["api", "srv/api"]),
        (["/"], ["/"]),
    ],
)
def test_a_folder_is_called_by_what_tells_it_from_the_others(folders: list[str], short: list[str]) -> None:
    found = tails(folders)

    assert [found[folder] for folder in folders] == short
