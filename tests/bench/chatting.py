"""The chat: how soon it is there, and how soon a key echoes while ten agents talk."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from tests.bench.keeping import ENTRIES, fill, sentences
from tests.bench.rows import Goal, Row, fleet, row
from tests.support.fleet import Fleet, eventually
from tmuxagents.store.database import Database

LETTERS = "EFGINOQRUVWXYZ"
"""No line of the stream holds one of them, nor what moves the cursor."""

WORDS = "line {number} of what an agent says while it works, as long as such lines are."
LINES_S = 200
ONE_WAY_S = 0.025


@dataclass(slots=True)
class Far:
    """A chat in a terminal of its own, `delay` seconds away each way."""

    terminal: int
    delay: float
    drawn: bytearray = field(default_factory=bytearray)
    _typed: SimpleQueue[tuple[float, bytes]] = field(default_factory=SimpleQueue)
    _coming: SimpleQueue[tuple[float, bytes]] = field(default_factory=SimpleQueue)

    def start(self) -> None:
        """Carry what is typed and what is drawn."""
        for carry in (self._read, self._arrive, self._send):
            threading.Thread(target=carry, daemon=True).start()

    def type(self, text: str) -> None:
        """It arrives when its way is over."""
        self._typed.put((time.perf_counter() + self.delay, text.encode()))

    def echo(self, letter: str) -> float:
        """Milliseconds until a key that stands nowhere yet is drawn here."""
        at, began = len(self.drawn), time.perf_counter()
        self.type(letter)
        while letter.encode() not in self.drawn[at:]:
            time.sleep(0.0005)
            assert time.perf_counter() - began < 30, f"'{letter}' was lost"
        return (time.perf_counter() - began) * 1000

    def holds(self, letters: str) -> bool:
        """Whether one of them is still drawn, again and again as the line is."""
        at = len(self.drawn)
        time.sleep(0.3 + 2 * self.delay)
        return any(letter.encode() in self.drawn[at:] for letter in letters)

    def _read(self) -> None:
        try:
            while got := os.read(self.terminal, 65536):
                self._coming.put((time.perf_counter() + self.delay, got))
        except OSError:
            pass

    def _arrive(self) -> None:
        while True:
            due, got = self._coming.get()
            time.sleep(max(0.0, due - time.perf_counter()))
            self.drawn += got

    def _send(self) -> None:
        while True:
            due, text = self._typed.get()
            time.sleep(max(0.0, due - time.perf_counter()))
            os.write(self.terminal, text)


@contextmanager
def chat(made: Fleet, *, delay: float = 0.0) -> Iterator[Far]:
    """It ends by Ctrl-D."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    env = {**made.env, "TERM": "xterm-256color"}
    program = subprocess.Popen(
        made.argv("chat"), stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=made.work, start_new_session=True
    )
    os.close(theirs)
    far = Far(ours, delay)
    far.start()
    try:
        yield far
        far.type("\x15\x04")
        assert program.wait(timeout=60) == 0
    finally:
        program.kill()
        program.wait()
        os.close(ours)


def opening() -> list[Row]:
    """With a journal of a million entries: from the command to the last page, and to the line that is typed into."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", "--", "sleep", "100000")
        with Database(made.state / "tmuxagents.db") as db:
            fill(db, sentences(ENTRIES))
        page, line = [], []
        for _ in range(15):
            began = time.perf_counter()
            with chat(made) as far:
                while b"needle" not in far.drawn:
                    time.sleep(0.0005)
                page.append((time.perf_counter() - began) * 1000)
                # What draws the line says that pastes are told apart.
                while b"\x1b[?2004h" not in far.drawn:
                    time.sleep(0.0005)
                line.append((time.perf_counter() - began) * 1000)
        return [
            row("chat over a million entries, to its last page", page, unit="ms", goals=[Goal(300)]),
            row("the same, to its line", line, unit="ms", goals=[Goal(300)]),
        ]


def typing() -> list[Row]:
    """A key's echo while ten agents say 200 lines a second, here and 25 ms away; how many lines arrived whole."""
    with fleet() as made:
        made.ok("spawn", "--kind", "demo", "--count", "10", "-q", "say: ready", "--", "--speed", "0", within=120)
        eventually(lambda: [agent["turns"] for agent in made.agents()] == [1] * 10, 120)
        events = [made.state / "agents" / agent["id"] / "events.jsonl" for agent in made.agents()]
        return [*_typed(made, events, 0.0), *_typed(made, events, ONE_WAY_S)]


def _typed(made: Fleet, events: Sequence[Path], delay: float) -> list[Row]:
    with chat(made, delay=delay) as far:
        eventually(lambda: b"idle" in far.drawn, 60)
        with _talking(events) as said:
            eventually(lambda: f"line {LINES_S} of".encode() in far.drawn, 60)
            times = [far.echo(letter) for letter in _keys(far, 300)]
        last = f"line {len(said) - 1} of".encode()
        eventually(lambda: last in far.drawn, 60)
        # A row stands behind another, or behind where the line was taken off.
        name = rb"(?:\x1b\[[\d;]*m)?\[agent-\d+\](?:\x1b\[0m)?"
        seen = re.findall(rb"(?:\n|\x1b\[\?7h)" + name + rb" (line [^\r\x1b]*)", bytes(far.drawn))
    whole = {text.decode() for text in seen}
    arrived = sum(WORDS.format(number=number) in whole for number in range(1, len(said))) / (len(said) - 1)
    where = f", {round(delay * 1000)} ms away each way" if delay else ""
    goal = Goal(50 + 2000 * delay, "p99")
    return [
        row(f"chat: echo of a key beside {LINES_S} lines/s{where}", times, unit="ms", goals=[goal]),
        row("lines that arrived whole", [arrived * 100], unit="%", goals=[Goal(100, at_least=True)]),
    ]


def _keys(far: Far, count: int) -> Iterator[str]:
    """About twelve a second; a line is given up when its letters are used."""
    for number in range(count):
        if number and number % len(LETTERS) == 0:
            far.type("\x15")
            eventually(lambda: not far.holds(LETTERS))
        yield LETTERS[number % len(LETTERS)]
        time.sleep(0.08)


@contextmanager
def _talking(events: Sequence[Path]) -> Iterator[list[int]]:
    over, said = threading.Event(), list[int]()

    def talk() -> None:
        due = time.perf_counter()
        while not over.is_set():
            number = len(said)
            with events[number % len(events)].open("a") as file:
                text = WORDS.format(number=number)
                file.write(json.dumps({"at": time.time_ns(), "event": "text", "text": text}) + "\n")
            said.append(number)
            due += 1 / LINES_S
            time.sleep(max(0.0, due - time.perf_counter()))

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        yield said
    finally:
        over.set()
        talker.join()
