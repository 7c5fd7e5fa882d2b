"""The main job on three scripted agents, in a throw-away state directory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import window
from tmuxagents.errors import TimedOut, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import Entry
from tmuxagents.services import app as apps
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.fleet.cursor import Cursor
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.lifecycle.spawn import SpawnRequest, spawn
from tmuxagents.services.notices import wanted
from tmuxagents.services.talk import dialogs, say
from tmuxagents.store import agents
from tmuxagents.value import Value

LIMIT_S = 60.0

REPLY = "also add a test for expired tokens"


class Part(Value):
    """One of the three: its name and its task."""

    name: str
    task: str


PARTS: Sequence[Part] = (
    Part("api", "add auth to the REST API"),
    Part("tests", "write tests for the parser"),
    Part("docs", "document the settings"),
)


def play(show: Callable[[Sequence[Entry]], None], tell: Callable[[str], None], *, speed: float) -> None:
    """Spawn three agents, follow them, answer one, approve another, stop all. Leaves nothing behind.

    `show` gets journal entries as they come, `tell` the commands a person would type.
    """
    folder = Path(tempfile.mkdtemp(prefix="tmuxagents-demo-"))
    try:
        with apps.open_app(str(folder / "s")) as app:
            files.touch(app.state / wanted.SILENT)
            try:
                _play(app, folder, show, tell, speed)
            finally:
                window.kill_server(app.server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _play(
    app: App, folder: Path, show: Callable[[Sequence[Entry]], None], tell: Callable[[str], None], speed: float
) -> None:
    for part in PARTS:
        tell(f'tmuxagents spawn --name {part.name} "{part.task}"')
        options = {"args": ["--speed", str(speed)]}
        spawn(
            app,
            SpawnRequest(task=part.task, name=part.name, kind=registry.SCRIPTED, folder=str(folder), options=options),
        )
    tell("tmuxagents tail")
    feed = _feed(app, show)
    _until(feed, lambda: _of(app, "api").condition.turn >= 1)
    _reply(app, tell)
    _until(feed, lambda: _of(app, "docs").condition.state == "waiting")
    tell("tmuxagents approve docs")
    dialogs.approve(app, _of(app, "docs"))
    _until(feed, lambda: _is_done(app))


def _reply(app: App, tell: Callable[[str], None]) -> None:
    tell(f'tmuxagents say api "{REPLY}"')
    verdict = say.deliver(app, _of(app, "api").id, REPLY)
    if verdict.word not in say.GOOD:
        raise TmuxagentsError(f"the reply was {verdict.word}: {verdict.evidence}", hint="tmuxagents doctor")
    tell(f"{verdict.word}: api ({verdict.evidence}, {verdict.ms} ms)")


def _feed(app: App, show: Callable[[Sequence[Entry]], None]) -> Iterator[None]:
    cursor = Cursor(app)
    with waiting.journal_wake(app) as wake:
        while True:
            show(cursor.read())
            yield
            wake.wait(0.2)


def _until(feed: Iterator[None], fact: Callable[[], bool]) -> None:
    end = clock.monotonic() + LIMIT_S
    next(feed)
    while not fact():
        if clock.monotonic() > end:
            raise TimedOut("the demo did not get on", hint="tmuxagents doctor")
        next(feed)
    next(feed)


def _of(app: App, name: str) -> Agent:
    return fleet_now(app).one(name)


def _is_done(app: App) -> bool:
    """All idle, and the reply was a turn of its own."""
    now = {str(agent.name): agent.condition for agent in agents.known(app.db)}
    answered = now["api"].turns >= 2
    return answered and all(condition.state == "idle" for condition in now.values())
