"""A manifest is read into a run that is checked whole, or refused with the place of what is wrong."""

from __future__ import annotations

import json

import pytest

from tmuxagents.errors import ManifestInvalid
from tmuxagents.model.manifest import ForEach, Join, Manifest, Place, Task
from tmuxagents.runs import manifest


def fetch(path: str) -> bytes:
    files = {"/base/prompts/a.md": b"Look at\n{{ tasks.lint.state }}\n", "/base/bad.md": b"x\n  {{ tasks.lynt.state }}"}
    if path not in files:
        raise FileNotFoundError(2, "No such file or directory", path)
    return files[path]


def read(text: str, name: str = "run.yaml") -> Manifest:
    return manifest.read(text.encode(), name, base="/base", fetch=fetch, kinds=("claude", "command"))


def fault(text: str, name: str = "run.yaml") -> str:
    with pytest.raises(ManifestInvalid) as caught:
        read(text, name)
    return caught.value.message


def only(text: str) -> Task:
    return read(f"tasks:\n- {text}").tasks[0]


def test_a_task_knows_where_it_was_written() -> None:
    assert only("id: a\n  prompt: x").place == Place(2, 7)


def test_tasks_by_id_are_those_of_a_list() -> None:
    listed = read("tasks:\n- id: a\n  prompt: x\n- id: b\n  prompt: y\n  depends_on: [a]")
    by_id = read("tasks:\n  a: {prompt: x}\n  b: {prompt: y, depends_on: a}")

    assert [(one.id, one.prompt, one.depends_on) for one in by_id.tasks] == [
        (one.id, one.prompt, one.depends_on) for one in listed.tasks
    ]


def test_a_run_is_called_as_its_file_where_it_does_not_say() -> None:
    assert read("tasks: {a: {prompt: x}}", "dir/release.yaml").name == "release"


def test_a_shell_line_is_a_command() -> None:
    task = only("id: a\n  command: make lint")

    assert (task.kind, task.args) == ("command", ("sh", "-c", "make lint"))


def test_what_a_prompt_uses_is_waited_for() -> None:
    made = read("tasks:\n  a-b: {prompt: x}\n  c: {prompt: 'on {{ tasks.a-b.answer }}'}")

    assert made.tasks[1].depends_on == ("a-b",)


def test_what_a_join_waits_for_is_no_dependency() -> None:
    made = read("tasks:\n  a: {prompt: x}\n  j: {join: {of: [a]}, prompt: '{{ tasks.a.answer }}'}")

    assert (made.tasks[1].depends_on, made.tasks[1].join) == ((), Join(("a",), 1))


def test_the_task_whose_lines_it_is_repeated_for_is_waited_for() -> None:
    made = read("tasks:\n  a: {prompt: x}\n  b: {for_each: {lines_of: a}, prompt: '{{ item }}'}")

    assert (made.tasks[1].depends_on, made.tasks[1].for_each) == (("a",), ForEach(lines_of="a"))


def test_a_prompt_file_is_beside_the_manifest() -> None:
    made = read("tasks:\n  lint: {command: x}\n  a: {prompt_file: prompts/a.md}")

    assert (made.tasks[1].prompt, made.tasks[1].depends_on) == ("Look at\n{{ tasks.lint.state }}\n", ("lint",))


def test_a_fault_in_a_prompt_file_names_that_file() -> None:
    said = fault("tasks:\n  lint: {command: x}\n  a: {prompt_file: bad.md}")

    assert said == "bad.md:2:12: there is no task 'lynt'; did you mean 'lint'?"


def test_defaults_hold_for_tasks_that_do_not_say_it() -> None:
    text = (
        "defaults: {model: haiku, env: {A: x, B: x}}\ntasks:\n  a: {prompt: x}\n  b: {prompt: x, model: m, env: {B: y}}"
    )
    tasks = read(text).tasks

    assert [(task.model, task.env) for task in tasks] == [("haiku", {"A": "x", "B": "x"}), ("m", {"A": "x", "B": "y"})]


def test_defaults_of_an_agent_program_do_not_reach_a_command() -> None:
    made = read("defaults: {model: haiku, timeout: 2m}\ntasks:\n  a: {command: x}")

    assert (made.tasks[0].model, made.tasks[0].timeout_s) == (None, 120.0)


def test_a_budget_is_split_over_the_agents_that_have_none() -> None:
    made = read("""
budget_usd: 3
tasks:
  a: {prompt: x, budget_usd: 1}
  b: {prompt: x}
  c: {prompt: "{{ item }}", for_each: [x, y, z]}
  d: {command: x}
""")

    assert [task.budget_usd for task in made.tasks] == [1.0, 0.5, 0.5, None]


def test_a_budget_that_is_not_split_is_that_of_the_whole_alone() -> None:
    made = read("budget_tokens: 3\nsplit: none\ntasks:\n  a: {prompt: x}")

    assert (made.budget_tokens, made.tasks[0].budget_tokens) == (3, None)


def test_a_folder_is_relative_to_the_manifest() -> None:
    assert only("id: a\n  prompt: x\n  dir: ../api").dir == "/api"


def test_yes_is_a_text_as_in_yaml_1_2() -> None:
    assert only("id: a\n  prompt: yes").prompt == "yes"


def test_an_alias_is_what_its_anchor_is() -> None:
    made = read("tasks:\n  a: {prompt: x, env: &env {A: x}}\n  b: {prompt: x, env: *env}")

    assert made.tasks[1].env == {"A": "x"}


def test_a_ring_is_named_whole() -> None:
    text = "tasks:\n  a: {prompt: '{{ tasks.c.answer }}'}\n  b: {prompt: x, depends_on: a}\n"
    text += "  c: {prompt: x, depends_on: b}"

    assert fault(text) == "run.yaml:2:3: tasks wait for each other: a -> c -> b -> a"


@pytest.mark.parametrize(
    "line",
    ['"{{ item }}"', "'{{ item }}'", "cat <<E\n{{ item }}\nE\n", 'x "$(y {{ item }})"', '"\\"{{ item }}"'],
)
def test_nothing_is_filled_in_within_quotes_of_a_shell_line(line: str) -> None:
    assert "filled in" in fault(f"tasks:\n  a: {{command: {json.dumps(line)}, for_each: [x]}}")


@pytest.mark.parametrize("line", ["echo {{ item }}", '"a" {{ item }}', "'a'{{ item }}", '\\"{{ item }}'])
def test_what_stands_bare_in_a_shell_line_is_filled_in(line: str) -> None:
    assert read(f"tasks:\n  a: {{command: {json.dumps(line)}, for_each: [x]}}").tasks[0].args[2] == line


def test_a_join_whose_prompt_uses_none_of_what_it_joins_is_told_all_of_it() -> None:
    assert read("tasks:\n  a: {prompt: x}\n  j: {join: {of: [a]}, prompt: choose}").tasks[1].join == Join(("a",), 1)


def added(text: str) -> Manifest:
    there = [Task("lint", "x"), Task("map", "x", for_each=ForEach(items=("a",)))]
    return manifest.read(text.encode(), "more.yaml", base="/base", fetch=fetch, there=there)


def test_what_is_added_to_a_run_may_use_its_tasks() -> None:
    made = added("tasks:\n  more: {prompt: '{{ tasks.lint.answer }} {{ tasks.map.answers }}'}")

    assert [(task.id, task.depends_on) for task in made.tasks] == [("more", ("lint", "map"))]


@pytest.mark.parametrize("identity", ["lint", "map-2"])
def test_what_is_added_to_a_run_has_ids_of_its_own(identity: str) -> None:
    with pytest.raises(ManifestInvalid, match=f"more.yaml:1:9: '{identity}' is"):
        added(f"tasks: {{{identity}: {{prompt: x}}}}")
