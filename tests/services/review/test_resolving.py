"""Whether the work of an agent that was asked to rebase merges now, and that nothing configured is run to know it."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.drivers.test_git_call import CONFIGURED, configure
from tests.services.review.test_figures import canary, edit
from tests.support.rows import claim
from tests.support.worktrees import Project, commit, git
from tmuxagents import clock
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.services.app import App, open_app
from tmuxagents.services.review import resolving
from tmuxagents.services.review.resolving import Asked
from tmuxagents.store import agents, journal

pytestmark = pytest.mark.slow


def rebase(tree: Path) -> None:
    git(tree, "rebase", "-q", "-X", "theirs", "main")


def rebase_and_go_on(tree: Path) -> None:
    rebase(tree)
    (tree / "more").write_text("x\n")


def begin_to_rebase(tree: Path) -> None:
    with contextlib.suppress(subprocess.CalledProcessError):
        git(tree, "rebase", "-q", "main")


CASES: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "rebased": (rebase, ""),
    "merged": (lambda tree: git(tree, "merge", "-q", "-X", "ours", "main"), ""),
    "not at all": (lambda tree: None, "it still conflicts with main: text"),
    "in the middle": (begin_to_rebase, "a rebase is under way"),
    "not committed": (rebase_and_go_on, "it would merge, but for work that is not committed"),
}


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    with open_app(str(root / "state")) as made:
        yield made


@pytest.mark.parametrize("what", CASES)
def test_what_is_still_wrong_is_said(project: Project, what: str) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)
    act, told = CASES[what]

    act(tree)

    assert resolving.still_wrong(agent, "main") == told


def test_a_branch_that_is_gone_is_said(project: Project) -> None:
    assert resolving.still_wrong(project.agent("api"), "no-such") == "there is nothing to merge into 'no-such'"


@pytest.mark.parametrize("thing", CONFIGURED)
def test_to_know_it_nothing_is_run_that_is_configured(project: Project, tmp_path: Path, thing: str) -> None:
    agent, tree = project.agent("api"), project.worktree("api")
    (tree / ".gitattributes").write_text("* filter=strange diff=strange merge=strange\n")
    edit(tree / "text", "line 3\n", "mine\n")
    commit(tree)
    edit(project.main / "text", "line 3\n", "theirs\n")
    commit(project.main)
    configure(tree, canary(tmp_path), CONFIGURED[thing])

    assert "conflicts with main: text" in resolving.still_wrong(agent, "main")
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def agent(app: App, project: Project) -> Agent:
    """One that rests."""
    agent_id = claim(app.db, "api")
    with app.db.write() as tx:
        agents.set_worktree(tx, agent_id, project.record("api"), folder=str(project.worktree("api")))
        agents.set_condition(tx, agent_id, Condition(state="idle", turn=1, turns=1))
    found = agents.by_id(app.db, agent_id)
    assert found is not None
    return found


def hears(app: App, agent: Agent, entry: NewEntry) -> list[str]:
    """What is told of it after that."""
    with app.db.write() as tx:
        journal.append(tx, agent.id, agent.generation, [entry])
    resolving.settle(app, agent.id)
    return [each.text for each in journal.after(app.db, 0, kinds=["note", "error"])]


def asked_for(app: App, agent: Agent, *, ago_s: float = 0) -> Asked:
    at_ns = clock.now_ns() - round(ago_s * clock.SECOND)
    return Asked("5f2c9a1e", "main", agent.generation, journal.last_seq(app.db), "abc", at_ns)


def test_what_came_of_it_is_told_once_when_the_turn_has_ended(app: App, agent: Agent) -> None:
    asked = asked_for(app, agent)
    resolving.watch(app, agent, asked)

    assert hears(app, agent, NewEntry("prompt", "Your work", 1, {"digest": "abc", "turn": 1})) == []
    told = hears(app, agent, NewEntry("turn", "", 2, {"turn": 1, "how": "done"}))
    assert told == ["resolved: it merges into main now"]
    resolving.watch(app, agent, asked)
    assert hears(app, agent, NewEntry("text", "", 3)) == told
    assert resolving.asked(app, agent.id) is None


def test_a_turn_that_was_interrupted_is_told(app: App, agent: Agent) -> None:
    resolving.watch(app, agent, asked_for(app, agent))

    hears(app, agent, NewEntry("prompt", "Your work", 1, {"digest": "abc", "turn": 1}))
    told = hears(app, agent, NewEntry("turn", "", 2, {"turn": 1, "how": "interrupted"}))

    assert told == ["not resolved: was interrupted before it had answered"]


def test_one_that_was_never_told_is_not_watched_for_ever(app: App, agent: Agent) -> None:
    resolving.watch(app, agent, asked_for(app, agent, ago_s=200))
    assert hears(app, agent, NewEntry("text", "", 1)) == []
    resolving.watch(app, agent, asked_for(app, agent, ago_s=400))

    assert hears(app, agent, NewEntry("text", "", 2)) == ["not resolved: it was not told"]
