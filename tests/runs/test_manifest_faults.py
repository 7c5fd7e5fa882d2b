"""Everything that is wrong with a manifest is told at once, and nothing that only follows from it."""

from __future__ import annotations

import pytest

from tmuxagents.errors import ManifestInvalid
from tmuxagents.runs import manifest

TYPED = """\
max_paralel: 3
timeout: soon
tasks:
  - id: a
    promt: hi
    timeout: never
    retires: 3
  - {id: b, prompt: hi, depends_on: [aa, c]}
  - {id: c, prompt: hi, kind: cluade}
  - {id: c, prompt: again}
"""


def told(text: str) -> list[str]:
    """What a person gets, without the file's name."""
    with pytest.raises(ManifestInvalid) as caught:
        manifest.read(text.encode(), "m", base="/", fetch=lambda _: b"", kinds=("claude", "command"))
    return [line.removeprefix("m:") for line in (caught.value.message, *caught.value.also)]


def test_each_fault_is_told_with_its_place_and_the_nearest_name() -> None:
    assert told(TYPED) == [
        "1:1: a manifest has no key 'max_paralel'; did you mean 'max_parallel'?",
        "2:10: 'timeout' must be a time above 0, such as 90s, 20m or 2h",
        "5:5: task 'a' has no key 'promt'; did you mean 'prompt'?",
        "7:5: task 'a' has no key 'retires'; did you mean 'retries'?",
        "6:14: 'timeout' must be a time above 0, such as 90s, 20m or 2h",
        "9:31: there is no kind 'cluade'; did you mean 'claude'?",
        "10:10: 'c' is the id of the task on line 9 already",
        "8:38: there is no task 'aa'; did you mean 'a'?",
    ]


def test_what_the_tasks_use_of_each_other_is_looked_at_in_all_of_them() -> None:
    text = """\
tasks:
  a: {prompt: "{{ tasks.bb.answer }}"}
  b: {prompt: "{{ item }}", depends_on: [b, nobody]}
"""
    assert [line.split(": ", 1)[0] for line in told(text)] == ["3:42", "3:45", "2:25", "3:19"]


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("task: {a: {prompt: hi}}", "1:1: a manifest has no key 'task'; did you mean 'tasks'?"),
        ("tasks: [{prompt: hi}, {id: b, prompt: hi, depends_on: [a]}]", "1:9: task 1 needs 'id'"),
        ("tasks: {A b: {prompt: hi}, b: {prompt: hi, depends_on: ['A b']}}", "1:9: 'A b' cannot be an id"),
        ("tasks: {a: {promt: hi}, b: {prompt: '{{ tasks.a.answers }}'}}", "1:13: task 'a' has no key 'promt'"),
        ("tasks: {a: {prompt: hi, kind: comand}}", "1:31: there is no kind 'comand'"),
        ("defaults: {kind: 3}\ntasks: {a: {args: [ls]}, b: {args: [ls]}}", "1:18: 'kind' must be"),
        ("tasks: {a: {prompt: x, depends_on: [b]}, b: {prompt: x, depends_on: [a, c]}}", "1:73: there is no task 'c'"),
    ],
)
def test_what_follows_from_a_fault_is_not_told(text: str, only: str) -> None:
    lines = told(text)

    assert len(lines) == 1
    assert lines[0].startswith(only)


def test_a_fault_of_the_defaults_is_told_once() -> None:
    assert told("defaults: {kind: cluade}\ntasks: {a: {prompt: hi}, b: {prompt: hi}}") == [
        "1:18: there is no kind 'cluade'; did you mean 'claude'?"
    ]


@pytest.mark.parametrize(("count", "last"), [(20, "20:"), (31, "and 11 more"), (500, "and 80 more at least")])
def test_twenty_lines_are_told_and_how_many_more_there_are(count: int, last: str) -> None:
    lines = told("\n".join(f"key{at}: 1" for at in range(count)) + "\ntasks: {a: {prompt: hi}}")

    assert len(lines) == min(count, 21)
    assert lines[0].startswith("1:1: ")
    assert lines[-1].startswith(last)
