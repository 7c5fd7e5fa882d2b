"""Every bad manifest is refused in the words beside it, and every good one is read.

A new case is a new file in `tests/data/manifests/bad`. `python -m tests.runs.test_manifest_files` writes the
`.expected` that is missing, for reading and correcting.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tmuxagents.errors import ManifestInvalid
from tmuxagents.model.manifest import Manifest
from tmuxagents.runs import manifest

DATA = Path(__file__).parent.parent / "data" / "manifests"
BAD = sorted(path for path in (DATA / "bad").iterdir() if path.suffix != ".expected")
GOOD = sorted(path for path in (DATA / "good").iterdir() if path.suffix in (".yaml", ".toml"))


def read(path: Path, data: bytes | None = None) -> Manifest:
    """As `services.runs.manifests` does, from a folder that is the same everywhere."""

    def fetch(named: str) -> bytes:
        return (path.parent / Path(named).relative_to("/project")).read_bytes()

    content = path.read_bytes() if data is None else data
    return manifest.read(content, path.name, base="/project", fetch=fetch, kinds=("claude", "command"))


@cache
def told(path: Path) -> str:
    """What a person gets."""
    with pytest.raises(ManifestInvalid) as caught:
        read(path)
    return f"{caught.value.message}\nhint: {caught.value.hint}\n"


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.expected")


@pytest.mark.parametrize("path", BAD, ids=[path.name for path in BAD])
def test_a_bad_manifest_is_refused_in_these_words(path: Path) -> None:
    assert told(path) == beside(path).read_text()


@pytest.mark.parametrize("path", BAD, ids=[path.name for path in BAD])
def test_what_is_said_is_one_line_with_the_place(path: Path) -> None:
    message, hint = told(path).splitlines()

    assert message.startswith(f"{path.name}:")
    assert message.isprintable()
    assert len(message) <= 200
    assert hint.startswith(("hint: tmuxagents ", "hint: ls "))


def test_there_are_many() -> None:
    assert len(BAD) >= 40


@pytest.mark.parametrize("path", GOOD, ids=[path.name for path in GOOD])
def test_a_good_manifest_is_read(path: Path) -> None:
    made = read(path)

    assert made.tasks
    assert all(task.place.line for task in made.tasks)


if __name__ == "__main__":
    for each in BAD:
        if not beside(each).exists():
            beside(each).write_text(told(each))
