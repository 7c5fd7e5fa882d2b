"""A key or a line settles the very dialog that was shown, and no other."""

from __future__ import annotations

import functools

import pytest

from tests.chat.made import asked, member, roster
from tests.support.fleet import Fleet, eventually
from tests.tui.chat.front import Looker
from tmuxagents import clock
from tmuxagents.chat.gate import Drawn
from tmuxagents.names import AgentId
from tmuxagents.services.app import open_app
from tmuxagents.tui.chat.feed import Feed
from tmuxagents.tui.chat.opening import Place
from tmuxagents.tui.chat.room import Room
from tmuxagents.value import replace


def long_ago(room: Room, *ids: str) -> None:
    """These dialogs have been on the screen, and known, for minutes."""
    ages = dict.fromkeys(ids, float("-inf"))
    room.settling.drawn = room.settling.known = Drawn(ages, ages)
    room.settling.on_screen = frozenset(ids)


def test_a_key_settles_the_dialog_that_is_drawn_by_its_id() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", since=1, dialog=asked("d1")), member("b", since=2, dialog=asked("d2"))))
    long_ago(room, "d1")

    assert room.key("approve", text="", key_s=None) == ""
    assert eventually(lambda: looker.ran) == [["approve", "--dialog", "d1", "a"]]


def test_a_key_settles_nothing_once_another_dialog_stands_there() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1"))))
    long_ago(room, "d1")
    room.heard(roster(member("a", dialog=asked("d2"))))

    assert "has changed" in room.key("approve", text="", key_s=None)
    assert looker.ran == []


def test_a_key_says_no_and_never_yes_to_what_was_not_shown_to_its_end() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1"))))
    room.settling.drawn = Drawn({"d1": float("-inf")})

    assert "F2 shows all of it" in room.key("approve", text="", key_s=None)
    room.settling.was_printed("d1")
    assert "only just come up" in room.key("approve", text="", key_s=None)
    assert room.key("deny", text="", key_s=None) == ""
    assert eventually(lambda: looker.ran) == [["deny", "--dialog", "d1", "a"]]


def test_a_key_says_no_yes_to_what_is_longer_than_what_came_here() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=replace(asked("d1"), whole=False))))
    long_ago(room, "d1")

    assert "/attach a, or /approve a" in room.key("approve", text="", key_s=None)
    assert looker.ran == []


@pytest.mark.parametrize("line", ["/approve a", "/approve", "/deny a no", "/answer a 1", "/deny a --dialog"])
def test_a_line_means_the_dialogs_that_stood_there_when_it_was_begun(line: str) -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1"))))
    long_ago(room, "d1")
    room.settling.began()
    room.heard(roster(member("a", dialog=asked("d2"))))
    long_ago(room, "d2")

    entered = room.enter(line)

    assert entered.kept
    assert "came up after this line was begun" in entered.said
    assert looker.ran == []


@pytest.mark.parametrize("word", ["/approve", "/deny"])
def test_where_two_wait_a_line_names_one(word: str) -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1")), member("b", dialog=asked("d2"))))
    long_ago(room, "d1", "d2")

    entered = room.enter(word)

    assert entered.kept
    assert "a, b wait for you: name one" in entered.said


@pytest.mark.parametrize(
    "line",
    [
        "/approve a",
        "/deny a no",
        "/answer a 1",
        "/to a",
        "/only a",
        "/stop a",
        "/show bee a",
        "@a hello",
        "@a1,a hello",
    ],
)
def test_a_name_that_could_be_two_names_both_and_the_line_stays(line: str) -> None:
    looker = Looker()
    room = looker.room()
    room.feed = Feed(looker.given, looker, Place(last=0, told=None, entries=()), room.heard)
    room.heard(roster(member("a1", dialog=asked("d1")), member("a2"), member("bee", dialog=asked("d2"))))
    long_ago(room, "d1", "d2")

    entered = room.enter(line)

    assert entered.kept
    assert entered.said == "'a' could be a1, a2"
    assert looker.ran == []


def test_a_line_settles_the_dialog_of_the_only_one_whose_name_begins_so() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a1", dialog=asked("d1")), member("bee", dialog=asked("d2"))))
    long_ago(room, "d1", "d2")

    assert not room.enter("/approve be").kept
    assert eventually(lambda: looker.ran) == [["approve", "--dialog", "d2", "bee"]]


def test_a_key_answers_no_question() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1", needs="question"))))
    long_ago(room, "d1")

    assert "/answer a" in room.key("approve", text="", key_s=None)
    assert looker.ran == []


def test_approve_all_means_those_that_were_shown_each_by_its_id() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1")), member("b", dialog=asked("d2")), member("c")))
    long_ago(room, "d1", "d2")

    assert not room.enter("/approve all").kept
    ran = eventually(lambda: looker.ran if len(looker.ran) == 2 else None)
    assert sorted(ran) == [["approve", "--dialog", "d1", "a"], ["approve", "--dialog", "d2", "b"]]


def test_a_line_settles_nothing_that_has_only_just_come() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1"))))

    entered = room.enter("/deny a not that")

    assert entered.kept
    assert "only just" in entered.said
    assert looker.ran == []


@pytest.mark.parametrize(("age", "kept"), [(1.0, True), (4.0, False)])
def test_where_the_terminal_keeps_the_line_a_dialog_is_older_than_its_typing(age: float, kept: bool) -> None:
    looker = Looker()
    room = looker.room(always=True)
    room.heard(roster(member("a", dialog=asked("d1"))))
    room.settling.known = Drawn({"d1": clock.monotonic() - age})

    assert room.enter("/approve a").kept is kept


def test_a_denial_carries_its_words() -> None:
    looker = Looker()
    room = looker.room()
    room.heard(roster(member("a", dialog=asked("d1"))))
    long_ago(room, "d1")

    room.enter("/deny a -- don't")

    assert eventually(lambda: looker.ran) == [["deny", "--dialog", "d1", "a", "--", "-- don't"]]


def test_who_was_faster_is_named(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "permission: Bash make", "--", "--speed", "0")
    fleet.wait_state("agent-1", "waiting")
    fleet.ok("approve", "agent-1")
    eventually(lambda: any(entry["kind"] == "decision" for entry in fleet.entries()))
    looker = Looker(open_app=functools.partial(open_app, str(fleet.state)), late=True)
    room = looker.room()
    shown = member("agent-1", dialog=asked("d1", what="Bash(make)"))
    room.heard(roster(replace(shown, id=AgentId(fleet.agent("agent-1")["id"]))))
    long_ago(room, "d1")

    assert room.key("approve", text="", key_s=None) == ""
    [row] = eventually(lambda: looker.rows, explain=lambda: str(looker.rows))
    assert row.startswith("  agent-1: already approved: Bash(make), by ")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("nobody", "no agent is named 'nobody'"),
        ("agnet-1", "did you mean 'agent-1'?"),
        ("gone", "'gone' was removed"),
        ("agent-*", "/to takes the name of one agent"),
    ],
)
def test_to_says_of_a_name_what_every_command_says(given: str, why: str) -> None:
    room = Looker().room()
    room.heard(replace(roster(member("agent-1"), member("agent-2")), removed=frozenset({"gone"})))

    entered = room.enter(f"/to {given}")
    assert entered.kept
    assert why in entered.said
