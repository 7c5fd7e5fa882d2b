"""A fleet of one's own: state directory, HOME, tmux server and Messages API that nobody else has.

Each command is a process of its own, forked from one that has imported it (tests/support/looker.py): all of it
but the interpreter's start is as a user runs it. `whole` is that too. Nothing is left behind: the
server is ended by its own socket, and the processes that were seen in it are waited for.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import sqlite3
import stat
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.support import looker

KEY = "sk-ant-dummy-key-000000000000000000000000"

PATIENCE_S = 100.0
"""After so long a fact that is waited for will not come: a bound for what hangs, not a claim about time.
A machine on which three others build is twenty times as slow as an idle one."""

_Told = TypeVar("_Told")

Roots = Callable[[], contextlib.AbstractContextManager[Path]]
"""Makes a folder with a short path, for as long as it is held (tests/conftest.py)."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as JSON."""
        value: dict[str, Any] = json.loads(self.out)
        return value


@dataclass(slots=True)
class Fleet:
    """`fleet("spawn", "…")` runs a command; `fleet.ok(...)` runs one that must end with 0."""

    root: Path
    env: dict[str, str]
    since: int = 0
    """The number of the last entry of others' making."""

    @property
    def state(self) -> Path:
        """The state directory."""
        return Path(self.env["TMUXAGENTS_STATE_DIR"])

    @property
    def work(self) -> Path:
        """A folder to work in."""
        return self.root / "work"

    @property
    def home(self) -> Path:
        """HOME."""
        return self.root / "home"

    def __call__(
        self, *args: str, stdin: str = "", within: float = PATIENCE_S, folder: Path | None = None, **env: str
    ) -> Ran:
        """Run a command, forked from a process that has imported it; a whole one where more than one thread
        runs commands, or the interpreter is to be another, or $TMUXAGENTS_TEST_WHOLE says so (the soak)."""
        whole = threading.current_thread() is not threading.main_thread() or any(
            name.startswith("PYTHON") for name in {**self.env, **env}
        )
        if whole or os.environ.get("TMUXAGENTS_TEST_WHOLE"):
            return self.whole(*args, stdin=stdin, within=within, folder=folder, **env)
        return Ran(*looker.run(args, {**self.env, **env}, folder or self.work, stdin=stdin, within=within))

    def whole(
        self, *args: str, stdin: str = "", within: float = PATIENCE_S, folder: Path | None = None, **env: str
    ) -> Ran:
        """Run a command in an interpreter of its own."""
        done = subprocess.run(
            self.argv(*args),
            input=stdin,
            capture_output=True,
            text=True,
            # As in the arguments: a test may give bytes that are no text.
            errors="surrogateescape",
            timeout=within,
            env={**self.env, **env},
            cwd=folder or self.work,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def argv(self, *args: str) -> list[str]:
        """The command line of one command."""
        return [sys.executable, "-P", "-m", "tmuxagents", *args]

    def start(
        self, *args: str, env: Mapping[str, str] | None = None, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        """Start a command that is not waited for; its outputs can be read."""
        return subprocess.Popen(
            self.argv(*args),
            env={**self.env, **(env or {})},
            cwd=self.work,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ok(self, *args: str, **more: Any) -> Ran:
        """Run a command that must succeed."""
        ran = self(*args, **more)
        assert ran.code == 0, f"{args} ended with {ran.code}\n{ran.out}\n{ran.err}"
        return ran

    def look(self, *args: str) -> Ran:
        """The same for one that asks."""
        return self.ok(*args)

    def agents(self) -> list[dict[str, Any]]:
        """`ls --json`."""
        found: list[dict[str, Any]] = self.look("ls", "--json").json["agents"]
        return found

    def agent(self, name: str) -> dict[str, Any]:
        """One agent of `ls --json`."""
        return next(a for a in self.agents() if a["name"] == name)

    def wait_for(
        self, name: str, wanted: Callable[[dict[str, Any]], bool], within: float = PATIENCE_S
    ) -> dict[str, Any]:
        """The agent once `wanted` holds of it."""
        kept: object = None

        def there() -> dict[str, Any] | None:
            nonlocal kept
            kept = self._kept(name)
            return a if wanted(a := self.agent(name)) else None

        def pause() -> None:
            _rest(lambda: self._kept(name) != kept)

        found: dict[str, Any] = eventually(there, within, lambda: str(self.agent(name)), pause)
        return found

    def wait_state(self, name: str, state: str, within: float = PATIENCE_S) -> dict[str, Any]:
        """The agent once it is in that state."""

        def there() -> dict[str, Any] | None:
            return a if (a := self.agent(name))["state"] == state else None

        def pause() -> None:
            _rest(lambda: state in (self._kept(name) or ()))

        found: dict[str, Any] = eventually(there, within, lambda: str(self.agent(name)), pause)
        return found

    def _kept(self, name: str) -> tuple[Any, ...] | None:
        """What is kept of an agent, as it stands in the database; None where that cannot be read. For when to look
        again, which costs a process each time, and for nothing that is claimed."""
        with contextlib.suppress(sqlite3.Error), contextlib.closing(self._reader()) as reader:
            row: tuple[Any, ...] | None = reader.execute(
                "SELECT state, condition, phase, generation, name FROM agents WHERE name = ?", (name,)
            ).fetchone()
            return row
        return None

    def _reader(self) -> sqlite3.Connection:
        # One that may write would take the log away when it is the last to close.
        return sqlite3.connect(f"file:{self.state / 'tmuxagents.db'}?mode=ro", uri=True, timeout=0)

    def entries(self, *args: str) -> list[dict[str, Any]]:
        """The journal so far, as `tail --json` prints it."""
        told = [json.loads(line) for line in self.look("tail", "--no-follow", "--json", *args).out.splitlines()]
        return [entry for entry in told if entry["seq"] > self.since]

    def printed(self, name: str) -> list[str]:
        """The lines that a program has printed so far, from the journal itself: JSON of a hundred
        megabytes would take longer than all the rest."""
        connection = sqlite3.connect(self.state / "tmuxagents.db")
        rows = connection.execute(
            "SELECT text FROM journal WHERE kind = 'output' AND agent = (SELECT number FROM agents WHERE name = ?)"
            " ORDER BY seq",
            (name,),
        )
        lines = [line for row in rows for line in row[0].split("\n")]
        connection.close()
        return lines

    def socket(self) -> str:
        """Where the private tmux server listens."""
        return (self.state / "socket").read_text().strip()

    def tmux(self, *args: str) -> str:
        """Ask the private tmux server directly."""
        argv = ["tmux", "-N", "-S", self.socket(), *args]
        return subprocess.run(argv, capture_output=True, text=True, timeout=10, env=self.env, check=False).stdout

    def pane(self, name: str) -> str:
        """The pane id of an agent."""
        return str(self.agent(name)["pane"])

    def screen(self, name: str) -> str:
        """What an agent's window shows."""
        return self.tmux("capture-pane", "-p", "-t", self.pane(name))

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in the private server, the server first."""
        pid = self.tmux("display-message", "-p", "#{pid}").strip()
        if not pid.isdecimal():
            return []
        try:
            server = psutil.Process(int(pid))
            return [server, *descendants(server)]
        except psutil.NoSuchProcess:
            return []

    def command_lines(self) -> dict[int, list[str]]:
        """What runs in the private server, by pid; a process that ends meanwhile is passed over."""
        found: dict[int, list[str]] = {}
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                found[process.pid] = process.cmdline()
        return found

    def end(self) -> None:
        """End the server and see that nothing of it is left."""
        if not (self.state / "socket").exists():
            return
        running = self.processes()
        self.tmux("kill-server")
        for process in wait_ended(running, within=10):
            process.kill()


def wait_ended(processes: Sequence[psutil.Process], within: float = PATIENCE_S) -> list[psutil.Process]:
    """Wait until the processes have ended; returns those that have not. A zombie has ended: where
    init reaps only now and then, `psutil.wait_procs` waits two seconds for it."""

    def running() -> list[psutil.Process]:
        return [process for process in processes if _runs(process)]

    end = time.monotonic() + within
    while (left := running()) and time.monotonic() < end:
        time.sleep(0.01)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, IndexError):
        # Its `stat` reads as empty in the moment in which it goes, which psutil 7 takes for a row.
        return False


def asked(ask: Callable[[psutil.Process], _Told], processes: Iterable[psutil.Process]) -> dict[psutil.Process, _Told]:
    """What each of them says; one that ends meanwhile is passed over."""
    found = {}
    for process in processes:
        # In the moment in which it goes its `stat` reads as empty, which psutil 7 takes for a row.
        with contextlib.suppress(psutil.Error, IndexError):
            found[process] = ask(process)
    return found


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """What runs below it; nothing where it ends meanwhile."""
    return next(iter(asked(lambda one: one.children(recursive=True), [process]).values()), [])


def named(name: str, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those of that name."""
    return [process for process, its in asked(psutil.Process.name, processes).items() if its == name]


def below(folder: Path) -> dict[Path, os.stat_result]:
    """Everything below it; what is taken away while it is looked at (the database's log) is passed over."""
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            found[path] = path.lstat()
    return found


def holding(folder: Path, *words: bytes) -> list[str]:
    """The names of the files below it that hold one of the words."""
    found = []
    for path, status in below(folder).items():
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISREG(status.st_mode) and any(word in path.read_bytes() for word in words):
                found.append(path.name)
    return found


def eventually(
    ask: Callable[[], Any],
    within: float = PATIENCE_S,
    explain: Callable[[], str] = str,
    pause: Callable[[], None] = lambda: time.sleep(0.03),
) -> Any:
    """The first answer of `ask` that says something (an empty list does not); AssertionError after `within` seconds."""
    end = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {within:g} s: {explain()}")
        pause()


def _rest(until: Callable[[], bool]) -> None:
    """Wait for it, and not for long: without a controller nobody writes but who looks."""
    end = time.monotonic() + 0.4
    while time.monotonic() < end and not until():
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A person's terminal that is attached to the private server; `drawn` is what it was sent."""

    terminal: int
    drawn: bytearray

    def type(self, text: str) -> None:
        """Type, as fast as a terminal takes it."""
        os.write(self.terminal, text.encode())


@contextlib.contextmanager
def terminal(
    argv: Sequence[str], env: dict[str, str], *, columns: int = 200, rows: int = 50
) -> Iterator[tuple[int, bytearray]]:
    """A program in a terminal of its own, of that size: our end of it, and what it draws."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    program = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    drawn = bytearray()
    reader = threading.Thread(target=_drain, args=(ours, drawn), daemon=True)
    reader.start()
    try:
        yield ours, drawn
    finally:
        program.terminate()
        program.wait(timeout=10)
        reader.join(timeout=10)
        os.close(ours)


@contextlib.contextmanager
def person(fleet: Fleet, name: str, *, columns: int = 80, rows: int = 24) -> Iterator[Keyboard]:
    """A real tmux client in a terminal of its own, of that size, looking at that agent's window."""
    window = fleet.tmux("display-message", "-p", "-t", fleet.pane(name), "#{window_id}").strip()
    argv = ["tmux", "-u", "-N", "-S", fleet.socket(), "attach", "-t", window]
    env = {**fleet.env, "TERM": "xterm-256color"}
    with terminal(argv, env, columns=columns, rows=rows) as (ours, drawn):
        eventually(lambda: window in fleet.tmux("list-clients", "-F", "#{window_id}"))
        yield Keyboard(ours, drawn)


def _drain(terminal: int, drawn: bytearray) -> None:
    """Read what the client draws, so that it never waits for its terminal."""
    with contextlib.suppress(OSError):
        while got := os.read(terminal, 65536):
            drawn += got


def make(root: Path, *, path: Sequence[Path] = (), **more: str) -> Fleet:
    """A fleet below `root`. `path` is put in front of the PATH."""
    for name in ("home", "work"):
        (root / name).mkdir(parents=True, exist_ok=True)
    env = {
        "HOME": str(root / "home"),
        "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]]),
        "LANG": "C.UTF-8",
        "TMUXAGENTS_STATE_DIR": str(root / "state"),
        "TMUXAGENTS_CONFIG": str(root / "home" / "config.toml"),
        **more,
    }
    return Fleet(root, env)


def make_claude(root: Path, *, program: Path, url: str) -> Fleet:
    """A fleet whose `claude` is that program, talking to the API at `url`, its working folder trusted."""
    folder = root / "bin"
    folder.mkdir()
    (folder / "claude").symlink_to(program)
    made = make(
        root,
        path=[folder],
        ANTHROPIC_BASE_URL=url,
        ANTHROPIC_API_KEY=KEY,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        # What it looks for beside its work, on the network and with npm, is an eighth of what a start computes.
        CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL="1",
        DISABLE_AUTOUPDATER="1",
        DISABLE_INSTALLATION_CHECKS="1",
        IS_SANDBOX="1",
    )
    trust(made, made.work)
    return made


def three(made: Fleet) -> None:
    """`idle-1` that is idle, `needy-1` that waits for a permission, `over-1` that was stopped."""
    for name, task in (("idle-1", "say: x"), ("needy-1", "permission: Write a.rs"), ("over-1", "say: x")):
        made.ok("spawn", "--kind", "demo", "--name", name, task, "--", "--speed", "0")
    made.wait_state("needy-1", "waiting")
    made.wait_state("idle-1", "idle")
    made.ok("stop", "over-1")


def trust(fleet: Fleet, *folders: Path) -> None:
    """Write the configuration that lets `claude` start without asking, trusting these folders."""
    config = {
        "hasCompletedOnboarding": True,
        "theme": "dark",
        "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
        "projects": {str(folder): {"hasTrustDialogAccepted": True} for folder in folders},
    }
    (fleet.home / ".claude.json").write_text(json.dumps(config))
