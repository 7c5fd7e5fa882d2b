"""The real `claude` in a worktree of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import either_version
from tests.services.worktrees.conftest import everything
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi, as_claude_shows, as_said
from tests.support.repository import repository, run_git

pytestmark = pytest.mark.claude


@pytest.fixture
def work(claude: Fleet) -> Path:
    """A repository beside the folder that is trusted."""
    return repository(claude.root / "repository")


@pytest.mark.soak
@either_version
def test_it_comes_back_from_the_trash_with_its_worktree_and_its_conversation(claude: Fleet, work: Path) -> None:
    claude.ok("spawn", "-w", "--trust", "-C", str(work), "--name", "api", "say: hello")
    agent = claude.wait_for("api", lambda a: a["turns"] == 1)
    tree = Path(agent["worktree"]["path"])
    (tree / "new").write_text("work\n")
    claude.ok("stop", "api")
    files = everything(tree)

    assert claude("rm", "api").code == 3
    claude.ok("rm", "--trash", "api")
    claude.ok("restore", "api")
    assert everything(tree) == files
    claude.ok("resume", "api")

    assert claude.ok("say", "--wait", "api", "say: again").out == "again\n"
    assert claude.agent("api")["conversation"] == agent["conversation"]
    assert claude.agent("api")["branch"] == "tmuxagents/api"


@either_version
def test_without_trust_its_dialog_is_told(claude: Fleet, work: Path) -> None:
    claude.ok("spawn", "-w", "-C", str(work), "--name", "api", "say: hello")

    agent = claude.wait_for("api", lambda a: a["needs"] == "trust")

    projects = json.loads((claude.home / ".claude.json").read_text())["projects"]
    assert agent["dir"] not in projects or not projects[agent["dir"]].get("hasTrustDialogAccepted")


@pytest.mark.soak
@either_version
def test_a_configuration_that_cannot_be_written_leaves_no_worktree(claude: Fleet, work: Path) -> None:
    (claude.home / ".claude.json").write_text('{"projects": ')

    ran = claude("spawn", "-w", "--trust", "-C", str(work), "--name", "api", "say: no")

    assert ran.code == 1
    assert claude.agents() == []
    assert not Path(f"{work}.worktrees/api").exists()
    run_git(work, "branch", "tmuxagents/api")


@pytest.mark.soak
@either_version
def test_three_comments_arrive_as_one_prompt_and_the_next_round_shows_only_what_is_new(
    claude: Fleet, api: MessagesApi, work: Path
) -> None:
    claude.ok("spawn", "-w", "--trust", "-C", str(work), "--name", "api")
    tree = Path(claude.wait_state("api", "idle")["worktree"]["path"])
    (tree / "auth.rs").write_text("fn check() {\n\tlog(token);\n}\n// @todo é 漢\n")
    (tree / "notes").write_text("one\n")
    text = claude.ok("review", "api").out
    for line, comment in (
        ("+// @todo é 漢", "do it now,\n>> not later"),
        ("+\tlog(token);", "/never log"),
        ("+one", "two?"),
    ):
        assert f"\n{line}\n" in text
        text = text.replace(f"\n{line}\n", f"\n{line}\n>> {comment}\n")

    (told,) = claude.ok("review", "api", "-", "--json", stdin=text).json["results"]
    claude.wait_for("api", lambda a: a["turns"] == 1 and a["state"] == "idle")
    (tree / "notes").write_text("one\nand two\n")
    again = claude.ok("review", "api", "--again").out

    assert told["verdict"] in ("submitted", "queued")
    assert [as_said(prompt) for prompt in api.prompts] == [as_claude_shows(told["text"])]
    assert told["text"].endswith(
        "1. auth.rs, line 2:\n> +fn check() {\n> +\tlog(token);\n/never log\n\n"
        "2. auth.rs, line 4:\n> +\tlog(token);\n> +}\n> +// @todo é 漢\ndo it now,\nnot later\n\n"
        "3. notes, line 1:\n> +one\ntwo?"
    )
    assert [row for row in again.splitlines() if row[:1] in ("+", "-")] == ["--- a/notes", "+++ b/notes", "+and two"]


def calls(*each: tuple[str, dict[str, str]]) -> str:
    return f"calls: {json.dumps(each)}"


@either_version
def test_of_three_that_edit_one_file_two_land_and_the_third_when_it_has_resolved_what_was_told_while_they_worked(
    claude: Fleet, api: MessagesApi, work: Path
) -> None:
    (work / "text").write_text("".join(f"line {number}\n" for number in range(1, 21)))
    run_git(work, "add", "text")
    run_git(work, "commit", "-q", "-m", "text")
    for key in ("user.name", "user.email"):
        run_git(work, "config", key, "somebody")
    edits = {"api": [3], "docs": [17], "tests": [3, 17]}
    for name in edits:
        claude.ok("spawn", "-w", "--trust", "-C", str(work), "--name", name, "--permission-mode", "bypassPermissions")
    hold = claude.root / "hold"
    hold.touch()
    for name, lines in edits.items():
        agent = claude.wait_state(name, "idle")
        path = f"{agent['worktree']['path']}/text"
        changes = [
            ("Edit", {"file_path": path, "old_string": f"line {at}\n", "new_string": f"line {at} of {name}\n"})
            for at in lines
        ]
        wait = ("Bash", {"command": f"while [ -e {hold} ]; do sleep 0.1; done", "description": "wait"})
        claude.ok("say", name, calls(("Read", {"file_path": path}), *changes, wait))

    told = eventually(lambda: found if len(found := claude.entries("--only", "conflict")) >= 2 else [])

    # Whose change was seen last tells of it.
    assert {frozenset((entry["agent"], entry["detail"]["with"])) for entry in told} == {
        frozenset(("api", "tests")),
        frozenset(("docs", "tests")),
    }
    assert {agent["state"] for agent in claude.agents()} == {"working"}
    assert "conflicts with" in claude.ok("tail", "--no-follow").out
    rows = [row for row in claude.ok("conflicts").out.splitlines() if " conflicts with " in row]
    assert sorted(rows) == ["api conflicts with tests in 1 file", "docs conflicts with tests in 1 file"]
    hold.unlink()
    for name, lines in edits.items():
        claude.wait_for(name, lambda agent: agent["turns"] == 1)
        patch = claude.ok("diff", name).out.splitlines()
        added = [row for row in patch if row.startswith("+") and not row.startswith("+++")]
        assert added == [f"+line {at} of {name}" for at in lines]

    claude.ok("merge", "--commit", "api", "docs")
    before = everything(work)
    refused = claude("merge", "--commit", "tests")

    assert (refused.code, "text" in refused.out + refused.err) == (3, True)
    assert everything(work) == before
    landed = (work / "text").read_text().splitlines()
    assert (landed[2], landed[16]) == ("line 3 of api", "line 17 of docs")

    rebase = "git commit -qam mine; git rebase main; git checkout --theirs text && git add text"
    api.orders["conflicts with what that has by now: text"] = f"bash: {rebase} && GIT_EDITOR=true git rebase --continue"
    assert claude("merge", "--commit", "--resolve", "tests").code == 3
    assert everything(work) == before
    eventually(lambda: "resolved: it merges into main now" in str(claude.entries("tests", "--only", "note")))
    claude.ok("merge", "tests")
    landed = (work / "text").read_text().splitlines()
    assert (landed[2], landed[16]) == ("line 3 of tests", "line 17 of tests")


@pytest.mark.soak
@either_version
def test_it_starts_without_a_dialog_where_trust_follows_when_its_worktree_is_set_up(claude: Fleet) -> None:
    work = repository(claude.work)
    (work / ".claude").mkdir()
    (work / ".claude" / "settings.local.json").write_text('{"env": {"LOCAL": "1"}}\n')
    (claude.home / "config.toml").write_text(
        '[worktree]\ntrust = "follow"\nsetup = ["cat .claude/settings.local.json"]\n'
    )

    claude.ok("spawn", "-w", "--name", "api", "say: hello")

    agent = claude.wait_for("api", lambda a: a["turns"] == 1 or a["needs"])
    assert agent["last_text"] == "hello"
    assert claude.printed("api") == ["$ cat .claude/settings.local.json", '{"env": {"LOCAL": "1"}}']
    assert claude.entries("--only", "note")[0]["text"] == "set-up: cat .claude/settings.local.json"
