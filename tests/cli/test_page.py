"""A help topic is filled to the terminal: nothing of it is lost, and code is not broken."""

from __future__ import annotations

import re

import pytest

from tmuxagents.cli import markdown_page
from tmuxagents.cli.topics import TOPICS
from tmuxagents.output.widths import width_of

SGR = re.compile(r"\x1b\[[0-9;]*m")


def plain(text: str, width: int) -> list[str]:
    return markdown_page.text(text, width=width, color=False).split("\n")


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("width", [40, 80, 100])
def test_no_row_but_code_is_wider_than_the_terminal(topic: str, width: int) -> None:
    found = plain(TOPICS[topic], width)

    assert [row for row in found if width_of(row) > width and not row.startswith("    ")] == []
    assert found[0] == found[0].lstrip("# ")


@pytest.mark.parametrize("topic", TOPICS)
def test_only_marks_go(topic: str) -> None:
    marks = re.compile(r"[`*#\s•-]")

    for width in (40, 200):
        assert marks.sub("", "".join(plain(TOPICS[topic], width))) == marks.sub("", TOPICS[topic])


@pytest.mark.parametrize("topic", TOPICS)
def test_what_is_painted_is_the_same_text(topic: str) -> None:
    painted = markdown_page.text(TOPICS[topic], width=60, color=True).split("\n")

    assert [SGR.sub("", row).rstrip() for row in painted] == plain(TOPICS[topic], 60)
    assert "\x1b[1m" in painted[0]


def test_a_bullet_hangs_and_code_stands_as_it_was() -> None:
    text = "- **one**: two three\n  four `five`\n\nsome:\n\n    a = 1   # as it is, however long\n\nsix\nseven"

    assert plain(text, 16) == [
        "• one: two three",
        "  four five",
        "",
        "some:",
        "",
        "    a = 1   # as it is, however long",
        "",
        "six seven",
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_code_stands_on_rows_of_its_own(topic: str) -> None:
    code = [row for row in TOPICS[topic].split("\n") if row.startswith("    ")]

    assert [row for row in plain(TOPICS[topic], 40) if row.startswith("    ")] == code
