"""What `tail` and `search` show of the journal, and how it looks in a pipe and at a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support import screen
from tests.support.fleet import Fleet, Roots

FAST = ("--", "--speed", "0")


@pytest.fixture(scope="module")
def told(roots: Roots) -> Iterator[Fleet]:
    """One that has spoken in Markdown and several lines, and one that waits."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            made.ok("spawn", "--kind", "demo", "--name", "api", "say: **done**\nsay: second line", *FAST)
            made.ok("spawn", "--kind", "demo", "--name", "web", "permission: Write a.rs", *FAST)
            made.wait_for("api", lambda agent: agent["turns"] == 1)
            made.wait_state("web", "waiting")
            yield made
        finally:
            made.end()


def test_every_row_of_a_pipe_carries_its_speaker(told: Fleet) -> None:
    rows = told.ok("tail", "--no-follow", "api").out.splitlines()

    assert len(rows) > 3
    assert all("api" in row for row in rows)


def test_no_prefix_leaves_who_speaks_out(told: Fleet) -> None:
    out = told.ok("tail", "--no-follow", "--no-prefix", "--only", "text", "api").out

    assert "**done**" in out
    assert "[api]" not in out


def test_exclude_leaves_kinds_out(told: Fleet) -> None:
    kinds = {entry["kind"] for entry in told.entries()}
    without = {entry["kind"] for entry in told.entries("--exclude", "text,prompt")}

    assert without == kinds - {"text", "prompt"}
    assert told("tail", "--exclude", "txet").code == 2


def test_until_ends_the_stream_and_nothing_is_followed(told: Fleet) -> None:
    assert told.ok("tail", "--until", "1h").out == ""
    assert told.ok("tail", "--since", "1h", "--until", "0s").out == told.ok("tail", "--no-follow").out
    assert told.ok("tail", "--since", "1h", "--until", "2001-01-31T09:30").out == ""
    assert told("tail", "--until", "yesterday").code == 2


@pytest.mark.parametrize(("color", "painted"), [("always", True), ("never", False), ("auto", False)])
def test_colours_are_as_asked_for(told: Fleet, color: str, painted: bool) -> None:
    assert ("\x1b[" in told.ok("tail", "--no-follow", "--color", color).out) is painted


def test_what_matches_is_highlighted(told: Fleet) -> None:
    out = told.ok("tail", "--no-follow", "--color", "always", "--highlight", "sec.nd", "--only", "text").out

    assert "\x1b[7msecond\x1b[27m line" in out
    assert told("tail", "--highlight", "[").code == 2


def test_search_highlights_and_knows_a_time(told: Fleet) -> None:
    assert "\x1b[7msecond\x1b[27m" in told.ok("search", "second", "--color", "always").out
    assert "second" in told.ok("search", "second", "--since", "1h").out
    assert told("search", "second", "--until", "1h").code == 1


def test_markdown_is_shown_at_a_terminal_and_kept_in_a_pipe(told: Fleet) -> None:
    shown, painted = screen.after(told, told.argv("tail", "--no-follow", "api", "--only", "text"))

    assert "done" in shown
    assert "**" not in shown
    assert re.search(r"\x1b\[1mdone", painted)
    assert "**done**" in told.ok("tail", "--no-follow", "api", "--only", "text").out


def test_a_long_answer_goes_through_the_pager_only_at_a_terminal(told: Fleet) -> None:
    pager = told.root / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {told.root}/paged\n")
    pager.chmod(0o755)

    assert "name" in told.ok("show", "api", PAGER=str(pager)).out
    assert not Path(told.root / "paged").exists()
    screen.after(told, told.argv("show", "api"), rows=6, PAGER=str(pager))
    assert "name          api" in (told.root / "paged").read_text()


def test_a_pager_that_cannot_be_started_loses_nothing(told: Fleet) -> None:
    shown, _ = screen.after(told, told.argv("show", "api"), rows=12, PAGER="/no/such/pager")

    assert shown.strip()


def test_search_finds_what_a_removed_agent_said(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "gone", "say: a rare word", *FAST)
    fleet.wait_for("gone", lambda agent: agent["turns"] == 1)
    fleet.ok("stop", "gone")
    fleet.ok("rm", "gone")

    for more in ((), ("--agent", "gone"), ("--since", "1h")):
        assert "\x1b[7mrare\x1b[27m" in fleet.ok("search", "rare", "--color", "always", *more).out


@pytest.mark.parametrize("moment", ["0001-01-02", "1600-01-01", "2262-04-12", "2999-01-01", "9999-12-31T23:59:59"])
@pytest.mark.parametrize(
    "command",
    [["tail", "--no-follow", "--since"], ["tail", "--until"], ["search", "x", "--since"], ["catchup", "--since"]],
    ids=" ".join,
)
def test_a_time_may_be_as_far_as_it_likes(told: Fleet, command: list[str], moment: str) -> None:
    ran = told(*command, moment)

    assert ran.code in (0, 1)
    assert "a bug" not in ran.err
