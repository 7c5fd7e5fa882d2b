"""What has to be known to give a tool call leave."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds.claude import deciding, tools
from tmuxagents.model import settling_key
from tmuxagents.model.condition import Dialog

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TOOLS = ["Bash", "Write", "Edit", "MultiEdit", "NotebookEdit", "ExitPlanMode", "AskUserQuestion", "mcp__a__b", "Read"]
KEYS = ["command", "description", "content", "old_string", "new_string", "edits", "new_source", "plan", "x"]


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("Bash", {"command": "make"}, ""),
        ("Bash", {"command": "a\nb", "description": "Two"}, "# Two\na\nb"),
        ("Write", {"file_path": "x", "content": "one\ntwo\n"}, "+ one\n+ two"),
        ("Edit", {"old_string": "a\nb\nc", "new_string": "a\nB\nc"}, "  a\n- b\n+ B\n  c"),
        ("MultiEdit", {"edits": [{"old_string": "a", "new_string": "b"}, 3]}, "- a\n+ b"),
        ("ExitPlanMode", {"plan": "# Plan\n\n1. do"}, "# Plan\n\n1. do"),
        ("mcp__db__run", {"sql": "drop\ntable", "dry": False}, "sql:\n  drop\n  table\ndry: False"),
        ("Read", {"file_path": "x"}, ""),
        ("Bash", {"command": 'rm "a  b"'}, 'rm "a  b"'),
        ("Bash", {"command": " make"}, " make"),
        ("Bash", {"command": "echo a\tb"}, "echo a\tb"),
        ("Bash", {"command": "echo \u202ea"}, "echo \u202ea"),
        ("Bash", {"command": "a\x0cb"}, "a\x0cb"),
        ("Read", {"file_path": "a  b"}, "file_path: a  b"),
        ("Write", {"file_path": "a\nb", "content": "one"}, "file_path: a\nb\n+ one"),
    ],
)
def test_it_shows_what_the_one_line_does_not(name: str, arguments: dict[str, Any], wanted: str) -> None:
    assert deciding.about(name, arguments) == wanted


def test_a_long_command_is_whole_where_its_line_is_cut() -> None:
    command = "x" * 300

    assert deciding.about("Bash", {"command": command}) == command


def test_what_is_too_long_says_how_much_is_left_out() -> None:
    rows = deciding.about("Write", {"content": "row\n" * 1000}).splitlines()

    assert len(rows) == deciding.LONGEST + 1
    assert rows[-1] == f"… {1000 - deciding.LONGEST} more lines"


@pytest.mark.parametrize(
    ("name", "arguments", "whole"),
    [
        ("Bash", {"command": "echo aaaa; " * 50 + "rm -rf precious"}, True),
        ("Write", {"content": "x" * 5000 + "precious"}, True),
        ("PowerShell", {"command": "echo aaaa; " * 50 + "rm -rf precious"}, True),
        ("WebFetch", {"url": "https://x/" + "a" * 600 + "precious"}, True),
        ("Bash", {"command": "x" * deciding.MOST + "yz precious"}, False),
        ("Bash", {"command": "true\n" * 130 + "rm -rf precious"}, False),
    ],
)
def test_what_is_cut_away_is_marked_and_then_it_is_not_whole(name: str, arguments: dict[str, Any], whole: bool) -> None:
    shown, what = deciding.about(name, arguments), tools.call(name, arguments)

    assert ("precious" in shown) is whole
    assert settling_key.is_whole(Dialog("permission", what, about=shown)) is whole
    assert len(shown) <= deciding.MOST + 100


def test_a_line_that_is_cut_says_so() -> None:
    assert tools.call("X", {"query": "y" * 301}) == f"X({'y' * 299}…)"
    assert not settling_key.is_whole(Dialog("permission", tools.call("X", {"query": "y" * 301})))
    assert settling_key.is_whole(Dialog("permission", "Bash(echo …)"))
    assert not settling_key.is_whole(Dialog("permission", "Bash(echo)", about="echo", cut=True))


@given(st.sampled_from(TOOLS), st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_the_arguments_are_it_is_bounded(name: str, arguments: dict[str, Any]) -> None:
    rows = deciding.about(name, arguments).splitlines()

    assert len(rows) <= deciding.LONGEST + 1


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_a_command_is_shown_to_the_character_where_its_line_is_not_it(command: str) -> None:
    shown = deciding.about("Bash", {"command": command})

    assert command == tools.target({"command": command}) if shown == "" else shown == command.removesuffix("\n")
