"""A real terminal (a window of a tmux of its own) in which a program runs that is driven by keys alone."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.fleet import Fleet, eventually

_NUMBER = itertools.count()


@dataclass(frozen=True, slots=True)
class Window:
    """`press("Tab")` by tmux's names of keys, `type("text")` as it stands; `ended` holds its exit code, which tmux 3.3a
    does not always tell."""

    tmux: tuple[str, ...]
    ended: Path

    def _ask(self, *args: str) -> str:
        return subprocess.run([*self.tmux, *args], capture_output=True, text=True, check=True).stdout

    def press(self, *keys: str) -> None:
        """Press them one after the other, all at once."""
        self._ask("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type it."""
        self._ask("send-keys", "-l", "--", text)

    def paste(self, text: str) -> None:
        """Paste it, between the marks that the program has asked for."""
        self._ask("set-buffer", "--", text)
        self._ask("paste-buffer", "-p")

    def enter(self, text: str) -> None:
        """Type it, and Enter once it is there: what it completes is not meant to be a new line of a paste."""
        self.type(text)
        eventually(lambda: text.strip()[-20:] in self.screen(), explain=self.screen)
        self.press("Enter")

    def screen(self) -> str:
        """What is on the screen, less the blanks at its end."""
        return self._ask("capture-pane", "-p").rstrip()

    def painted(self) -> tuple[str, tuple[int, int]]:
        """The whole screen with its codes, and where the cursor is: both of one moment."""
        told = self._ask("capture-pane", "-p", "-e", ";", "display-message", "-p", "#{cursor_x} #{cursor_y}")
        screen, _, at = told.rstrip("\n").rpartition("\n")
        x, y = map(int, at.split())
        return screen, (x, y)

    def everything(self) -> str:
        """That, and what has scrolled away; rows that were wrapped are one."""
        return self._ask("capture-pane", "-p", "-J", "-S", "-").rstrip()

    @property
    def line(self) -> str:
        """The last row: the prompt and what is typed."""
        return self.screen().rpartition("\n")[2]

    def shows(self, text: str) -> str:
        """The screen as soon as that stands somewhere, what has scrolled away included."""
        return str(eventually(lambda: all_ if text in (all_ := self.everything()) else "", explain=self.everything))

    def has_line(self, text: str) -> None:
        """Wait until the last row is so."""
        eventually(lambda: self.line.rstrip() == text, explain=self.screen)

    def resize(self, columns: int, rows: int) -> None:
        """Have it of another size."""
        self._ask("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def pid(self) -> int:
        """The program's."""
        return int(self.ended.with_suffix(".pid").read_text())

    def code(self) -> int:
        """Its exit code, once it has ended."""
        return int(eventually(lambda: self.ended.exists() and self.ended.read_text().strip(), explain=self.screen))

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)


# Its pid, and its exit code. It is the shell's child and has the terminal.
_AROUND = """
sh -c 'echo $$ > "$1.pid"; shift; exec "$@"' sh "$0" "$@"
echo $? > "$0.code.new"; mv "$0.code.new" "$0.code"
"""


@contextlib.contextmanager
def window(fleet: Fleet, argv: Sequence[str], *, columns: int = 100, rows: int = 30, **env: str) -> Iterator[Window]:
    """The program in a window of that size."""
    name = fleet.root / f"keys-{next(_NUMBER)}"
    tmux = ("tmux", "-f", "/dev/null", "-S", str(name))
    around = {key: value for key, value in fleet.env.items() if key != "TMUX"}
    given = [f"{key}={value}" for key, value in {"TERM": "tmux-256color", **env}.items()]
    first = ["new-session", "-d", "-x", str(columns), "-y", str(rows), "sleep 1000"]
    subprocess.run([*tmux, *first], env=around, cwd=fleet.work, check=True)
    try:
        for option in (("-g", "remain-on-exit", "on"), ("-g", "status", "off"), ("-g", "history-limit", "50000")):
            subprocess.run([*tmux, "set-option", *option], check=True)
        # A new window has the history limit; `env -u` for it is not to know that it is in a tmux.
        run = ["env", "-u", "TMUX", "-u", "TMUX_PANE", *given, "sh", "-c", _AROUND, str(name), *argv]
        subprocess.run([*tmux, "new-window", "-c", str(fleet.work), *run], env=around, check=True)
        pid = name.with_suffix(".pid")
        eventually(lambda: pid.exists() and pid.read_text())
        yield Window(tmux, name.with_suffix(".code"))
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)
