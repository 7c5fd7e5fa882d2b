"""Somebody else locks the database, before anything is done or in the middle: what is said is true of what happened."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import locked, worktrees
from tests.support.fleet import Fleet
from tests.support.rows import claim
from tests.support.worktrees import commit, git
from tmuxagents.config import Config
from tmuxagents.errors import StateDamaged, Unrecorded
from tmuxagents.model.agent import Agent
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App, open_app
from tmuxagents.services.controller import delivering
from tmuxagents.services.lifecycle import forget, resume, stop
from tmuxagents.services.lifecycle.spawn import SpawnRequest, spawn
from tmuxagents.services.review import merge
from tmuxagents.services.server.panes import panes_now
from tmuxagents.services.talk import dialogs, interrupt, say, terminal
from tmuxagents.store import agents, messages
from tmuxagents.value import replace


@pytest.fixture
def app(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The fleet, whose commands wait for no evidence for long, without a controller."""
    for name, value in fleet.env.items():
        monkeypatch.setenv(name, value)
    with open_app(str(fleet.state)) as opened:
        opened._config = Config(confirm_s=1.0)
        yield opened


def demo(fleet: Fleet, *task: str, state: str = "idle", speed: str = "0") -> Agent:
    """One more of them."""
    known = len(fleet.agents())
    fleet.ok("spawn", "--name", f"demo-{known}", "--kind", "demo", *task, "--", "--speed", speed)
    fleet.wait_state(f"demo-{known}", state)
    fleet.ok("controller", "stop")
    with open_app(str(fleet.state)) as app:
        return next(agent for agent in agents.known(app.db) if agent.name == f"demo-{known}")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done to an agent. `tried` says whether it was proven, `happened` whether it was done."""

    begun: Callable[[Fleet], Agent]
    tried: Callable[[App, Agent], bool]
    happened: Callable[[App, Agent], bool]


def said(app: App, agent: Agent) -> bool:
    verdict = say.deliver(app, agent.id, "say: x")
    assert verdict.word != "refused"
    return verdict.word in say.GOOD


def prompts(app: App, agent: Agent) -> int:
    """How many its program has taken, by its own word."""
    return b"".join(path.read_bytes() for path in app.folder(agent.id).glob("events*")).count(b'"event": "prompt"')


def has_a_prompt(app: App, agent: Agent) -> bool:
    return prompts(app, agent) > 0


def settled(app: App, agent: Agent) -> bool:
    return dialogs.approve(app, agent).word != "unconfirmed"


def is_settled(app: App, agent: Agent) -> bool:
    pane = panes_now(app).of(agent.id, agent.generation)
    assert pane is not None
    return terminal.of(app, agent, pane).look().reading.dialog is None


def interrupted(app: App, agent: Agent) -> bool:
    return interrupt.interrupt(app, agent)[0] == "interrupted"


def is_at_rest(app: App, agent: Agent) -> bool:
    pane = panes_now(app).of(agent.id, agent.generation)
    now = say.present(app, agent.id)[0]
    return pane is not None and now.condition.state != "working"


def stopped(app: App, agent: Agent) -> bool:
    return bool(stop.stop(app, [agent]))


def has_ended(app: App, agent: Agent) -> bool:
    return agent_folder.exit_path(app.folder(agent.id), agent.generation).exists()


def ended(fleet: Fleet) -> Agent:
    agent = demo(fleet)
    fleet.ok("stop", agent.name)
    with open_app(str(fleet.state)) as app:
        return agents.by_id(app.db, agent.id) or agent


def died(fleet: Fleet) -> Agent:
    """One whose window still stands."""
    fleet.ok("spawn", "--name", f"died-{len(fleet.agents())}", "--kind", "command", "--", "true")
    agent = fleet.agents()[-1]
    fleet.wait_state(agent["name"], "ended")
    fleet.ok("controller", "stop")
    with open_app(str(fleet.state)) as app:
        return next(one for one in agents.known(app.db) if one.name == agent["name"])


def resumed(app: App, agent: Agent) -> bool:
    return bool(resume.once(app, agent))


def runs_again(app: App, agent: Agent) -> bool:
    return (app.folder(agent.id) / f"pid.{agent.generation + 1}").exists()


def spawned(app: App, agent: Agent) -> bool:
    command = ["sh", "-c", f"> {agent.dir}/{agent.name}.ran; exec sleep 1000"]
    return bool(spawn(app, SpawnRequest(kind="command", folder=agent.dir, options={"args": command})))


def has_spawned(app: App, agent: Agent) -> bool:
    return Path(agent.dir, f"{agent.name}.ran").exists()


def removed(app: App, agent: Agent) -> bool:
    forget.forget(app, agent)
    return True


def has_lost_its_window(app: App, agent: Agent) -> bool:
    return panes_now(app).of(agent.id, agent.generation) is None


def in_permission(fleet: Fleet) -> Agent:
    return demo(fleet, "permission: Write src/a.rs", state="waiting")


def at_work(fleet: Fleet) -> Agent:
    return demo(fleet, "think: 1000", state="working", speed="1")


ACTS: Mapping[str, Act] = {
    "say": Act(demo, said, has_a_prompt),
    "approve": Act(in_permission, settled, is_settled),
    "interrupt": Act(at_work, interrupted, is_at_rest),
    "stop": Act(demo, stopped, has_ended),
    "resume": Act(ended, resumed, runs_again),
    "spawn": Act(demo, spawned, has_spawned),
    "rm": Act(died, removed, has_lost_its_window),
}


SHOWN = "say"
"""The one that is shown each time; the soak shows the others."""


def outcome(act: Callable[[], bool]) -> str:
    """What is said of it: `proven`, `unproven`, or that nothing was done."""
    try:
        return "proven" if act() else "unproven"
    except Unrecorded as error:
        return "unproven" if error.hint else "no hint"
    except StateDamaged:
        return "not done"


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name == SHOWN else pytest.mark.soak) for name in ACTS])
def test_what_is_said_is_true_wherever_the_database_is_locked(fleet: Fleet, app: App, name: str) -> None:
    act, all_told = ACTS[name], []
    for number in itertools.count():
        agent = act.begun(fleet)
        with locked.from_write(app, number) as lock:
            all_told.append(outcome(lambda agent=agent: act.tried(app, agent)))  # type: ignore[misc]
        if all_told[-1] == "not done":
            assert not act.happened(app, agent)
        if not lock.taken:
            break

    assert all_told[0] == "not done"
    assert all_told[-1] == "proven"
    assert {"unproven"} <= set(all_told) <= {"not done", "unproven", "proven"}


@pytest.mark.soak
def test_a_held_message_is_delivered_once_wherever_the_database_is_locked(fleet: Fleet, app: App) -> None:
    for number in itertools.count():
        agent = demo(fleet)
        say.hold(app, agent, "say: held")
        [message] = messages.held(app.db, agent.id)
        with locked.from_write(app, number) as lock, contextlib.suppress(StateDamaged):
            delivering.deliver(app, message=message)
        left = [(one, mark) for one, mark in messages.interrupted(app.db) if one.agent_id == agent.id]
        delivering.recover(app, agent_id=agent.id, interrupted=left)
        for one in messages.held(app.db, agent.id):
            delivering.deliver(app, message=one)

        assert messages.held(app.db, agent.id) == []
        assert prompts(app, agent) == 1
        if not lock.taken:
            break


@pytest.mark.soak
def test_a_branch_that_is_said_not_to_be_merged_is_where_it_was(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in zip(("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"), "aeae", strict=True):
        monkeypatch.setenv(f"GIT_{name}", value)
    project = worktrees.make(tmp_path)
    for number in itertools.count():
        name = f"api-{number}"
        agent = replace(project.agent(name), id=claim(app.db, name))
        (project.worktree(name) / name).write_text("made\n")
        commit(project.worktree(name))
        before = git(project.main, "rev-parse", "main")
        wish = merge.Wish(into="main", message=None, squash=False, commit=False)
        with locked.from_write(app, number) as lock:
            told = outcome(lambda agent=agent, wish=wish: bool(merge.merge(app, agent, wish, team=[agent])))  # type: ignore[misc]
        assert (told == "not done") == (git(project.main, "rev-parse", "main") == before)
        if not lock.taken:
            break
    assert number > 1
