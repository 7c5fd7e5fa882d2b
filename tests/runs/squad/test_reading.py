"""Files as people write them for squads of agents, and how each is understood.

A new case is a new file in `tests/data/squads`. `python -m tests.runs.squad.test_reading` writes the `.expected` that
is missing, for reading and correcting.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.errors import ManifestInvalid
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.runs import expressions, manifest, templates
from tmuxagents.runs.templates import Context, Result
from tmuxagents.value import as_dict

SQUADS = sorted((Path(__file__).parents[2] / "data" / "squads").glob("*.md"))


def read(data: bytes, name: str = "SQUAD.md") -> Manifest:
    return manifest.read(data, name, base="/project", fetch=lambda path: b"")


def understood(path: Path) -> str:
    """The whole outcome as a text: how each line was taken, and what became of it."""
    try:
        made = read(path.read_bytes(), path.name)
    except ManifestInvalid as error:
        return f"{error.message}\nhint: {error.hint}\n"
    bounds = {key: getattr(made, key) for key in ("max_parallel", "budget_usd", "timeout_s") if getattr(made, key)}
    return "\n".join([*made.understood, "", f"{made.name} {bounds or ''}".strip(), *map(_task, made.tasks)]) + "\n"


def _task(task: Task) -> str:
    usual = as_dict(Task(""))
    told = {key: value for key, value in as_dict(task).items() if value != usual[key] and key not in ("prompt", "id")}
    told.pop("place")
    prompt = "\n".join(f"    | {line}".rstrip() for line in task.prompt.split("\n"))
    return f"\n{task.id} {told or ''}".rstrip() + f"\n{prompt}"


@pytest.mark.parametrize("path", SQUADS, ids=[path.stem for path in SQUADS])
def test_a_squad_is_understood_so(path: Path) -> None:
    assert understood(path) == path.with_name(f"{path.name}.expected").read_text()


def test_there_are_enough() -> None:
    assert len([path for path in SQUADS if not path.stem.startswith("wrong")]) >= 10


@pytest.mark.parametrize("path", SQUADS, ids=[path.stem for path in SQUADS])
def test_what_an_agent_is_told_is_filled_in_with_answers_alone(path: Path) -> None:
    if path.stem.startswith("wrong"):
        return
    made = read(path.read_bytes())
    answers = Context({task.id: Result(task.id, "done", f"answer of {task.id}") for task in made.tasks})

    for task in made.tasks:
        text = templates.render(task.prompt, answers)
        assert {use.task for use in expressions.uses(task.prompt)} == set(task.depends_on)
        assert all(f"answer of {one}" in text for one in task.depends_on)
        assert "raw %}" not in text


PIECES = [*"abé`\n|", "# ", "## ", "### ", "- ", "1. ", "Agents", "Order", "Owns: ", "after ", "->", "  ", "**", "all "]
PIECES += ["{{ x }}", "{% endraw %}", "Model: ", "Retries: x", "<!--", "-->", "```", "---"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_is_understood_or_refused(text: str) -> None:
    said = "SQUAD.md:"
    try:
        read(text.encode(errors="surrogatepass"))
    except ManifestInvalid as error:
        said = error.message
    assert said.startswith("SQUAD.md:")


if __name__ == "__main__":
    for each in SQUADS:
        target = each.with_name(f"{each.name}.expected")
        if not target.exists():
            target.write_text(understood(each))
