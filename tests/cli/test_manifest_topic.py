"""`tmuxagents help manifest` is about the manifests that are read."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tests.support.fleet import Fleet
from tmuxagents.cli.topics import TOPICS
from tmuxagents.runs import expressions, keys, manifest, sandbox, schema, written

TOPIC = TOPICS["manifest"]


EXAMPLES = [textwrap.dedent(each).encode() for each in re.findall(r"\n((?:    .*\n)+)", TOPIC)]


def test_its_example_is_read() -> None:
    made = manifest.read(EXAMPLES[0], "example.yaml", base="/", fetch=lambda path: b"")

    assert [(task.id, task.depends_on) for task in made.tasks] == [
        ("lint", ()),
        ("review", ()),
        ("mend", ("review",)),
        ("report", ()),
    ]
    assert made.tasks[-1].join is not None
    assert made.tasks[-1].join.of == ("lint", "mend")


def test_its_squad_is_read() -> None:
    made = manifest.read(EXAMPLES[1], "SQUAD.md", base="/", fetch=lambda path: b"")

    assert [(task.id, task.depends_on) for task in made.tasks] == [("api", ()), ("reviewer", ("api",))]
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("key", [*keys.TASK, *keys.TOP, *keys.JOIN, *keys.FOR_EACH])
def test_it_names_every_key(key: str) -> None:
    assert re.search(rf"`[^`]*\b{key}\b[^`]*`", TOPIC), key


@pytest.mark.parametrize(
    "word", [*expressions.FIELDS, *expressions.REPEATED, *expressions.JOINED, *sandbox.FILTERS, *written.TEMPLATES]
)
def test_it_names_what_a_template_finds(word: str) -> None:
    assert word in TOPIC[TOPIC.index("## What is filled in") :]


def test_the_schema_that_run_prints_is_the_shipped_one(fleet: Fleet) -> None:
    shipped = Path(__file__).parent.parent.parent / schema.FILE

    assert fleet.ok("run", "--schema").out == shipped.read_text()
