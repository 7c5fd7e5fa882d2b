"""The controller notices that a worktree has changed and is quiet, and tells who conflicts while they still work."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.cli.test_diff import agent_in
from tests.services.controller.test_controller import controller
from tests.services.review.test_figures import edit
from tests.services.review.test_standing import join
from tests.support import small_disk, worktrees
from tests.support.fleet import Fleet, eventually, wait_ended
from tests.support.matrix import every
from tests.support.worktrees import Project, commit, git
from tests.survival.test_damage import journal_page
from tests.survival.test_disk_full import fill, make_room
from tmuxagents import clock
from tmuxagents.drivers.tmux import snapshot
from tmuxagents.drivers.wake import open_wake
from tmuxagents.model.measured import Measured
from tmuxagents.services.app import open_app
from tmuxagents.services.controller import projects
from tmuxagents.services.controller.background import Beside
from tmuxagents.services.controller.team import Project as Looked
from tmuxagents.services.controller.team import Rest, Team, Watched
from tmuxagents.store import agents, journal, measured
from tmuxagents.store.database import Database


@pytest.fixture
def project(root: Path) -> Project:
    return worktrees.make(root / "project")


def told(fleet: Fleet, *names: str) -> list[str]:
    return [f"{e['agent']} {e['text']}" for e in fleet.entries(*names, "--only", "conflict")]


def figures(fleet: Fleet, name: str) -> Measured:
    with Database(fleet.state / "tmuxagents.db") as db:
        return next(
            (one for agent, one in measured.figures(db).items() if agent == fleet.agent(name)["id"]), Measured()
        )


def test_a_pair_that_begins_to_conflict_is_told_while_both_work(fleet: Fleet, project: Project) -> None:
    api, tests = agent_in(fleet, project, "api"), agent_in(fleet, project, "tests")
    edit(api / "text", "line 3\n", "of api\n")
    edit(tests / "text", "line 3\n", "of tests\n")
    # Both are in the middle of a turn; nothing is committed.
    fleet.ok("say", "api", "say: one\nhang:")
    fleet.ok("say", "tests", "say: two\nhang:")

    (line,) = eventually(lambda: told(fleet))

    assert line in ("api conflicts with tests: text", "tests conflicts with api: text")
    assert told(fleet, "api") == ["api conflicts with tests: text"]
    assert told(fleet, "tests") == ["tests conflicts with api: text"]
    assert {agent["state"] for agent in fleet.agents()} == {"working"}


def test_a_commit_that_git_makes_there_is_noticed_though_nobody_says_a_word(fleet: Fleet, project: Project) -> None:
    api = agent_in(fleet, project, "api")
    fleet.ok("say", "api", "say: one")
    eventually(lambda: figures(fleet, "api").at_ns)
    (api / "new").write_text("x")

    commit(api)
    eventually(lambda: figures(fleet, "api").ahead == 1)
    (project.main / "elsewhere").write_text("x")
    commit(project.main)
    eventually(lambda: figures(fleet, "api").behind == 1)
    git(project.main, "update-ref", "refs/heads/main", "HEAD~1")
    eventually(lambda: figures(fleet, "api").behind == 0)


DIES = """
import os, signal, sys

if "controller" in sys.orig_argv and "run" in sys.orig_argv:
    from pathlib import Path

    from tmuxagents.services.review import telling

    WISH, record = Path({wish!r}), telling.record

    def die(step):
        if WISH.exists() and WISH.read_text() == step:
            WISH.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(*args):
        die("before")
        record(*args)
        die("after")

    telling.record = dying
"""


@pytest.mark.soak
@pytest.mark.parametrize("step", every(2, ["before", "after"]))
def test_a_controller_that_is_killed_while_it_records_tells_each_conflict_once(
    fleet: Fleet, project: Project, step: str
) -> None:
    wish, folder = fleet.root / "die", fleet.root / "python"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(DIES.format(wish=str(wish)))
    fleet.env["PYTHONPATH"] = str(folder)
    api, tests = agent_in(fleet, project, "api"), agent_in(fleet, project, "tests")
    edit(api / "text", "line 3\n", "of api\n")
    edit(tests / "text", "line 3\n", "of tests\n")
    wish.write_text(step)
    fleet.ok("say", "api", "say: one")
    eventually(lambda: not wish.exists())

    eventually(lambda: told(fleet) if fleet.ok("controller", "start").code == 0 else [])
    before = figures(fleet, "api").at_ns
    fleet.ok("say", "api", "say: more")
    eventually(lambda: figures(fleet, "api").at_ns > before)
    assert len(told(fleet)) == 1


def test_after_a_rebuild_a_conflict_that_was_told_is_not_told_again(fleet: Fleet, project: Project) -> None:
    api, tests = agent_in(fleet, project, "api"), agent_in(fleet, project, "tests")
    edit(api / "text", "line 3\n", "of api\n")
    edit(tests / "text", "line 3\n", "of tests\n")
    fleet.ok("say", "api", "\n".join(f"say: line {number} {'x' * 300}" for number in range(60)))
    eventually(lambda: told(fleet))
    fleet.wait_for("api", lambda agent: agent["turns"] == 1)
    journal_page(fleet)

    fleet.ok("ls")
    assert list((fleet.state / "damaged").iterdir())
    eventually(lambda: figures(fleet, "api").at_ns)

    assert len(told(fleet)) == 1


HANGS = """#!/bin/sh
case "$*" in *status*) [ -e "{flag}" ] && echo x >> "{flag}" && exec sleep 1000;; esac
exec {git} "$@"
"""


def hanging(fleet: Fleet) -> Path:
    """Where each git that looks at a worktree from now on hangs while this is there; it notes that it does."""
    flag, folder = fleet.root / "hang", fleet.root / "shim"
    folder.mkdir()
    (folder / "git").write_text(HANGS.format(flag=flag, git=shutil.which("git")))
    (folder / "git").chmod(0o755)
    fleet.env["PATH"] = f"{folder}{os.pathsep}{fleet.env['PATH']}"
    return flag


@pytest.mark.parametrize("number", every(2, [signal.SIGHUP, signal.SIGTERM]))
def test_a_controller_that_is_ended_in_the_middle_of_a_look_leaves_nothing(
    fleet: Fleet, project: Project, number: signal.Signals
) -> None:
    flag, scratch = hanging(fleet), fleet.root / "tmp"
    scratch.mkdir()
    fleet.env["TMPDIR"] = str(scratch)
    agent_in(fleet, project, "api")
    flag.touch()
    fleet.ok("say", "api", "say: one")
    eventually(flag.read_text)
    one = controller(fleet)
    git_too = one.children(recursive=True)
    assert list(scratch.glob("tmuxagents-git-*"))

    one.send_signal(number)

    assert wait_ended([one]) == []
    assert list(scratch.glob(f"tmuxagents-git-{one.pid}-*")) == []
    for each in git_too:
        each.kill()


@pytest.mark.soak
def test_a_git_that_hangs_keeps_nobody_waiting_and_is_ended(fleet: Fleet, project: Project) -> None:
    flag = hanging(fleet)
    agent_in(fleet, project, "api")
    flag.touch()
    fleet.ok("say", "api", "say: one")
    eventually(flag.read_text)

    # A held message is the controller's to deliver.
    fleet.ok("say", "--when-idle", "api", "say: still here")

    fleet.wait_for("api", lambda agent: agent["last_text"] == "still here")
    trouble: str = eventually(lambda: figures(fleet, "api").trouble)
    assert "git did not answer" in trouble
    flag.unlink()
    eventually(lambda: figures(fleet, "api").trouble is None)


def noted(fleet: Fleet) -> Path:
    """Where every git that the fleet runs from now on is noted."""
    log, folder = fleet.root / "asked", fleet.root / "shim"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec {shutil.which("git")} "$@"\n')
    (folder / "git").chmod(0o755)
    fleet.env["PATH"] = f"{folder}{os.pathsep}{fleet.env['PATH']}"
    return log


@pytest.mark.soak
def test_nothing_is_looked_at_while_nobody_does_anything(fleet: Fleet, project: Project) -> None:
    log = noted(fleet)
    agent_in(fleet, project, "api")
    fleet.ok("say", "api", "say: one")
    eventually(lambda: figures(fleet, "api").at_ns)
    last = 0
    while last != (last := log.stat().st_size):
        time.sleep(5)

    time.sleep(20)

    assert log.stat().st_size == last


@pytest.mark.parametrize(
    ("project", "due"),
    [
        (Looked(), None),
        (Looked(changed_at=100.0, last_at=100.0), 100.0 + projects.QUIET_S),
        (Looked(changed_at=100.0, last_at=104.0), 104.0 + projects.QUIET_S),
        (Looked(changed_at=100.0, last_at=199.0), 100.0 + projects.LATEST_S),
        (Looked(changed_at=100.0, last_at=100.0, rest=Rest(until=130.0)), 130.0),
    ],
)
def test_a_look_is_due_when_it_is_quiet_or_never_was_and_the_last_one_has_rested(
    project: Looked, due: float | None
) -> None:
    assert projects._due(project) == due


def test_a_look_that_does_not_end_is_told_once_to_those_who_live_there(project: Project, tmp_path: Path) -> None:
    held = threading.Event()
    with open_app(str(tmp_path / "state")) as app, open_wake() as wake:
        join(app, project, "api", "tests")
        team = Team(app, wake, snapshot.EMPTY, Beside(app, wake))
        known = agents.known(app.db)
        team.watched = {agent.id: Watched(agent) for agent in known}
        common = str(project.common)
        team.projects[common] = Looked(began_at=clock.monotonic() - projects.STUCK_S - 1)
        team.beside.start(("projects", common), lambda _: held.wait())

        projects.look(team)
        projects.look(team)

        notes = journal.after(app.db, 0, kinds=["note"])
        assert [(entry.agent, entry.text) for entry in notes] == [
            (name, "its worktree cannot be looked at: a look does not end") for name in ("api", "tests")
        ]
        held.set()
        team.beside.finish(10)


def test_what_begins_on_a_full_disk_is_told_once_when_there_is_room(fleet: Fleet, project: Project) -> None:
    log = noted(fleet)
    with small_disk.mounted(fleet):
        api, tests = agent_in(fleet, project, "api"), agent_in(fleet, project, "tests")
        fleet.ok("say", "api", "say: one")
        eventually(lambda: figures(fleet, "tests").at_ns)
        fill(fleet)
        for tree in (api, tests):
            (tree / "text").write_text(tree.name)
            # With git, so that it is noticed: nobody can say anything.
            git(tree, "add", "text")
        eventually(lambda: "merge-tree" in log.read_text())
        make_room(fleet)

        assert len(eventually(lambda: told(fleet))) == 1
