"""At a narrow terminal `show` and `config` wrap what they tell under its key, and lose nothing of it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from tests.support.fleet import Fleet
from tmuxagents.cli.render import settings
from tmuxagents.output.widths import width_of

FAST = ("--", "--speed", "0")
LONG = "say: the quick brown fox jumps over the lazy dog and goes on through the whole of the wood"
ROWS = [
    ("kind", '"claude"', "default"),
    ("notices.on", '["needs", "failed", "limited", "lost"]', "~/.config/tmuxagents/config.toml line 12"),
]


@pytest.fixture
def docs(fleet: Fleet) -> Fleet:
    """With an agent whose task is long, and which asks with a long choice."""
    fleet.ok("spawn", "--kind", "demo", "--name", "docs", f"{LONG}\nquestion: Which? | {LONG[5:]} | No", *FAST)
    fleet.wait_state("docs", "waiting")
    return fleet


AGE = re.compile(r"for\d+[smh]")


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_show_is_no_wider_than_the_terminal_and_loses_nothing(docs: Fleet) -> None:
    piped = docs.ok("show", "docs").out
    shown = docs.ok("show", "docs", COLUMNS="40").out
    told, _, screen = piped.partition("\nscreen:\n")
    narrow, _, _ = shown.partition("\nscreen:\n")

    assert screen
    assert [row for row in shown.splitlines() if width_of(row) > 40] == []
    # Between the two looks it has waited longer.
    assert AGE.sub("", squeezed(narrow)) == AGE.sub("", squeezed(told))
    assert f"\n  {docs.agent('docs')['id']}\n" in narrow
    row = next(row for row in narrow.splitlines() if row.startswith("task"))
    after = narrow.splitlines()[narrow.splitlines().index(row) + 1]
    assert after.startswith(" " * 14)
    assert after[14] != " "


def test_show_in_a_pipe_has_a_row_a_value(docs: Fleet) -> None:
    assert f"task          {LONG} question: Which?" in docs.ok("show", "docs").out


def test_config_is_no_wider_than_the_terminal_and_loses_nothing(fleet: Fleet) -> None:
    # In a pipe a long value is cut.
    wide = fleet.ok("config", COLUMNS="300").out

    for width in (40, 60, 80):
        shown = fleet.ok("config", COLUMNS=str(width)).out
        assert [row for row in shown.splitlines() if width_of(row) > width] == []
        assert sorted(squeezed(shown)) == sorted(squeezed(wide))


def test_a_setting_has_its_value_beside_its_source_where_there_is_room() -> None:
    assert settings.lined(ROWS, 80) == [
        'kind        "claude"                    default',
        'notices.on  ["needs", "failed",         ~/.config/tmuxagents/config.toml line 12',
        '            "limited", "lost"]',
    ]
    assert settings.lined(ROWS, 40) == [
        'kind        "claude"  default',
        'notices.on  ["needs", "failed",',
        '            "limited", "lost"]',
        "            ~/.config/tmuxagents/config.",
        "            toml line 12",
    ]


def test_a_long_value_is_cut_in_a_pipe_as_before_and_nowhere_else() -> None:
    rows = [("args", "x" * 50, "default")]

    assert settings.lined(rows, None) == [f"args  {'x' * 39}…  default"]
    assert squeezed("".join(settings.lined(rows, 60))).count("x") == 50


def test_a_terminal_that_nobody_has_told_its_size_has_eighty_columns() -> None:
    ours, theirs = pty.openpty()
    try:
        assert os.get_terminal_size(theirs).columns == 0

        argv = [sys.executable, "-c", "from tmuxagents.cli.terminal import terminal_width as w; raise SystemExit(w())"]
        env = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
        assert subprocess.run(argv, stdout=theirs, env=env, check=False).returncode == 80
    finally:
        os.close(ours)
        os.close(theirs)
