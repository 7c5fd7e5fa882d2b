"""What a person has read: it moves by what was shown at a terminal without a gap, and by nothing else."""

from __future__ import annotations

import json
import os
import pty
import select
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from tests.support.fleet import Fleet, eventually
from tests.survival.test_damage import fold_log, journal_page, overwrite

FAST = ["--", "--speed", "0"]


class Terminal:
    """A terminal of a person's: `run` shows a command on it and gives back what was drawn."""

    def __init__(self, fleet: Fleet, ours: int, theirs: int) -> None:
        self.fleet, self.ours, self.theirs = fleet, ours, theirs

    def run(self, *args: str, **env: str) -> str:
        done = subprocess.Popen(
            self.fleet.argv(*args),
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            cwd=self.fleet.work,
            env={**self.fleet.env, "NO_COLOR": "1", "COLUMNS": "80", **env},
        )
        drawn = b""
        while done.poll() is None or self._is_ready():
            if self._is_ready():
                drawn += os.read(self.ours, 65536)
        assert done.returncode == 0, drawn.decode()
        return drawn.decode().replace("\r\n", "\n")

    def _is_ready(self) -> bool:
        return bool(select.select([self.ours], [], [], 0.05)[0])


@contextmanager
def _opened(fleet: Fleet) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    try:
        yield Terminal(fleet, ours, theirs)
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.fixture
def terminal(fleet: Fleet) -> Iterator[Terminal]:
    """With two agents that have said something: `api` twice, `tests` once."""
    fleet.ok("spawn", "--kind", "demo", "--name", "api", "say: one\nsay: two", *FAST)
    fleet.ok("spawn", "--kind", "demo", "--name", "tests", "say: three", *FAST)
    for name in ("api", "tests"):
        fleet.wait_for(name, lambda a: a["turns"] == 1)
    with _opened(fleet) as opened:
        yield opened


def unread(fleet: Fleet) -> dict[str, int]:
    return {agent["name"]: agent["unread"] for agent in fleet.agents()}


def test_what_was_shown_at_a_terminal_is_read(fleet: Fleet, terminal: Terminal) -> None:
    assert unread(fleet) == {"api": 3, "tests": 2}

    terminal.run("tail", "--no-follow", "api")

    assert unread(fleet) == {"api": 0, "tests": 2}
    assert "tests •2" in fleet.ok("ls").out
    assert "api •" not in fleet.ok("ls").out


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["ls"], {}),
        (["tail", "--no-follow", "--json"], {}),
        (["tail", "--no-follow", "--only", "text"], {}),
        (["tail", "--no-follow", "--grep", "one"], {}),
        (["tail", "--no-follow"], {"TMUXAGENTS_NAME": "agent-7"}),
        (["last", "api"], {}),
        (["show", "api"], {}),
    ],
    ids=" ".join,
)
def test_nothing_else_reads_for_the_person(
    fleet: Fleet, terminal: Terminal, argv: list[str], env: dict[str, str]
) -> None:
    terminal.run(*argv, **env)

    assert unread(fleet) == {"api": 3, "tests": 2}


def test_a_pipe_reads_nothing(fleet: Fleet, terminal: Terminal) -> None:
    fleet.ok("tail", "--no-follow")
    fleet.ok("tail", "--no-follow", "--new")

    assert unread(fleet) == {"api": 3, "tests": 2}


def test_what_was_skipped_stays_unread_and_is_told(fleet: Fleet, terminal: Terminal) -> None:
    drawn = terminal.run("tail", "--no-follow", "-n", "1", "api")

    assert unread(fleet) == {"api": 3, "tests": 2}
    assert "there is more that you have not read than is shown" in drawn


def test_new_begins_where_reading_stopped_and_tells_each_entry_once(fleet: Fleet, terminal: Terminal) -> None:
    first = terminal.run("tail", "--no-follow", "--new", "api")
    fleet.ok("say", "api", "say: four")
    fleet.wait_for("api", lambda a: a["turns"] == 2)
    second = terminal.run("tail", "--no-follow", "--new")
    third = terminal.run("tail", "--no-follow", "--new")

    assert "[api] one\n[api] two\n" in first
    assert [row for row in second.splitlines() if row.startswith("[")] == ["[tests] three", "[api] four"]
    assert "two" not in second
    assert third == "tmuxagents: nothing new\n"


def test_a_tail_that_follows_reads_as_it_shows(fleet: Fleet, terminal: Terminal) -> None:
    following = subprocess.Popen(
        fleet.argv("tail", "--new"),
        stdin=terminal.theirs,
        stdout=terminal.theirs,
        stderr=terminal.theirs,
        cwd=fleet.work,
        env=fleet.env,
    )
    try:
        eventually(lambda: unread(fleet) == {"api": 0, "tests": 0})
        fleet.ok("say", "api", "say: four")
        fleet.wait_for("api", lambda a: a["turns"] == 2 and a["unread"] == 0)
    finally:
        following.terminate()
        following.wait(timeout=30)


def test_new_is_no_number_and_no_time(fleet: Fleet) -> None:
    for more in (["-n", "3"], ["--since", "1h"]):
        ran = fleet("tail", "--new", *more)

        assert (ran.code, ran.out) == (2, "")
        assert "--new begins where you stopped reading" in ran.err


def _index_page(fleet: Fleet) -> None:
    """The journal itself can be read: it is put back as it was."""
    path = fold_log(fleet)
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal_by_agent'").fetchone()
    overwrite(path, (page - 1) * 4096, 4096)


@pytest.mark.parametrize("damage", [_index_page, journal_page], ids=["put back", "read again"])
def test_a_rebuild_keeps_what_was_read(fleet: Fleet, terminal: Terminal, damage: Callable[[Fleet], None]) -> None:
    fleet.ok("say", "api", "\n".join(f"say: line {number} {'x' * 300}" for number in range(60)))
    fleet.wait_for("api", lambda a: a["turns"] == 2)
    terminal.run("tail", "--no-follow", "--new", "api")
    fleet.ok("say", "api", "say: four")
    fleet.wait_for("api", lambda a: a["turns"] == 3)
    fleet.ok("controller", "stop")
    damage(fleet)

    # The first looks at the index, the second at every entry.
    assert "is rebuilt" in fleet.ok("ls", "--json").err + fleet.ok("tail", "--no-follow").err

    # What is new, and where its source was read again the note of that.
    assert 2 <= unread(fleet)["api"] <= 3
    assert unread(fleet)["tests"] >= 2


def test_the_last_answer_is_whole(fleet: Fleet, terminal: Terminal) -> None:
    fleet.ok("say", "api", "say: first line\\nsecond line\ntool: Read a.py\nsay: the end")
    fleet.wait_for("api", lambda a: a["turns"] == 2)

    assert fleet.ok("last", "api").out == "first line\nsecond line\n\nthe end\n"
    assert fleet.ok("last", "api", "tests").out == ("[api]\nfirst line\nsecond line\n\nthe end\n\n[tests]\nthree\n")
    (one,) = fleet.ok("last", "api", "--json").json["answers"]
    assert (one["agent"], one["text"]) == ("api", "first line\nsecond line\n\nthe end")


def test_who_has_said_nothing_has_no_answer(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "quiet")
    fleet.wait_state("quiet", "idle")

    ran = fleet("last", "quiet")

    assert (ran.code, ran.out, ran.err) == (1, "", "tmuxagents: quiet has said nothing yet\n")
    assert json.loads(fleet.ok("last", "quiet", "--json").out)["answers"][0]["text"] is None


@pytest.mark.parametrize("words", [["tail", "--no-follow"], ["show"], ["ls"]], ids=" ".join)
def test_where_nobody_is_meant_that_is_told_beside_the_answer(fleet: Fleet, words: list[str]) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "true")

    ran = fleet.ok(*words, "--label", "nolabel")

    assert (ran.out, ran.err) == ("", "none of the agents is meant\n")


def test_the_choices_of_an_unknown_dialog_are_told_with_their_numbers(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "u", "dialog: Try?", "--", "--speed", "0")
    fleet.wait_state("u", "waiting")
    assert fleet.agent("u")["choices"] == ["Yes", "No"]

    for words in (["tail", "--no-follow"], ["show", "u"]):
        rows = [row.removeprefix("[u] ").strip() for row in fleet.ok(*words).out.splitlines()]
        assert rows[rows.index("1 Yes") + 1] == "2 No"
