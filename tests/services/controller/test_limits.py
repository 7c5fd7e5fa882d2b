"""What a limit has stopped goes on when that ends: once, spaced, as often as is allowed, and never over a person."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.support.called import configure
from tests.support.fleet import Fleet, eventually, person

QUICK = ("--", "--speed", "0")


def _configure(fleet: Fleet, text: str) -> None:
    (fleet.home / "config.toml").write_text(text)


def _limited(fleet: Fleet, name: str, seconds: float) -> dict[str, object]:
    fleet.ok("spawn", "--kind", "demo", "--name", name, f"limit: {seconds}", *QUICK)
    return fleet.wait_state(name, "limited")


def _prompts(fleet: Fleet, name: str) -> list[str]:
    return [e["text"] for e in fleet.entries("--only", "prompt") if e["agent"] == name]


def _messages(fleet: Fleet) -> list[tuple[str, int]]:
    connection = sqlite3.connect(fleet.state / "tmuxagents.db")
    rows = connection.execute("SELECT state, not_before_ns FROM messages WHERE key IS NOT NULL ORDER BY id").fetchall()
    connection.close()
    return [(row[0], row[1]) for row in rows]


@pytest.mark.soak
def test_many_on_one_account_are_told_as_one_and_each_continues_once_in_its_turn(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"], include="text")
    with (fleet.home / "config.toml").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write("continue_spacing_s = 1\n" + text)
    for name in ("a", "b"):
        shown = _limited(fleet, name, 8)
        assert shown["resets"] is not None
    eventually(lambda: fleet.agent("b")["continues"])
    listed = fleet.look("ls").out

    told = fleet.ok("wait", "a", "b").err
    for name in ("a", "b"):
        fleet.wait_for(name, lambda a: a["turns"] == 2 and a["state"] == "idle")

    assert [line.partition(" until ")[0] for line in told.splitlines()] == ["a is limited", "b is limited"]
    assert "continues then" in listed
    assert "2 agents are limited until" in listed
    assert "a, b" in listed
    assert [_prompts(fleet, name)[1:] for name in ("a", "b")] == [["continue"], ["continue"]]
    planned = [at for _, at in _messages(fleet)]
    assert planned[1] - planned[0] >= 1_000_000_000
    assert [row["kind"] for row in called.recorded()] == ["limited"]


def test_one_that_a_person_has_spoken_to_meanwhile_is_left_alone(fleet: Fleet) -> None:
    _limited(fleet, "a", 600)
    eventually(lambda: fleet.agent("a")["continues"])

    fleet.ok("say", "--wait", "a", "say: I am here")

    eventually(lambda: [state for state, _ in _messages(fleet)] == ["dropped"])
    assert fleet.agent("a")["continues"] is None
    fleet.ok("wait", "a")


@pytest.mark.soak
def test_a_draft_in_its_box_is_a_persons(fleet: Fleet) -> None:
    _configure(fleet, "draft_patience_s = 0\n")
    _limited(fleet, "a", 4)
    with person(fleet, "a") as keyboard:
        keyboard.type("half a th")
        eventually(lambda: "half a th" in fleet.screen("a"))
        # It was tried, and tells that it waits.
        eventually(lambda: any("its input box" in e["text"] for e in fleet.entries("--only", "note")))

    assert _messages(fleet)[0][0] == "held"
    assert _prompts(fleet, "a") == ["limit: 4"]
    assert "half a th" in fleet.screen("a")


def test_without_leave_nothing_continues(fleet: Fleet) -> None:
    _configure(fleet, "continue = 0\n")
    _limited(fleet, "a", 1)

    shown = fleet.look("ls").out

    assert fleet.agent("a")["continues"] is None
    assert "continues then" not in shown
    assert _messages(fleet) == []


def test_it_goes_on_so_often_until_a_person_has_said_something(fleet: Fleet) -> None:
    _configure(fleet, "continue = 1\n")
    fleet.ok("spawn", "--kind", "demo", "--name", "a", "limit: 1 2", *QUICK)
    eventually(lambda: any("waits for a person" in e["text"] for e in fleet.entries("--only", "note")))

    assert _prompts(fleet, "a") == ["limit: 1 2", "continue"]
    assert [state for state, _ in _messages(fleet)] == ["delivered", "dropped"]


@pytest.mark.parametrize("moment", ["planned", pytest.param("sending", marks=pytest.mark.soak)])
def test_a_controller_that_is_killed_sends_it_once(fleet: Fleet, moment: str) -> None:
    _limited(fleet, "a", 3)
    eventually(lambda: _messages(fleet))
    if moment == "sending":
        eventually(lambda: _messages(fleet)[0][0] != "held")
    os.kill(int(Path(fleet.state / "controller.pid").read_text()), signal.SIGKILL)

    fleet.wait_for("a", lambda a: a["turns"] == 2 and a["state"] == "idle")

    eventually(lambda: _messages(fleet)[0][0] == "delivered")
    assert _prompts(fleet, "a") == ["limit: 3", "continue"]


def test_what_was_held_waits_for_the_end_of_the_limit_and_is_said_in_its_place(fleet: Fleet) -> None:
    _limited(fleet, "a", 3)

    fleet.ok("say", "--when-idle", "a", "say: later")
    assert fleet.agent("a")["state"] == "limited"
    fleet.wait_for("a", lambda a: a["last_text"] == "later")

    assert _prompts(fleet, "a")[-1] == "say: later"
    eventually(lambda: [state for state, _ in _messages(fleet)] == ["dropped"])
