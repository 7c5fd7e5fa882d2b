"""What a reviewer is shown is what lies there, and git neither loses it nor is told of it: on real git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.review.test_figures import edit, in_a_rebase
from tests.support.worktrees import Project, commit, everything, git
from tmuxagents.drivers.git import rounds
from tmuxagents.errors import Refused
from tmuxagents.model.agent import Agent
from tmuxagents.services.review import reviewing, sides

pytestmark = pytest.mark.slow


def shown(agent: Agent, *, again: bool = False) -> str:
    text = reviewing.show(agent, again=again)
    assert text is not None
    return text


def ends_round(agent: Agent, text: str) -> None:
    """As if its comments had arrived."""
    kept = reviewing.written(agent, text).kept
    assert kept is not None
    rounds.name(sides.one(agent).checkout, agent.id, "last", kept)


def body(text: str) -> list[str]:
    return [row for row in text.split("\n") if row and not row.startswith("#")]


def commented(text: str, below: str, said: str) -> str:
    rows = text.split("\n")
    rows.insert(rows.index(below) + 1, f">> {said}")
    return "\n".join(rows)


def test_what_is_under_way_there_is_said_above_it(project: Project) -> None:
    agent = project.agent("api")
    in_a_rebase(project.worktree("api"))

    assert shown(agent).split("\n")[0].endswith("What api has done since it left main, with a rebase under way.")


def test_everything_that_lies_there_can_be_commented_on(project: Project) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    (tree / "text").write_bytes(b"line 1\r\n")
    (tree / "binary").write_bytes(b"\x00\x01")
    (tree / "caf\udce9 \n").write_bytes(b"caf\xe9\n>> no comment\rneither\n")
    git(tree, "mv", "other", "moved")
    (tree / "link").unlink()
    text = shown(agent)
    assert text.splitlines() == text.split("\n")[:-1]
    for below in ("+>> no comment^Mneither", "Binary files a/binary and b/binary differ", "rename to moved"):
        text = commented(text, below, "why?")

    what = reviewing.written(agent, commented(text, "+line 1^M", "why?"))

    assert what.strays == ()
    assert [(one.path, one.line) for one in what.comments] == [
        ("binary", None),
        ("caf\udce9 \n", 2),
        ("moved", None),
        ("text", 1),
    ]
    assert '2. "caf\\351 \\012", line 2:\n> +caf<E9>\n> +>> no comment^Mneither\nwhy?' in what.text


def test_settings_that_would_show_something_else_do_not_count(project: Project) -> None:
    for key, value in (("diff.noprefix", "true"), ("diff.external", "false"), ("diff.submodule", "log")):
        git(project.main, "config", key, value)
    (project.worktree("api") / "text").write_text("mine\n")

    assert "+++ b/text" in shown(project.agent("api"))


def test_a_second_round_shows_only_what_is_new_whatever_became_of_the_branch(project: Project) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    (tree / "one").write_text("1\n")
    commit(tree)
    (tree / "loose").write_text("2\n")
    ends_round(agent, shown(agent))
    (tree / "loose").unlink()
    (project.main / "theirs").write_text("3\n")
    edit(project.main / "text", "line 3\n", "three\n")
    commit(project.main)
    git(tree, "reset", "-q", "--hard", "main")
    (tree / "one").write_text("1\n4\n")
    git(project.main, "-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now")

    again = [row for row in body(shown(agent, again=True)) if row[0] in "+-"]

    assert again == ["--- a/loose", "+++ /dev/null", "-2", "--- a/one", "+++ b/one", "+4"]
    assert "dangling commit" not in git(project.main, "fsck")
    ends_round(agent, shown(agent, again=True))
    assert reviewing.show(agent, again=True) is None


def test_what_a_rebase_had_to_settle_is_new(project: Project) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    ends_round(agent, shown(agent))
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)
    git(tree, "rebase", "-q", "-X", "theirs", "main")
    edit(tree / "text", "mine\n", "mine and theirs\n")

    assert [row for row in body(shown(agent, again=True)) if row[0] in "+-"][2:] == ["-mine", "+mine and theirs"]


def test_without_a_round_there_is_no_second_one(project: Project) -> None:
    with pytest.raises(Refused, match="was not reviewed yet"):
        reviewing.show(project.agent("api"), again=True)


def test_what_is_kept_is_in_no_log_and_goes_with_the_agent(project: Project) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    (tree / "new").write_text("x\n")
    before = everything(project.main.parent)

    ends_round(agent, shown(agent))
    git(project.main, "fsck", "--strict")

    assert git(project.main, "log", "--all", "--format=%s") == "first"
    assert {
        p for p in everything(project.main.parent) if p not in before and "/objects" not in p and "/refs/" not in p
    } == set()
    rounds.forget(str(project.common), agent.id)
    assert git(project.main, "for-each-ref", "refs/tmuxagents") == ""


def test_what_has_changed_since_it_was_shown_is_said_and_the_lines_are_as_they_were(project: Project) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    (tree / "one").write_text("1\n2\n")
    (tree / "two").write_text("1\n")
    text = shown(agent)
    (tree / "one").write_text("0\n1\n")
    commit(tree)

    rows = text.split("\n")
    what = reviewing.written(agent, "\n".join(rows[:-1]).replace("\n+2", "\n+2\n>> why?") + "\n>> and this?\n")

    assert what.changed == {"one"}
    assert "1. one, line 2 (the file has changed since):\n> +1\n> +2\nwhy?" in what.text
    assert "2. two, line 1:\n> +1\nand this?" in what.text


def test_a_review_of_another_agent_is_refused(project: Project, tmp_path: Path) -> None:
    (project.worktree("api") / "new").write_text("x\n")
    text = shown(project.agent("api"))

    with pytest.raises(Refused, match="a review of another agent than tests"):
        reviewing.written(project.agent("tests"), text)


def test_a_plain_diff_with_comments_is_one_too(project: Project) -> None:
    (project.worktree("api") / "text").write_text("mine\n")
    text = git(project.worktree("api"), "diff")

    what = reviewing.written(project.agent("api"), commented(text, "+mine", "why?"))

    assert (what.kept, [one.line for one in what.comments]) == (None, [1])
