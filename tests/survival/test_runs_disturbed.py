"""A run comes to its end whatever people and machines do to it meanwhile."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.services.controller.test_controller import controller
from tests.services.runs.recorded import RUN, begun, recorded
from tests.support import small_disk
from tests.support.fleet import Fleet, eventually
from tests.survival.test_damage import journal_page
from tests.survival.test_one_stuck import suspended
from tmuxagents.names import AgentName
from tmuxagents.services.app import open_app
from tmuxagents.services.runs import stepping
from tmuxagents.store import agents, messages

WAITS = "until [ -e go ]; do sleep 0.05; done; echo went"
"""A program that ends when the test says so."""


def begin(fleet: Fleet, *tasks: str, top: str = "") -> None:
    lines = "".join(f"  - {{{task}}}\n" for task in tasks)
    (fleet.work / "run.yaml").write_text(f"{top}\ntasks:\n{lines}")
    fleet.ok("run", "--detach", "run.yaml")


def run(fleet: Fleet) -> Mapping[str, Any]:
    """The run as it is now."""
    found: Mapping[str, Any] = fleet.ok("show", "run-1", "--json").json["runs"][0]
    return found


def states(fleet: Fleet) -> dict[str, str]:
    return {task["key"]: task["state"] for task in run(fleet)["tasks"]}


def ended(fleet: Fleet) -> dict[str, str]:
    """What came of each task, when the run is over."""
    eventually(lambda: run(fleet)["ended"], explain=lambda: str(run(fleet)))
    return states(fleet)


def working(fleet: Fleet, *names: str) -> None:
    def at_work() -> set[str]:
        return {agent["name"] for agent in fleet.agents() if agent["state"] == "working"}

    eventually(lambda: set(names) <= at_work())


def spawned(fleet: Fleet) -> Counter[str]:
    return Counter(entry["agent"] for entry in fleet.entries("--only", "spawned"))


def test_who_looks_on_is_killed_and_the_run_goes_on(fleet: Fleet) -> None:
    (fleet.work / "run.yaml").write_text(
        f"tasks:\n  - {{id: a, command: '{WAITS}'}}\n  - {{id: b, command: 'echo b', depends_on: [a]}}\n"
    )
    looking = fleet.start("run", "run.yaml")
    eventually((fleet.state / "tmuxagents.db").exists)
    working(fleet, "run-1-a")

    looking.kill()
    looking.communicate()
    (fleet.work / "go").touch()

    assert ended(fleet) == {"a": "done", "b": "done"}
    assert spawned(fleet) == Counter(["run-1-a", "run-1-b"])


def test_a_run_is_stopped_while_its_tasks_wait_in_the_queue(fleet: Fleet) -> None:
    (fleet.home / "config.toml").write_text("max_agents = 1\n")
    begin(fleet, *(f"id: t{n}, command: 'sleep 600'" for n in range(3)))
    working(fleet, "run-1-t0")
    eventually(lambda: len(fleet.ok("queue", "--json").json["queue"]) == 2)

    fleet.ok("stop", "run-1")

    assert set(ended(fleet).values()) == {"stopped"}
    assert run(fleet)["state"] == "stopped"
    assert fleet.ok("queue", "--json").json["queue"] == []
    # Those that waited were never begun.
    assert {a["name"]: a["pid"] for a in fleet.agents() if a["name"] != "run-1-t0"} in (
        {"run-1-t1": None, "run-1-t2": None},
        {},
    )


@pytest.mark.soak
def test_a_paused_run_begins_nothing_and_goes_on_when_it_is_told_to(fleet: Fleet) -> None:
    begin(fleet, f"id: a, command: '{WAITS}'", "id: b, command: 'echo b', depends_on: [a]")
    working(fleet, "run-1-a")
    fleet.ok("pause", "run-1")
    (fleet.work / "go").touch()
    eventually(lambda: states(fleet)["a"] == "done")
    assert states(fleet)["b"] == "waiting"

    fleet.ok("resume", "run-1")

    assert ended(fleet) == {"a": "done", "b": "done"}


def test_agents_of_a_run_are_stopped_removed_renamed_and_talked_to(fleet: Fleet) -> None:
    talks = 'kind: demo, prompt: "permission: Write a\\nsay: settled"'
    begin(
        fleet,
        "id: stopped, command: 'sleep 600'",
        "id: removed, command: 'sleep 600'",
        f"id: renamed, command: '{WAITS}'",
        f"id: asks, {talks}",
        "id: after, command: 'echo {{ tasks.asks.answer }}', depends_on: [asks]",
    )
    working(fleet, "run-1-stopped", "run-1-removed", "run-1-renamed")
    eventually(lambda: {a["name"]: a["state"] for a in fleet.agents()}.get("run-1-asks") == "waiting")

    fleet.ok("stop", "--grace", "0.1s", "run-1-stopped", "run-1-removed")
    fleet.ok("rm", "run-1-removed")
    fleet.ok("rename", "run-1-renamed", "mine")
    assert "needs permission" in fleet.ok("show", "run-1").out
    fleet.ok("approve", "run-1-asks")
    (fleet.work / "go").touch()

    came = {"stopped": "stopped", "removed": "stopped", "renamed": "done", "asks": "done", "after": "done"}
    assert ended(fleet) == came
    [after] = [task for task in run(fleet)["tasks"] if task["key"] == "after"]
    assert after["answer"].endswith("settled")


def test_what_is_said_to_a_task_that_works_is_known_from_what_is_typed_at_its_window(fleet: Fleet) -> None:
    works = "kind: demo, prompt: 'think: 10000'"
    begin(fleet, f"id: said, {works}", f"id: typed, {works}")
    working(fleet, "run-1-said", "run-1-typed")

    assert fleet.ok("say", "run-1-said", "say: otherwise").out.startswith("queued: ")
    fleet.tmux("send-keys", "-t", fleet.pane("run-1-typed"), "say: how far are you?", "Enter")
    eventually(lambda: "queued: say: how far" in fleet.screen("run-1-typed"))

    with open_app(str(fleet.state)) as app:
        known = {agent.name: agent.id for agent in agents.known(app.db)}
        late = 1 << 62
        assert messages.has_before(app.db, known[AgentName("run-1-said")], late)
        assert not messages.has_before(app.db, known[AgentName("run-1-typed")], late)


@pytest.mark.soak
def test_a_check_is_killed_and_one_that_never_ends_is_stopped_with_its_run(fleet: Fleet) -> None:
    begin(
        fleet,
        "id: killed, command: 'true', check: 'sleep 601'",
        "id: endless, command: 'true', check: 'sleep 602'",
    )
    working(fleet, "run-1-killed-check", "run-1-endless-check")
    pids = eventually(lambda: [pid for pid, words in fleet.command_lines().items() if words == ["sleep", "601"]])

    os.kill(pids[0], signal.SIGKILL)
    eventually(lambda: states(fleet)["killed"] == "failed")
    fleet.ok("stop", "run-1")

    assert ended(fleet) == {"killed": "failed", "endless": "stopped"}
    assert not any(words == ["sleep", "602"] for words in fleet.command_lines().values())


def test_a_damaged_database_is_rebuilt_and_its_run_goes_on(fleet: Fleet) -> None:
    fleet.ok("spawn", "--name", "prints", "--kind", "command", "--", "sh", "-c", "seq -f 'row %g' 3000")
    fleet.wait_state("prints", "ended")
    begin(fleet, f"id: a, command: '{WAITS}'", "id: b, command: 'echo {{ tasks.a.answer }}', depends_on: [a]")
    working(fleet, "run-1-a")

    journal_page(fleet)
    fleet("tail", "--no-follow")
    (fleet.work / "go").touch()

    assert ended(fleet) == {"a": "done", "b": "done"}
    assert spawned(fleet)["run-1-b"] == 1


def test_a_run_waits_while_the_disk_is_full_and_no_task_fails_of_it(fleet: Fleet) -> None:
    with small_disk.mounted(fleet):
        begin(fleet, f"id: a, command: '{WAITS}'", "id: b, command: 'echo b', depends_on: [a]")
        working(fleet, "run-1-a")
        with (fleet.state / "filler").open("wb") as filler:
            while True:
                try:
                    filler.write(bytes(65536))
                    filler.flush()
                except OSError:
                    break
        (fleet.work / "go").touch()
        process = psutil.Process(int((fleet.state / "controller.pid").read_text()))
        eventually(lambda: fleet.tmux("show-options", "-gqv", "@tmuxagents_trouble") == "disk full \n")
        assert process.is_running()
        (fleet.state / "filler").unlink()

        assert ended(fleet) == {"a": "done", "b": "done"}


@pytest.mark.parametrize("many", [8])
def test_of_many_that_take_a_step_at_once_each_task_is_begun_by_one(tmp_path: Path, many: int) -> None:
    waits: dict[str, Any] = {"state": "waiting", "attempt": 0, "begun_ns": None}
    task = {"kind": "command", "args": ["true"]}
    with recorded(tmp_path / "state") as one:
        one.run(*(begun(None, key=f"t{n}", task=task, **waits) for n in range(12)))
        ready = threading.Barrier(many)

        def step() -> None:
            with open_app(str(one.app.state)) as app:
                ready.wait()
                for _ in range(3):
                    stepping.step(app, RUN)

        threads = [threading.Thread(target=step) for _ in range(many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert Counter(agent.name for agent in agents.known(one.app.db)) == Counter(f"run-1-t{n}" for n in range(12))
        assert {path.name for path in (one.app.state / "agents").iterdir()} == {a.id for a in agents.known(one.app.db)}


@pytest.mark.soak
def test_two_runs_and_a_person_share_the_room_and_nobody_starves(fleet: Fleet) -> None:
    (fleet.home / "config.toml").write_text("max_agents = 2\n")
    for name in ("first", "second"):
        tasks = "".join(f"  - {{id: t{n}, command: 'sleep 0.1'}}\n" for n in range(8))
        (fleet.work / f"{name}.yaml").write_text(f"tasks:\n{tasks}")
    fleet.ok("spawn", "--name", "busy", "--kind", "command", "--", "sh", "-c", WAITS)
    fleet.ok("run", "--detach", "first.yaml")
    fleet.ok("run", "--detach", "second.yaml")
    for name in ("mine-1", "mine-2"):
        fleet.ok("spawn", "--name", name, "--kind", "command", "--", "sleep", "0.1")
    eventually(
        lambda: {r["state"] for r in fleet.ok("runs", "--json").json["runs"]} == {"done"},
        explain=lambda: fleet.ok("queue").out,
    )

    order = [e["agent"] for e in fleet.entries("--only", "exit")]
    for name in ("mine-1", "mine-2"):
        # Neither run has ended before: a person's own had its turn between theirs.
        assert order.index(name) < len(order) - 2
    owners = [name.rpartition("-")[0] for name in order if name.startswith("run-")]
    # From where both have something to do, neither gets more than a few ahead of the other.
    started = max(owners.index("run-1"), owners.index("run-2"))
    for at in range(started, len(owners) - 4):
        window = owners[at : at + 6]
        left = set(owners[at:])
        assert len(left) == 1 or len(set(window)) == 2, owners
    assert most_at_once(fleet) <= 2


def most_at_once(fleet: Fleet) -> int:
    """How many ran at one moment, by the journal: from when its turn came until it had ended."""
    running: set[str] = set()
    most = 0
    for entry in fleet.entries("--only", "state,exit,spawned"):
        if entry["kind"] == "exit":
            running.discard(entry["agent"])
        elif entry["kind"] == "state" and entry["text"] == "starting":
            running.add(entry["agent"])
        elif entry["agent"] == "busy":
            running.add("busy")
        most = max(most, len(running))
    return most


def test_a_run_is_waited_for_to_its_end_while_the_controller_is_stuck(fleet: Fleet) -> None:
    begin(fleet, f"id: a, command: '{WAITS}'", f"id: b, command: '{WAITS}'", "id: c, command: ls, depends_on: [a]")
    # What is not begun when it is suspended begins when it goes on.
    eventually(lambda: len([agent for agent in fleet.agents() if agent["pid"]]) == 2)

    with suspended(controller(fleet)):
        waiting = fleet.start("wait", "run-1")
        (fleet.work / "go").touch()
        eventually(lambda: states(fleet) == {"a": "done", "b": "done", "c": "begun"}, explain=lambda: str(run(fleet)))
        fleet.ok("stop", "run-1")
        out, err = waiting.communicate()
        assert ended(fleet)["c"] == "stopped"

    assert (waiting.returncode, out) == (5, "")
    assert err.count("the controller is stuck") == 1
    assert "the tasks that are next begin when it goes on\nhint: tmuxagents controller stop" in err


def test_a_run_that_is_stopped_while_tmux_does_not_answer_is_stopping_until_its_program_is_gone(fleet: Fleet) -> None:
    begin(fleet, "id: a, command: sleep 1000")
    program = psutil.Process(eventually(lambda: next((agent["pid"] for agent in fleet.agents()), None)))

    with suspended(psutil.Process(int(fleet.tmux("display-message", "-p", "#{pid}")))):
        stopped = fleet.ok("stop", "run-1")
        # The controller has had its say: then it is shown as what it is all the same.
        eventually(lambda: recorded_state(fleet, "a") == "stopped")
        shown = fleet.ok("show", "run-1")
        assert (run(fleet)["state"], states(fleet), program.is_running()) == ("stopping", {"a": "begun"}, True)

    assert (stopped.out, stopped.err) == ("stopping run-1\n", "")
    assert "stopping" in shown.out.splitlines()[1]
    assert "0 of 1 done, 1 to do" in shown.out
    assert ended(fleet) == {"a": "stopped"}


def recorded_state(fleet: Fleet, key: str) -> str:
    """As the row of that task has it."""
    with closing(sqlite3.connect(fleet.state / "tmuxagents.db")) as db:
        return str(db.execute("SELECT state FROM run_tasks WHERE key = ?", (key,)).fetchone()[0])
