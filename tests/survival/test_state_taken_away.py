"""The state directory is taken away under what runs: nobody makes another, and all goes on where it is put back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.fleet import PATIENCE_S, Fleet, eventually
from tests.support.keyboard import window
from tmuxagents.drivers import files, process, pulse
from tmuxagents.errors import StateGone
from tmuxagents.names import AgentId
from tmuxagents.services.app import open_again, open_app
from tmuxagents.services.talk import say


@contextmanager
def taken_away(fleet: Fleet) -> Iterator[Path]:
    """Where it is meanwhile. It is put back, also where somebody has made another."""
    place = fleet.state.rename(fleet.state.with_name("taken"))
    try:
        yield place
        assert not fleet.state.exists(), sorted(fleet.state.iterdir())
    finally:
        if fleet.state.exists():
            fleet.state.rename(fleet.state.with_name("another"))
        place.rename(fleet.state)


@pytest.fixture
def idle(fleet: Fleet) -> Fleet:
    fleet.ok("spawn", "--kind", "demo", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")
    return fleet


def test_the_controller_ends_and_whoever_comes_next_starts_one_where_it_is_put_back(idle: Fleet) -> None:
    turn = idle.state / "controller.turn"
    before = eventually(lambda: pulse.look(turn).pid)
    controller = process.known(before)
    assert controller is not None
    with taken_away(idle) as place:

        def ended() -> bool:
            files.touch(place / "nudge")  # it may not have watched it before
            return not process.lives(controller)

        eventually(ended)

    assert idle.ok("say", "agent-1", "say: x").out.startswith("submitted")
    idle.ok("controller", "start")
    eventually(lambda: pulse.look(turn).pid not in (None, before))


def test_the_chat_says_so_once_makes_nothing_and_goes_on(idle: Fleet) -> None:
    with window(idle, idle.argv("chat"), columns=160) as chat:
        eventually(lambda: chat.line.startswith("agent-1 idle"), explain=chat.screen)
        with taken_away(idle) as place:
            files.touch(place / "tmuxagents.db-wal")
            chat.enter("say: nobody has this")
            chat.shows("refused: agent-1 (the state directory")
            chat.enter("/s --kind demo nobody begins this")
            chat.shows("put it back where it was; trying again")
            # The text, the command, the journal.
            eventually(lambda: chat.everything().count("put it back where it was") >= 3, explain=chat.screen)
            assert "a bug" not in chat.everything()
        chat.shows("the chat goes on")
        chat.enter("say: taken")
        chat.shows("[agent-1] taken")

    assert [entry["text"] for entry in idle.entries("--only", "prompt")] == ["say: taken"]


@pytest.mark.soak
def test_a_command_that_follows_ends_with_a_line(idle: Fleet) -> None:
    idle.ok("say", "agent-1", "say: it is open")
    following = idle.start("tail", stdin=subprocess.DEVNULL)
    assert following.stdout is not None
    assert any("it is open" in line for line in following.stdout)
    with taken_away(idle) as place:
        files.touch(place / "tmuxagents.db-wal")
        _, said = following.communicate(timeout=PATIENCE_S)

    assert following.returncode == 1
    assert said.startswith(
        f"tmuxagents: the state directory '{idle.state}' is gone: put it back where it was\nhint: ls"
    )
    assert len(said.splitlines()) == 2


def test_what_is_open_makes_nothing_of_it_and_nobody_opens_it_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with open_app(str(state)) as app:
        app.db.read("SELECT 1")
        state.rename(tmp_path / "taken")

        with pytest.raises(StateGone):
            app.db.read("SELECT 1")
        with pytest.raises(StateGone), app.db.write():
            pass
        with pytest.raises(FileNotFoundError):
            app.own_folder(AgentId("a"))
        with pytest.raises(FileNotFoundError), say.speaking(app, AgentId("a")):
            pass
        with pytest.raises(StateGone):
            open_again(str(state))

    assert not state.exists()
