"""`tmuxagents review`, as it is typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.test_diff import agent_in
from tests.support import worktrees
from tests.support.fleet import Fleet, eventually, terminal
from tests.support.worktrees import Project, git

MESSAGE = (
    "A review of your changes, 2 comments. The quoted lines are from the diff, the last of them is the one that a"
    " comment is about.\n\n1. new, line 2:\n> +1\n> +2\nwhy 2?\nand not 3?\n\n2. other:\nkeep this one"
)


@pytest.fixture
def project(fleet: Fleet) -> Project:
    return worktrees.make(fleet.root / "project")


@pytest.fixture
def tree(fleet: Fleet, project: Project) -> Path:
    """That of an agent which has done something."""
    made = agent_in(fleet, project, "api")
    (made / "new").write_text("1\n2\n")
    (made / "other").unlink()
    return made


def with_comments(text: str) -> str:
    return text.replace("+2\n", "+2\n>> why 2?\n>> and not 3?\n").replace(
        "+++ /dev/null\n", "+++ /dev/null\n>> keep this one\n"
    )


def prompts(fleet: Fleet) -> list[str]:
    return [entry["text"] for entry in fleet.entries("--only", "prompt")]


def kept(fleet: Fleet) -> list[Path]:
    return sorted((fleet.state / "reviews").glob("*"))


def edited(fleet: Fleet, script: str, *options: str) -> str:
    """What it shows at a terminal, with an editor that does that to the text."""
    editor = fleet.root / "editor"
    editor.write_text(
        "#!/usr/bin/env python3\nimport sys\np = sys.argv[1]\n"
        f"text = open(p, newline='').read()\n{script}\nopen(p, 'w', newline='').write(text)\n"
    )
    editor.chmod(0o755)
    env = {**fleet.env, "EDITOR": str(editor), "VISUAL": ""}
    with terminal(["sh", "-c", '"$@"; echo ended with $?', "sh", *fleet.argv("review", "api", *options)], env) as (
        _,
        drawn,
    ):
        eventually(lambda: b"ended with" in drawn)
    return drawn.decode().replace("\r\n", "\n")


WRITE = (
    "text = text.replace('+2\\n', '+2\\n>> why 2?\\n>> and not 3?\\n')"
    ".replace('+++ /dev/null\\n', '+++ /dev/null\\n>> keep this one\\n').replace('\\n', '\\r\\n')"
)


def test_what_is_written_in_the_editor_arrives_as_one_prompt(fleet: Fleet, tree: Path) -> None:
    told = edited(fleet, WRITE)

    assert told.startswith("submitted: api (")
    assert told.endswith("ended with 0\n")
    assert prompts(fleet) == [MESSAGE]
    assert kept(fleet) == []
    assert [e["text"] for e in fleet.entries("--only", "note") if "review" in e["text"]] == [
        "reviewed: 2 comments on 2 files"
    ]


def test_where_nothing_is_written_nothing_is_sent(fleet: Fleet, tree: Path) -> None:
    told = edited(fleet, "")

    assert told == "tmuxagents: no comments: nothing is sent\nended with 0\n"
    assert (prompts(fleet), kept(fleet)) == ([], [])
    assert fleet("review", "api", "--again").code == 3


def test_what_lacks_the_mark_is_kept_and_not_sent(fleet: Fleet, tree: Path) -> None:
    told = edited(fleet, "text = text.replace('+2\\n', '+2\\nwhy 2?\\n')")

    assert "nothing is sent: no line that was written begins with >>" in told
    assert told.endswith("ended with 1\n")
    assert prompts(fleet) == []
    (path,) = kept(fleet)
    assert "\nwhy 2?\n" in path.read_text()
    assert f"tmuxagents review api - < '{path}'" in told


def test_through_files_too_and_the_second_round_shows_only_what_is_new(fleet: Fleet, tree: Path) -> None:
    text = fleet.ok("review", "api").out
    dry = fleet("review", "api", "-", "--dry-run", stdin=with_comments(text))
    assert (dry.code, dry.out, prompts(fleet)) == (0, f"{MESSAGE}\n", [])

    (one,) = json.loads(fleet("review", "api", "-", "--json", stdin=with_comments(text)).out)["results"]
    twice = fleet.ok("review", "api", "-", stdin=with_comments(text))
    (tree / "new").write_text("1\n2\n3\n")
    again = fleet.ok("review", "api", "--again").out

    assert one["verdict"] == "submitted"
    assert twice.out == "submitted: api (it has that review already, 0 ms)\n"
    assert [(c["file"], c["line"], c["text"]) for c in one["comments"]] == [
        ("new", 2, "why 2?\nand not 3?"),
        ("other", None, "keep this one"),
    ]
    assert prompts(fleet) == [one["text"]] == [MESSAGE]
    assert len([e for e in fleet.entries("--only", "note") if e["text"].startswith("reviewed: ")]) == 1
    assert [row for row in again.splitlines() if row[0] in "+-"] == ["--- a/new", "+++ b/new", "+3"]
    assert set(one) == set(json.loads(fleet("review", "api", "-", "--json", stdin=text).out)["results"][0])


def test_where_it_cannot_be_sent_it_is_kept_and_can_be_sent_again(fleet: Fleet, tree: Path) -> None:
    text = with_comments(fleet.ok("review", "api").out)
    fleet.ok("say", "api", "permission: Bash rm")
    fleet.wait_state("api", "waiting")

    refused = fleet("review", "api", "-", stdin=text)

    assert refused.code == 3
    assert "hint: tmuxagents approve api" in refused.err
    (path,) = kept(fleet)
    assert f"tmuxagents: what was written is kept: tmuxagents review api - < '{path}'" in refused.err
    fleet.ok("approve", "api")
    fleet.wait_state("api", "idle")
    fleet.ok("review", "api", "-", stdin=path.read_text())
    assert prompts(fleet)[-1] == MESSAGE
    assert kept(fleet) == []


def test_what_a_kind_confirms_nothing_of_is_kept(fleet: Fleet, project: Project) -> None:
    fleet.ok("spawn", "-w", "--kind", "command", "--name", "cat", "-C", str(project.main), "--", "cat")
    (Path(fleet.agent("cat")["worktree"]["path"]) / "new").write_text("1\n2\n")
    text = with_comments(fleet.ok("review", "cat").out)

    ran = fleet.ok("review", "cat", "-", stdin=text)

    assert ran.out.startswith("unconfirmed: cat (")
    (path,) = kept(fleet)
    assert path.read_text() == text
    assert ran.err == f"tmuxagents: what was written is kept: tmuxagents review cat - < '{path}'\n"


def test_what_was_only_printed_is_kept_once_until_it_is_sent(fleet: Fleet, tree: Path) -> None:
    edited(fleet, WRITE, "--dry-run")
    again = edited(fleet, WRITE, "--dry-run")
    (path,) = kept(fleet)
    edited(fleet, "text = text.replace('+2', '+2\\n>> mine')", "--dry-run")
    fails = edited(fleet, "open(p, 'w', newline='').write(text.replace('\\n', '\\r\\n'))\nsys.exit(1)")
    sent = edited(fleet, WRITE)

    before = "tmuxagents: what was written before is kept"
    assert again.startswith(f"{before}: tmuxagents review api - < '{path}'\n")
    assert fails.startswith(f"{before}, and 1 more beside it: tmuxagents review api - < '")
    assert sent.count("is kept") == 1
    assert [">> mine\n" in one.read_text() for one in kept(fleet)] == [True]


def test_an_agent_that_has_ended_leaves_the_comments_and_its_rm_what_git_kept(
    fleet: Fleet, project: Project, tree: Path
) -> None:
    text = with_comments(fleet.ok("review", "api").out)
    fleet.ok("stop", "api")

    gone = fleet("review", "api", "-", stdin=text)
    fleet.ok("rm", "--trash", "api")

    assert (gone.code, len(kept(fleet))) == (3, 1)
    assert "hint: tmuxagents resume api" in gone.err
    assert "tmuxagents/review" not in git(project.main, "for-each-ref")


def test_what_means_nothing_is_refused(fleet: Fleet, project: Project, tree: Path) -> None:
    agent_in(fleet, project, "tests")
    fleet.ok("spawn", "--kind", "demo", "--name", "without", "--", "--speed", "0")

    for argv, code in (
        (["review"], 2),
        (["review", "nobody"], 1),
        (["review", "api,tests"], 2),
        (["review", "without"], 1),
        (["review", "api", "--again"], 3),
        (["review", "api", "--print", "--json"], 2),
        (["review", "api", "file"], 2),
    ):
        ran = fleet(*argv)
        assert (ran.code, ran.out) == (code, ""), (argv, ran)
        assert "hint: " in ran.err
    same = fleet("review", "tests")
    assert (same.code, same.out, same.err) == (0, "", "tmuxagents: tests has changed nothing\n")
    assert not os.path.exists(fleet.state / "reviews")
