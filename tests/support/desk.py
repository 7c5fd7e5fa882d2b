"""A terminal in which a program runs that a person drives by keys: a tmux of its own."""

from __future__ import annotations

import contextlib
import itertools
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.fleet import Fleet, eventually

_NUMBER = itertools.count()


@dataclass(frozen=True, slots=True)
class Desk:
    """`keys` presses, `shown` is what the terminal shows."""

    tmux: Sequence[str]
    env: dict[str, str]

    def ask(self, *words: str) -> str:
        """One tmux command's output."""
        return subprocess.run(
            [*self.tmux, *words], capture_output=True, text=True, timeout=20, env=self.env, check=True
        ).stdout

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names of them."""
        self.ask("send-keys", "-t", "desk:0", *names)

    def type(self, text: str) -> None:
        """Type a text."""
        self.ask("send-keys", "-t", "desk:0", "-l", text)

    def paste(self, text: str) -> None:
        """As one paste, whatever is in it."""
        subprocess.run([*self.tmux, "load-buffer", "-"], input=text, text=True, timeout=20, env=self.env, check=True)
        self.ask("paste-buffer", "-p", "-d", "-t", "desk:0")

    def shown(self) -> str:
        """The screen."""
        return self.ask("capture-pane", "-p", "-t", "desk:0")

    def until(self, words: str) -> str:
        """The screen once those stand on it."""
        return str(eventually(lambda: found if words in (found := self.shown()) else None, explain=self.shown))


@contextlib.contextmanager
def desk(fleet: Fleet, argv: Sequence[str], *, columns: int = 100, rows: int = 30) -> Iterator[Desk]:
    """The program in a terminal of that size, with a shell behind it."""
    socket = fleet.root / f"desk-{next(_NUMBER)}"
    made = Desk(["tmux", "-f", "/dev/null", "-S", str(socket)], {**fleet.env, "TERM": "screen-256color"})
    line = f"stty -g; {shlex.join(argv)}; echo ended $?; stty -g; exec cat"
    size = ["-x", str(columns), "-y", str(rows)]
    subprocess.run(
        [*made.tmux, "new-session", "-d", "-s", "desk", *size, "sh", "-c", line],
        env=made.env,
        cwd=fleet.work,
        check=True,
    )
    try:
        yield made
    finally:
        subprocess.run([*made.tmux, "kill-server"], check=False, capture_output=True)
