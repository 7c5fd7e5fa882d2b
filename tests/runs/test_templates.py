"""Texts are filled in with what has become of tasks, and cannot do anything else."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model.manifest import Join, Task
from tmuxagents.runs import expressions, templates
from tmuxagents.runs.expressions import TemplateInvalid
from tmuxagents.runs.templates import CannotFillIn, Context, Result

EACH = (
    Result("map-1", "done", "one", item="a.py", index=1),
    Result("map-2", "failed", error="exit code 1", item="b.py", index=2),
    Result("map-3", "done", "three", item="c.py", index=3),
)
TASKS = {
    "lint": Result("lint", "done", "fine", duration_s=200.4, branch="agent/lint", diff="+x"),
    "api-tests": Result("api-tests", "timed-out", error="after 20m"),
    "map": Result("map", "failed", "all", each=EACH),
}
CONTEXT = Context(TASKS, {"os": "linux", "items": "7"}, 3, ("lint", "api-tests"))


def render(text: str) -> str:
    return templates.render(text, CONTEXT)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{{ tasks.lint.answer }}", "fine"),
        ("{{ tasks.lint.diff }}{{ tasks.lint.branch }}", "+xagent/lint"),
        ("{{ tasks.lint.state }} in {{ tasks.lint.duration }}", "done in 3m 20s"),
        ("{{ tasks.lint.error }}", ""),
        ("{{ tasks.api-tests.state }}, {{ tasks['api-tests'].error }}", "timed-out, after 20m"),
        ("{{ tasks.map.answers }}", "one\n\nthree"),
        ("{{ tasks.map.answers|join(', ') }}", "one, three"),
        ("{% for e in tasks.map.each if e.state != 'done' %}{{ e.item }}{% endfor %}", "b.py"),
        ("{{ item.os }} {{ item.items }} {{ index }}", "linux 7 3"),
        ("{{ item }}", "os=linux, items=7"),
        ("{{ join.answers }}", "## lint\n\nfine"),
        ("{{ join.missing }}", "api-tests: timed-out (after 20m)"),
        ("{% raw %}{{ secrets.X }}{% endraw %}", "{{ secrets.X }}"),
        ("{{ index }} ${#list}", "3 ${#list}"),
        ("{{ tasks.lint.answer }}\n", "fine\n"),
    ],
)
def test_a_text_is_filled_in(text: str, made: str) -> None:
    assert render(text) == made


def test_an_answer_that_is_missing_says_why_where_it_is_printed_and_is_nothing_to_a_condition() -> None:
    assert render("{{ tasks.api-tests.answer }}") == "(no answer of api-tests: timed-out, after 20m)"
    assert render("{% if tasks.api-tests.answer %}there{% else %}missing{% endif %}") == "missing"


@pytest.mark.parametrize("text", ["a {# b #} }} ${{x", "", "{ {", "\r\n\0"])
def test_a_text_without_marks_is_left_alone(text: str) -> None:
    assert render(text.replace("{{", "{")) == text.replace("{{", "{")


@pytest.mark.parametrize(
    "text",
    [
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% macro x() %}{% endmacro %}",
        "{% set x = 1 %}",
        "{% for x in item recursive %}{% endfor %}",
        "{{ range(9) }}",
        "{{ tasks.lint.answer.upper() }}",
        "{{ 'x' * 9 }}",
        "{{ 'x' ~ 'y' }}",
        "{{ 2 ** 9 }}",
        "{{ tasks.lint.__class__ }}",
        "{{ item['__class__'] }}",
        "{{ self }}",
        "{{ lipsum }}",
        "{{ _steps }}",
        "{{ tasks }}",
        "{{ tasks[item] }}",
        "{{ item|map('upper') }}",
        "{{ item|attr('x') }}",
        "{{ item",
        "{% if item %}",
        "{% for e in item %}" * 40 + "{% endfor %}" * 40,
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ item }}" + "x" * 70_000,
    ],
)
def test_what_a_template_may_not_is_refused_before_it_is_filled_in(text: str) -> None:
    with pytest.raises(TemplateInvalid):
        expressions.uses(text)
    with pytest.raises(CannotFillIn):
        render(text)


def test_loops_in_loops_end() -> None:
    answers = Context({"a": Result("a", "done", "x" * 1000)})
    text = "{% for a in tasks.a.answer %}{% for b in tasks.a.answer %}{% endfor %}{% endfor %}"

    with pytest.raises(CannotFillIn, match="more than 100,000 steps"):
        templates.render(text, answers)


def test_a_text_that_grows_without_end_is_stopped() -> None:
    answers = Context({"a": Result("a", "done", "x" * 1_000_000)})

    with pytest.raises(CannotFillIn, match="more than 8,000,000 characters"):
        templates.render("{{ tasks.a.answer }}" * 9, answers)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_what_is_filled_into_a_shell_line_is_one_word(value: str) -> None:
    line = templates.render("printf %s {{ tasks.a.answer }}", Context({"a": Result("a", "done", value)}), quoted=True)

    assert shlex.split(line)[2] == value


def test_nothing_that_an_agent_answered_is_run_by_a_shell(tmp_path: object) -> None:
    task = Task("a", kind="command", args=("sh", "-c", "printf %s {{ tasks.b.answer }} {{ tasks.m.answers }}"))
    each = [Result("m-1", "done", "`id`"), Result("m-2", "done", "$(id)")]
    context = Context({"b": Result("b", "done", "'; id; '"), "m": Result("m", "done", each=each)})

    made = templates.filled(task, context)

    said = subprocess.run(list(made.args), capture_output=True, text=True, check=True).stdout
    assert said == "'; id; '`id`$(id)"


def test_every_text_of_a_task_is_filled_in() -> None:
    text = "{{ index }}"
    task = Task(
        "a", text, args=(text,), check=text, env={"A": text}, model=text, worktree=text, scope=(text,), dir=f"/{text}"
    )

    made = templates.filled(task, CONTEXT)

    assert (made.prompt, made.args, made.check, made.env) == ("3", ("3",), "3", {"A": "3"})
    assert (made.model, made.worktree, made.scope, made.dir) == ("3", "3", ("3",), "/3")


def test_only_what_is_used_has_to_be_looked_up() -> None:
    task = Task("a", "{{ tasks.lint.diff }} {{ tasks.lint.state }}", check="test {{ tasks.map.answers }}")

    assert templates.fields(task) == {"lint": {"diff", "state"}, "map": {"answers"}}


def test_a_join_looks_up_what_it_may_show() -> None:
    task = Task("a", "{{ join.each }}", join=Join(("b",), 1))

    assert "diff" in templates.fields(task)["b"]


PIECES = [*"{}%#|.-'\"\\()[]<> \n0a", "tasks", "item", "for ", "if ", "answer", "{{", "}}"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_filled_in_or_refused(text: str) -> None:
    try:
        expressions.uses(text)
        render(text)
    except (TemplateInvalid, CannotFillIn):
        pass
