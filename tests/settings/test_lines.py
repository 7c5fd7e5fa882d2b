"""Where a setting stands."""

from __future__ import annotations

import pytest

from tmuxagents.settings import lines

TEXT = '''\
# kind = "comment"
kind = "a"
"model" = "b"
env.CI = "1"
args = [
  "x",
]
note = """
trust = true
"""
[profile.review]   # mine
model = "c"
[ profile . "other" ]
env = { A = "1" }
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("kind", 2),
        ("model", 3),
        ("env.CI", 4),
        ("args", 5),
        ("profile.review", 11),
        ("profile.review.model", 12),
        ("profile.other", 13),
        ("profile.other.env.A", 14),
    ],
)
def test_a_setting_is_found_on_its_line(path: str, line: int) -> None:
    assert lines.line_of(path, lines.of(TEXT)) == line


def test_what_stands_in_a_text_of_several_lines_is_no_setting() -> None:
    assert "trust" not in lines.of(TEXT)


def test_what_is_not_there_is_on_the_line_of_its_table() -> None:
    assert lines.line_of("profile.review.trust", lines.of(TEXT)) == 11
    assert lines.line_of("trust", lines.of(TEXT)) == 1
