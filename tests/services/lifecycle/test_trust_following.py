"""`[worktree] trust = "follow"`: a new worktree is trusted where its repository is, and nothing else is changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import worktrees
from tests.support.worktrees import Project
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App, open_app
from tmuxagents.services.lifecycle import trust_following
from tmuxagents.value import replace

ACCEPTED = {"hasTrustDialogAccepted": True}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with open_app(str(tmp_path / "state")) as opened:
        yield opened


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return worktrees.make(tmp_path / "project")


def agent_of(project: Project, name: str = "api") -> Agent:
    return replace(project.agent(name), kind="claude")


def config(tmp_path: Path, *trusted: Path) -> Path:
    """Claude Code's own, in a HOME of its own, with more in it than we know of."""
    file = tmp_path / ".claude.json"
    projects = {str(folder): {**ACCEPTED, "allowedTools": ["Bash"]} for folder in trusted}
    file.write_text(json.dumps({"numStartups": 7, "projects": projects, "ünder": None}))
    return file


def follow(app: App, agent: Agent, home: Path) -> None:
    trust_following.follow(app, agent, {"HOME": str(home), "CLAUDE_CONFIG_DIR": ""})


def test_it_is_trusted_where_the_main_checkout_is(app: App, project: Project, tmp_path: Path) -> None:
    file = config(tmp_path, project.main)
    before = json.loads(file.read_text())

    follow(app, agent := agent_of(project), tmp_path)

    after = json.loads(file.read_text())
    assert after["projects"].pop(agent.dir) == ACCEPTED
    assert after == before


def test_where_that_is_not_trusted_nothing_is_written(app: App, project: Project, tmp_path: Path) -> None:
    file = config(tmp_path, tmp_path, project.main / "deep", project.main.parent)
    before = file.read_bytes()

    follow(app, agent_of(project), tmp_path)

    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob(".claude*")) == [".claude.json"]


def test_where_there_is_no_such_file_none_is_made(app: App, project: Project, tmp_path: Path) -> None:
    follow(app, agent_of(project), tmp_path)

    assert list(tmp_path.glob(".claude*")) == []


def test_what_cannot_be_read_is_left_alone_and_told(project: Project, tmp_path: Path) -> None:
    (tmp_path / ".claude.json").write_text("{")
    told: list[str] = []

    with open_app(str(tmp_path / "state")) as app:
        app.tell = lambda words, hint: told.append(words)
        follow(app, agent_of(project), tmp_path)

    assert (tmp_path / ".claude.json").read_text() == "{"
    assert [words.startswith("the worktree of api is not trusted") for words in told] == [True]


def test_several_at_once_are_all_written(app: App, project: Project, tmp_path: Path) -> None:
    file = config(tmp_path, project.main)
    agents = [agent_of(project, f"a{number}") for number in range(8)]

    threads = [threading.Thread(target=follow, args=(app, agent, tmp_path)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {agent.dir for agent in agents} < set(json.loads(file.read_text())["projects"])
