"""An SSH server of one's own on loopback, with a key that may do what `contrib/phone/phone.sh` allows."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.support.fleet import PATIENCE_S, Fleet, Ran

SCRIPT = Path(__file__).parents[2] / "contrib" / "phone" / "phone.sh"

# Privileges are not the claim: it runs as whoever runs the tests, and takes one key.
_SERVER = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/allowed
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
ClientAliveInterval 2
ClientAliveCountMax 2
SetEnv {env}
"""

_CLIENT = """
Host *
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/phone
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known
    StrictHostKeyChecking yes
    BatchMode yes
    LogLevel ERROR
"""


@dataclass(frozen=True, slots=True)
class Phone:
    """`phone("ls")` is `ssh HOST ls` as a phone sends it: one text, which the far end reads."""

    fleet: Fleet
    folder: Path
    server: subprocess.Popen[bytes]

    def argv(self, *words: str) -> list[str]:
        """A command line of ssh."""
        return ["ssh", "-F", str(self.folder / "client"), *words]

    def sessions(self) -> list[psutil.Process]:
        """What serves those that are connected now, and what runs for them."""
        return psutil.Process(self.server.pid).children(recursive=True)

    def __call__(self, command: str) -> Ran:
        """Carry that command out there."""
        argv = self.argv("HOST", command)
        # A phone's client has none of our variables to pass on.
        given = {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, env=given, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)


def _program() -> str:
    """The server, which has to be started by its whole path; a test says why it cannot run, and in CI it must run."""
    found = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found and shutil.which("ssh"):
        return found
    reason = "ssh and sshd are not installed: contrib/bootstrap.sh ssh"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def phone(fleet: Fleet) -> Iterator[Phone]:
    """A server that runs, and a phone that may reach the fleet through it. `tmuxagents` stands where pipx puts it."""
    binary, folder = _program(), fleet.root / "ssh"
    folder.mkdir()
    for name in ("host", "phone"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    public = (folder / "phone.pub").read_text()
    (folder / "allowed").write_text(f'restrict,pty,command="{SCRIPT}" {public}')
    _install(fleet)
    server, port = _started(binary, fleet, folder)
    host = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host}")
    user = pwd.getpwuid(os.getuid()).pw_name
    (folder / "client").write_text(_CLIENT.format(port=port, user=user, folder=folder))
    try:
        yield Phone(fleet, folder, server)
    finally:
        server.terminate()
        server.wait(timeout=10)


def _install(fleet: Fleet) -> None:
    binary = fleet.home / ".local" / "bin" / "tmuxagents"
    binary.parent.mkdir(parents=True)
    words = " ".join(fleet.argv())
    binary.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    binary.chmod(0o755)


def _started(binary: str, fleet: Fleet, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    env = " ".join(f"{name}={fleet.env[name]}" for name in ("HOME", "TMUXAGENTS_STATE_DIR", "TMUXAGENTS_CONFIG"))
    if os.getuid() == 0:
        # Where it has those who are not known yet; the service of the system makes it.
        Path("/run/sshd").mkdir(exist_ok=True)
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "server").write_text(_SERVER.format(port=port, folder=folder, env=env))
        log = folder / "log"
        log.write_text("")
        argv = [binary, "-D", "-f", str(folder / "server"), "-E", str(log)]
        server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while server.poll() is None and "Server listening" not in log.read_text():
            time.sleep(0.02)
        if server.poll() is None:
            return server, port
        # Somebody else has taken the port meanwhile; anything else is no reason to try again.
        assert "Address already in use" in log.read_text(), log.read_text()
