"""The controller: one, harmless when dead, exact when killed."""

from __future__ import annotations

import subprocess

import psutil
import pytest

from tests.support.fleet import Fleet, eventually, named, wait_ended
from tests.support.gate import put
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.services.app import open_app
from tmuxagents.services.fleet import lost

FAST = ["--", "--speed", "0"]


def controller(fleet: Fleet) -> psutil.Process:
    """The process that controls the fleet now."""
    path = fleet.state / "controller.pid"
    # `spawn` starts it and does not wait for it.
    eventually(path.exists)
    return psutil.Process(int(path.read_text()))


def runs(fleet: Fleet) -> bool:
    return fleet("controller", "status").code == 0


def kill(fleet: Fleet) -> None:
    process = controller(fleet)
    process.kill()
    assert wait_ended([process]) == []


def restart(fleet: Fleet) -> None:
    """Kill it and have another."""
    before = controller(fleet).pid
    kill(fleet)
    # One that is dying holds the lock until the last of its threads has ended, and looks as if it ran.
    eventually(
        lambda: (
            fleet.ok("controller", "start").code == 0 and (fleet.state / "controller.pid").read_text() != str(before)
        )
    )


def per_agent(fleet: Fleet) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in fleet.entries("--only", "text"):
        found.setdefault(entry["agent"], []).append(entry["text"])
    return found


def test_of_three_started_at_once_one_controls(fleet: Fleet) -> None:
    fleet.ok("ls")
    started = [
        subprocess.Popen(fleet.argv("controller", "run"), env=fleet.env, cwd=fleet.work, start_new_session=True)
        for _ in range(3)
    ]
    try:
        ended = eventually(
            lambda: (
                [one for one in started if one.poll() is not None]
                if sum(one.poll() is not None for one in started) == 2
                else None
            )
        )

        assert [one.returncode for one in ended] == [0, 0]
        assert runs(fleet)
    finally:
        for one in started:
            one.kill()
            one.wait()


def test_three_commands_at_once_start_one_server_with_one_controller(fleet: Fleet) -> None:
    argv = fleet.argv("spawn", "--kind", "demo", "say: x", *FAST)
    started = [subprocess.Popen(argv, env=fleet.env, cwd=fleet.work, stdout=subprocess.DEVNULL) for _ in range(3)]

    assert [one.wait() for one in started] == [0, 0, 0]

    assert len({agent["pane"] for agent in fleet.agents()}) == 3
    controllers = [
        words for words in fleet.command_lines().values() if words[:1] != ["sh"] and words[-2:] == ["controller", "run"]
    ]
    assert len(controllers) == 1


def test_without_it_ls_and_tail_are_right(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello\npermission: Write f", *FAST)
    fleet.ok("controller", "stop")
    assert not runs(fleet)

    assert eventually(lambda: fleet.agent("agent-1")["needs"]) == "permission"
    assert per_agent(fleet) == {"agent-1": ["hello"]}
    fleet.ok("approve", "agent-1")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    assert fleet.ok("say", "agent-1", "--json", "die: 3").json["results"][0]["verdict"] == "submitted"
    assert fleet.wait_state("agent-1", "failed")["exit_code"] == 3
    assert not runs(fleet)


def test_the_next_command_that_needs_it_starts_it_again(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)
    kill(fleet)

    fleet.ok("spawn", "--kind", "demo", "say: y", *FAST)

    eventually(lambda: runs(fleet))


def test_a_stopped_one_says_so_and_the_agents_go_on(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    pid = controller(fleet).pid

    assert fleet.ok("controller", "stop").out == f"stopped the controller ({pid})\n"

    assert fleet.agent("agent-1")["state"] == "idle"
    again = fleet("controller", "stop")
    assert (again.code, again.err) == (1, "tmuxagents: no controller runs\nhint: tmuxagents controller start\n")


@pytest.mark.parametrize("times", [1, 5])
def test_a_held_message_is_delivered_once_whatever_is_killed(fleet: Fleet, times: int) -> None:
    fleet.ok("spawn", "--kind", "demo", "think: 1000", "--", "--speed", "1")
    fleet.wait_state("agent-1", "working")
    fleet.ok("say", "agent-1", "--when-idle", "say: held")
    fleet.ok("interrupt", "agent-1")
    for _ in range(times):
        restart(fleet)

    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 2)
    assert [entry["text"] for entry in fleet.entries("--only", "prompt")] == ["think: 1000", "say: held"]
    eventually(lambda: fleet.ok("show", "agent-1", "--json").json["agents"][0]["held"] == [])


def test_a_capture_that_died_is_started_again_and_the_gap_marked(fleet: Fleet) -> None:
    fleet.ok(
        "spawn", "--kind", "command", "--", "sh", "-c", "n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.05; done"
    )
    eventually(lambda: fleet.entries("--only", "output"))
    server = fleet.processes()[0]
    cat = named("cat", server.children())[0]

    cat.kill()

    eventually(lambda: fleet.entries("--only", "gap"))
    seen = len(fleet.entries("--only", "output"))
    eventually(lambda: len(fleet.entries("--only", "output")) > seen)


def test_an_idle_fleet_does_not_keep_it_busy(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--count", "3", *FAST)
    for number in range(1, 4):
        fleet.wait_state(f"agent-{number}", "idle")
    process = controller(fleet)

    before = sum(process.cpu_times()[:2])
    with pytest.raises(psutil.TimeoutExpired):
        process.wait(timeout=2.5)

    assert sum(process.cpu_times()[:2]) - before < 0.15


def test_a_dead_server_is_lost_and_resumed_with_the_same_conversation(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--count", "2", "say: before", *FAST)
    for name in ("agent-1", "agent-2"):
        fleet.wait_for(name, lambda agent: agent["turns"] == 1)
    conversations = {agent["name"]: agent["conversation"] for agent in fleet.agents()}
    everything = fleet.processes()

    everything[0].kill()

    assert wait_ended(everything) == []
    assert {agent["state"] for agent in fleet.agents()} == {"lost"}
    fleet.ok("resume", "--all")
    for name in ("agent-1", "agent-2"):
        fleet.wait_state(name, "idle")
    assert {agent["name"]: (agent["conversation"], agent["generation"]) for agent in fleet.agents()} == {
        name: (conversation, 2) for name, conversation in conversations.items()
    }
    fleet.ok("say", "agent-1", "say: after")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 2)
    assert per_agent(fleet)["agent-1"] == ["before", "after"]


def test_a_look_that_is_older_than_a_window_does_not_lose_it(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")

    with open_app(str(fleet.state)) as app:
        assert lost.record_lost(app, Snapshot("an older look", {}, {})) == []

    assert fleet.agent("agent-1")["state"] == "idle"


def test_a_start_that_tmux_carries_out_too_late_starts_nothing(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "first", *FAST)
    fleet.wait_state("first", "idle")
    server = fleet.processes()[0]
    gate = put(fleet)
    spawning = fleet.start("spawn", "--kind", "command", "--", "touch", str(fleet.work / "ran"), env=gate.env)
    # It is about to ask for its window.
    eventually(gate.held_back)

    server.suspend()
    try:
        gate.open()
        _, said = spawning.communicate(timeout=30)
    finally:
        server.resume()

    assert (spawning.returncode, "did not answer" in said) == (1, True)
    assert [agent["name"] for agent in fleet.agents()] == ["first"]
    # The window opens now; the controller closes it.
    eventually(lambda: len(fleet.tmux("list-windows", "-a").splitlines()) == 2)
    assert not (fleet.work / "ran").exists()


def test_a_server_that_does_not_answer_is_unknown_and_not_dead(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.wait_state("agent-1", "idle")
    server = fleet.processes()[0]

    server.suspend()
    try:
        ran = fleet("ls", "--json")
    finally:
        server.resume()

    assert [agent["state"] for agent in ran.json["agents"]] == ["unknown"]
    assert "tmux did not answer" in ran.err
    assert fleet.agent("agent-1")["state"] == "idle"
