"""A join is told of those that it joins, whether its prompt asks or not."""

from __future__ import annotations

import pytest

from tmuxagents.model.manifest import Join, Task
from tmuxagents.runs import joining, manifest, templates
from tmuxagents.runs.templates import Context, Result

A = Result("a", "done", "the answer of a\n")
B = Result("b", "failed", error="exit code 1\nat line 3")
C = Result("c", "begun")
OF = ("a", "b", "c")


def told(prompt: str, *results: Result, literal: bool = False, need: int = 1) -> str:
    of = tuple(result.id for result in results)
    task = Task("join", prompt, join=Join(of, need), literal=literal)
    filled = templates.filled(task, Context({result.id: result for result in results}, joined=of))
    return joining.told(task, filled, results).prompt


def test_a_prompt_that_asks_for_nothing_gets_the_answers_and_who_is_missing_and_why() -> None:
    assert told("put them together", A, B, C) == (
        "put them together\n\n"
        "The answers of 1 of 3:\n\n"
        "## a\n\nthe answer of a\n\n"
        "The results of these 2 are missing, and nothing here is to be taken for it:\n\n"
        "- b failed (exit code 1)\n"
        "- c had not answered when enough others had"
    )


def test_where_all_have_answered_nobody_is_missing() -> None:
    assert told("judge", A, Result("b", "done")).split("\n\n")[1:] == [
        "The answers of all 2:",
        "## a",
        "the answer of a",
        "## b",
        "(empty)",
    ]


@pytest.mark.parametrize(
    ("prompt", "behind"),
    [
        ("{{ join.answers }}", "The result of this one is missing, and nothing here is to be taken for it:"),
        ("{{ join.answers }} but {{ join.missing }}", None),
        ("{{ tasks.a.answer }} {{ tasks.b.answer }}", None),
        ("{% for e in join.each %}{{ e.answer }}{% endfor %}", "The result of this one is missing"),
    ],
)
def test_what_a_prompt_says_itself_is_not_said_again(prompt: str, behind: str | None) -> None:
    made = told(prompt, A, B)

    assert made.count("the answer of a") == 1
    assert ("missing, and" in made) == (behind is not None)
    assert behind is None or behind in made


def test_an_answer_is_no_template_and_neither_is_what_was_typed() -> None:
    typed, answer = "what is {{ join.answers }}?", "{{ tasks.a.answer }} {% if"

    made = told(typed, Result("a", "done", answer), literal=True)

    assert made == f"{typed}\n\nThe answers of all 1:\n\n## a\n\n{answer}"


def test_what_has_no_prompt_is_told_nothing() -> None:
    task = Task("join", kind="command", args=("true",), join=Join(("a",), 1))

    assert joining.told(task, task, (A,)) == task


def test_a_manifest_may_leave_it_to_that() -> None:
    text = b"tasks: {a: {prompt: look}, b: {prompt: look}, vote: {join: {of: [a, b]}, prompt: which is better?}}"

    made = manifest.read(text, "run.yaml", base="/", fetch=lambda path: b"")

    assert made.tasks[2].join == Join(("a", "b"), 2)


def test_a_manifest_may_have_it_wait_for_the_whole() -> None:
    text = b"tasks: {a: {prompt: look}, b: {prompt: look}, c: {join: {of: [a, b], need: 1, whole: true}, prompt: so?}}"

    made = manifest.read(text, "run.yaml", base="/", fetch=lambda path: b"")

    assert made.tasks[2].join == Join(("a", "b"), 1, whole=True)
