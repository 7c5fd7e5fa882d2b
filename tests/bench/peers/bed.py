"""A place in which a tool is alone: HOME, tmux server, Messages API and folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.conftest import claude_program
from tests.support import fleet as fleets
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

WITHIN = 150.0
"""Seconds after which a command is given up; mngr itself tries for 90 to confirm what it sent."""
_AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")
_PROFILES = (".profile", ".bash_profile", ".bashrc", ".zshenv")


class Failed(Exception):
    """A command of the tool did not do what its manual says."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    seconds: float


@dataclass(slots=True)
class Bed:
    """Commands run in it as in a shell of a new user whose `claude` and tool are on the PATH."""

    fleet: Fleet
    api: MessagesApi
    env: dict[str, str]
    claude: Path
    _staying: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """A folder for whatever is needed."""
        return self.fleet.root

    def run(self, argv: Sequence[str]) -> Done:
        """Run a command to its end, whatever that is."""
        began = time.perf_counter()
        try:
            done = subprocess.run(
                argv,
                env=self.env,
                cwd=self.fleet.work,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=WITHIN,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"`{argv[0]} {argv[1]}` took more than {WITHIN:g} s") from error
        return Done(done.returncode, done.stdout, time.perf_counter() - began)

    def ok(self, argv: Sequence[str]) -> Done:
        """Run a command that has to succeed."""
        done = self.run(argv)
        if done.code:
            raise Failed(f"`{argv[0]} {argv[1]}` ended with {done.code}: {done.out.strip()[-200:]}")
        return done

    def leave(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a command that stays."""
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(argv, env=self.env, cwd=self.fleet.work, stdin=quiet, stdout=quiet, stderr=quiet)
        self._staying.append(process)
        return process

    def processes(self) -> list[psutil.Process]:
        """Everything that runs with this HOME."""
        return [process for process in psutil.process_iter() if _home(process) == self.env["HOME"]]

    def asked(self) -> list[str]:
        """What the model was asked, in order."""
        return [request.prompts[-1] for request in self.api.requests if request.prompts]

    def wait_idle(self) -> None:
        """Wait until every `claude` says of itself that it is idle, hooks of the tool included."""
        with contextlib.suppress(AssertionError):  # it can also be sent to while it works
            eventually(self._is_idle, 20)

    def _is_idle(self) -> bool:
        try:
            sessions = [path.read_text() for path in self.fleet.home.rglob("sessions/*.json")]
        except FileNotFoundError:  # the tool removes files of its own meanwhile
            return False
        return bool(sessions) and all(_status(text) == "idle" for text in sessions)

    def empty_boxes(self) -> None:
        """Empty the input boxes, so that what stayed in one does not count against the next text."""
        sockets = [str(path) for path in self.root.glob("tmux-*/default")]
        if (self.fleet.state / "socket").exists():
            sockets.append(self.fleet.socket())
        for tmux in (["tmux", "-N", "-S", socket] for socket in sockets):
            for pane in self.run([*tmux, "list-panes", "-a", "-F", "#{pane_id}"]).out.split():
                self.run([*tmux, "send-keys", "-t", pane, *["C-u", "BSpace"] * 8])

    def end(self) -> None:
        """End every process that runs with this HOME."""
        for _ in range(5):  # some are started again by one that is ended later
            running = self.processes()
            for process in running:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            for left in self._staying:
                left.wait()
            self._staying.clear()
            if not running:
                return
            fleets.wait_ended(running, within=5)


def _status(text: str) -> object:
    try:
        return json.loads(text).get("status")
    except json.JSONDecodeError:  # it is being written
        return None


def _home(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("HOME") if process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


@contextmanager
def made(programs: Path | None, settings: Mapping[str, object] | None = None) -> Iterator[Bed]:
    """A bed with the tool of that folder on the PATH; nothing of it runs on afterwards."""
    with tempfile.TemporaryDirectory(prefix="tp-", ignore_cleanup_errors=True) as folder, MessagesApi() as api:
        root = Path(folder)
        program = claude_program("newest")
        fleet = fleets.make_claude(root, program=program, url=api.url)
        config = fleet.home / ".claude.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | dict(settings or {})))
        (root / "tmp").mkdir()
        path = os.pathsep.join([*([str(programs)] if programs else []), fleet.env["PATH"]])
        env = fleet.env | {
            "PATH": path,
            "SHELL": "/bin/bash",
            "TERM": "xterm-256color",
            "TMUX_TMPDIR": str(root),  # "the default tmux server" is then one of this bed
            "TMPDIR": str(root / "tmp"),
        }
        for name in _PROFILES:  # some tools type into a login shell, whose profile sets the PATH anew
            (fleet.home / name).write_text(f"export PATH='{path}'\n")
        bed = Bed(fleet, api, env, program.resolve())
        for step in (["init", "-q"], [*_AUTHOR, "commit", "-q", "--allow-empty", "-m", "begin"]):
            bed.ok(["git", *step])  # some start agents nowhere else
        try:
            yield bed
        finally:
            bed.end()
