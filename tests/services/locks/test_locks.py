"""Locks: one at a time, first come first served, free when who holds it is gone and not before."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from tests.support.fleet import Fleet, descendants, eventually, make, terminal
from tests.support.rows import claim
from tmuxagents.cli.commands import lock
from tmuxagents.model.lock import Holder, Lock
from tmuxagents.names import AgentId
from tmuxagents.services.app import App, open_app
from tmuxagents.services.locks import holding, looking

pytestmark = pytest.mark.slow


@pytest.fixture
def alone(tmp_path: Path) -> Fleet:
    """A fleet without a tmux server: locks need none."""
    return make(tmp_path)


@pytest.fixture
def app(alone: Fleet) -> Iterator[App]:
    with open_app(str(alone.state)) as opened:
        yield opened


@contextlib.contextmanager
def running(fleet: Fleet, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A command that is ended with the block, with what it has started."""
    # Who was started in the background of a shell ignores some, and so would whom he starts.
    argv = ["env", "--default-signal=INT,HUP", *fleet.argv(*args)]
    process = subprocess.Popen(
        argv,
        env=fleet.env,
        cwd=fleet.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    own = psutil.Process(process.pid)
    try:
        yield process
    finally:
        began = descendants(own)
        for child in began:
            child.kill()
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def holder(fleet: Fleet, name: str = "db") -> dict[str, object] | None:
    return next((lock["holder"] for lock in fleet.ok("locks", "--json").json["locks"] if lock["name"] == name), None)


def waiting(fleet: Fleet, name: str = "db") -> list[str]:
    locks = fleet.ok("locks", "--json").json["locks"]
    return [one["command"] for lock in locks if lock["name"] == name for one in lock["waiting"]]


def _wait(fleet: Fleet, count: int) -> bool:
    return len(waiting(fleet)) == count


def until_held(fleet: Fleet, command: str) -> None:
    def it() -> bool:
        found = holder(fleet)
        return found is not None and found["command"] == command

    eventually(it)


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_it_ends_as_the_command_does(alone: Fleet, script: str, code: int) -> None:
    assert alone("lock", "db", "--", "sh", "-c", script).code == code
    assert holder(alone) is None


def test_what_those_left_who_were_killed_is_swept_by_the_next(alone: Fleet) -> None:
    for _ in range(2):
        alone.ok("lock", "db", "--", "true")
    folder = alone.state / "locks" / "db"
    for name in ("1", ".2.77"):
        (folder / name).write_text("{}")

    alone.ok("lock", "db", "--", "true")

    assert os.listdir(folder) == ["line"]


def test_what_goes_in_and_comes_out_is_the_commands(alone: Fleet) -> None:
    ran = alone.ok(
        "lock", "db", "--wait", "5", "--", "sh", "-c", 'cat; echo "$0" "$@" >&2', "--wait", "a b", stdin="x\n"
    )

    assert (ran.out, ran.err) == ("x\n", "--wait a b\n")


def test_one_at_a_time_in_the_order_in_which_they_came(alone: Fleet) -> None:
    log, gate = alone.work / "log", alone.work / "gate"
    os.mkfifo(gate)
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(running(alone, "lock", "db", "--", "sh", "-c", f"cat {gate}"))]
        until_held(alone, f"sh -c cat {gate}")
        for number in range(4):
            script = f"echo begin {number} >> {log}; echo end {number} >> {log}"
            processes.append(stack.enter_context(running(alone, "lock", "db", "--", "sh", "-c", script)))
            eventually(functools.partial(_wait, alone, number + 1))
        # One that is killed while it waits leaves its place.
        processes.pop(2).kill()
        eventually(lambda: len(waiting(alone)) == 3)
        gate.write_text("")
        assert [process.wait(timeout=100) for process in processes] == [0, 0, 0, 0]

    assert log.read_text().split("\n")[:-1] == [f"{word} {n}" for n in (0, 2, 3) for word in ("begin", "end")]


def test_who_waits_is_told_in_whole_words_who_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    for who, agent in (("you", None), ("you on pts/3", None), ("api", "api")):
        lock._say(Lock("db", Holder(who, agent)))

    assert [row.partition("which ")[2] for row in capsys.readouterr().err.splitlines()] == [
        "you have had",
        "you on pts/3 have had",
        "api has had",
    ]


def test_twelve_at_once_are_never_two(alone: Fleet) -> None:
    count = alone.work / "count"
    count.write_text("0")
    script = f"n=$(cat {count}); echo $((n + 1)) > {count}"
    processes = [alone.start("lock", "db", "--", "sh", "-c", script) for _ in range(12)]

    for process in processes:
        process.communicate(timeout=200)
    assert [process.returncode for process in processes] == [0] * 12
    assert count.read_text() == "12\n"


def test_who_is_killed_holds_no_more_and_its_command_does_while_it_runs(alone: Fleet) -> None:
    with running(alone, "lock", "db", "--", "sleep", "1000") as first:
        until_held(alone, "sleep 1000")
        command = eventually(lambda: psutil.Process(first.pid).children())[0]
        first.kill()
        first.wait()
        try:
            assert alone("lock", "db", "--wait", "0", "--", "true").code == 4
        finally:
            command.kill()
        assert alone("lock", "db", "--wait", "60", "--", "true").code == 0


def test_what_a_command_leaves_behind_does_not_hold_it(alone: Fleet) -> None:
    script = "sleep 1000 > /dev/null 2>&1 & echo $!"
    left = int(alone.ok("lock", "db", "--", "sh", "-c", script).out)
    try:
        assert psutil.pid_exists(left)
        assert alone("lock", "db", "--wait", "0", "--", "true").code == 0
    finally:
        os.kill(left, signal.SIGKILL)


def test_a_command_that_closes_what_it_inherits_holds_it_all_the_same(alone: Fleet) -> None:
    closes = "import os, time; os.closerange(3, 1024); print('closed', flush=True); time.sleep(1000)"
    with running(alone, "lock", "db", "--", "python3", "-c", closes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "closed\n"

        assert alone("lock", "db", "--wait", "0", "--", "true").code == 4


def test_one_that_is_suspended_holds_it_still(alone: Fleet) -> None:
    with running(alone, "lock", "db", "--", "sleep", "1000") as first:
        until_held(alone, "sleep 1000")
        command = eventually(lambda: psutil.Process(first.pid).children())[0]
        for process in (psutil.Process(first.pid), command):
            process.suspend()
        ran = alone("lock", "db", "--wait", "0", "--", "touch", "ran")
        for process in (psutil.Process(first.pid), command):
            process.resume()

    assert (ran.code, ran.err.splitlines()[-1]) == (4, "hint: tmuxagents locks")
    assert not (alone.work / "ran").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_the_commands_to_answer(alone: Fleet, number: signal.Signals) -> None:
    script = f"trap 'exit 9' {number.name[3:]}; echo ready; while :; do sleep 0.05; done"
    with running(alone, "lock", "db", "--", "sh", "-c", script) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)

        assert process.wait(timeout=100) == 9


def test_a_key_at_the_terminal_is_heard_once(alone: Fleet) -> None:
    script = "n=0; trap 'n=$((n + 1)); echo heard $n' INT; echo ready; read line; read line; echo got $line of $n"
    # A session leader that opens a terminal has it for its own: without that no key is a signal.
    own = ["env", "--default-signal=INT", "sh", "-c", 'exec 0<>"$(tty)" && exec "$@"', "sh"]
    argv = [*own, *alone.argv("lock", "db", "--", "bash", "-c", script)]
    with terminal(argv, {**alone.env, "TERM": "xterm"}) as (ours, drawn):
        eventually(lambda: b"ready" in drawn)
        os.write(ours, b"\x03")
        eventually(lambda: b"heard" in drawn)
        os.write(ours, b"one\rtwo\r")
        eventually(lambda: b"of 1\r\n" in drawn, explain=lambda: repr(bytes(drawn)))


def test_within_a_lock_the_same_lock_is_held_already(alone: Fleet) -> None:
    assert alone.ok("lock", "db", "--", *alone.argv("lock", "db", "--", "echo", "both")).out == "both\n"


def keep(app: App, names: Sequence[str], agent: AgentId, run: str = "run-1") -> bool:
    return holding.keep(app, names, agent, run=run)


def test_what_is_kept_for_an_agent_is_its_own_until_it_is_given_back(alone: Fleet, app: App) -> None:
    agent = claim(app.db, "api")
    assert keep(app, ["db"], agent)

    assert alone("lock", "db", "--wait", "0", "--", "true").code == 4
    assert alone.ok("lock", "db", "--", "echo", "mine", TMUXAGENTS_NAME="api").out == "mine\n"
    assert alone.agent("api")["locks"] == [{"name": "db", "held": True}]
    assert "holds lock db" in alone.ok("ls").out
    with running(alone, "lock", "db", "--", "echo", "at last") as other:
        eventually(lambda: waiting(alone) == ["echo at last"])
        holding.give_back(app, agent)
        assert other.communicate(timeout=100)[0] == "at last\n"


def test_all_are_kept_or_none_and_who_waits_is_not_passed_by(alone: Fleet, app: App) -> None:
    api, docs = claim(app.db, "api"), claim(app.db, "docs")
    assert keep(app, ["db"], api)
    assert not keep(app, ["docs", "db"], docs)
    assert looking.held_names(app) == {"db"}
    assert looking.held_names(app, but_run="run-1") == frozenset()

    with running(alone, "lock", "db", "--", "sleep", "1000"):
        eventually(lambda: waiting(alone) == ["sleep 1000"])
        holding.give_back(app, api)
        assert not keep(app, ["db"], docs)
        assert looking.held_names(app, but_run="run-1") == {"db"}


def test_who_would_close_a_ring_of_waiting_holders_is_refused_and_the_others_go_on(alone: Fleet) -> None:
    go = alone.work / "go"
    within = f"until [ -e {go} ]; do sleep 0.05; done; exec "
    then = {name: f"{within}{shlex.join(alone.argv('lock', name, '--', 'true'))}" for name in ("two", "three")}
    with (
        running(alone, "lock", "one", "--", "sh", "-c", then["two"]) as one,
        running(alone, "lock", "two", "--", "sh", "-c", then["three"]) as two,
    ):
        eventually(lambda: holder(alone, "one") and holder(alone, "two"))
        last = shlex.join(alone.argv("lock", "one", "--", "touch", "ran"))
        gate = alone.work / "gate"
        os.mkfifo(gate)
        with running(alone, "lock", "three", "--", "sh", "-c", f"cat {gate}; exec {last}") as three:
            eventually(lambda: holder(alone, "three"))
            go.touch()
            eventually(lambda: waiting(alone, "two") and waiting(alone, "three"))
            # One that is suspended waits all the same.
            psutil.Process(two.pid).suspend()
            gate.write_text("")
            out, err = three.communicate(timeout=100)
            psutil.Process(two.pid).resume()
            assert (three.returncode, out) == (4, "")
            assert (
                "'one' is held by you, waiting for 'two', held by you, waiting for 'three', which is held here" in err
            )
            assert err.splitlines()[-1] == "hint: tmuxagents locks"
        assert [process.wait(timeout=100) for process in (one, two)] == [0, 0]
    assert not (alone.work / "ran").exists()


def test_two_agents_whose_tasks_keep_a_lock_each_are_not_left_waiting_for_each_other(alone: Fleet, app: App) -> None:
    api, docs = claim(app.db, "api"), claim(app.db, "docs")
    assert keep(app, ["db"], api)
    assert keep(app, ["port"], docs)
    with running(dataclasses.replace(alone, env={**alone.env, "TMUXAGENTS_NAME": "api"}), "lock", "port", "--", "true"):
        eventually(lambda: waiting(alone, "port"))

        ran = alone("lock", "db", "--", "true", TMUXAGENTS_NAME="docs")

        assert (ran.code, ran.err.splitlines()[-1]) == (4, "hint: tmuxagents locks")
        assert "'db' is held by api, waiting for 'port', which is held here" in ran.err
