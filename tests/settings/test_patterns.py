"""Lines of gitignore syntax mean what git takes them to mean."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.settings import patterns

FILES = (
    *(".env", ".env.local", "a/.env", "a/b/.env", "a/b/c", "b", "build/x", "build/deep/y", "a/build/z", "x y", "a]"),
    *("a/b.json", "b.json", "c.json", "config/one.json", "config/deep/two.json", "#x", "!x", "a-b", "-"),
)
WORDS = st.sampled_from(
    [
        *(".env", "a", "b", "build", "config", "deep", "*", "**", "?", "*.json", "[ab]", "[!a]", "[a-c].json"),
        ".*",
        "x y",
    ]
)
LINES = st.builds(
    lambda negated, lead, words, tail: f"{negated}{lead}{'/'.join(words)}{tail}",
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/", "**/"]),
    st.lists(WORDS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/", "/**", "  "]),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("tree")
    for name in FILES:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("")
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    return top


def of_git(top: Path, lines: list[str]) -> set[str]:
    (top / ".git" / "lines").write_text("\n".join([*lines, ""]))
    words = ["ls-files", "-o", "-i", "-z", "-X", ".git/lines"]
    raw = subprocess.run(["git", "-C", str(top), *words], check=True, capture_output=True).stdout
    return {os.fsdecode(name) for name in raw.split(b"\0") if name}


def ours(lines: list[str]) -> set[str]:
    found = patterns.parse(lines)
    return {name for name in FILES if patterns.matches(found, name)}


@given(lines=st.lists(LINES, min_size=1, max_size=3))
def test_they_mean_what_git_takes_them_to_mean(tree: Path, lines: list[str]) -> None:
    assert ours(lines) == of_git(tree, lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["# comment", "", "\\#x", "\\!x"],
        ["*", "!.env"],
        ["build", "!build/x"],
        ["a/**/.env"],
        ["a**"],
        ["**"],
        ["[]a-]*"],
        [".env\r"],
        ["x\\ y"],
        ["/"],
        ["config/*.json"],
    ],
)
def test_odd_lines_too(tree: Path, lines: list[str]) -> None:
    assert ours(lines) == of_git(tree, lines)


@pytest.mark.parametrize(
    ("line", "place"),
    [(".claude/*.json", ".claude"), ("a/b/c", "a/b/c"), ("/a", "a"), (".env", ""), ("**/a", ""), ("a/**", "a")],
)
def test_the_place_is_where_all_that_is_meant_lies(line: str, place: str) -> None:
    assert [one.place for one in patterns.parse([line])] == [place]


@pytest.mark.parametrize(
    "line",
    ["/etc/passwd", "../x", "a/../../x", "~/x", ".git", ".git/config", "a/.git/x", "", " ", "a\nb", "!../x", "a\0"],
)
def test_what_could_leave_the_checkout_is_known(line: str) -> None:
    assert not patterns.stays_inside(line)
