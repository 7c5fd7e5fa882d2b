"""Answers that are to be JSON of a schema: what is wrong with one is said in a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import json_schema

SCHEMA = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string"}}, "ok": {"type": "boolean"}},
    "required": ["ok"],
}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"ok": true}', None),
        ('```json\n{"ok": true, "files": ["a"]}\n```', None),
        ("", "there is none"),
        ("all is well", "it is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ("{}", "'ok' is a required property"),
        ('{"ok": 1, "files": [2]}', "files[0]: 2 is not of type 'string' (and 1 more)"),
        ("[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(answer: str, problem: str | None) -> None:
    assert json_schema.validate(answer, SCHEMA) == problem


def test_a_schema_fetches_nothing() -> None:
    problem = json_schema.validate("{}", {"$ref": "http://127.0.0.1:9/never"})

    assert problem is not None
    assert problem.startswith("the schema refers to what is not in it")


@given(st.text())
def test_any_answer_is_judged_on_one_line(answer: str) -> None:
    problem = json_schema.validate(answer, SCHEMA)

    assert problem is not None
    assert "\n" not in problem
    assert len(problem) < 400
