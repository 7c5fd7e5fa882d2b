"""No kind is known by its name outside `kinds/`: what differs between programs is asked of the kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tmuxagents
from tmuxagents.kinds import registry

PACKAGE = Path(tmuxagents.__file__).parent
ROOMS = ("services", "cli", "store", "drivers", "output", "model")
MEANT = {
    # A verb.
    ("cli/main.py", "demo"),
    ("cli/pages.py", "demo"),
    ("cli/options.py", "demo"),
}


def quoted(source: str) -> Iterator[str]:
    """The kinds' names that stand as strings of their own in the code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in registry.KINDS and node.value != "command":
            yield str(node.value)
        if isinstance(node, ast.Compare):
            for part in (node.left, *node.comparators):
                if isinstance(part, ast.Constant) and part.value in registry.KINDS:
                    yield str(part.value)


def quoted_in(package: Path, room: str) -> set[tuple[str, str]]:
    """Where a room quotes a kind, and which."""
    return {
        (str(path.relative_to(package)), name)
        for path in sorted((package / room).rglob("*.py"))
        for name in quoted(path.read_text())
    } - MEANT


@pytest.mark.parametrize("room", ROOMS)
def test_no_kind_is_quoted_outside_kinds(room: str) -> None:
    assert any((PACKAGE / room).rglob("*.py"))
    assert quoted_in(PACKAGE, room) == set()


@pytest.mark.parametrize("kind", registry.KINDS)
@pytest.mark.parametrize("room", ROOMS)
def test_a_kind_that_a_room_quotes_is_found_wherever_it_stands(tmp_path: Path, room: str, kind: str) -> None:
    deep = tmp_path / room / "deep"
    deep.mkdir(parents=True)
    (deep / "module.py").write_text(f'def is_it(kind: str) -> bool:\n    return kind == "{kind}"\n')

    assert quoted_in(tmp_path, room) == {(f"{room}/deep/module.py", kind)}


@pytest.mark.parametrize("line", ['kind == "command"', 'f("claude")', 'x = {"demo": 1}'])
def test_a_quoted_kind_is_found(line: str) -> None:
    assert list(quoted(line)) != []


def test_each_kind_is_one_folder_and_one_line() -> None:
    folders = {path.parent.name for path in (PACKAGE / "kinds").glob("*/__init__.py")}

    assert folders == set(registry.KINDS)
