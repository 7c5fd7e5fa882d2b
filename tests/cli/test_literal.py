"""What was typed to be said is what is said; what was meant as an option and is none says nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Ran, Roots
from tmuxagents.cli.tasks import in_lines

SENTENCES = [
    "use the --json flag of ls",
    "run pytest -x -q and stop at the first",
    "why does --wait hang?",
    "git commit --amend --no-edit, then push --force-with-lease",
    "add --timeout 5 to the call",
    "rename --file to --from-file",
    "ls -la | grep -v '^d'",
    "the -- in front of the path is missing",
    "make -j4 CFLAGS='-O2 -g'",
    "grep -rn -- -Wall .",
    "answer --interrupt with --when-idle",
    "docker run --rm -it alpine sh -c 'echo -n hi'",
    "is -1 a valid exit code?",
    "say --help in the README",
    "curl -sSf https://example.org | sh -s -- --yes",
    "use - as the file name",
    "sort -t, -k2,2n data.csv",
    "pass --no-dialog and -h",
    "what is $HOME with --env K=V",
    "tar -C /tmp -xzf a.tgz --strip-components=1",
]
MISSPELT = [
    ("--jsn", "--json"),
    ("--when-idel", "--when-idle"),
    ("--interupt", "--interrupt"),
    ("--wiat", "--wait"),
    ("--timout=5", "--timeout"),
    ("--files", "--file"),
    ("--no-dialogue", "--no-dialog"),
    ("-json", "--json"),
    ("--WAIT", ""),
    ("-x", ""),
]


@pytest.fixture(scope="module")
def team(roots: Roots) -> Iterator[Fleet]:
    """One idle agent that is told things."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            made.ok("spawn", "--kind", "demo", "--name", "api", "--", "--speed", "0")
            made.wait_state("api", "idle")
            yield made
        finally:
            made.end()


def heard(team: Fleet) -> list[str]:
    return [entry["text"] for entry in team.entries("--only", "prompt")]


def test_sentences_with_options_in_them_arrive_exactly(team: Fleet) -> None:
    before = len(heard(team))

    for sentence in SENTENCES:
        assert team.ok("say", "api", *sentence.split(" ")).out.startswith(("submitted", "queued"))

    assert heard(team)[before:] == SENTENCES


@pytest.mark.parametrize(("option", "near"), MISSPELT)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_misspelt_option_says_nothing(team: Fleet, option: str, near: str, place: str) -> None:
    before = heard(team)

    ran = team("say", *([option, "api"] if place == "before" else ["api", option]), "hello", "there")

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 2)
    assert f"there is no option '{option}'" in ran.err
    assert "to say it literally: --" in ran.err
    assert near in ran.err
    assert heard(team) == before


def test_behind_two_dashes_it_is_said_literally(team: Fleet) -> None:
    team.ok("say", "api", "--", "--jsn", "is", "misspelt")

    assert heard(team)[-1] == "--jsn is misspelt"


@pytest.mark.parametrize("dash", [[], ["-"]])
def test_without_a_text_standard_input_is_read(team: Fleet, dash: list[str]) -> None:
    team.ok("say", "api", *dash, stdin="say: from\nsay: a pipe\n")

    assert heard(team)[-1] == "say: from\nsay: a pipe"


def shell(team: Fleet, line: str) -> Ran:
    words = f'exec {sys.executable} -P -m tmuxagents "$@" {line}'
    argv = ["sh", "-c", words, "sh", "say", "api"]
    done = subprocess.run(argv, env=team.env, cwd=team.work, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("stdin", ["</dev/null", "<&-", "0>/dev/null"])
def test_a_standard_input_with_nothing_in_it_is_nothing_to_say(team: Fleet, stdin: str) -> None:
    ran = shell(team, stdin)

    assert (ran.code, ran.out) == (2, "")
    assert "there is nothing to say" in ran.err
    assert "hint: tmuxagents say api" in ran.err


# The editor


def at_terminal(team: Fleet, *argv: str, script: str) -> Ran:
    """Run a command at a terminal, with an editor that does that to the file `$1`."""
    editor = team.root / "my editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            team.argv(*argv),
            env={**team.env, "EDITOR": f"'{editor}' --wait", "VISUAL": "", "TMPDIR": str(team.work)},
            cwd=team.work,
            stdin=theirs,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return Ran(done.returncode, done.stdout, done.stderr)


WRITE = 'test "$1" = --wait && printf "# A heading\\n\\nsay: written\\n" > "$2"'


def left(team: Fleet) -> list[Path]:
    return list(team.work.glob("tmuxagents-*/*"))


def test_at_a_terminal_the_editor_opens_and_what_was_written_is_said(team: Fleet) -> None:
    ran = at_terminal(team, "say", "api", script=WRITE)

    assert ran.code == 0, ran.err
    assert heard(team)[-1] == "# A heading\n\nsay: written"
    assert left(team) == []


@pytest.mark.parametrize(
    ("script", "words"), [(":", "the text is empty"), ("exit 3", "the editor ended with 3"), ("rm $2; exit 1", "ended")]
)
def test_an_editor_that_writes_nothing_says_nothing(team: Fleet, script: str, words: str) -> None:
    before = heard(team)

    ran = at_terminal(team, "say", "api", script=script)

    assert (ran.code, len(ran.err.splitlines())) == (1, 2)
    assert words in ran.err
    assert heard(team) == before
    assert left(team) == []


def test_no_editor_opens_for_an_agent_that_is_not_there(team: Fleet) -> None:
    ran = at_terminal(team, "say", "nobody", script="touch opened")

    assert ran.code == 1
    assert not (team.work / "opened").exists()


def test_what_was_written_and_not_said_is_kept(team: Fleet) -> None:
    team.ok("spawn", "--kind", "demo", "--name", "over", "die: 0", "--", "--speed", "0")
    team.wait_state("over", "ended")

    ran = at_terminal(team, "say", "over", script=WRITE)

    assert ran.code == 3
    [file] = left(team)
    assert str(file) in ran.err
    assert file.read_text() == "# A heading\n\nsay: written\n"
    file.unlink()
    file.parent.rmdir()


def test_a_task_can_be_written_in_an_editor(team: Fleet) -> None:
    ran = at_terminal(team, "spawn", "--kind", "demo", "--name", "edited", "--edit", script=WRITE)

    assert ran.code == 0, ran.err
    assert team.agent("edited")["task"] == "# A heading\n\nsay: written"


def test_a_file_of_tasks_may_have_comments_and_blank_lines(team: Fleet) -> None:
    (team.work / "tasks").write_text("# the first round\n\nsay: fix #12\n   # not now\n\\#34 is open\n")

    names = team.ok("spawn", "--kind", "demo", "-q", "--each", "tasks", "--", "--speed", "0").out.split()

    assert [team.agent(name)["task"] for name in names] == ["say: fix #12", "#34 is open"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)))
def test_every_task_can_be_written_as_a_line(tasks: list[str]) -> None:
    lines = [f"\\{task}" if task.startswith(("#", "\\#")) else task for task in tasks]

    assert in_lines("\n".join(["# head", "", *lines])) == tasks
