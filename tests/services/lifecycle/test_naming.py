"""A short name made of a task."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents import names
from tmuxagents.services.lifecycle import naming

PLAIN = "add fix the a parser tests auth for of to in agent 7 12 all you controller REST src/auth.py -- it's"
WORDS = st.sampled_from([*PLAIN.split(), "é", "修正", "\n"])
TASKS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=12).map(" ".join))


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("add auth to the REST API", "auth"),
        ("write tests for the parser", "parser-tests"),
        ("document the settings", "settings"),
        ("Fix the flaky login test", "flaky-login-test"),
        ("why does the build fail?", "build-fail"),
        ("please look at src/auth.py", "src-auth-py"),
        ("fix #12", "fix-12"),
        ("refactor", "refactor"),
        ("update dependencies and run the tests", "dependencies"),
        ("\n\n  hello\nsecond line", "hello"),
        ("修正する", None),
        ("the", None),
        ("agent 3", None),
        ("", None),
    ],
)
def test_it_says_what_the_task_is_about(task: str, name: str | None) -> None:
    assert naming.from_task(task) == name


@given(task=TASKS)
def test_it_is_a_short_name_and_never_one_that_is_counted(task: str) -> None:
    name = naming.from_task(task)

    if name is not None:
        assert names.parse(name) == name
        assert len(name) <= 32
        assert not name.removeprefix("agent").lstrip("-").isdecimal()


@given(task=TASKS, taken=st.sets(st.sampled_from(["auth", "auth-2", "auth-3", "parser-tests", "parser-tests-2"])))
def test_one_that_is_taken_gets_a_number_and_is_a_name_still(task: str, taken: set[str]) -> None:
    base = naming.from_task(task) or names.AgentName("auth")
    everybody = {*taken, base}

    free = naming.unused(base, everybody)

    assert free not in everybody
    assert names.parse(free) == free
    assert free.startswith(f"{base}-")
    assert naming.unused(base, set()) == base
