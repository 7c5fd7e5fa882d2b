"""A private tmux server for tests of the driver alone, opened through the driver."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.support.fleet import descendants, eventually, wait_ended
from tmuxagents.drivers import wrapper
from tmuxagents.drivers.tmux import call, config, snapshot, window
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.drivers.tmux.window import Opened

READER = """
import os, sys, tty
tty.setraw(0)
print("ready", flush=True)
got = b""
while True:
    got += os.read(0, 65536)
    open(sys.argv[1], "wb").write(got)
"""
"""A program in raw mode that keeps what it is sent in a file; its first screen says that it is ready."""


@dataclass(slots=True)
class Tmux:
    """A server with a session whose first window does nothing."""

    server: Server
    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def open(self, *argv: str, name: str = "agent-1", folder: Path | None = None, raw: Path | None = None) -> Opened:
        """A window that runs `argv` as it is."""
        number = next(self.numbers)
        return window.open_window(
            self.server,
            name=name,
            agent_id=f"id{number}",
            generation=1,
            argv=argv,
            folder=folder or self.folder,
            raw=raw or self.folder / f"pane.{number}.raw",
        )

    def start(self, *argv: str, env: dict[str, str] | None = None, folder: Path | None = None) -> Started:
        """A window in which the starter runs `argv`, as an agent's does."""
        agent = self.folder / f"agent{next(self.numbers)}"
        agent.mkdir()
        (agent / "env.1").write_text(
            wrapper.environment({"PATH": os.environ["PATH"], **(env or {})}), errors="surrogateescape"
        )
        starter = str(self.folder / "bin" / "starter.sh")
        opened = self.open(starter, str(agent), "1", str(folder or self.folder), *argv, raw=agent / "raw")
        return Started(opened, agent)

    def reader(self, name: str = "agent-1") -> tuple[Opened, Path]:
        """A program that is ready to be typed to, and the file where it keeps what it got."""
        got = self.folder / f"got{next(self.numbers)}"
        opened = self.open(sys.executable, "-c", READER, str(got), name=name)
        eventually(lambda: "ready" in self.shown(opened.pane))
        return opened, got

    def shown(self, pane: str) -> str:
        """What a pane shows."""
        return call.ask(self.server, "capture-pane", "-p", "-t", pane)

    def pane(self, opened: Opened) -> PaneNow:
        """The pane now."""
        return snapshot.take(self.server).panes[opened.pane]

    def wait_dead(self, opened: Opened) -> PaneNow:
        """The pane once its program has ended."""
        return eventually(lambda: p if (p := self.pane(opened)).dead else None)  # type: ignore[no-any-return]

    @property
    def pid(self) -> int:
        """The server's."""
        return int(call.ask(self.server, "display-message", "-p", "#{pid}"))


@dataclass(frozen=True, slots=True)
class Started:
    """A program under the starter."""

    opened: Opened
    agent: Path

    def code(self) -> int:
        """Its exit code, once the starter has recorded it."""
        import json

        path = self.agent / "exit.1.json"
        eventually(path.exists)
        return int(json.loads(path.read_text())["code"])

    def raw(self) -> bytes:
        """What its terminal was sent, all of it: the starter's last question to the terminal is there."""
        path = self.agent / "raw"
        eventually(lambda: path.exists() and path.read_bytes().endswith(b"\x1b[5n"))
        return path.read_bytes().removesuffix(b"\x1b[5n")


@contextmanager
def running(root: Path, idle: Sequence[str] = ("sleep", "1000")) -> Iterator[Tmux]:
    """The server; ended with everything in it."""
    server = Server(socket=root / "sock", config=root / "tmux.conf")
    server.config.write_text(config.text(["true"], ["true"]))
    wrapper.write_scripts(root / "bin")
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "LANG": "C.UTF-8"}
    window.open_session(server, argv=idle, folder=root, env=env)
    made = Tmux(server, root)
    process = psutil.Process(made.pid)
    try:
        yield made
    finally:
        below = descendants(process)
        window.kill_server(server)
        for one in wait_ended([process, *below]):
            one.kill()
