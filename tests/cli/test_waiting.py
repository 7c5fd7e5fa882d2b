"""`wait`, `spawn --wait` and `say --wait` on the demo kind: until nothing is owed, with the right exit code."""

from __future__ import annotations

import json

from tests.support.fleet import Fleet, eventually

SLOW = ["--", "--speed", "1"]
FAST = ["--", "--speed", "0"]


def test_wait_right_behind_spawn_is_until_the_task_is_done(fleet: Fleet) -> None:
    for name in ("first", "second"):
        fleet.ok("spawn", "--kind", "demo", "--name", name, "think: 0.5\nsay: there", *SLOW)

        assert fleet.ok("wait", name).out == f"{name} idle\n"
        assert [e["text"] for e in fleet.entries(name, "--only", "text")] == ["there"]

    states = [e["text"] for e in fleet.entries("--only", "state")]
    assert states == ["working", "idle"] * 2


def test_wait_is_until_what_was_queued_and_held_is_done_too(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "think: 1000", *SLOW)
    fleet.wait_state("agent-1", "working")
    assert fleet.ok("say", "agent-1", "think: 0.3\nsay: queued").out.startswith("queued")
    assert fleet.ok("say", "--when-idle", "agent-1", "think: 0.3\nsay: held").out.startswith("held")
    fleet.tmux("send-keys", "-t", fleet.pane("agent-1"), "Escape")

    fleet.ok("wait", "--timeout", "60")

    assert [e["text"] for e in fleet.entries("--only", "text,turn")] == ["", "queued", "", "held", ""]


def test_a_held_message_waits_for_the_task(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "think: 0.5\nsay: task", *SLOW)

    fleet.ok("say", "--when-idle", "--wait", "agent-1", "say: held")

    assert [e["text"] for e in fleet.entries("--only", "prompt")] == ["think: 0.5\nsay: task", "say: held"]


def test_its_own_time_limit_is_exit_code_4_for_all_of_them(fleet: Fleet) -> None:
    spawned = fleet("spawn", "--kind", "demo", "--wait", "--timeout", "1s", "think: 1000", *SLOW)
    waited = fleet("wait", "agent-1")

    for ran in (spawned, waited):
        assert ran.code == 4, ran
        assert "agent-1 was stopped: its own time limit of 1s has passed" in ran.err


def test_the_time_limit_of_the_wait_says_that_it_is_that(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "think: 1000", *SLOW)
    fleet.wait_state("agent-1", "working")

    waited = fleet("wait", "--timeout", "0.2s")
    said = fleet("say", "--wait", "--timeout", "0.2s", "agent-1", "more")

    for ran in (waited, said):
        assert ran.code == 4, ran
        assert "the wait's time limit has passed: after 0.2 s agent-1 is working" in ran.err


def test_what_dies_under_a_wait_is_exit_code_5(fleet: Fleet) -> None:
    ran = fleet("spawn", "--kind", "demo", "--wait", "die: 3", *FAST)

    assert ran.code == 5
    assert "agent-1 is failed" in ran.err


def test_a_dialog_is_told_at_once_and_waited_through(fleet: Fleet) -> None:
    spawning = fleet.start("spawn", "--kind", "demo", "--wait", "permission: Write f\nsay: after", *FAST)
    assert spawning.stderr is not None

    told = spawning.stderr.readline()
    assert told == "agent-1 needs permission: Write(f)   tmuxagents approve agent-1\n"
    fleet.ok("approve", "agent-1")

    assert spawning.wait(30) == 0


def test_a_dialog_ends_a_wait_that_wants_none(fleet: Fleet) -> None:
    spawned = fleet("spawn", "--kind", "demo", "--wait", "--no-dialog", "permission: Write f", *FAST)
    waited = fleet("wait", "--no-dialog", "--json")
    fleet.ok("spawn", "--kind", "demo", "--name", "other", *FAST)
    fleet.wait_state("other", "idle")
    said = fleet("say", "--wait", "--no-dialog", "other", "permission: Write f")

    for ran, name in ((spawned, "agent-1"), (waited, "agent-1"), (said, "other")):
        assert ran.code == 3, ran
        assert f"hint: tmuxagents approve {name}\n" in ran.err
    assert [agent["needs"] for agent in json.loads(waited.out)["agents"]] == ["permission"]


def test_a_wait_that_ends_because_somebody_is_needed_says_who_and_how(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "permission: Write f", *FAST)
    needed = "agent-1 needs permission: Write(f)   tmuxagents approve agent-1\n"

    there = fleet.ok("wait", "--for", "waiting")
    as_json = fleet.ok("wait", "--for", "waiting", "--json")
    late = fleet("wait", "--timeout", "0.2s")

    assert (there.out, there.err) == ("agent-1 waiting\n", needed)
    assert as_json.err == needed
    assert late.code == 4
    assert late.err.endswith("agent-1 is waiting, needs permission\nhint: tmuxagents approve agent-1\n")


def test_an_interrupted_answer_is_no_answer(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *SLOW)
    fleet.wait_state("agent-1", "idle")
    saying = fleet.start("say", "--wait", "agent-1", "think: 1000")
    fleet.wait_state("agent-1", "working")
    fleet.ok("interrupt", "agent-1")

    out, err = saying.communicate(timeout=30)

    assert (saying.returncode, out) == (5, "")
    assert "agent-1 was interrupted before it had answered" in err
    assert fleet.ok("wait").out == "agent-1 idle\n"


def test_each_of_several_is_waited_for_and_the_worst_is_the_exit_code(fleet: Fleet) -> None:
    ran = fleet("spawn", "--kind", "demo", "--wait", "die: 3", "think: 0.5\nsay: good", *SLOW)

    assert ran.code == 5
    assert "agent-1 is failed" in ran.err
    eventually(lambda: fleet.agent("agent-2")["turns"] == 1, 1)


def test_a_command_is_done_when_it_has_ended_with_zero(fleet: Fleet) -> None:
    assert fleet("spawn", "--kind", "command", "--wait", "--", "true").code == 0
    assert fleet("spawn", "--kind", "command", "--wait", "--", "false").code == 5


def test_at_the_time_limit_of_a_wait_json_has_the_agents_with_their_states(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "idles", "say: x", *FAST)
    fleet.ok("wait")

    waited = fleet("wait", "idles", "--for", "working", "--timeout", "0.2s", "--json")

    assert waited.code == 4
    assert [(agent["name"], agent["state"]) for agent in waited.json["agents"]] == [("idles", "idle")]
