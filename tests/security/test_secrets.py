"""A secret is in its agent's environment and in that environment's file, and nowhere else."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, asked, eventually, wait_ended
from tmuxagents.services.app import open_app
from tmuxagents.services.fleet import attach
from tmuxagents.services.fleet.now import fleet_now

INHERITED = "sk-ant-dummy-inherited-4711-aaaaaaaaaaaa"
GIVEN = "sk-ant-dummy-given-4712-bbbbbbbbbbbbbbbb"
SECRETS = (INHERITED, GIVEN)
FAST = ["--", "--speed", "0"]


@pytest.fixture
def keyed(fleet: Fleet) -> Fleet:
    """Two agents that have both secrets: a demo agent that is idle, a command that runs on."""
    fleet.env["ANTHROPIC_API_KEY"] = INHERITED
    # The command line of `spawn --env K=V` is the person's own, and holds the value while it runs.
    fleet.ok("spawn", "--kind", "demo", "--env", f"GIVEN_KEY={GIVEN}", "say: x", *FAST)
    fleet.ok("spawn", "--kind", "command", "--env", f"GIVEN_KEY={GIVEN}", "--", "sh", "-c", "echo up; exec sleep 1000")
    fleet.wait_state("agent-1", "idle")
    eventually(lambda: [e for e in fleet.entries("--only", "output") if "up" in e["text"]])
    return fleet


def environments(fleet: Fleet) -> dict[int, dict[str, str]]:
    return {process.pid: env for process, env in asked(psutil.Process.environ, fleet.processes()).items()}


def told_by_processes(fleet: Fleet) -> list[str]:
    """Everything in a command line of the private server's tree, and of any other process but ours."""
    mine = os.getpid()
    lines = []
    for process in [*fleet.processes(), *psutil.process_iter()]:
        try:
            if process.pid != mine:
                lines.append("\0".join(process.cmdline()))
        except psutil.Error:
            continue
    return [line for line in lines if any(secret in line for secret in SECRETS)]


def holding(folder: Path) -> set[str]:
    """The files that hold one of the secrets."""
    return set(fleets.holding(folder, *(secret.encode() for secret in SECRETS)))


def test_no_process_has_a_secret_in_its_arguments(keyed: Fleet) -> None:
    assert len(keyed.processes()) >= 4

    assert told_by_processes(keyed) == []

    keyed.ok("say", "agent-1", "--wait", "say: again")
    keyed.ok("stop", "all")
    assert told_by_processes(keyed) == []
    keyed.ok("resume", "agent-1")
    keyed.wait_state("agent-1", "idle")
    assert told_by_processes(keyed) == []


def test_no_file_but_the_environments_own_holds_a_secret(keyed: Fleet) -> None:
    keyed.ok("say", "agent-1", "--wait", "say: again")
    assert holding(keyed.state) == {"env.1"}

    keyed.ok("stop", "all")
    keyed.ok("resume", "agent-1")
    keyed.wait_state("agent-1", "idle")

    assert holding(keyed.state) == {"env.1", "env.2"}
    assert holding(keyed.home) == holding(keyed.work) == set()
    assert (keyed.state / "tmuxagents.db-wal").exists()
    environments_ = list(keyed.state.rglob("env.*"))
    assert {path.stat().st_mode & 0o777 for path in environments_} == {0o600}


def test_the_tmux_server_and_the_controller_know_no_secret(keyed: Fleet) -> None:
    assert not any(secret in keyed.tmux("show-environment", "-g") for secret in SECRETS)
    assert not any(secret in keyed.tmux("show-environment", "-t", "=tmuxagents") for secret in SECRETS)

    server, *below = keyed.processes()
    lines = asked(psutil.Process.cmdline, below)
    controller = next(p for p, line in lines.items() if line[-2:] == ["controller", "run"] and line[0] != "sh")
    for process in (server, controller):
        assert not [value for value in process.environ().values() if value in SECRETS]


def test_the_agents_program_has_them_after_a_resume_too(keyed: Fleet) -> None:
    def has_both() -> bool:
        return any({*SECRETS} <= {*env.values()} for env in environments(keyed).values())

    assert has_both()
    keyed.ok("stop", "all")
    keyed.wait_state("agent-1", "ended")
    assert not has_both()

    del keyed.env["ANTHROPIC_API_KEY"]  # as from a login service
    keyed.ok("resume", "agent-1")

    keyed.wait_state("agent-1", "idle")
    assert has_both()


def test_no_report_of_a_bug_and_no_log_holds_a_secret(keyed: Fleet) -> None:
    task = "a task that is nobody's business"
    with sqlite3.connect(keyed.state / "tmuxagents.db") as database:
        database.execute("ALTER TABLE agents RENAME TO gone")
    database.close()
    (keyed.state / "nudge").touch()
    eventually((keyed.state / "controller.log").exists)

    ran = keyed("spawn", "--kind", "demo", "--env", f"GIVEN_KEY={GIVEN}", task, *FAST)
    verbose = keyed("-v", "spawn", "--kind", "demo", "--env", f"GIVEN_KEY={GIVEN}", task, *FAST)

    reports = list((keyed.state / "bugs").iterdir())
    # The controller has met it too.
    assert (ran.code, verbose.code, len(reports) >= 2) == (70, 70, True)
    assert holding(keyed.state) <= {"env.1"}
    assert not [path for path in reports if task in path.read_text()]
    assert not any(secret in said for secret in SECRETS for said in (ran.err, verbose.err, ran.out, verbose.out))


@pytest.mark.parametrize("pair", [GIVEN, f"={GIVEN}", f"not a name={GIVEN}", f"KEY-{GIVEN}"])
def test_a_variable_that_is_written_wrongly_is_refused_without_its_value(fleet: Fleet, pair: str) -> None:
    ran = fleet("spawn", "--kind", "demo", "--env", pair, "say: x")

    assert ran.code == 2
    assert GIVEN not in ran.err + ran.out


def test_an_attach_that_comes_too_late_starts_no_server(keyed: Fleet) -> None:
    with open_app(str(keyed.state)) as app:
        argv = attach.arguments(app, fleet_now(app), None)
    server = keyed.processes()[0]
    keyed.tmux("kill-server")
    assert wait_ended([server]) == []

    ours, theirs = pty.openpty()
    env = {**keyed.env, "TERM": "xterm-256color"}
    late = subprocess.Popen(argv, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    try:
        assert late.wait(timeout=10) != 0
        assert keyed.processes() == []
    finally:
        late.kill()
        os.close(theirs)
        os.close(ours)
