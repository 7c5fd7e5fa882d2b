"""Whatever language a manifest is written in it is the same, and no text makes its reader stumble."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.runs.test_manifest_files import BAD, GOOD
from tmuxagents.errors import ManifestInvalid
from tmuxagents.model.manifest import Manifest, Place
from tmuxagents.runs import manifest, nodes, toml_text, yaml_text
from tmuxagents.runs.nodes import Fault, Node
from tmuxagents.value import replace

# NEL and the separators are line breaks to YAML 1.1, control characters are not allowed in it.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="{%\ufeff\x85\u2028\u2029\ufffe\uffff")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
PROMPTS = st.lists(TEXTS, min_size=1, max_size=3).map("\n".join)
TIMES = st.one_of(st.integers(1, 9999), st.sampled_from(["20m", "2h", "90s", "1.5h"]))
ITEMS = st.lists(st.one_of(TEXTS, st.integers(0, 99)), min_size=1, max_size=4)
MATRIX = st.dictionaries(st.sampled_from(["os", "python"]), ITEMS, min_size=1)
FOR_EACH = st.one_of(
    ITEMS,
    st.fixed_dictionaries({"items": ITEMS, "chunk": st.integers(1, 9)}),
    st.fixed_dictionaries({"glob": TEXTS}),
    st.fixed_dictionaries({"matrix": MATRIX}),
)
COMMON = {
    "parallel": st.booleans(),
    "dir": TEXTS,
    "worktree": st.one_of(st.booleans(), TEXTS),
    "scope": st.lists(st.sampled_from(["src", "docs/*.md"]), max_size=2),
    "env": st.dictionaries(st.sampled_from(["A", "B_1"]), st.one_of(TEXTS, st.integers(0, 99))),
    "timeout": TIMES,
    "retries": st.integers(0, 9),
    "locks": st.lists(st.sampled_from(["db", "port/80"]), unique=True),
    "check": TEXTS,
    "mode": st.sampled_from(["terminal", "print"]),
    "keep": st.booleans(),
    "for_each": FOR_EACH,
}
AGENT = {"model": TEXTS, "max_turns": st.integers(1, 99), "budget_usd": st.floats(0.01, 9), "budget_tokens": st.just(5)}


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a manifest that is right: tasks depend on those before them."""
    tasks: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        is_agents, follows = draw(st.booleans()), draw(st.booleans())
        task: dict[str, Any]
        if is_agents:
            task = draw(st.fixed_dictionaries({"prompt": PROMPTS}, optional={**COMMON, **AGENT}))
        else:
            task = draw(st.fixed_dictionaries({"command": PROMPTS}, optional=COMMON))
        if tasks and follows:
            task["depends_on"] = draw(st.lists(st.sampled_from(sorted(tasks)), unique=True))
        tasks[f"t{'abcd'[number]}"] = task
    top = draw(st.fixed_dictionaries({}, optional={"name": TEXTS, "max_parallel": st.integers(1, 9), "timeout": TIMES}))
    listed = [{"id": identity, **task} for identity, task in tasks.items()]
    return {**top, "tasks": listed if draw(st.booleans()) else tasks}


def block_yaml(data: dict[str, Any]) -> str:
    made = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.dump(data, made)
    return made.getvalue()


def read(text: str, source: str) -> Manifest:
    return manifest.read(text.encode(), source, base="/project", fetch=lambda path: b"x")


def bare(made: Manifest) -> Manifest:
    tasks = sorted(made.tasks, key=lambda task: task.id)
    return replace(made, source="", name="", tasks=[replace(task, place=Place()) for task in tasks])


@given(manifests())
@settings(max_examples=40, deadline=None)
def test_the_same_data_is_the_same_run_in_yaml_and_in_toml(data: dict[str, Any]) -> None:
    flow = bare(read(json.dumps(data, ensure_ascii=False), "a.yaml"))

    assert bare(read(block_yaml(data), "a.yaml")) == flow
    assert bare(read(tomlkit.dumps(data), "a.toml")) == flow


def leaves(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict | tuple):
        for each in node.value.values() if isinstance(node.value, dict) else node.value:
            yield from leaves(each)
    else:
        yield node


@given(manifests())
@settings(max_examples=40, deadline=None)
def test_every_value_of_toml_is_found_where_it_stands(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)

    node = toml_text.read(text)

    assert nodes.plain(node) == json.loads(json.dumps(data))
    for leaf in leaves(node):
        there = text.split("\n")[leaf.place.line - 1][leaf.place.column - 1 :]
        assert leaf.raw
        assert there.startswith(leaf.raw.split("\n")[0])


@given(manifests())
@settings(max_examples=40, deadline=None)
def test_every_value_of_yaml_is_found_where_it_stands(data: dict[str, Any]) -> None:
    text = json.dumps(data, ensure_ascii=False)

    for leaf in leaves(yaml_text.read(text)):
        written = json.dumps(leaf.value, ensure_ascii=False)
        assert text[leaf.place.column - 1 :].startswith(written)


PIECES = [*" \n\t\0\u2028:{}[]'|>#?=\\1ü\"", "  ", "- ", "tasks", "id", "prompt", "a", "&a", "*a", "!!", "%", "<<"]
PIECES += ["[[", "]]", '"' * 3, "'" * 3, ".5", "{{", "}}"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)), st.sampled_from(["a.yaml", "a.toml"]))
@example('a: "\\ud800"', "a.yaml")
@example("- ? !<tag:x> [", "a.yaml")
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str, source: str) -> None:
    refused_or_read(text.encode(errors="surrogatepass"), source)


@given(st.sampled_from([*GOOD, *BAD]), st.integers(0, 600), st.integers(0, 20), st.binary(max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_manifest_that_is_cut_anywhere_is_read_or_refused(path: Any, at: int, length: int, put: bytes) -> None:
    data = path.read_bytes()

    refused_or_read(data[:at] + put + data[at + length :], path.name)


def refused_or_read(data: bytes, source: str) -> None:
    said = ""
    try:
        manifest.read(data, source, base="/project", fetch=lambda path: b"x")
    except ManifestInvalid as error:
        said = error.message
    assert not said or said.startswith(f"{source}:")
    assert said.isprintable()


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(ManifestInvalid, match="more than 1,024 KiB"):
        read("x" * (manifest.LARGEST + 1), "a.yaml")


@pytest.mark.parametrize("text", ["a" + ".a" * 300_000 + " = 1", "a = " + "[" * 9_000, "a = 1" + "0" * 90_000])
def test_toml_that_is_made_to_take_long_does_not(text: str) -> None:
    with pytest.raises(Fault):
        toml_text.read(text)


def test_a_thousand_tasks_one_after_the_other_are_no_ring() -> None:
    tasks = {f"t{number}": {"command": "x", "depends_on": [f"t{number - 1}"] * bool(number)} for number in range(1000)}

    assert len(read(tomlkit.dumps({"tasks": tasks}), "a.toml").tasks) == 1000
