"""Held messages: what is not even tried, what is told once, what a killed deliverer left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.alone import alone, event
from tests.support.fleet import Fleet
from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux.snapshot import EMPTY
from tmuxagents.drivers.wake import open_wake
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App, open_app
from tmuxagents.services.controller import delivering, outbox
from tmuxagents.services.controller.background import Beside, Ended
from tmuxagents.services.controller.team import Team, Watched
from tmuxagents.services.ingest import ingest
from tmuxagents.services.talk import long_text, say
from tmuxagents.store import agents, journal, messages
from tmuxagents.store.messages import Message


@contextmanager
def holding(fleet: Fleet) -> Iterator[tuple[App, Agent, Message]]:
    """An idle agent without a controller, and what is held for it."""
    fleet.ok("spawn", "--kind", "demo", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")
    fleet.ok("controller", "stop")
    with open_app(str(fleet.state)) as app:
        [agent] = agents.known(app.db)
        say.hold(app, agent, "say: held")
        yield app, agent, messages.held(app.db)[0]


def test_nothing_is_typed_at_a_program_that_is_suspended_and_it_gets_it_when_it_goes_on(fleet: Fleet) -> None:
    with holding(fleet) as (app, agent, message):
        program = psutil.Process(int((app.folder(agent.id) / "pid.1").read_text()))
        program.suspend()
        tried = delivering.deliver(app, message=message)
        program.resume()

        assert tried.waits == f"its program ({program.pid}) is suspended"
        assert delivering.deliver(app, message=message) == outbox.Tried(message)
        assert messages.held(app.db) == []


def test_what_was_pasted_and_never_drawn_stays_held_and_is_said_once_when_it_is(fleet: Fleet) -> None:
    with holding(fleet) as (app, agent, message):
        recorded = app.folder(agent.id) / "pid.1"
        program = psutil.Process(int(recorded.read_text()))
        recorded.unlink()  # nobody can see why it does not draw
        program.suspend()
        unread = "its program does not read its terminal"
        first, second = delivering.deliver(app, message=message), delivering.deliver(app, message=message)
        program.resume()

        assert first.waits == f"{unread}: the text was pasted, and may show up in its input box later"
        assert second.waits == unread
        assert delivering.deliver(app, message=message) == outbox.Tried(message)
        fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
        assert [entry["text"] for entry in fleet.entries("agent-1", "--only", "prompt")] == ["say: held"]


def test_a_lock_that_somebody_holds_is_not_waited_for(fleet: Fleet) -> None:
    with holding(fleet) as (app, agent, message):
        began = clock.monotonic()
        with files.locked(app.folder(agent.id) / "say.lock") as mine:
            assert mine
            tried = delivering.deliver(app, message=message)

        assert tried.waits == "somebody else is talking to it"
        assert messages.obstacles(app.db, [message.id]) == {message.id: tried.waits}
        assert clock.monotonic() - began < 1


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Team]:
    """A team of one agent, for the functions that decide what is told and tried."""
    with alone(tmp_path / "state") as one, open_wake() as wake:
        yield Team(one.app, wake, EMPTY, Beside(one.app, wake), watched={one.id: Watched(one.agent)})


def test_what_waits_for_long_is_told_once_by_whoever_controls(left: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    [(agent_id, watched)] = left.watched.items()
    message = Message(7, agent_id, "held", 0)
    began = clock.monotonic()
    for seconds in range(0, 300, 10):
        monkeypatch.setattr(clock, "monotonic", lambda seconds=seconds: began + seconds)
        if seconds == 200:
            # Another controller knows nothing of it.
            left.watched[agent_id] = watched = Watched(watched.agent)
        outbox.note(left, agent_id, Ended(outbox.key(agent_id), outbox.Tried(message, "its screen shows no input box")))

    notes = journal.after(left.app.db, 0, kinds=["note"])
    assert [entry.text for entry in notes] == ["message 7 still waits: its screen shows no input box"]


def test_the_pause_between_two_tries_grows_and_is_bounded(left: Team) -> None:
    [(agent_id, watched)] = left.watched.items()
    message = Message(7, agent_id, "held", 0)
    pauses = []
    for _ in range(8):
        outbox.note(left, agent_id, Ended(outbox.key(agent_id), outbox.Tried(message, "a dialog is open")))
        pauses.append(watched.delivery.pause)

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (outbox.FIRST_PAUSE_S, outbox.LONGEST_PAUSE_S)


@pytest.mark.parametrize("length", [10, 100_000], ids=["typed", "by file"])
def test_a_message_whose_deliverer_was_killed_is_delivered_if_the_agent_has_it(tmp_path: Path, length: int) -> None:
    text = "x" * length
    with alone(tmp_path / "state") as one:
        said = long_text.pointer(one.app, one.id, text) if length > one.app.config.paste_limit else text
        with one.app.db.write() as tx:
            number = messages.hold(tx, one.id, text, now_ns=1)
            assert messages.take(tx, number)
        one.add(event("prompt", text=said))
        interrupted = messages.interrupted(one.app.db)

        delivering.recover(one.app, agent_id=one.id, interrupted=interrupted)

        assert [entry.detail["digest"] for entry in journal.after(one.app.db, 0, kinds=["receipt"])] == [digest(said)]
        assert (messages.held(one.app.db), messages.interrupted(one.app.db)) == ([], [])


def test_a_receipt_that_comes_late_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with alone(tmp_path / "state") as one:
        with one.app.db.write() as tx:
            assert messages.take(tx, messages.hold(tx, one.id, "late", now_ns=1))
        looks = iter(range(100))
        pull = ingest.pull

        def later(app: App, agent: Agent) -> int:
            if next(looks) == 2:
                one.add(event("prompt", text="late"))
            return pull(app, agent)

        monkeypatch.setattr(ingest, "pull", later)

        delivering.recover(one.app, agent_id=one.id, interrupted=messages.interrupted(one.app.db))

        assert messages.held(one.app.db) == []


def test_a_message_that_the_agent_never_got_is_held_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "RECEIPT_S", 0.1)
    with alone(tmp_path / "state") as one:
        with one.app.db.write() as tx:
            number = messages.hold(tx, one.id, "lost", now_ns=1)
            assert messages.take(tx, number)

        delivering.recover(one.app, agent_id=one.id, interrupted=messages.interrupted(one.app.db))

        assert [message.id for message in messages.held(one.app.db)] == [number]
