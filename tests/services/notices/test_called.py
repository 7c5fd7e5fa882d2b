"""A person is called: once, where it was asked for, not when they look, again when nobody reacts."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.services.controller.test_controller import controller
from tests.support.called import configure
from tests.support.fleet import Fleet, eventually, named, person, terminal
from tests.support.inbox import inbox

FAST = ["--", "--speed", "0"]
ASK = "permission: Write secret/plan.txt"
ANOTHER = "permission: Write another"


def spawn(fleet: Fleet, name: str, task: str = "say: hello") -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", name, task, *FAST)


def test_a_command_is_told_of_each_transition_once(fleet: Fleet) -> None:
    called = configure(fleet, on=["needs", "failed", "lost", "finished"], channels=["command"], command=["call-me"])
    spawn(fleet, "a", ASK)
    called.settled(1)
    fleet.ok("approve", "a")
    called.settled(2)
    fleet.ok("say", "a", "die: 3")
    called.settled(3)
    spawn(fleet, "b")
    called.settled(4)
    fleet.tmux("kill-pane", "-t", fleet.pane("b"))
    called.settled(5)

    told = sorted(called.command(), key=lambda one: str(one["at"]))

    assert [(one["agent"], one["notice"], one["state"], one["needs"]) for one in told] == [
        ("a", "needs", "waiting", "permission"),
        ("a", "finished", "idle", None),
        ("a", "failed", "failed", None),
        ("b", "finished", "idle", None),
        ("b", "lost", "lost", None),
    ]
    assert told[0]["text"] == "Write(secret/plan.txt)"
    assert told[0]["command"].startswith(f"tmuxagents --state-dir '{fleet.state}' approve a --dialog ")
    assert {one["id"] for one in told} == {row["id"] for row in called.recorded()}


def test_a_command_is_told_of_the_end_of_a_run_once(fleet: Fleet) -> None:
    called = configure(fleet, on=["finished"], channels=["command"], command=["call-me"])
    (fleet.work / "m.yaml").write_text("tasks:\n  a: {command: 'exit 3'}\n")
    assert fleet("run", "m.yaml").code == 5
    (fleet.work / "m.yaml").write_text("tasks:\n  a: {command: 'true'}\n")
    fleet.ok("run", "m.yaml")

    eventually(lambda: any(one["run"] for one in called.command()))

    [told] = [one for one in called.command() if one["run"]]
    assert (told["run"], told["notice"], told["state"], told["text"]) == ("run-2", "finished", "done", "1 of 1 done")
    assert told["command"].endswith(" show run-2")


def test_the_command_in_a_notice_settles_that_very_dialog_and_no_later_one(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    spawn(fleet, "a", f"{ASK}\n{ASK}")
    called.settled(1)
    [first] = called.command()
    words = shlex.split(first["command"])[1:]
    assert fleet.ok("show", "a", "--json").json["agents"][0]["dialog"]["id"] == first["dialog_id"]

    # Where the next one looks just the same nothing proves that the first was taken.
    assert fleet(*words).code in (0, 5)
    called.settled(2)
    stale = fleet(*words)

    assert stale.code == 3
    assert stale.err == (
        f"tmuxagents: a no longer waits on the dialog '{first['dialog_id']}'; nothing was chosen\n"
        f"hint: tmuxagents --state-dir '{fleet.state}' show a\n"
    )
    assert fleet.agent("a")["needs"] == "permission"
    assert fleet("deny", "a", "--dialog", first["dialog_id"]).code == 3
    assert fleet("answer", "a", "--dialog", first["dialog_id"], "1").code == 3
    assert fleet.agent("a")["needs"] == "permission"
    second = next(one for one in called.command() if one["id"] != first["id"])
    fleet.ok("deny", "a", "--dialog", second["dialog_id"])


def test_the_command_in_a_notice_works_after_a_rename(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    spawn(fleet, "a", ASK)
    called.settled(1)
    [told] = called.command()
    fleet.ok("rename", "a", "b")

    ran = fleet.ok(*shlex.split(told["command"])[1:])

    assert ran.out == "approved: b: Write(secret/plan.txt) (Yes)\n"
    assert ran.err == "tmuxagents: a is called b now\n"
    stale = fleet(*shlex.split(told["command"])[1:])
    assert (stale.code, stale.out) == (3, "")
    assert stale.err.startswith("tmuxagents: a is called b now\ntmuxagents: b no longer waits on the dialog '")
    fleet.ok("rename", "b", "c")
    assert "c no longer waits on the dialog" in fleet("deny", "b", "--dialog", told["dialog_id"]).err
    assert fleet("approve", "a").code == 1


def test_nothing_leaves_the_machine_that_was_not_asked_for(fleet: Fleet) -> None:
    with inbox() as theirs:
        called = configure(
            fleet, channels=["webhook", "ntfy"], webhook=f"{theirs.url}/hook", ntfy=f"{theirs.url}/topic"
        )
        spawn(fleet, "a", ASK)
        called.settled(1)

        [hook], [topic] = theirs.at("/hook"), theirs.at("/topic")
        everything = b"".join(one.body + str(one.headers).encode() for one in theirs.posted)

        assert b"plan.txt" not in everything
        assert str(fleet.root).encode() not in everything
        assert hook.json["agent"] == "a"
        assert (hook.json["notice"], hook.json["needs"], hook.json["text"]) == ("needs", "permission", None)
        assert hook.headers["idempotency-key"] == hook.json["id"] == topic.headers["x-sequence-id"]
        assert topic.headers["title"] == "a needs permission"
        assert topic.body.decode() == hook.json["command"]

        configure(fleet, channels=["webhook"], webhook=f"{theirs.url}/hook", include="text")
        fleet.ok("approve", "a")
        fleet.ok("say", "a", "permission: Write other")
        called.settled(2)

        assert theirs.at("/hook")[1].json["text"] == "Write(other)"


def test_who_is_attached_gets_a_message_and_a_bell_and_who_looks_at_it_is_left_alone(fleet: Fleet) -> None:
    called = configure(fleet, channels=["tmux"])
    spawn(fleet, "here")
    spawn(fleet, "there")
    fleet.wait_for("there", lambda agent: agent["turns"] == 1)
    with person(fleet, "here", columns=160) as keyboard:
        fleet.ok("say", "here", "permission: Write one%H#{pid}")
        called.settled(1)
        fleet.ok("say", "there", "permission: Write two%H#{pid}")
        [sending] = called.settled(2)

        eventually(
            lambda: b"there needs permission: Write(two%H#{pid})" in keyboard.drawn, explain=lambda: str(keyboard)
        )
        eventually(lambda: b"\a" in keyboard.drawn)
        assert b"here needs permission: Write(one" not in keyboard.drawn
        assert (sending["verdict"], sending["state"]) == ("shown in 1 terminal", "sent")
        assert [row["why"] for row in called.recorded()] == ["somebody was looking at it", ""]


def test_a_terminal_is_told_by_its_own_sequence(fleet: Fleet) -> None:
    called = configure(fleet, channels=["osc"], osc="99")
    spawn(fleet, "here")
    spawn(fleet, "there")
    fleet.wait_for("there", lambda agent: agent["turns"] == 1)
    with person(fleet, "here") as keyboard:
        fleet.ok("say", "there", ASK)
        called.settled(1)
        [row] = called.recorded()

        eventually(lambda: f"\x1b]99;i={row['id']}:d=0;there needs permission\x1b\\".encode() in keyboard.drawn)
        assert b"99;i=" in keyboard.drawn
        assert f"body;tmuxagents --state-dir '{fleet.state}' approve there --dialog".encode() in keyboard.drawn
        assert b"body;Write" not in keyboard.drawn


def test_the_terminal_around_the_users_own_tmux_is_told_through_it(fleet: Fleet) -> None:
    called = configure(fleet, channels=["osc", "tmux"], osc="9")
    spawn(fleet, "here")
    spawn(fleet, "there")
    fleet.wait_for("there", lambda agent: agent["turns"] == 1)
    with nested(fleet, "here") as drawn:
        fleet.ok("say", "there", ASK)
        called.settled(1)

        eventually(
            lambda: (
                f"\x1b]9;there needs permission: tmuxagents --state-dir '{fleet.state}' approve there --".encode()
                in drawn
            )
        )
        eventually(lambda: b"there needs permission: Write(secret/plan.txt)" in drawn)


@contextmanager
def nested(fleet: Fleet, name: str) -> Iterator[bytearray]:
    """A person who looks at that agent from within a tmux of their own; what their terminal is sent."""
    own = ["tmux", "-u", "-S", str(fleet.root / "own")]
    env = {**fleet.env, "TERM": "xterm-256color"}
    window = fleet.tmux("display-message", "-p", "-t", fleet.pane(name), "#{window_id}").strip()
    attach = shlex.join(["tmux", "-u", "-N", "-S", fleet.socket(), "attach", "-t", window])
    configured = ["set", "-g", "allow-passthrough", "on", ";", "set", "-g", "default-terminal", "tmux-256color", ";"]
    start = ["new-session", "-d", "-x", "200", "-y", "50", "sleep 1000", ";", *configured]
    subprocess.run([*own, "-f", "/dev/null", *start, "respawn-pane", "-k", f"TMUX= {attach}"], env=env, check=True)
    try:
        with terminal([*own, "attach"], env) as (_, drawn):
            eventually(lambda: window in fleet.tmux("list-clients", "-F", "#{window_id}"))
            yield drawn
    finally:
        subprocess.run([*own, "kill-server"], env=env, check=False)


def test_a_button_on_the_desktop_settles_the_dialog(fleet: Fleet) -> None:
    called = configure(fleet, channels=["desktop"])
    (fleet.root / "stands").touch()
    spawn(fleet, "a", ASK)
    called.settled(1)
    [shown] = called.desktop()
    assert shown[shown.index("--") + 1 :][:2] == ["a needs permission", "Write(secret/plan.txt)"]
    assert {"--action=approve=Approve", "--action=deny=Deny", "--urgency=critical"} <= set(shown)

    (fleet.root / "pressed").write_text("approve\n")
    (fleet.root / "stands").unlink()

    fleet.wait_for("a", lambda agent: agent["turns"] == 1)


def test_a_button_that_comes_too_late_settles_nothing(fleet: Fleet) -> None:
    called = configure(fleet, channels=["desktop"])
    (fleet.root / "stands").touch()
    spawn(fleet, "a", f"{ASK}\n{ANOTHER}")
    called.settled(1)
    waiting = named("sh", controller(fleet).children(recursive=True))
    fleet.ok("approve", "a")
    called.settled(2)

    (fleet.root / "pressed").write_text("approve\n")
    (fleet.root / "stands").unlink()

    # The second one's button settles the second: the first one's must have come to nothing.
    fleet.wait_for("a", lambda agent: agent["turns"] == 1)
    psutil.wait_procs(waiting, timeout=60)
    assert len(fleet.entries("--only", "needs")) == 2


def test_nobody_reacts_so_it_is_escalated_once(fleet: Fleet) -> None:
    with inbox() as theirs:
        called = configure(
            fleet, channels=["command"], command=["call-me"], after=1, escalate=["webhook"], webhook=theirs.url
        )
        spawn(fleet, "a", ASK)
        eventually(lambda: theirs.posted)
        called.settled(1)

        [told], [posted] = called.command(), theirs.posted
        assert (told["id"], told["escalated"]) == (posted.json["id"], False)
        assert posted.json["escalated"] is True


def test_what_was_settled_is_not_escalated(fleet: Fleet) -> None:
    with inbox() as theirs:
        called = configure(
            fleet, channels=["command"], command=["call-me"], after=3, escalate=["webhook"], webhook=theirs.url
        )
        spawn(fleet, "a", ASK)
        called.settled(1)
        fleet.ok("approve", "a")
        eventually(lambda: called.recorded()[0]["stage"] == "over")

        assert called.recorded()[0]["why"] == "somebody reacted"
        assert theirs.posted == []


def test_what_comes_again_and_again_cools_down_and_a_new_dialog_does_not(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    spawn(fleet, "a", f"{ASK}\n{ANOTHER}\ndie: 3")
    called.settled(1)
    fleet.ok("approve", "a")
    called.settled(2)
    fleet.ok("approve", "a")
    called.settled(3)
    fleet.ok("resume", "a")
    fleet.wait_state("a", "idle")
    fleet.ok("say", "a", "die: 3")
    fleet.wait_state("a", "failed")

    eventually(lambda: [row["why"] for row in called.recorded()] == ["", "", "", "cools down"])
    assert len(called.command()) == 3


def test_an_endpoint_that_hangs_delays_neither_the_other_notices_nor_the_loop(fleet: Fleet) -> None:
    with inbox() as theirs:
        theirs.hangs = True
        called = configure(
            fleet, channels=["webhook", "command"], webhook=theirs.url, command=["call-me"], on=["needs"]
        )
        spawn(fleet, "a", ASK)
        eventually(lambda: theirs.posted)
        for name in ("b", "c", "d"):
            spawn(fleet, name, ASK)
            eventually(lambda name=name: any(one["agent"] == name for one in called.command()))  # type: ignore[misc]

        assert len(theirs.posted) == 1
        assert fleet.ok("controller", "status", "--json").json == {"v": 1, "running": True, "stuck": False}
        theirs.hangs = False
        theirs.release.set()
        called.settled(4)
        assert {one.json["agent"] for one in theirs.posted} == {"a", "b", "c", "d"}


@pytest.mark.soak
def test_one_that_was_refused_is_tried_again_with_the_same_id(fleet: Fleet) -> None:
    with inbox() as theirs:
        theirs.statuses = [503]
        called = configure(fleet, channels=["webhook"], webhook=theirs.url)
        spawn(fleet, "a", ASK)

        [sending] = called.settled(1)

        assert (sending["state"], sending["tries"], sending["verdict"]) == ("sent", 2, "answered 200")
        assert len({one.headers["idempotency-key"] for one in theirs.posted}) == 1


def notices_of_doctor(fleet: Fleet) -> list[tuple[str, str]]:
    findings = fleet("doctor", "--json").json["findings"]
    return [(one["level"], one["what"]) for one in findings if one["about"] == "notices"]


def test_what_was_settled_is_not_tried_again_and_the_reason_is_recorded(fleet: Fleet) -> None:
    with inbox() as theirs:
        theirs.statuses = [503] * 9
        called = configure(fleet, channels=["webhook"], webhook=theirs.url, on=["needs"])
        spawn(fleet, "a", ASK)
        eventually(lambda: [row["verdict"] for row in called.sendings()] == ["answered 503"])
        assert notices_of_doctor(fleet) == [("problem", "webhook did not take the last one: answered 503")]
        tried = len(theirs.posted)
        fleet.ok("approve", "a")

        [sending] = called.settled(1)

        assert sending["state"] == "dropped"
        assert sending["verdict"] == "its dialog was settled meanwhile; the last try: answered 503"
        assert len(theirs.posted) == tried


def test_doctor_knows_of_a_test_that_did_not_arrive_and_of_one_that_did(fleet: Fleet) -> None:
    with inbox() as theirs:
        theirs.statuses = [403]
        configure(fleet, channels=["webhook"], webhook=theirs.url)

        assert fleet("notify", "test").code == 1
        assert notices_of_doctor(fleet) == [("problem", "webhook did not take the last one: answered 403")]

        fleet.ok("notify", "test")
        assert notices_of_doctor(fleet) == [("ok", "you are called by webhook")]


@pytest.mark.parametrize("status", [404, 302])
def test_one_that_will_never_be_taken_is_given_up(fleet: Fleet, status: int) -> None:
    with inbox() as theirs:
        theirs.statuses, theirs.location = [status], f"{theirs.url}/elsewhere"
        called = configure(fleet, channels=["webhook"], webhook=theirs.url)
        spawn(fleet, "a", ASK)

        [sending] = called.settled(1)

        assert (sending["state"], sending["tries"], len(theirs.posted)) == ("failed", 1, 1)
        assert theirs.url not in sending["verdict"]
        findings = fleet("doctor", "--json").json["findings"]
        [found] = [one for one in findings if one["about"] == "notices"]
        assert (found["level"], found["what"]) == ("problem", f"webhook did not take the last one: answered {status}")


def go_wrong(fleet: Fleet, text: str) -> Path:
    """The user's file as it is after a bad edit, in a fleet with one agent."""
    file = Path(fleet.env["TMUXAGENTS_CONFIG"])
    spawn(fleet, "a")
    fleet.wait_for("a", lambda agent: agent["turns"] == 1)
    eventually((fleet.state / "notices.json").exists)
    file.write_text(f"{text}\n")
    return file


def ask(fleet: Fleet) -> None:
    fleet("say", "a", ASK, TMUXAGENTS_CONFIG=str(fleet.root / "none.toml"))


@pytest.mark.parametrize("wrong", ["modle = 1", '[notices]\nchanels = ["tmux"]', "]"])
def test_while_the_file_is_wrong_what_counted_last_calls_and_it_is_said(fleet: Fleet, wrong: str) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    file = go_wrong(fleet, wrong)
    ask(fleet)

    called.settled(1)

    assert [row["channel"] for row in called.sendings()] == ["command"]
    told = fleet.ok("ls").err
    assert told.startswith(f"tmuxagents: '{file}' ")
    assert told.endswith("; notices go by what was set before\nhint: tmuxagents config edit\n")
    file.write_text("")
    assert fleet.ok("ls").err == ""


def test_the_next_controller_knows_what_counted_last(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    go_wrong(fleet, "]")
    fleet.ok("controller", "stop")
    fleet("controller", "start", TMUXAGENTS_CONFIG=str(fleet.root / "none.toml"))
    ask(fleet)

    called.settled(1)

    assert [row["channel"] for row in called.sendings()] == ["command"]


def test_where_nothing_counted_yet_a_wrong_file_calls_by_the_defaults(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    go_wrong(fleet, '[notices]\nchanels = ["command"]')
    (fleet.state / "notices.json").unlink()
    ask(fleet)

    called.settled(1)

    assert [row["channel"] for row in called.sendings()] == ["tmux"]
    assert "there is no setting 'chanels'" in (fleet.state / "controller.log").read_text()


def test_notify_test_says_of_each_channel_what_became_of_it(fleet: Fleet) -> None:
    with inbox() as theirs:
        theirs.statuses = [200, 403]
        configure(
            fleet,
            channels=["tmux", "command", "desktop", "webhook"],
            escalate=["ntfy"],
            command=["call-me"],
            webhook=f"{theirs.url}/hook",
            ntfy=f"{theirs.url}/topic",
        )
        ran = fleet("notify", "test")

        assert ran.out.splitlines() == [
            "failed: tmux: nobody is attached",
            "sent: command: 'call-me' ended with 0",
            "sent: desktop: 'notify-send' ended with 0",
            "sent: webhook: answered 200",
            "failed: ntfy: answered 403",
        ]
        assert (ran.code, ran.err.splitlines()[0]) == (1, "tmuxagents: 2 of 5 channels did not take it")
        assert theirs.at("/hook")[0].json["notice"] == "test"


def test_notify_test_without_a_channel_says_so(fleet: Fleet) -> None:
    configure(fleet, channels=[])

    assert fleet("notify", "test").err.startswith("tmuxagents: no channel is configured\nhint: tmuxagents help notices")


def test_an_agent_that_was_resumed_before_anybody_could_be_called_calls_nobody(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    spawn(fleet, "a")
    fleet.wait_for("a", lambda agent: agent["turns"] == 1)
    fleet.ok("controller", "stop")
    fleet.ok("say", "a", "die: 3")
    fleet.wait_state("a", "failed")
    assert [row["stage"] for row in called.recorded()] == ["due"]

    fleet.ok("resume", "a")
    eventually(lambda: [row["why"] for row in called.recorded()] == ["somebody reacted before"])

    assert called.command() == []


def test_a_dialog_that_was_settled_while_nobody_could_be_called_calls_nobody(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    spawn(fleet, "a")
    fleet.wait_for("a", lambda agent: agent["turns"] == 1)
    fleet.ok("controller", "stop")
    fleet.ok("say", "a", ASK)
    fleet.wait_state("a", "waiting")
    fleet.ok("approve", "a")

    fleet.ok("controller", "start")
    eventually(lambda: [row["why"] for row in called.recorded()] == ["settled before anybody could be called"])

    assert called.command() == []


def test_the_demo_calls_nobody(fleet: Fleet) -> None:
    with inbox() as theirs:
        configure(fleet, channels=["webhook"], on=["needs", "finished"], webhook=theirs.url)

        fleet.ok("demo", "--speed", "5")

        assert theirs.posted == []


@pytest.mark.soak
def test_a_time_limit_that_ends_an_agent_is_told(fleet: Fleet) -> None:
    called = configure(fleet, channels=["command"], command=["call-me"])
    fleet.ok("spawn", "--kind", "demo", "--name", "a", "--timeout", "1s", "hang: x", *FAST)

    called.settled(1)

    [told] = called.command()
    assert (told["notice"], told["text"]) == ("failed", "timed out after 1 s")
