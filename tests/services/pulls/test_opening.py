"""The branch of an agent is pushed as git pushes it, and has one pull request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.review.test_figures import edit
from tests.support.github import GitHub
from tests.support.rows import claim
from tests.support.worktrees import Project, commit, git
from tmuxagents.drivers.git import pushing
from tmuxagents.errors import GhFailed, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition, State
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App
from tmuxagents.services.pulls import opening
from tmuxagents.services.pulls.opening import Opened, Wish
from tmuxagents.store import journal, pulls
from tmuxagents.value import replace

pytestmark = pytest.mark.slow


def recorded(app: App, project: Project, *, state: State = "idle", work: str = "add auth") -> Agent:
    """One that has committed its work."""
    agent = replace(project.agent("api"), id=claim(app.db, "api"), condition=Condition(state=state), task="a secret")
    edit(project.worktree("api") / "text", "line 3\n", "three\n")
    if work:
        commit(project.worktree("api"), work)
    return agent


def open_pull(app: App, agent: Agent, **wish: object) -> Opened:
    return opening.open_pull(app, agent, replace(Wish(), **wish))


def refused(app: App, agent: Agent, hub: GitHub, **wish: object) -> str:
    """Why, and that nothing was pushed or opened."""
    before = git(hub.bare, "for-each-ref")
    with pytest.raises(TmuxagentsError) as told:
        open_pull(app, agent, **wish)
    assert git(hub.bare, "for-each-ref") == before
    assert hub.calls("pr", "create") == []
    assert told.value.hint
    return told.value.message


def tip(hub: GitHub, branch: str = "t/api") -> str:
    return git(hub.bare, "rev-parse", f"refs/heads/{branch}")


def test_it_is_pushed_and_opened_with_what_its_commits_say(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    head = git(project.worktree("api"), "rev-parse", "HEAD")

    done = open_pull(app, agent)

    assert (done.how, done.pushed, done.base, done.commit) == ("opened", True, "main", head)
    assert tip(hub) == head
    made = hub.pull()
    assert (made["title"], made["body"], made["baseRefName"], made["isDraft"]) == ("add auth", "", "main", False)
    recorded_now = pulls.of(app.db, agent.id)
    assert recorded_now is not None
    assert (recorded_now.url, recorded_now.number, recorded_now.watched) == (made["url"], 12, False)
    assert "a secret" not in str(hub.calls())
    assert [entry.text for entry in journal.after(app.db, 0)] == [
        f"pushed {head[:8]} to origin; pull request #12 is opened: {made['url']}"
    ]


def test_a_second_time_it_is_there_already_and_what_is_new_is_pushed(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    open_pull(app, agent)

    same = open_pull(app, agent)
    edit(project.worktree("api") / "text", "line 4\n", "four\n")
    head = commit(project.worktree("api"), "more")
    more = open_pull(app, agent)

    assert (same.how, same.pushed) == ("open already", False)
    assert (more.how, more.pushed, tip(hub)) == ("open already", True, head)
    assert len(hub.calls("pr", "create")) == 1
    told = [entry.text for entry in journal.after(app.db, 0)]
    assert told[1:] == [f"pushed {head[:8]} to origin"]


def test_several_commits_are_listed_and_options_are_taken(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    edit(project.worktree("api") / "text", "line 4\n", "four\n")
    commit(project.worktree("api"), "-x\n\nwith a body")
    git(project.main, "push", "-q", "origin", "main:release")

    open_pull(app, agent, draft=True, base="release")

    made = hub.pull()
    assert (made["title"], made["body"]) == ("add auth", "* add auth\n* -x")
    assert (made["isDraft"], made["baseRefName"]) == (True, "release")


def test_one_commit_gives_its_own_body(app: App, project: Project, hub: GitHub) -> None:
    open_pull(app, recorded(app, project, work="--title\n\nthe reason\n\n- of it"))

    assert (hub.pull()["title"], hub.pull()["body"]) == ("--title", "the reason\n\n- of it")


def test_what_is_in_the_way_is_told_before_anything_is_pushed(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project, work="")
    tree = project.worktree("api")

    assert refused(app, agent, hub, base="no-such") == "api has work that is not committed: 'text'"
    git(tree, "stash")
    assert refused(app, agent, hub) == "api has no commit that 'main' has not"
    git(tree, "stash", "pop")
    commit(tree)
    assert refused(app, agent, hub, base="no-such") == "--base 'no-such' is no branch of 'origin'"
    busy = replace(agent, condition=Condition(state="working"))
    assert refused(app, busy, hub) == "api is working"
    git(tree, "checkout", "-q", "--detach")
    assert refused(app, agent, hub) == "api has no branch checked out"
    git(tree, "checkout", "-q", "t/api")
    (project.common / "worktrees" / "api" / "MERGE_HEAD").write_text("x")
    assert refused(app, agent, hub) == "api has a merge under way"


def test_without_a_remote_or_with_several_it_is_asked_which(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)

    git(project.main, "remote", "rename", "origin", "one")
    git(project.main, "remote", "add", "two", str(hub.bare))
    assert refused(app, agent, hub) == "nothing says which remote 't/api' goes to: one, two"
    git(project.main, "config", "remote.pushDefault", "two")
    assert pushing.remote_of(str(project.main), "t/api") == "two"
    git(project.main, "config", "branch.t/api.pushRemote", "one")
    assert pushing.remote_of(str(project.main), "t/api") == "one"
    git(project.main, "config", "--unset", "branch.t/api.pushRemote")
    git(project.main, "config", "--unset", "remote.pushDefault")
    git(project.main, "config", "branch.t/api.remote", ".")
    git(project.main, "remote", "remove", "two")
    assert pushing.remote_of(str(project.main), "t/api") == "one"
    git(project.main, "remote", "remove", "one")
    assert refused(app, agent, hub) == "the repository of api has no remote"


def test_the_branch_that_others_go_into_is_no_head(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    hub_head = git(hub.bare, "symbolic-ref", "HEAD")
    git(hub.bare, "symbolic-ref", "HEAD", "refs/heads/t/api")
    git(project.worktree("api"), "push", "-q", "origin", "t/api")

    assert "which is what pull requests of 'origin' go into" in refused(app, agent, hub)
    git(hub.bare, "symbolic-ref", "HEAD", hub_head)
    assert "go into" in refused(app, agent, hub, base="t/api")


def test_a_push_that_is_rejected_is_never_forced_and_told_in_gits_words(
    app: App, project: Project, hub: GitHub
) -> None:
    agent = recorded(app, project)
    open_pull(app, agent)
    git(project.worktree("api"), "commit", "-q", "--amend", "-m", "otherwise")

    first = refused_push(app, agent)
    before = tip(hub)
    edit(project.worktree("api") / "text", "line 4\n", "four\n")
    git(project.worktree("api"), "reset", "-q", "--soft", before)
    commit(project.worktree("api"))
    hook(hub, "echo not on a Friday >&2; exit 1")
    second = refused_push(app, agent)

    assert first == "'t/api' was not pushed to 'origin': [rejected] (non-fast-forward)"
    assert (
        second == "'t/api' was not pushed to 'origin': [remote rejected] (pre-receive hook declined): not on a Friday"
    )
    assert tip(hub) == before


def rebased(project: Project) -> str:
    """As an agent does that was asked to resolve."""
    edit(project.main / "text", "line 19\n", "nineteen\n")
    commit(project.main)
    git(project.worktree("api"), "rebase", "-q", "main")
    return git(project.worktree("api"), "rev-parse", "HEAD")


def resolved(app: App, agent: Agent) -> None:
    """What the controller tells when it has."""
    with app.db.write() as tx:
        journal.append(tx, agent.id, 1, [NewEntry("note", "resolved", 1, {"resolve": "1", "into": "main"})])


def test_what_was_rebased_by_request_is_pushed_in_place_of_what_it_was(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    open_pull(app, agent)
    before, after = tip(hub), rebased(project)

    assert refused_push(app, agent).endswith("[rejected] (non-fast-forward)")
    resolved(app, agent)
    done = open_pull(app, agent)

    assert (done.replaced, tip(hub)) == (before, after)
    git(project.worktree("api"), "commit", "-q", "--amend", "-m", "once more")
    assert refused_push(app, agent).endswith("[rejected] (non-fast-forward)"), "that was for the one rebase"
    assert tip(hub) == after


def test_what_others_have_pushed_is_never_replaced(app: App, project: Project, hub: GitHub, tmp_path: Path) -> None:
    agent = recorded(app, project)
    open_pull(app, agent)
    git(tmp_path, "clone", "-q", "-b", "t/api", str(hub.bare), "clone")
    (tmp_path / "clone" / "theirs").write_text("x\n")
    theirs = commit(tmp_path / "clone")
    git(tmp_path / "clone", "push", "-q")
    rebased(project)
    resolved(app, agent)

    unknown = refused_push(app, agent)
    git(project.worktree("api"), "fetch", "-q")
    fetched = refused_push(app, agent)

    assert unknown.endswith("[rejected] (fetch first)")
    assert fetched.endswith("[rejected] (non-fast-forward)")
    assert tip(hub) == theirs


def refused_push(app: App, agent: Agent) -> str:
    with pytest.raises(pushing.PushRejected) as told:
        open_pull(app, agent)
    return told.value.message


def hook(hub: GitHub, script: str) -> None:
    path = hub.bare / "hooks" / "pre-receive"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_users_own_hook_runs_and_can_refuse(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    path = project.common / "hooks" / "pre-push"
    path.write_text("#!/bin/sh\necho tests fail >&2\nexit 1\n")
    path.chmod(0o755)

    assert refused(app, agent, hub) == "'t/api' was not pushed to 'origin': tests fail"
    with pytest.raises(pushing.PushRejected) as told:
        open_pull(app, agent)
    assert told.value.hint == f"git -C '{project.worktree('api')}' push 'origin' 't/api'"


def test_where_the_base_is_not_on_the_remote_its_default_is_taken_and_said(
    app: App, project: Project, hub: GitHub
) -> None:
    git(project.main, "checkout", "-q", "-b", "local-only")
    agent = recorded(app, project)

    done = open_pull(app, agent)

    assert done.base == "main"
    assert done.aside == "'local-only' is not on 'origin'; it goes into 'main'"


def test_of_a_fork_the_head_has_its_owner(
    app: App, project: Project, hub: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agent = recorded(app, project)
    ssh = tmp_path / "ssh"
    # `ssh git@github.com "git-receive-pack '/bob/n.git'"`
    ssh.write_text(f"#!/bin/sh\nfor last; do :; done\nexec ${{last%% *}} {hub.bare}\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    git(project.main, "remote", "add", "fork", "git@github.com:bob/n.git")
    git(project.main, "config", "remote.pushDefault", "fork")

    first, second = open_pull(app, agent), open_pull(app, agent)

    assert (first.how, second.how, first.remote) == ("opened", "open already", "fork")
    assert "--head=bob:t/api" in hub.calls("pr", "create")[0]["argv"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("git@github.com:o/n.git", ("github.com", "o", "n")),
        ("ssh://git@ghe.example:2222/o/n", ("ghe.example", "o", "n")),
        ("https://token@github.com/o/n.git/", ("github.com", "o", "n")),
        ("/srv/git/n.git", None),
        ("../n.git", None),
        ("a/b/n.git", None),
        ("file:///srv/o/n.git", None),
    ],
)
def test_what_is_pushed_to_is_known_by_its_address(
    project: Project, url: str, found: tuple[str, str, str] | None
) -> None:
    git(project.main, "remote", "add", "x", url)

    assert pushing.repository(str(project.main), "x") == found


def test_when_gh_refuses_after_the_push_that_is_said_and_the_next_time_goes_on(
    app: App, project: Project, hub: GitHub
) -> None:
    agent = recorded(app, project)
    hub.change(fails="HTTP 502: bad gateway")

    with pytest.raises(GhFailed) as told:
        open_pull(app, agent)
    hub.change(fails="")
    done = open_pull(app, agent)

    assert told.value.message == ("'t/api' was pushed to 'origin', but gh repo view refused: HTTP 502: bad gateway")
    assert (done.how, done.pushed) == ("opened", False)


def test_without_gh_the_command_to_type_is_given(
    app: App, project: Project, hub: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    agent = recorded(app, project, work="it's done")
    (hub.bin / "gh").rename(tmp_path / "away")

    done = open_pull(app, agent, draft=True)

    assert (done.how, done.pushed, done.address) == ("pushed", True, None)
    assert open_pull(app, agent).how == "pushed already"
    assert done.command == (
        f"cd '{project.worktree('api')}' && gh pr create '--head=t/api' '--base=main' "
        "'--title=it'\\''s done' '--body=' '--draft'"
    )
    assert pulls.of(app.db, agent.id) is None


def test_a_new_one_after_the_last_was_merged_is_another(app: App, project: Project, hub: GitHub) -> None:
    agent = recorded(app, project)
    open_pull(app, agent)
    hub.change_pull(state="MERGED")
    with app.db.write() as tx:
        before = pulls.of(app.db, agent.id)
        assert before is not None
        pulls.put(tx, agent.id, replace(before, told=3, others=2, state="merged"))

    done = open_pull(app, agent)

    now = pulls.of(app.db, agent.id)
    assert now is not None
    assert (done.how, now.number, now.told, now.others, now.state) == ("opened", 13, 0, 0, "open")
