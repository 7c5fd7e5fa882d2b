"""The login that started everything ends, and logind kills what is in its cgroup.

The cgroups and the killing are real. The `systemd-run` is a stand-in that does what the real one
does (moves itself into another cgroup and becomes the program), except in the last test, which needs
a running user manager. No test starts one: it would take over the cgroup it is started in.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, eventually
from tmuxagents.drivers import scope
from tmuxagents.kinds import environment

FAST = ["--", "--speed", "0"]

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Login:
    """A login session's cgroup and the one of the user's manager."""

    session: Path
    manager: Path

    def run(self, fleet: Fleet, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the session, as its shell would."""
        script = 'echo $$ > "$0" && exec "$@"'
        return subprocess.run(
            ["sh", "-c", script, str(self.session / "cgroup.procs"), *fleet.argv(*argv)],
            env=fleet.env,
            cwd=fleet.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def end(self) -> None:
        """Kill everything in the session's cgroup, as logind does."""
        eventually(partial(_emptied, self.session))


def _emptied(group: Path) -> bool:
    """Kill everybody in a cgroup of our own; True when nobody was there any more."""
    pids = [int(line) for line in (group / "cgroup.procs").read_text().split()]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    """Where init reaps only now and then, a zombie stays in its cgroup."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def login() -> Iterator[Login]:
    """Real cgroups, in whatever hierarchy may be written to."""
    root = _made(f"tmuxagents-test-{os.getpid()}-{next(_NUMBERS)}")
    session, manager = root / "session-7.scope", root / "user@0.service"
    session.mkdir()
    manager.mkdir()
    try:
        yield Login(session, manager)
    finally:
        for group in (session, manager, root):
            eventually(partial(_emptied, group))
        for group in (session, manager, root):
            eventually(partial(_removed, group))


def _made(name: str) -> Path:
    for base in ("/sys/fs/cgroup/pids", "/sys/fs/cgroup/freezer", "/sys/fs/cgroup"):
        group = Path(base) / name
        with contextlib.suppress(OSError):
            group.mkdir()
            if (group / "cgroup.procs").exists():
                return group
            group.rmdir()
    pytest.skip("no cgroup can be made here: that takes root and a writable cgroup file system")


def _removed(group: Path) -> bool:
    with contextlib.suppress(OSError):
        group.rmdir()
    return not group.exists()


GOOD = """
import os, sys
open(NOTE, "a").write(" ".join(sys.argv[1:]) + "\\n")
open(MANAGER + "/cgroup.procs", "w").write(str(os.getpid()))
command = sys.argv[sys.argv.index("--") + 1:]
os.execvp(command[0], command)
"""
REFUSING = """
import sys
print("Failed to connect to bus: No medium found")
print("Failed to connect to bus: No medium found", file=sys.stderr)
sys.exit(1)
"""
HANGING = """
import os, signal
open(NOTE, "w").write(str(os.getpid()))
signal.pause()
"""


@pytest.fixture
def fleet(root: Path) -> Iterator[Fleet]:
    """A fleet with a folder in front of its PATH."""
    made = fleets.make(root, path=[root / "bin"])
    (root / "bin").mkdir()
    # Absent, whatever the machine has.
    install(made, None, "raise SystemExit(127)")
    try:
        yield made
    finally:
        made.end()


def install(fleet: Fleet, login: Login | None, script: str) -> Path:
    """Put a `systemd-run` in front of the PATH; returns where it notes what it was told."""
    program, note = fleet.root / "bin" / "systemd-run", fleet.root / "systemd-run.note"
    told = f"NOTE, MANAGER = {str(note)!r}, {str(login.manager) if login else ''!r}\n"
    program.write_text(f"#!{sys.executable} -I\n{told}{script}")
    program.chmod(0o755)
    return note


def spawn(fleet: Fleet, login: Login) -> subprocess.CompletedProcess[str]:
    ran = login.run(fleet, "spawn", "--kind", "demo", "say: one", *FAST)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "Spawned agent-1: say: one\n", "")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    return ran


def logout_finding(fleet: Fleet) -> dict[str, str]:
    findings = json.loads(fleet("doctor", "--json").out)["findings"]
    return next(finding for finding in findings if finding["about"] == "logout")


def test_agents_outlive_the_login_where_the_server_can_have_a_scope_of_its_own(fleet: Fleet, login: Login) -> None:
    note = install(fleet, login, GOOD)
    spawn(fleet, login)
    server = fleet.processes()[0]

    login.end()

    assert server.is_running()
    assert fleet.agent("agent-1")["state"] == "idle"
    assert fleet.ok("say", "agent-1", "--wait", "say: two").out == "two\n"
    assert fleet("controller", "status").code == 0
    [told] = note.read_text().splitlines()
    assert told.startswith("--user --scope --quiet --collect --unit=tmuxagents-")


def test_the_server_in_a_scope_has_exactly_the_environment_that_it_has_without(fleet: Fleet, login: Login) -> None:
    install(fleet, login, GOOD)
    spawn(fleet, login)

    assert fleet.processes()[0].environ() == environment.server(fleet.env)


@pytest.mark.parametrize("script", [None, REFUSING, HANGING], ids=["absent", "refusing", "hanging"])
def test_without_a_manager_the_server_is_started_all_the_same(fleet: Fleet, login: Login, script: str | None) -> None:
    note = install(fleet, login, script) if script else fleet.root / "systemd-run.note"
    if script is None:
        (fleet.root / "bin" / "systemd-run").chmod(0o644)
    began = time.monotonic()

    spawn(fleet, login)

    assert time.monotonic() - began < 60
    if script == HANGING:
        assert not _runs(int(note.read_text()))
    login.end()
    assert fleet.agent("agent-1")["state"] == "lost"
    fleet.ok("resume", "--all")
    fleet.wait_state("agent-1", "idle")


def test_outside_a_login_no_manager_is_asked(fleet: Fleet, login: Login) -> None:
    note = install(fleet, login, GOOD)

    fleet.ok("spawn", "--kind", "demo", *FAST)

    assert not note.exists()


def test_doctor_says_where_the_server_lives_and_what_to_do(fleet: Fleet, login: Login) -> None:
    install(fleet, login, REFUSING)
    spawn(fleet, login)

    finding = logout_finding(fleet)

    assert (finding["level"], "is in a login session" in finding["what"]) == ("note", True)
    assert finding["mend"].startswith(f"loginctl enable-linger {scope.user()}")


def test_doctor_knows_a_server_in_a_scope_of_its_own(fleet: Fleet, login: Login) -> None:
    install(fleet, login, GOOD)
    spawn(fleet, login)

    finding = logout_finding(fleet)

    assert "belongs to your user manager" in finding["what"]
    assert finding["level"] == ("ok" if scope.lingers() else "note")


@pytest.mark.parametrize("script", [GOOD, REFUSING], ids=["can", "cannot"])
def test_doctor_says_before_the_first_spawn_what_a_logout_would_do(fleet: Fleet, login: Login, script: str) -> None:
    install(fleet, login, script)

    findings = json.loads(login.run(fleet, "doctor", "--json").stdout)["findings"]

    [finding] = [finding for finding in findings if finding["about"] == "logout"]
    assert ("will belong to your user manager" in finding["what"]) == (script == GOOD)
    if script == REFUSING:
        assert finding["mend"] == f"loginctl enable-linger {scope.user()}"


def test_a_real_user_manager_gives_a_scope(root: Path) -> None:
    if not scope.works(root, os.environ):
        pytest.skip("no systemd user manager runs here")
    found = scope.words(root, os.environ)
    assert found is not None
    before, env = found

    told = subprocess.run([*before, "cat", "/proc/self/cgroup"], env=env, capture_output=True, text=True, check=True)

    unit = next(word.partition("=")[2] for word in before if word.startswith("--unit="))
    assert f"/{unit}.scope" in told.stdout
    assert told.stderr == ""
