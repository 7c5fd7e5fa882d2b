"""The work of an agent lands whole, or nothing is changed: on real git, in the states in which it could go wrong."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.services.review.test_figures import STATES, edit, in_a_merge, in_a_rebase
from tests.support.rows import claim
from tests.support.worktrees import Project, commit, everything, git, truth
from tmuxagents.drivers.git import places, work
from tmuxagents.errors import BadValue, GitFailed, Refused, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition, State
from tmuxagents.services.app import App, open_app
from tmuxagents.services.review import figures, merge
from tmuxagents.services.review.figures import Figures
from tmuxagents.services.review.merge import Conflicts, Merged, Wish
from tmuxagents.store import agents, journal
from tmuxagents.value import replace

pytestmark = pytest.mark.slow


PLAIN = Wish(into=None, message=None, squash=False, commit=False)


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    with open_app(str(root / "state")) as made:
        yield made


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever types it has a name."""
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))


def recorded(app: App, project: Project, name: str, *, state: State = "idle", task: str = "add auth") -> Agent:
    agent = replace(project.agent(name), id=claim(app.db, name), condition=Condition(state=state), task=task)
    project.worktree(name)
    return agent


def land(app: App, agent: Agent, *others: Agent, **wish: object) -> Merged:
    return merge.merge(app, agent, replace(PLAIN, **wish), team=[agent, *others])


def refused(app: App, project: Project, agent: Agent, *others: Agent, **wish: object) -> TmuxagentsError:
    """The error, and that everything is as it was."""
    before = everything(project.main.parent)
    with pytest.raises(TmuxagentsError) as told:
        land(app, agent, *others, **wish)
    after = everything(project.main.parent)
    assert {path: held for path, held in after.items() if path not in before or before[path] != held} == {}
    return told.value


def subject(folder: Path, name: str = "HEAD") -> str:
    return git(folder, "log", "-1", "--format=%an|%s", name)


def test_a_branch_that_has_stood_still_is_moved_on(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    edit(project.worktree("api") / "text", "line 3\n", "three\n")
    made = commit(project.worktree("api"))

    done = land(app, agent)

    assert (done.how, done.into, done.after) == ("fast-forwarded", "main", made)
    assert git(project.main, "rev-parse", "HEAD") == made
    assert "three" in (project.main / "text").read_text()
    assert git(project.main, "status", "--porcelain") == ""
    assert [entry.text for entry in journal.after(app.db, 0)] == [f"fast-forwarded into main at {made[:8]}"]


def test_one_that_has_moved_on_gets_a_merge_by_who_typed_it(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    edit(project.worktree("api") / "text", "line 3\n", "three\n")
    head = commit(project.worktree("api"))
    edit(project.main / "text", "line 19\n", "nineteen\n")
    before = commit(project.main)

    done = land(app, agent)

    assert done.how == "merged"
    assert git(project.main, "rev-parse", "HEAD^1", "HEAD^2").split() == [before, head]
    assert subject(project.main) == "Ada|Merge branch 't/api' into main"
    assert {"three\n", "nineteen\n"} <= set((project.main / "text").read_text().splitlines(keepends=True))
    assert git(project.main, "status", "--porcelain") == ""


def test_squashed_it_is_one_commit_that_tells_what_was_in_it(app: App, project: Project) -> None:
    agent = recorded(app, project, "api", task="add auth\nto all of it")
    for number in (3, 4):
        edit(project.worktree("api") / "text", f"line {number}\n", "x\n")
        commit(project.worktree("api"), f"step {number}")

    done = land(app, agent, squash=True)

    assert done.how == "squashed"
    assert git(project.main, "log", "-1", "--format=%B") == "add auth\n\n* step 3\n* step 4"
    assert git(project.main, "rev-list", "--count", "HEAD") == "2"
    assert git(project.main, "rev-parse", "HEAD^{tree}") == git(project.worktree("api"), "rev-parse", "HEAD^{tree}")
    assert land(app, agent, squash=True).how == "already there"


def alone(app: App, project: Project, agent: Agent) -> int:
    """How many of its commits are nowhere else, by what is recorded of it."""
    now = agents.by_id(app.db, agent.id)
    checkout = places.of(str(project.worktree("api")))
    assert now is not None
    assert now.worktree is not None
    assert checkout is not None
    return work.of(checkout, now.worktree.branch, now.worktree.landed).commits


def test_what_was_squashed_is_elsewhere_while_what_was_made_of_it_is_and_a_later_commit_is_not(
    app: App, project: Project
) -> None:
    agent = recorded(app, project, "api")
    tree, before = project.worktree("api"), git(project.main, "rev-parse", "HEAD")
    for number in (3, 4):
        edit(tree / "text", f"line {number}\n", "x\n")
        commit(tree)

    made = land(app, agent, squash=True).after

    assert alone(app, project, agent) == 0
    git(project.main, "reset", "-q", "--hard", before)
    assert alone(app, project, agent) == 2
    git(project.main, "reset", "-q", "--hard", made)
    (tree / "later").write_text("x\n")
    commit(tree)
    assert alone(app, project, agent) == 1


def test_into_a_branch_that_is_checked_out_nowhere_only_that_is_moved(app: App, project: Project) -> None:
    git(project.main, "branch", "release")
    agent = recorded(app, project, "api")
    (project.worktree("api") / "new").write_text("x\n")
    made = commit(project.worktree("api"))
    before = everything(project.worktree("api"))

    done = land(app, agent, into="release", message="for the release")

    assert done.how == "merged"
    assert subject(project.main, "release") == "Ada|for the release"
    assert git(project.main, "rev-parse", "release^2") == made
    assert git(project.main, "rev-parse", "main") != made
    assert everything(project.worktree("api")) == before
    assert git(project.main, "status", "--porcelain") == ""


def test_what_was_landed_already_is_said(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")

    assert land(app, agent).how == "already there"


def test_on_a_conflict_the_files_are_told_and_nothing_is_changed(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    edit(project.worktree("api") / "text", "line 3\n", "mine\n")
    commit(project.worktree("api"))
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)

    error = refused(app, project, agent)

    assert isinstance(error, Conflicts)
    assert error.message == "api conflicts with 'main': text"
    assert error.exit_code == 3


def test_what_would_conflict_is_not_committed_first(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    edit(project.worktree("api") / "text", "line 3\n", "mine\n")
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)

    assert isinstance(refused(app, project, agent, commit=True), Conflicts)


LOOSE = [name for name in STATES if name not in ("as it was", "ignored", "committed", "in a merge", "in a rebase")]


@pytest.mark.parametrize("state", [name for name in LOOSE if name != "detached"])
def test_what_is_not_committed_is_refused_and_with_commit_it_lands(app: App, project: Project, state: str) -> None:
    agent = recorded(app, project, "api")
    tree = project.worktree("api")
    STATES[state](tree)
    wanted = truth(tree)

    error = refused(app, project, agent)
    done = land(app, agent, commit=True)

    assert "not committed" in error.message
    if state == "only removed from the index":
        assert (done.how, done.committed) == ("already there", None)
        return
    assert done.committed is not None
    assert subject(project.main) == "Ada|add auth"
    assert git(project.main, "rev-parse", "HEAD^{tree}") == wanted
    assert (git(tree, "status", "--porcelain"), git(project.main, "status", "--porcelain")) == ("", "")


@pytest.mark.parametrize("state", ["working", "waiting", "starting", "unknown"])
def test_an_agent_in_a_turn_is_refused(app: App, project: Project, state: State) -> None:
    agent = recorded(app, project, "api", state=state)
    (project.worktree("api") / "new").write_text("x\n")
    commit(project.worktree("api"))

    assert refused(app, project, agent).message == f"api is {state}"


UNDER_WAY: Mapping[str, Callable[[Path], None]] = {"a merge": in_a_merge, "a rebase": in_a_rebase}


@pytest.mark.parametrize("what", UNDER_WAY)
def test_what_is_under_way_is_refused_on_either_side(app: App, project: Project, what: str) -> None:
    agent, other = recorded(app, project, "api"), recorded(app, project, "other")
    (project.worktree("other") / "new").write_text("x\n")
    commit(project.worktree("other"))
    UNDER_WAY[what](project.worktree("api"))

    assert refused(app, project, agent).message == f"api has {what} under way"
    told = refused(app, project, other, into="t/api").message
    assert "under way" in told or told == "'t/api' is being rebased"


def test_a_detached_head_is_refused(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    git(project.worktree("api"), "checkout", "-q", "--detach")

    assert refused(app, project, agent).message == "api has no branch checked out"


def folder(main: Path) -> None:
    (main / "new").mkdir()
    (main / "new" / "deep").write_text("precious\n")


DIRTY: Mapping[str, Callable[[Path], object]] = {
    "changed": lambda main: (main / "other").write_text("mine\n"),
    "staged": lambda main: git(main, "rm", "-q", "--cached", "other"),
    "untracked, in the way": lambda main: (main / "new").write_text("precious\n"),
    "ignored, in the way": lambda main: (main / "new.ignored").write_text("precious\n"),
    "a folder in the way": folder,
}


@pytest.mark.parametrize("what", DIRTY)
def test_a_target_that_holds_other_work_stays_as_it_is(app: App, project: Project, what: str) -> None:
    agent = recorded(app, project, "api")
    tree = project.worktree("api")
    (tree / "new").write_text("x\n")
    (tree / "new.ignored").write_text("x\n")
    edit(tree / "text", "line 3\n", "three\n")
    git(tree, "add", "-f", "new.ignored")
    commit(tree)
    DIRTY[what](project.main)

    error = refused(app, project, agent)

    assert isinstance(error, Refused)
    assert "'main'" in error.message


def test_what_is_untracked_and_not_in_the_way_is_no_reason(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    edit(project.worktree("api") / "text", "line 3\n", "three\n")
    commit(project.worktree("api"))
    (project.main / "notes").write_text("mine\n")

    assert land(app, agent).how == "fast-forwarded"
    assert (project.main / "notes").read_text() == "mine\n"


def test_where_another_agent_works_nothing_is_moved(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    (project.worktree("api") / "new").write_text("x\n")
    commit(project.worktree("api"))
    (project.main / "below").mkdir()
    busy = replace(recorded(app, project, "busy", state="working"), dir=str(project.main / "below"), worktree=None)
    elsewhere = replace(busy, dir=str(project.worktree("busy")))

    assert refused(app, project, agent, busy).message == f"busy is working in '{project.main}'"
    assert land(app, agent, elsewhere).how == "fast-forwarded"


def test_hooks_of_the_user_run_and_one_that_refuses_leaves_what_was_staged(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    tree = project.worktree("api")
    (tree / "text").write_text("staged\n")
    git(tree, "add", "text")
    (tree / "text").write_text("and changed\n")
    staged = git(tree, "rev-parse", ":text")
    hook = project.common / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho 'no tests' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = git(project.main, "rev-parse", "main", "t/api")

    with pytest.raises(GitFailed, match="no tests"):
        land(app, agent, commit=True)

    assert git(tree, "rev-parse", ":text") == staged
    assert (tree / "text").read_text() == "and changed\n"
    assert git(project.main, "rev-parse", "main", "t/api") == before


def test_the_message_is_what_the_users_hook_makes_of_it_or_nothing_is_merged(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    (project.worktree("api") / "new").write_text("x\n")
    commit(project.worktree("api"))
    hook = project.common / "hooks" / "commit-msg"
    hook.write_text('#!/bin/sh\ngrep -q TICKET "$1" || { echo no ticket >&2; exit 1; }\necho signed >> "$1"\n')
    hook.chmod(0o755)

    error = refused(app, project, agent, message="without")
    land(app, agent, message="TICKET-1")

    assert "no ticket" in error.message
    assert git(project.main, "log", "-1", "--format=%B") == "TICKET-1\nsigned"


def test_where_the_user_signs_what_is_made_is_signed(app: App, project: Project, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true")):
        git(project.main, "config", name, value)
    agent = recorded(app, project, "api")
    (project.worktree("api") / "new").write_text("x\n")

    land(app, agent, commit=True, squash=True)

    for name in ("main", "t/api"):
        assert "gpgsig -----BEGIN SSH SIGNATURE" in git(project.main, "cat-file", "commit", name)


def test_a_merge_driver_of_the_user_settles_what_it_can(app: App, project: Project, tmp_path: Path) -> None:
    git(project.main, "config", "merge.ours.driver", "true")
    (project.main / ".gitattributes").write_text("text merge=ours\n")
    commit(project.main)
    agent = recorded(app, project, "api")
    edit(project.worktree("api") / "text", "line 3\n", "mine\n")
    commit(project.worktree("api"))
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)

    assert land(app, agent).how == "merged"
    assert "theirs" in (project.main / "text").read_text()


def test_a_repository_within_is_not_committed_as_a_pointer(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    nested = project.worktree("api") / "nested"
    git(project.worktree("api"), "init", "-q", "nested")
    (nested / "file").write_text("x")

    assert "in repositories within" in refused(app, project, agent, commit=True).message


def test_a_branch_that_is_none_or_its_own_is_told(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")

    for into in ("no-such", "t/api", "-x", "main~0"):
        assert isinstance(refused(app, project, agent, into=into), BadValue), into


def test_the_first_is_that_which_changes_least(app: App, project: Project) -> None:
    big, small = recorded(app, project, "big"), recorded(app, project, "small")
    for number in range(3):
        (project.worktree("big") / f"new{number}").write_text("x\n")
    (project.worktree("small") / "new").write_text("x\n")

    assert [agent.name for agent in merge.in_order([big, small])] == ["small", "big"]


def test_two_land_and_the_third_that_conflicts_changes_nothing(app: App, project: Project) -> None:
    agents = [recorded(app, project, name) for name in ("one", "two", "three")]
    for name, line in (("one", 3), ("two", 19), ("three", 3)):
        edit(project.worktree(name) / "text", f"line {line}\n", f"{name}\n")
        commit(project.worktree(name))

    assert [land(app, agent).how for agent in agents[:2]] == ["fast-forwarded", "merged"]
    assert isinstance(refused(app, project, agents[2]), Conflicts)
    assert {"one\n", "two\n"} <= set((project.main / "text").read_text().splitlines(keepends=True))


def test_several_at_once_are_landed_one_after_the_other(app: App, project: Project, root: Path) -> None:
    every = [recorded(app, project, f"a{number}") for number in range(4)]
    for agent in every:
        (project.worktree(agent.name) / agent.name).write_text("x\n")
    together = threading.Barrier(len(every))

    def landed(agent: Agent) -> str:
        with open_app(str(root / "state")) as own:
            together.wait()
            return land(own, agent, commit=True).how

    with ThreadPoolExecutor(len(every)) as pool:
        told = list(pool.map(landed, every))

    assert sorted(told) == ["fast-forwarded", "merged", "merged", "merged"]
    assert {agent.name for agent in every} <= {path.name for path in project.main.iterdir()}
    assert git(project.main, "status", "--porcelain") == ""


@pytest.mark.parametrize("times", [1, 2])
def test_a_branch_that_goes_on_meanwhile_is_tried_once_more(app: App, project: Project, times: int) -> None:
    agent = recorded(app, project, "api")
    (project.worktree("api") / "new").write_text("x\n")
    # The `commit-msg` hook is run for the second try too.
    name = "pre-commit" if times == 1 else "commit-msg"
    hook = project.common / "hooks" / name
    go_on = "-c user.name=Bea -c user.email=b@example.org -c core.hooksPath=/dev/null commit -q --allow-empty -m on"
    hook.write_text(
        f"#!/bin/sh\nunset GIT_DIR GIT_INDEX_FILE GIT_PREFIX GIT_WORK_TREE\ngit -C {project.main} {go_on}\n"
    )
    hook.chmod(0o755)

    if times == 1:
        assert land(app, agent, commit=True).how == "merged"
        assert (project.main / "new").exists()
    else:
        with pytest.raises(Refused, match="'main' goes on again and again"):
            land(app, agent, commit=True)


def test_a_conflict_that_is_not_settled_is_not_committed(app: App, project: Project) -> None:
    agent, tree = recorded(app, project, "api"), project.worktree("api")
    edit(tree / "text", "line 3\n", "mine\n")
    git(tree, "stash")
    edit(tree / "text", "line 3\n", "three\n")
    commit(tree)
    subprocess.run(["git", "-C", str(tree), "stash", "pop"], check=False, capture_output=True)
    assert "<<<<<<<" in (tree / "text").read_text()

    told = refused(app, project, agent, commit=True)

    assert told.message == "api has conflicts that are not settled: 'text'"
    ((_, one),) = figures.of([agent])
    assert isinstance(one, Figures)
    assert one.doing == "a merge"


def test_where_something_is_in_the_way_nothing_is_committed(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    (project.worktree("api") / "new").write_text("x\n")
    (project.main / "new").write_text("mine\n")

    assert "'new' is in the way" in refused(app, project, agent, commit=True).message


def test_a_tag_of_the_branchs_name_is_in_nobodys_way(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    git(project.main, "tag", "main")
    (project.worktree("api") / "new").write_text("x\n")

    assert land(app, agent, commit=True).how == "fast-forwarded"


def test_what_git_would_overwrite_is_named(app: App, project: Project) -> None:
    agent = recorded(app, project, "api")
    (project.worktree("api") / "other").write_text("x\n")
    git(project.main, "update-index", "--skip-worktree", "other")
    (project.main / "other").write_text("mine\n")

    with pytest.raises(Refused, match=r"would be overwritten by merge: other$"):
        land(app, agent, commit=True)
