"""The controller is started again when it dies, noticed when it is stuck, and gone when it was stopped."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import tmuxagents
from tests.services.controller.test_controller import controller, runs
from tests.support.fleet import Fleet, eventually, wait_ended
from tests.survival.test_one_stuck import state_of
from tmuxagents.drivers import pulse

PACKAGE = Path(tmuxagents.__file__).parent
FAST = ["--", "--speed", "0"]
AT_SPEED = ["--", "--speed", "1"]
STUCK = "tmuxagents: the controller is stuck"
LEFT = "tmuxagents: the controller died five times within a minute and is left\n"


def pid_in_pane(fleet: Fleet) -> int:
    """The pid of the controller's pane, dead or alive."""
    rows = fleet.tmux("list-panes", "-a", "-F", "#{@tmuxagents_role} #{pane_pid}").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("controller "))


def trouble(fleet: Fleet) -> str:
    """What the status line warns of."""
    return fleet.tmux("show-options", "-gqv", "@tmuxagents_trouble").strip()


def controls(fleet: Fleet) -> int:
    """Who has said last that it controls."""
    path = fleet.state / "controller.pid"
    eventually(path.exists)
    return int(path.read_text())


def kill(fleet: Fleet) -> int:
    """Kill the controller when it controls; its pid."""
    eventually(lambda: runs(fleet))
    pid = controls(fleet)
    psutil.Process(pid).kill()
    return pid


def controls_again(fleet: Fleet, before: int) -> None:
    """Wait until another one has said that it controls."""
    eventually(lambda: controls(fleet) != before)


@contextmanager
def stuck_controller(fleet: Fleet) -> Iterator[psutil.Process]:
    """One that is suspended. Not in the server's window: tmux lets those that it has started go on at once."""
    fleet.ok("controller", "stop")
    running = subprocess.Popen(fleet.argv("controller", "run"), env=fleet.env, cwd=fleet.work)
    process = psutil.Process(running.pid)
    try:
        eventually(lambda: runs(fleet))
        eventually(lambda: (fleet.state / "controller.pid").read_text() == str(running.pid))
        process.suspend()
        yield process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        running.wait()


def is_stuck(fleet: Fleet) -> bool:
    return bool(fleet("controller", "status", "--json").json["stuck"])


def test_one_that_is_killed_is_started_again_by_the_server(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("wait")
    eventually(lambda: runs(fleet))
    pane = pid_in_pane(fleet)
    before = kill(fleet)
    killed = time.monotonic()

    eventually(lambda: pid_in_pane(fleet) != pane, 10)

    # The pause, without what the interpreter takes to begin on a busy machine.
    assert time.monotonic() - killed < 2
    controls_again(fleet, before)
    assert trouble(fleet) == ""


def test_one_that_dies_five_times_in_a_minute_is_left_and_told(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)

    for _ in range(4):
        controls_again(fleet, kill(fleet))
    kill(fleet)

    eventually(lambda: trouble(fleet).startswith("the controller keeps dying"))
    listed = fleet("ls")
    assert (listed.code, listed.err.startswith(LEFT)) == (0, True)
    assert not runs(fleet)
    fleet.ok("controller", "start")
    eventually(lambda: runs(fleet))
    eventually(lambda: trouble(fleet) == "")
    assert fleet.ok("ls").err == ""


def test_a_server_that_was_started_by_an_older_version_learns_it(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("controller", "stop")
    fleet.tmux("set-hook", "-gu", "pane-died")
    fleet.tmux("set-option", "-gu", "@tmuxagents_revive")
    fleet.tmux("set-hook", "-gu", "client-detached")
    before = controls(fleet)
    fleet.ok("controller", "start")
    controls_again(fleet, before)
    eventually(lambda: fleet.tmux("show-options", "-gqv", "@tmuxagents_revive"))
    assert "resize-window" in eventually(lambda: fleet.tmux("show-hooks", "-g", "client-detached"))

    controls_again(fleet, kill(fleet))


def test_one_that_was_stopped_is_not_started_again(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("wait")
    eventually(lambda: runs(fleet))
    process, pane = controller(fleet), pid_in_pane(fleet)

    fleet.ok("controller", "stop")

    assert wait_ended([process], within=0.5) == []
    end = time.monotonic() + 2
    while time.monotonic() < end:
        assert not runs(fleet)
    assert pid_in_pane(fleet) == pane
    assert not (fleet.state / "controller.deaths").exists()


def test_a_start_waits_for_one_that_leaves(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    rows = fleet.tmux("list-panes", "-a", "-F", "#{@tmuxagents_role} #{pane_id}").splitlines()
    pane = next(row.split()[1] for row in rows if row.startswith("controller "))
    fleet.ok("controller", "stop")
    # Its lock is free, and its process needs a moment yet.
    fleet.tmux("respawn-pane", "-k", "-t", pane, "exec sleep 0.7")
    (fleet.state / "controller.left").write_text(f"{pid_in_pane(fleet)}\n")

    fleet.ok("controller", "start")

    eventually(lambda: runs(fleet))


def test_a_start_starts_one_that_is_given_up_while_it_looks(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    rows = fleet.tmux("list-panes", "-a", "-F", "#{@tmuxagents_role} #{pane_id}").splitlines()
    pane = next(row.split()[1] for row in rows if row.startswith("controller "))
    fleet.ok("controller", "stop")
    (fleet.state / "controller.left").write_text("0\n")
    fleet.tmux("respawn-pane", "-k", "-t", pane, f"sleep 0.7; : > {fleet.state}/controller.failing")

    fleet.ok("controller", "start")

    assert runs(fleet)


def test_one_that_is_stuck_is_ended_when_it_is_stopped(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("wait")
    with stuck_controller(fleet) as process:
        assert fleet.ok("controller", "stop").out == f"stopped the controller ({process.pid})\n"

        assert wait_ended([process], within=0.5) == []
        assert not runs(fleet)


def test_commands_read_on_by_themselves_while_it_is_stuck_and_say_so(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *AT_SPEED)
    fleet.ok("wait")
    with stuck_controller(fleet):
        following = fleet.start("tail", "-n", "0", "--only", "needs")
        fleet.ok("say", "agent-1", "think: 0.5\npermission: Write f")
        eventually(lambda: is_stuck(fleet))
        assert state_of(fleet, "agent-1") != "waiting" or following.poll() is None
        for words in (["ls"], ["show", "agent-1"], ["tail", "--no-follow"], ["wait", "--for", "waiting"]):
            ran = fleet.ok(*words)

            assert ran.err.startswith(STUCK), words
            assert "\nhint: tmuxagents controller stop\n" in ran.err, words
            assert ("permission" in ran.out) != (words[0] == "wait"), words

        assert following.stdout is not None
        assert "needs permission" in following.stdout.readline()
        assert following.stderr is not None
        assert STUCK in following.stderr.readline()
        following.kill()
        following.communicate()
        ran = fleet("say", "agent-1", "x")
        assert (ran.code, ran.err.startswith(STUCK)) == (3, True)


def test_in_another_database_it_goes_on_and_answers(fleet: Fleet) -> None:
    """What it told before it met that one would be told for ever: it would count as stuck from then on."""
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("wait")
    turn = fleet.state / "controller.turn"
    answered = eventually(lambda: pulse.look(turn).answered)
    pid = controls(fleet)
    put_back(fleet)
    fleet.ok("say", "agent-1", "say: more")

    eventually(lambda: (pulse.look(turn).answered or 0) > answered, explain=lambda: str(pulse.look(turn)))
    assert controls(fleet) == pid
    assert fleet.ok("ls").err == ""


def put_back(fleet: Fleet) -> None:
    """Have another file be the database, with the same in it, and its controller know."""
    database, other = fleet.state / "tmuxagents.db", fleet.state / "other.db"
    with contextlib.closing(sqlite3.connect(database)) as old, contextlib.closing(sqlite3.connect(other)) as new:
        old.backup(new)
    for name in ("tmuxagents.db-wal", "tmuxagents.db-shm"):
        (fleet.state / name).unlink(missing_ok=True)
    other.rename(database)
    log = fleet.state / "controller.log"
    eventually(
        lambda: log.exists() and "ended: the database was rebuilt" in log.read_text(), pause=lambda: nudge(fleet)
    )


def nudge(fleet: Fleet) -> None:
    """Have it turn."""
    (fleet.state / "nudge").touch()
    time.sleep(0.1)


def test_a_nudge_that_nobody_answers_tells_that_one_is_stuck_which_sleeps_until_it_is_called(fleet: Fleet) -> None:
    with stuck_controller_without_agents(fleet):
        assert not is_stuck(fleet)

        fleet("spawn", "--kind", "demo", *FAST)

        eventually(lambda: is_stuck(fleet))


@contextmanager
def stuck_controller_without_agents(fleet: Fleet) -> Iterator[None]:
    fleet.ok("spawn", "--kind", "demo", "die: 1", *FAST)
    fleet.wait_state("agent-1", "failed")
    with stuck_controller(fleet) as process:
        process.resume()
        # Its last words are indexed, then it sleeps.
        eventually(lambda: sleeps_until_called(fleet), 10)
        process.suspend()
        yield


def sleeps_until_called(fleet: Fleet) -> bool:
    told = pulse.look(fleet.state / "controller.turn")
    return told.due is None and told.answered is not None


@pytest.mark.soak
def test_nothing_is_written_while_all_are_idle(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("wait")
    ours = [path for path in fleet.state.rglob("*") if path.is_file()]

    def written() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in ours if path.exists()}

    def is_quiet() -> bool:
        # What was said is indexed after a second of quiet.
        return time.time_ns() - max(written().values()) > 1_500_000_000

    eventually(is_quiet)
    before = written()

    with pytest.raises(psutil.TimeoutExpired):
        controller(fleet).wait(timeout=4.5)

    assert written() == before


@pytest.mark.slow
def test_one_whose_program_was_replaced_makes_room_for_the_new_one(fleet: Fleet) -> None:
    """What it has not loaded yet would be of another version."""
    package = fleet.root / "copy" / "tmuxagents"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    fleet.env["PYTHONPATH"] = str(package.parent)
    fleet.ok("spawn", "--kind", "demo", "say: x", "--", "--speed", "0")
    before = controls(fleet)
    made = package / "__init__.py"
    made.with_suffix(".new").write_text(made.read_text())
    made.with_suffix(".new").replace(made)

    eventually(lambda: controls(fleet) not in (0, before))
    assert fleet.agent("agent-1")["state"] == "idle"
