"""Tool calls in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kinds.claude.test_observe import json_values
from tmuxagents.kinds.claude import tools

FOLDER = "/home/user/project"


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("Read", {"file_path": f"{FOLDER}/src/api.rs", "limit": 20}, "Read: src/api.rs"),
        ("Read", {"file_path": f"{FOLDER}-2/src/api.rs"}, f"Read: {FOLDER}-2/src/api.rs"),
        ("Read", {"file_path": FOLDER}, f"Read: {FOLDER}"),
        ("Bash", {"command": "cargo test\n  --all", "description": "run the tests"}, "Bash: cargo test --all"),
        ("Grep", {"pattern": "fn main", "path": "src"}, "Grep: fn main"),
        ("Agent", {"description": "look around", "prompt": "long", "subagent_type": "x"}, "Agent: look around"),
        ("AskUserQuestion", {"questions": [{"question": "Which one?"}]}, "AskUserQuestion: Which one?"),
        ("TodoWrite", {"todos": []}, "TodoWrite"),
        ("Bash", {"command": "  "}, "Bash"),
    ],
)
def test_a_call_is_its_tool_and_what_it_is_about(name: str, arguments: dict[str, Any], line: str) -> None:
    assert tools.line(name, arguments, FOLDER) == line


def test_a_call_that_waits_for_permission_looks_like_a_call() -> None:
    assert tools.call("Write", {"file_path": f"{FOLDER}/src/auth.rs"}, f"{FOLDER}/") == "Write(src/auth.rs)"


def test_in_the_root_folder_paths_stay_whole() -> None:
    assert tools.line("Read", {"file_path": "/etc/hosts"}, "/") == "Read: /etc/hosts"


@given(st.text(max_size=20), st.dictionaries(st.sampled_from(["questions", *tools._TELLING]), json_values), st.text())
def test_any_call_is_one_short_line(name: str, arguments: dict[str, Any], folder: str) -> None:
    line = tools.line(name, arguments, folder)

    assert len(line) <= len(name) + 302
    assert len((line.removeprefix(name) + "x").splitlines()) == 1
