"""A cleaner deletes the socket of a living server: whoever comes next finds it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import beside
from tests.support.fleet import Fleet, eventually

FAST = ["--", "--speed", "0"]


@pytest.fixture
def running(fleet: Fleet) -> Fleet:
    """A fleet with one agent, whose socket is deleted."""
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    Path(fleet.socket()).unlink()
    return fleet


def test_spawn_opens_its_window_in_the_same_server(running: Fleet) -> None:
    running.ok("spawn", "--kind", "demo", *FAST)

    running.wait_state("agent-2", "idle")
    assert running.agent("agent-1")["state"] == "idle"
    servers = running.tmux("list-panes", "-a", "-F", "#{pid}").split()
    assert (len(servers), len(set(servers))) == (3, 1)


def test_say_is_delivered(running: Fleet) -> None:
    assert running.ok("say", "agent-1", "--wait", "say: two").out == "two\n"


def test_stop_ends_the_agent(running: Fleet) -> None:
    running.ok("stop", "agent-1")

    assert running.agent("agent-1")["state"] == "ended"


def test_a_tail_that_follows_goes_on(running: Fleet) -> None:
    tail = running.start("tail", "--json", "--only", "text")
    try:
        assert json.loads(beside.line(tail))["text"] == "one"
        running.ok("say", "agent-1", "say: two")
        Path(running.socket()).unlink()
        running.ok("say", "agent-1", "say: three")

        assert [json.loads(beside.line(tail))["text"] for _ in range(2)] == ["two", "three"]
    finally:
        beside.kill(tail)


def test_the_controller_finds_it_by_itself(running: Fleet) -> None:
    eventually(Path(running.socket()).exists)
