"""A start whose starter was killed is seen at once; one that is merely stopped goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import rows
from tests.support.fleet import Fleet, eventually
from tests.support.gate import Gate, put
from tmuxagents.drivers.tmux.snapshot import EMPTY
from tmuxagents.model import continuing
from tmuxagents.model.agent import Claimer
from tmuxagents.model.condition import Condition
from tmuxagents.services.app import open_app
from tmuxagents.services.fleet import claims
from tmuxagents.store import agents


@pytest.fixture
def gate(fleet: Fleet) -> Iterator[Gate]:
    """A tmux that opens no window until the gate is open."""
    gate = put(fleet)
    yield gate
    for pid in gate.held_back():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _starting(fleet: Fleet, gate: Gate, *args: str) -> subprocess.Popen[str]:
    """A command that has claimed a start and waits for its window."""
    before = len(gate.held_back())
    quiet = subprocess.DEVNULL
    command = subprocess.Popen(
        fleet.argv(*args), env=gate.env, cwd=fleet.work, stdin=quiet, stdout=quiet, stderr=quiet, text=True
    )
    eventually(lambda: len(gate.held_back()) > before)
    return command


def _kill(command: subprocess.Popen[str]) -> None:
    command.kill()
    command.wait(timeout=10)


@pytest.mark.parametrize("verb", ["spawn", "resume"])
@pytest.mark.parametrize("controller", ["controlled", pytest.param("alone", marks=pytest.mark.soak)])
def test_a_start_whose_starter_was_killed_has_failed_at_the_next_look(
    fleet: Fleet, gate: Gate, verb: str, controller: str
) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other")
    fleet.wait_state("other", "idle")
    if verb == "resume":
        fleet.ok("spawn", "--kind", "demo", "--name", "one")
        fleet.wait_state("one", "idle")
        fleet.ok("stop", "one")
    if controller == "alone":
        fleet.ok("controller", "stop")
    words = ["--kind", "demo", "--name", "one", "say: hello"] if verb == "spawn" else ["one"]
    command = _starting(fleet, gate, verb, *words)
    assert fleet.agent("one")["state"] == "starting"

    _kill(command)

    assert fleet.agent("one")["state"] == "failed"
    assert "who started it was killed before it had a window" in fleet.ok("show", "one").out
    fleet.ok("resume", "one")
    fleet.wait_state("one", "idle")


def test_a_window_that_opens_after_its_starter_was_killed_runs_nothing(fleet: Fleet, gate: Gate) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other")
    mark = fleet.work / "ran"
    _kill(_starting(fleet, gate, "spawn", "--kind", "command", "--name", "one", "--", "touch", str(mark)))
    assert fleet.agent("one")["state"] == "failed"

    gate.open()
    eventually(lambda: "one 1" in fleet.tmux("list-panes", "-a", "-F", "#{window_name} #{pane_dead}"))

    assert not mark.exists()
    assert fleet.agent("one")["state"] == "failed"


def test_a_window_that_opened_before_its_starter_was_killed_is_adopted(fleet: Fleet, gate: Gate) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other")
    fleet.ok("controller", "stop")
    command = _starting(fleet, gate, "spawn", "--kind", "command", "--name", "one", "--", "sleep", "1000")
    command.send_signal(signal.SIGSTOP)
    gate.open()
    eventually(lambda: "one" in fleet.tmux("list-windows", "-a", "-F", "#{window_name}").split())

    _kill(command)

    assert fleet.agent("one")["pane"] is not None
    assert fleet.agent("one")["state"] != "failed"


def test_a_starter_that_is_stopped_is_not_gone_however_long_it_takes(fleet: Fleet, gate: Gate) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other")
    command = _starting(fleet, gate, "spawn", "--kind", "demo", "--name", "one")
    command.send_signal(signal.SIGSTOP)
    with sqlite3.connect(fleet.state / "tmuxagents.db") as db:
        db.execute("UPDATE agents SET started_ns = started_ns - 3600000000000 WHERE name = 'one'")

    assert fleet.agent("one")["state"] == "starting"

    gate.open()
    command.send_signal(signal.SIGCONT)
    assert command.wait(timeout=30) == 0
    fleet.wait_state("one", "idle")


@pytest.mark.parametrize(("mode", "key"), [("print", "continue:2:1"), ("terminal", None)])
def test_one_that_is_started_again_behind_its_limit_is_so_still_where_who_did_it_was_killed(
    tmp_path: Path, mode: str, key: str | None
) -> None:
    with open_app(str(tmp_path / "state")) as app:
        agent_id = rows.claim(app.db, "api", kind="claude", options={"mode": mode})
        with app.db.write() as tx:
            gone = Claimer(2**22 + 1, "nobody")
            agents.set_phase(tx, agent_id, "running")
            assert agents.next_generation(tx, agent_id, 1, now_ns=1, claimer=gone)
            agents.set_condition(tx, agent_id, Condition(state="starting", turn=1, resets_ns=5))

        claims.finish_claims(app, EMPTY)

        now = agents.by_id(app.db, agent_id)
        assert now is not None
        assert (now.condition.state, continuing.key(now)) == ("failed", key)


def test_one_whose_window_tmux_has_opened_and_not_told_of_is_started_and_found(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other")
    late = fleet.root / "late"
    late.mkdir()
    # It is asked once more than it takes to give it up.
    (late / "tmux").write_text(
        f"""#!/bin/sh
{shutil.which("tmux")} "$@"
case " $* " in *" new-window "*) sleep 30 ;; esac
"""
    )
    (late / "tmux").chmod(0o755)

    ran = fleet("spawn", "--kind", "demo", "say: hello", PATH=f"{late}{os.pathsep}{fleet.env['PATH']}")

    assert (ran.code, ran.out) == (0, "Spawned agent-1: say: hello\n")
    assert ran.err == (
        "tmuxagents: agent-1 runs; where is not known yet: tmux did not answer within 5 s\n"
        "hint: tmuxagents show agent-1\n"
    )
    fleet.ok("wait", "agent-1")
    assert [entry["text"] for entry in fleet.entries("agent-1", "--only", "prompt")] == ["say: hello"]
