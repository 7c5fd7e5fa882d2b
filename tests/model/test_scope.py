"""Which paths a scope allows, and whether two of them can meet."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tmuxagents.model import scope

names = st.text("ab*?", min_size=1, max_size=3).filter(lambda name: name != "**")
globs = st.lists(names | st.just("**"), min_size=1, max_size=4).map("/".join).map(scope.parsed)

_PATHS = [
    "/".join(made) for count in (1, 2, 3) for made in itertools.product(("a", "b", "ab", "ba", "aab"), repeat=count)
]


def by_hand(glob: str, path: str) -> bool:
    """The same by a regular expression."""
    *above, last = glob.split("/")
    written = "".join("(?:[^/]+/)*" if name == "**" else _name(name) + "/" for name in above)
    end = ".+" if last == "**" else _name(last) + ("" if "*" in last or "?" in last else "(?:/.*)?")
    return re.fullmatch(written + end, path) is not None


def _name(name: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)) for sign in name)


@pytest.mark.parametrize(
    ("glob", "inside", "outside"),
    [
        ("src/auth/**", ["src/auth/a", "src/auth/new/folder/a"], ["src/auth", "src/author/a", "src/a", "x/src/auth/a"]),
        ("src/auth", ["src/auth", "src/auth/a/b"], ["src/auth2", "src"]),
        ("src/auth/", ["src/auth/a"], ["src/auther"]),
        ("src/*", ["src/a", "src/.hidden"], ["src/a/b", "src"]),
        ("src/*/", ["src/a/b", "src/a/b/c"], ["src/a"]),
        ("**/*.py", ["a.py", "x/y/a.py"], ["a.pyc", "a.py/b"]),
        ("src/**/test", ["src/test", "src/a/b/test/deep"], ["src/testing"]),
        ("app/[slug]/page.?s", ["app/[slug]/page.ts"], ["app/s/page.ts", "app/[slug]/page.tsx"]),
        ("./src", ["src/a"], ["a"]),
        (".", ["a", "b/c"], [".git/config", "sub/.GIT/hooks/x"]),
        ("Src", ["Src/a"], ["src/a", "SRC/a"]),
    ],
)
def test_a_glob_allows(glob: str, inside: Sequence[str], outside: Sequence[str]) -> None:
    kept = [scope.parsed(glob)]

    assert [path for path in inside if not scope.allows(kept, path)] == []
    assert [path for path in outside if scope.allows(kept, path)] == []


@pytest.mark.parametrize("path", ["", ".", "..", "../a", "a/../b", "/a", "a//b", "a/"])
def test_what_is_no_path_from_the_top_is_never_allowed(path: str) -> None:
    assert not scope.allows(["**"], path)


def test_a_sign_in_a_files_name_is_no_glob() -> None:
    assert scope.allows(["a/*"], "a/*")
    assert not scope.allows(["a/b"], "a/*")
    assert not scope.allows(["a/b"], "a/?")


@pytest.mark.parametrize("text", ["", "/src", "~/src", "../x", "a/../../b", ".git", "a/.Git/hooks", "a\nb", "a\x1b"])
def test_what_is_no_scope_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        scope.parsed(text)


@examples(12)
@given(glob=globs)
def test_what_is_allowed_is_what_the_rules_say(glob: str) -> None:
    assert [path for path in _PATHS if scope.allows([glob], path) != by_hand(glob, path)] == []


@examples(12)
@given(one=globs, other=globs)
def test_two_overlap_exactly_where_a_path_is_in_both(one: str, other: str) -> None:
    shared = [path for path in _PATHS if by_hand(one, path) and by_hand(other, path)]

    overlaps = scope.overlap([one], [other])

    assert overlaps == scope.overlap([other], [one])
    assert overlaps or not shared
    # A path that both allow needs no more names than both globs have together, and no other letters.
    if overlaps:
        assert _witness(one, other) is not None


def _witness(one: str, other: str) -> str | None:
    """A path that both allow, looked for without the function that is tested."""
    letters = ["".join(made) for count in (1, 2, 3, 4, 5) for made in itertools.product("ab", repeat=count)]
    fitting = [
        [word for word in letters if re.fullmatch(_name(name), word)]
        for name in {*one.split("/"), *other.split("/")} - {"**"}
    ]
    # One word of each set of names that it fits: others say nothing new.
    kinds: dict[tuple[bool, ...], str] = {}
    for word in letters:
        kinds.setdefault(tuple(word in fits for fits in fitting), word)
    for count in range(1, 7):
        for made in itertools.product(kinds.values(), repeat=count):
            path = "/".join(made)
            if by_hand(one, path) and by_hand(other, path):
                return path
    return None


@examples(12)
@given(one=st.lists(globs, max_size=2), other=st.lists(globs, max_size=2))
def test_scopes_overlap_where_any_of_their_globs_do(one: list[str], other: list[str]) -> None:
    assert scope.overlap(one, other) == any(scope.overlap([a], [b]) for a in one for b in other)


def test_letters_of_another_case_may_be_the_same_file() -> None:
    assert scope.overlap(["Src/a"], ["src/**"])
