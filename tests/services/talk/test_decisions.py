"""A dialog that is settled leaves one line in the journal: what was decided, by whom and from where."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import time

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet, eventually, person
from tests.survival.test_damage import journal_page


def decisions(fleet: Fleet, count: int) -> list[str]:
    def told() -> list[str] | None:
        found = [entry["text"] for entry in fleet.entries("--only", "decision")]
        return found if len(found) >= count else None

    found: list[str] = eventually(told)
    return found


def asking(fleet: Fleet, task: str) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "api", task, "--", "--speed", "0")
    fleet.wait_state("api", "waiting")


def test_a_person_is_named_with_the_terminal(fleet: Fleet) -> None:
    asking(fleet, "permission: Write a.rs")
    ours, theirs = pty.openpty()
    terminal = os.ttyname(theirs).removeprefix("/dev/")

    subprocess.run(fleet.argv("approve", "api"), stdin=theirs, stdout=theirs, stderr=theirs, env=fleet.env, check=True)

    os.close(theirs)
    os.close(ours)
    assert decisions(fleet, 1) == [f"approved: Write(a.rs), by you on {terminal}"]
    assert f"-- api approved: Write(a.rs), by you on {terminal} --" in fleet.ok("tail", "--no-follow").out


def test_an_agent_is_named_that_decides_from_its_own_shell(fleet: Fleet) -> None:
    asking(fleet, "question: Which? | Red | Green\npermission: Write a.rs")

    fleet.ok("answer", "api", "Green", TMUXAGENTS_NAME="agent-2")
    fleet.wait_for("api", lambda a: a["needs"] == "permission")
    fleet.ok("deny", "api", TMUXAGENTS_NAME="agent-3")

    assert decisions(fleet, 2) == ["answered: Which? (Green), by agent-2", "denied: Write(a.rs), by agent-3"]


@pytest.mark.parametrize(
    "typed",
    [
        "unset TMUXAGENTS_NAME; {approve}; sleep 600",
        "TMUXAGENTS_NAME=agent-9 {approve}; sleep 600",
        "unset TMUXAGENTS_NAME; setsid {approve} </dev/null >/dev/null 2>&1; sleep 600",
        "unset TMUXAGENTS_NAME; (({approve}) </dev/null >/dev/null 2>&1 &) ; sleep 600",
    ],
    ids=["unset", "another name", "no terminal", "no parent"],
)
def test_an_agent_cannot_decide_as_somebody_else(fleet: Fleet, typed: str) -> None:
    asking(fleet, "permission: Write a.rs")
    script = typed.format(approve=shlex.join(fleet.argv("approve", "api")))

    fleet.ok("spawn", "--kind", "command", "--name", "robot", "--", "sh", "-c", script)

    assert decisions(fleet, 1) == ["approved: Write(a.rs), by robot"]


def test_who_has_left_parents_and_terminal_is_known_by_the_variable(fleet: Fleet) -> None:
    asking(fleet, "permission: Write a.rs")
    script = f"(setsid {shlex.join(fleet.argv('approve', 'api'))} </dev/null >/dev/null 2>&1 &); sleep 600"

    fleet.ok("spawn", "--kind", "command", "--name", "robot", "--", "sh", "-c", script)

    assert decisions(fleet, 1) == ["approved: Write(a.rs), by robot"]


def test_what_is_pressed_at_the_window_is_told_as_that(fleet: Fleet) -> None:
    asking(fleet, "permission: Write a.rs")

    with person(fleet, "api") as keyboard:
        keyboard.type("2")
        assert decisions(fleet, 1) == ["denied: Write(a.rs), at its window"]


def test_a_dialog_that_no_event_announces_is_told_too(fleet: Fleet) -> None:
    asking(fleet, "dialog: careful")

    fleet.ok("answer", "api", "1")

    assert decisions(fleet, 1) == ["answered: Do you want to proceed? (Yes), by you"]


def test_of_dialogs_alike_each_is_told_by_the_one_who_settled_it(fleet: Fleet) -> None:
    asking(fleet, "\n".join(["permission: Write same.txt"] * 4 + ["question: Which? | Red | Green"] * 2 + ["say: end"]))

    told = [fleet.ok(*words, "--json").json["results"][0] for words in (("approve", "api"), ("deny", "api"))]
    with person(fleet, "api") as keyboard:
        keyboard.type("1")
        decisions(fleet, 3)
    told += [fleet.ok("answer", "api", choice, "--json").json["results"][0] for choice in ("Yes", "Red", "Green")]

    assert [(one["verdict"], one["chosen"], one["evidence"]) for one in told] == [
        ("approved", "Yes", "event answered"),
        ("denied", "No", "event answered"),
        ("answered", "Yes", "event answered"),
        ("answered", "Red", "event answered"),
        ("answered", "Green", "event answered"),
    ]
    assert decisions(fleet, 6) == [
        "approved: Write(same.txt), by you",
        "denied: Write(same.txt), by you",
        "approved: Write(same.txt), at its window",
        "approved: Write(same.txt), by you",
        "answered: Which? (Red), by you",
        "answered: Which? (Green), by you",
    ]
    assert fleet.entries("--only", "note") == []


@pytest.mark.soak
def test_of_dialogs_alike_that_are_not_told_nobody_is_named_wrongly(fleet: Fleet) -> None:
    asking(fleet, "dialog: careful\ndialog: careful")

    first = fleet("answer", "api", "1")
    assert first.code == 5
    assert first.out.startswith("unconfirmed: api: Do you want to proceed? (the dialog, or one just like it")
    fleet.ok("answer", "api", "1")

    fleet.wait_state("api", "idle")
    assert decisions(fleet, 1)[-1] == "answered: Do you want to proceed? (Yes), by you"
    assert fleet.entries("--only", "note") == []


def test_an_agent_that_ends_leaves_it_unanswered(fleet: Fleet) -> None:
    asking(fleet, "permission: Write a.rs")

    fleet.ok("stop", "api")

    assert decisions(fleet, 1) == ["left unanswered: Write(a.rs)"]


def test_a_rebuild_tells_it_once_and_keeps_who_decided(fleet: Fleet) -> None:
    lines = "\n".join(f"say: line {number} {'x' * 300}" for number in range(60))
    asking(fleet, f"permission: Write a.rs\n{lines}")
    fleet.ok("approve", "api", TMUXAGENTS_NAME="agent-2")
    fleet.wait_for("api", lambda a: a["turns"] == 1)
    fleet.ok("controller", "stop")
    journal_page(fleet)

    assert "is rebuilt" in fleet.ok("tail", "--no-follow").err

    assert decisions(fleet, 1) == ["approved: Write(a.rs), by agent-2"]


@pytest.mark.soak
@either_version
@pytest.mark.claude
def test_claude_requests_are_told_once_with_who_decided(claude: Fleet) -> None:
    claude.ok("spawn", "--permission-mode", "default", "--name", "api", "bash: touch one")
    claude.wait_state("api", "waiting")
    claude.ok("approve", "api", TMUXAGENTS_NAME="agent-2")
    claude.wait_state("api", "idle")
    claude.ok("say", "api", "bash: touch two")
    claude.wait_state("api", "waiting")
    claude.ok("deny", "api", "use three")
    claude.wait_state("api", "idle")
    claude.ok("say", "api", "bash: touch four")
    claude.wait_state("api", "waiting")
    with person(claude, "api") as keyboard:
        eventually(lambda: "1. Yes" in claude.screen("api"))

        def press() -> None:
            # A dialog takes no key in its first moments.
            if "1. Yes" in claude.screen("api"):
                keyboard.type("1")
            time.sleep(0.5)

        eventually(lambda: claude.agent("api")["turns"] == 3, pause=press)

    assert decisions(claude, 3) == [
        "approved: Bash(touch one), by agent-2",
        "denied: Bash(touch two) (use three), by you",
        "approved: Bash(touch four), at its window",
    ]
