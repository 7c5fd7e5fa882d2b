"""The schema that editors are given is that of the code, and tells good manifests from bad ones.

`python -m tests.runs.test_manifest_schema` writes the shipped file anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runs.test_manifest_files import BAD, GOOD, beside
from tmuxagents.model import json_schema
from tmuxagents.runs import forms, keys, nodes, schema, toml_text, yaml_text

SHIPPED = Path(__file__).parent.parent.parent / schema.FILE
WHOLE = schema.whole()


def plain(path: Path) -> Any:
    """The manifest as an editor sees it."""
    text = path.read_text()
    return nodes.plain(toml_text.read(text) if path.suffix == ".toml" else yaml_text.read(text))


def data(paths: list[Path]) -> list[tuple[str, Any]]:
    found = []
    for path in paths:
        try:
            found.append((path.name, plain(path)))
        except (nodes.Fault, UnicodeDecodeError):
            continue
    return found


def test_the_shipped_schema_is_current() -> None:
    assert SHIPPED.read_text() == schema.text()


def test_it_is_a_schema() -> None:
    assert json_schema.fault(WHOLE) is None


@pytest.mark.parametrize(("name", "value"), data(GOOD), ids=lambda each: each if isinstance(each, str) else "")
def test_a_good_manifest_satisfies_it(name: str, value: Any) -> None:
    assert json_schema.faults(WHOLE, value) == []


def test_what_is_said_of_a_key_or_of_a_value_an_editor_sees_too() -> None:
    # What needs more than a look at one place is for `run` alone: ids that exist, rings, templates, sums.
    told = {path.name: beside(path).read_text() for path in BAD}
    one_place = [(n, v) for n, v in data(BAD) if " has no key " in told[n] or " must be " in told[n]]

    unseen = [name for name, value in one_place if not json_schema.faults(WHOLE, value)]

    assert len(one_place) > 30
    assert unseen == ["budget-nan.yaml", "name-of-two-lines.yaml"]


def test_every_form_can_be_read_and_described() -> None:
    used = {one.form for table in (keys.TASK, keys.TOP, keys.JOIN, keys.FOR_EACH) for one in table.values()}

    assert used - {"defaults", "tasks"} == set(forms.READ)


if __name__ == "__main__":
    SHIPPED.write_text(schema.text())
