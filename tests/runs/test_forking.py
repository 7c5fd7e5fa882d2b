"""A prompt becomes a run of several tries, and a join of them."""

from __future__ import annotations

import pytest

from tmuxagents.model.manifest import Join, Task
from tmuxagents.runs import forking
from tmuxagents.runs.expressions import TemplateInvalid
from tmuxagents.runs.forking import Fork


def test_each_prompt_is_a_try_and_the_join_waits_for_all() -> None:
    made = forking.manifest(Fork(["a", "a", "b"], join="which?", model="haiku", join_model="opus", worktree=True))

    *tries, last = made.tasks
    assert [(task.id, task.prompt) for task in tries] == [("try-1", "a"), ("try-2", "a"), ("try-3", "b")]
    assert {(task.model, task.worktree, task.literal) for task in tries} == {("haiku", True, True)}
    joined = Join(("try-1", "try-2", "try-3"), 1, whole=True)
    assert last == Task("join", "which?", join=joined, model="opus", literal=True)


def test_without_a_join_there_are_the_tries_alone() -> None:
    assert [task.id for task in forking.manifest(Fork(["a"])).tasks] == ["try-1"]


def test_one_that_needs_some_begins_when_it_has_them() -> None:
    assert forking.manifest(Fork(["a", "a"], join="which?", need=2)).tasks[-1].join == Join(("try-1", "try-2"), 2)


def test_the_join_has_the_model_of_the_others_where_nothing_is_said() -> None:
    assert forking.manifest(Fork(["a"], join="b", model="opus")).tasks[-1].model == "opus"


def test_a_budget_is_of_all_together() -> None:
    made = forking.manifest(Fork(["a", "b"], join="c", budget_usd=0.1, budget_tokens=100))

    assert [(task.budget_usd, task.budget_tokens) for task in made.tasks] == [(0.033333, 33)] * 3
    assert (made.budget_usd, made.budget_tokens) == (0.1, 100)


def test_what_is_typed_is_no_template_but_a_join_that_asks_for_answers_is_one() -> None:
    fork = Fork(["what is {{ x }}?"], join="{{ join.answers }}", args=("{{ y }}",), env={"K": "{% z %}", "L": "l"})

    first, last = forking.manifest(fork).tasks

    assert (first.literal, first.prompt, first.args) == (True, "what is {{ x }}?", ("{{ y }}",))
    assert not last.literal
    assert tuple(last.args) == ("{% raw %}{{ y }}{% endraw %}",)
    assert last.env == {"K": "{% raw %}{% z %}{% endraw %}", "L": "l"}


@pytest.mark.parametrize(
    ("join", "what"),
    [
        ("{{ tasks.try-3.answer }}", "there is no task 'try-3': try-1, try-2"),
        ("{{ item }}", "'item' is of a repeated task"),
        ("{{ tasks.try-1.answers }}", "'try-1' has no 'answers': it is not repeated"),
        ("{{ join.answer }}", "there is no field 'answer'; did you mean 'answers'?"),
    ],
)
def test_a_join_that_cannot_be_filled_in_is_refused_before_anything_begins(join: str, what: str) -> None:
    with pytest.raises(TemplateInvalid) as caught:
        forking.manifest(Fork(["a", "b"], join=join))

    assert caught.value.what == what
