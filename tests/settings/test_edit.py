"""One setting is changed in a text, and nothing else."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.settings.edit import with_value

# What people write: comments, blank lines, tables, dotted keys, texts and lists of several lines.
PIECES = [
    "# about the kind\n",
    "\n",
    'kind = "demo"   # mine\n',
    "paste_limit=1\n",
    'env.CI = "1"\n',
    'args = [\n  "a", # first\n  "b",\n]\n',
    'note = """\nmodel = "no"\n[notices]\n"""\n',
    "timeout = '2h'\n",
]
TABLES = [
    '[notices]\non = ["needs"] # these\n',
    '# the reviewer\n[profile.review]\nmodel = "sonnet"\n',
    '[ profile . "other" ]\nenv = { A = "1" } # inline\n',
    "# last\n",
]
TEXTS = st.builds(
    lambda head, tail, crlf, end: _ended("".join(head + tail), crlf, end),
    st.lists(st.sampled_from(PIECES), max_size=6, unique=True),
    st.lists(st.sampled_from(TABLES), max_size=4, unique=True),
    st.booleans(),
    st.booleans(),
)
VALUES = st.one_of(st.text(max_size=8), st.integers(0, 10**6), st.booleans(), st.lists(st.text(max_size=5), max_size=3))
PATHS = st.sampled_from(
    [
        ("kind",),
        ("model",),
        ("args",),
        ("timeout",),
        ("env", "CI"),
        ("env", "OTHER"),
        ("notices", "on"),
        ("notices", "after"),
        ("profile", "review", "model"),
        ("profile", "review", "env", "A"),
        ("profile", "other", "env", "A"),
        ("profile", "other", "env", "B"),
        ("profile", "new", "kind"),
    ]
)


def _ended(text: str, crlf: bool, end: bool) -> str:
    text = text if end else text.removesuffix("\n")
    return text.replace("\n", "\r\n") if crlf else text


ARGS = PIECES[5].splitlines()


def _ended_as(text: str, changed: str) -> str:
    """The text with the end of its last line: what is added behind it needs one."""
    return text if not text or text.endswith("\n") else text + ("\r\n" if "\r\n" in changed else "\n")


def block(before: str, after: str) -> tuple[list[str], list[str]]:
    """What is left of the lines of both without those that they begin and end with alike."""
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, after))
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return old, new


def is_set(table: dict[str, Any], path: tuple[str, ...]) -> bool:
    for word in path:
        if word not in table:
            return False
        table = table[word]
    return True


def set_in(table: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for word in path[:-1]:
        table = table.setdefault(word, {})
    table[path[-1]] = value
    return table


@given(TEXTS, PATHS, VALUES)
def test_the_text_means_what_it_meant_and_the_new_value(text: str, path: tuple[str, ...], value: Any) -> None:
    wanted = tomllib.loads(text)
    set_in(wanted, path, value)

    changed = with_value(text, path, value)

    assert changed is not None
    assert tomllib.loads(changed) == wanted


@given(TEXTS, PATHS, VALUES)
def test_only_the_lines_of_the_setting_change(text: str, path: tuple[str, ...], value: Any) -> None:
    changed = with_value(text, path, value)
    assert changed is not None

    there = is_set(tomllib.loads(text), path)
    gone, come = block(text if there else _ended_as(text, changed), changed)

    if gone and there:
        assert path[-1] in gone[0]
        assert gone[-1].partition("#")[2] == come[-1].partition("#")[2], "its comment is kept"
        assert len(gone) <= (len(ARGS) if path == ("args",) else 1)
    elif gone:
        assert "env = {" in gone[0], "into a table that is written within a line"


@given(TEXTS, PATHS, VALUES)
def test_the_value_that_is_there_changes_no_byte_beyond_its_line(text: str, path: tuple[str, ...], value: Any) -> None:
    once = with_value(text, path, value)
    assert once is not None

    assert with_value(once, path, value) == once


@pytest.mark.parametrize(
    ("text", "path", "value", "wanted"),
    [
        ('# a\nkind = "x"  # why\n\nmodel = "y"\n', ("kind",), "z", '# a\nkind = "z"  # why\n\nmodel = "y"\n'),
        ('kind = "x"\r\n\r\n[notices]\r\n', ("model",), "m", 'kind = "x"\r\nmodel = "m"\r\n\r\n[notices]\r\n'),
        ('kind = "x"', ("model",), "m", 'kind = "x"\nmodel = "m"\n'),
        ("# mine\n", ("model",), "m", '# mine\nmodel = "m"\n'),
        ("# a\n\n# b\n[notices]\non=[]\n", ("model",), "m", '# a\n\nmodel = "m"\n# b\n[notices]\non=[]\n'),
        ("[notices]\non=[]\n\n[env]\n", ("notices", "after"), "1m", '[notices]\non=[]\nafter = "1m"\n\n[env]\n'),
        ("", ("env", "A"), "1", '[env]\nA = "1"\n'),
        ('kind="x"\n', ("profile", "p", "model"), "m", 'kind="x"\n\n[profile.p]\nmodel = "m"\n'),
        ('env.A = "1"\n', ("env", "B"), "2", 'env.A = "1"\nenv.B = "2"\n'),
        ('env = { A = "1" } # x\n', ("env", "A"), "2", 'env = { A = "2" } # x\n'),
        ('args = [\n "a", # 1\n]# 2\nkind="x"\n', ("args",), ["b"], 'args = ["b"]# 2\nkind="x"\n'),
    ],
)
def test_it_is_written_where_a_person_would(text: str, path: tuple[str, ...], value: Any, wanted: str) -> None:
    assert with_value(text, path, value) == wanted


def test_what_has_no_place_is_not_written() -> None:
    assert with_value('profile = "x"\n', ("profile", "p", "model"), "m") is None
