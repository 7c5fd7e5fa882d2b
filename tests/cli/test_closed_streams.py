"""Standard streams that are closed, full or the wrong way round, and files that cannot be read, are nobody's bug."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Ran, Roots
from tests.support.matrix import every

FAST = ("--", "--speed", "0")


@pytest.fixture(scope="module")
def team(roots: Roots) -> Iterator[Fleet]:
    """One idle agent."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            made.ok("spawn", "--kind", "demo", "--name", "api", "say: hello", *FAST)
            made.wait_for("api", lambda a: a["turns"] == 1)
            yield made
        finally:
            made.end()


def shell(team: Fleet, words: str, streams: str) -> Ran:
    """Run it as a shell does that has redirected its streams."""
    line = f"exec {shlex.quote(sys.executable)} -P -m tmuxagents {words} {streams}"
    done = subprocess.run(
        ["sh", "-c", line],
        env=team.env,
        cwd=team.work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("streams", every(3, [">&-", "1</dev/null", ">&- <&-"]))
@pytest.mark.parametrize(
    "words",
    [
        "ls",
        "ls --json",
        "tail --no-follow",
        "tail",
        "show api",
        "search hello",
        "runs",
        "usage",
        "doctor",
        "help",
        "completion bash",
        "--help",
    ],
)
def test_what_only_answers_says_that_nobody_would_read_it(team: Fleet, words: str, streams: str) -> None:
    ran = shell(team, words, streams)

    assert (ran.code, len(ran.err.splitlines())) == (1, 2)
    assert "standard output is closed" in ran.err


@pytest.mark.parametrize("streams", every(3, [">&-", "1</dev/null", ">&- 2>&-", ">&- 2>&- <&-"]))
def test_what_does_something_does_it_all_the_same(team: Fleet, streams: str) -> None:
    before = len(team.entries("--only", "prompt"))

    ran = shell(team, "say api say: on", streams)

    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert len(team.entries("--only", "prompt")) == before + 1


@pytest.mark.parametrize("words", ["ls --json", "tail --no-follow", "show api", "completion bash", "help json"])
def test_an_answer_that_finds_no_room_is_not_told_as_a_full_disk_of_ours(team: Fleet, words: str) -> None:
    ran = shell(team, words, ">/dev/full")

    assert ran.code == 1
    assert ran.err == "tmuxagents: standard output cannot be written to: No space left on device\nhint: df -h .\n"


def test_what_is_told_aside_is_never_taken_for_the_answer(team: Fleet) -> None:
    ran = shell(team, "approve all", "2>&-")

    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize(("words", "code"), [("attach", 1), ("say api", 2), ("spawn --kind demo -", 2)])
def test_a_closed_standard_input_is_an_empty_one(team: Fleet, words: str, code: int) -> None:
    ran = shell(team, words, "<&-")

    assert (ran.code, len(ran.err.splitlines())) == (code, 2)
    assert "a bug" not in ran.err


def test_no_report_of_a_bug_was_written(team: Fleet) -> None:
    assert not (team.state / "bugs").exists()


@pytest.mark.parametrize("what", ["folder", "bytes", "loop"])
def test_a_configuration_that_cannot_be_read_is_said(team: Fleet, what: str) -> None:
    file = team.root / f"{what}.toml"
    match what:
        case "folder":
            file.mkdir()
        case "bytes":
            file.write_bytes(b"\xff")
        case _:
            file.symlink_to(file)

    ran = team("spawn", "--kind", "demo", "x", TMUXAGENTS_CONFIG=str(file))

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 2)
    assert f"'{file}' cannot be read" in ran.err
    assert str(file) in ran.err.splitlines()[1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_configuration_that_may_not_be_read_is_said(team: Fleet) -> None:
    file: Path = team.root / "shut.toml"
    file.write_text("")
    file.chmod(0)

    ran = team("spawn", "--kind", "demo", "x", TMUXAGENTS_CONFIG=str(file))

    assert ran.err == f"tmuxagents: '{file}' cannot be read: Permission denied\nhint: ls -ld '{file}'\n"


def unread(team: Fleet, *argv: str, aside: bool = False) -> Ran:
    """Run it in front of a reader that has gone already, of the talk too with `aside`."""
    reader, ours = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            team.argv(*argv),
            env=team.env,
            cwd=team.work,
            stdin=subprocess.DEVNULL,
            stdout=ours,
            stderr=ours if aside else subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
    return Ran(done.returncode, "", done.stderr or "")


ANSWERS = [
    ["--version"],
    ["--help"],
    ["ls"],
    ["ls", "--json"],
    ["tail", "--no-follow"],
    ["show", "api"],
    ["config", "get", "naming"],
    ["help", "json"],
    ["wait", "api"],
    ["wait", "api", "--json"],
    ["catchup"],
    ["last", "api"],
]


@pytest.mark.parametrize("argv", ANSWERS, ids=" ".join)
@pytest.mark.parametrize("aside", every(2, [False, True]), ids=["", "2>&1"])
def test_whoever_has_read_enough_ends_it_as_every_other_program(team: Fleet, argv: list[str], aside: bool) -> None:
    ran = unread(team, *argv, aside=aside)

    assert (ran.code, ran.err) == (141, "")


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_is_done_is_done_to_the_end_also_where_nobody_reads_on(team: Fleet, more: list[str]) -> None:
    before = {agent["name"] for agent in team.agents()}

    ran = unread(team, "spawn", "--kind", "demo", *more, "--count", "2", "say: x", *FAST)
    made = sorted({agent["name"] for agent in team.agents()} - before)
    ended = unread(team, "stop", *made, *more)

    assert (ran.code, ended.code, ran.err, ended.err) == (141, 141, "", "")
    assert [team.agent(name)["state"] for name in made] == ["ended", "ended"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["show nobody", "frobnicate", "say api --nope", "approve all", "--version"])
def test_what_is_told_is_the_same_however_python_buffers(team: Fleet, words: str, unbuffered: str) -> None:
    ran = team.whole(*words.split(), PYTHONUNBUFFERED=unbuffered)

    assert ran.out or ran.err
    assert ran == team(*words.split())


def test_an_error_keeps_its_code_also_where_nobody_reads(team: Fleet) -> None:
    assert unread(team, "approve", "api").code == 3
    assert unread(team, "frobnicate", aside=True).code == 2


def test_what_was_done_is_said_aside_where_its_answer_finds_no_room(team: Fleet) -> None:
    said, told = (shell(team, f"say {more} api say: on", ">/dev/full") for more in ("", "--json"))

    assert (said.code, told.code) == (1, 1)
    assert said.err.startswith("tmuxagents: submitted: api (")
    assert said.err.endswith("; standard output: No space left on device\nhint: df -h .\n")
    assert told.err.startswith('tmuxagents: {"v": 1, "results": [{"agent": "api", "verdict": "submitted"')


@pytest.mark.parametrize("words", ["approve all", "frobnicate", "approve api", "wait api"])
def test_talk_that_finds_no_room_changes_no_exit_code(team: Fleet, words: str) -> None:
    ran, full = shell(team, words, ""), shell(team, words, "2>/dev/full")

    assert (full.code, full.out, full.err) == (ran.code, ran.out, "")


@pytest.mark.parametrize("streams", [">/dev/full", ">&-"])
def test_the_version_that_cannot_be_written_is_an_error(team: Fleet, streams: str) -> None:
    ran = shell(team, "--version", streams)

    assert (ran.code, len(ran.err.splitlines())) == (1, 2)
    assert "standard output" in ran.err


def test_what_nobody_could_read_was_no_bug(team: Fleet) -> None:
    assert not (team.state / "bugs").exists()
