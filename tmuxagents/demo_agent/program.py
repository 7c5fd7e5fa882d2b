"""Play a coding agent in a terminal: the one stand-in for Claude Code.

Started as `python -m tmuxagents.demo_agent.program --events FILE [--speed X] [--resume] [TASK]`.
What an event tells of has been drawn before the event is in the file.
"""

import argparse
import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from tmuxagents.demo_agent import box, events, keys
from tmuxagents.demo_agent.events import Events, Totals
from tmuxagents.demo_agent.keys import Key, Pasted, Press, Typed
from tmuxagents.demo_agent.screen import Screen, TerminalGone, raw
from tmuxagents.demo_agent.scripts import Limit
from tmuxagents.demo_agent.turn import Over, Turn

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_HUNG_UP = 128 + signal.SIGHUP
_READ = 65536


class Agent:
    """The conversation: keys go in, drawings and events come out."""

    def __init__(self, screen: Screen, log: Events, *, speed: float, totals: Totals) -> None:
        self.turn: Turn | None = None
        self.is_deaf = False
        self._screen = screen
        self._log = log
        self._speed = speed
        self._totals = totals
        self._draft = ""
        self._queue: list[str] = []
        self._swallow = 0
        self._began_with = totals
        self._limit: Limit | None = None

    def start(self, *, resumed: bool, task: str) -> None:
        """Show the first screen and begin with the task."""
        self.print(f"✻ {box.NAME}\n  {Path.cwd()}\n" + ("  Resumed\n" if resumed else ""))
        prompt = keys.printable(task).strip()
        self.report("ready", pid=os.getpid(), resumed=resumed, task=bool(prompt))
        if prompt:
            self._begin(prompt)

    def draw(self) -> None:
        """Bring the terminal up to date."""
        width, height = self._screen.size()
        if self.turn and self.turn.dialog:
            picture = box.dialog_box(self.turn.dialog, width)
        else:
            busy = self.turn is not None
            picture = box.input_box(self._draft, width, height=height, busy=busy, queued=self._queue)
        self._screen.draw(picture)

    def press(self, key: Key) -> None:
        """Take one key from the user."""
        if not (self.turn and self.turn.dialog):
            self._press_in_box(key)
        elif not self.turn.press(self.turn.dialog, key):
            self._end_turn(self.turn)

    def work(self, now: float) -> None:
        """Go on with the turn if it has waited long enough."""
        turn = self.turn
        if turn and turn.wake_at is not None and turn.wake_at <= now and not turn.go_on():
            self._end_turn(turn)

    # What a turn shows itself on

    def print(self, text: str) -> None:
        self._screen.print(text)

    def print_raw(self, line: bytes) -> None:
        self._screen.print_raw(line)

    def report(self, event: str, **fields: object) -> None:
        self.draw()
        self._log.write(event, **fields)

    def swallow(self, enters: int) -> None:
        self._swallow = enters

    def go_deaf(self) -> None:
        self.is_deaf = True

    # The input box

    def _press_in_box(self, key: Key) -> None:
        match key:
            case Typed(text) | Pasted(text):
                self._draft += text
            case Press.NEWLINE:
                self._draft += "\n"
            case Press.BACKSPACE:
                self._draft = self._draft[:-1]
            case Press.DELETE_LINE:
                self._draft = _without_line(self._draft)
            case Press.ENTER:
                self._enter()
            case Press.ESCAPE:
                self._interrupt()
            case Press.INTERRUPT:
                self._interrupt_or_clear()
            case Press.END:
                self._end_if_empty()
            case Press.UP | Press.DOWN:
                pass
            case _:
                assert_never(key)

    def _enter(self) -> None:
        if self._swallow:
            self._swallow -= 1
            return
        text, self._draft = self._draft.strip(), ""
        if text == "/exit":
            raise Over(0)
        if text and self.turn:
            self._queue.append(text)
            self.report("queued", text=text)
        elif text:
            self._begin(text)

    def _interrupt_or_clear(self) -> None:
        if self.turn:
            self._interrupt()
        else:
            self._draft = ""

    def _end_if_empty(self) -> None:
        if not self._draft:
            raise Over(0)

    # The turn

    def _begin(self, prompt: str) -> None:
        limit, self._limit = self._limit, None
        does = f"limit: {limit.seconds} {limit.times}" if limit is not None else prompt
        self.turn, self._began_with = Turn(does, self, self._speed), self._totals
        self.print(box.message(prompt, "❯") + "\n")
        self.report("prompt", text=prompt)

    def _end_turn(self, turn: Turn) -> None:
        before, said = self._totals, sum(map(len, turn.said))
        self._totals = events.spend(before, prompt=turn.prompt, steps=turn.steps, said=said)
        self.turn = None
        last = turn.said[-1] if turn.said else ""
        told = events.turn_end(self._began_with, self._totals, last)
        if turn.limit is not None:
            self.print(box.message("You've hit your limit") + "\n")
            told["resets_ns"] = time.time_ns() + round(turn.limit.seconds * 1e9)
            times = turn.limit.times - 1
            self._limit = Limit(turn.limit.seconds, times) if times else None
        self.report("turn_end", **told)
        self._begin_queued()

    def spend(self, usd: float, tokens: int) -> None:
        """Say at once that so much more is spent."""
        self._totals = events.more(self._totals, usd, tokens)
        self.report("usage", **events.so_far(self._totals))

    def _interrupt(self) -> None:
        """Stop the turn, which then costs nothing and has no `turn_end`."""
        if not self.turn:
            return
        if self.turn.puts_back:
            self._draft = "\n".join(filter(None, [self.turn.prompt, self._draft]))
        self.turn = None
        self.print("  ⎿ Interrupted\n")
        self.report("interrupted")
        self._begin_queued()

    def _begin_queued(self) -> None:
        if self._queue:
            self._begin(self._queue.pop(0))


class Terminal:
    """Waits for keys, signals and moments, and hands them to the agent."""

    def __init__(self, agent: Agent, *, keyboard: int, signals: int) -> None:
        self._agent = agent
        self._keyboard = keyboard
        self._signals = signals
        self._decoder = keys.Decoder()
        self._doubt_until: float | None = None

    def run(self) -> None:
        """Never return; `Over` or `TerminalGone` is raised when the program has to end."""
        while True:
            self._agent.draw()
            self._wait()
            self._agent.work(time.monotonic())

    def _wait(self) -> None:
        watched = [self._signals] if self._agent.is_deaf else [self._signals, self._keyboard]
        ready, _, _ = select.select(watched, [], [], self._patience())
        if self._signals in ready:
            _obey(os.read(self._signals, _READ))
        if self._keyboard in ready:
            self._read()
        elif self._doubt_until is not None and time.monotonic() >= self._doubt_until:
            self._press(self._decoder.silence())

    def _patience(self) -> float | None:
        wake_at = self._agent.turn.wake_at if self._agent.turn else None
        moments = [moment for moment in (self._doubt_until, wake_at) if moment is not None]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _read(self) -> None:
        try:
            read = os.read(self._keyboard, _READ)
        except OSError as error:
            raise TerminalGone from error
        if not read:
            raise TerminalGone
        self._press(self._decoder.feed(read))

    def _press(self, pressed: Sequence[Key]) -> None:
        for key in pressed:
            self._agent.press(key)
        self._doubt_until = time.monotonic() + keys.ESCAPE_AFTER if self._decoder.in_doubt else None


def _without_line(draft: str) -> str:
    """Delete to the start of the line; at the start of a line join the one before."""
    return draft[:-1] if draft.endswith("\n") else draft[: draft.rfind("\n") + 1]


def _obey(numbers: bytes) -> None:
    """End on a signal that says so; the others only woke us to draw again."""
    for number in numbers:
        if number in _ENDING:
            raise Over(128 + number)


@contextlib.contextmanager
def _caught_signals() -> Iterator[int]:
    """Give a descriptor that carries the number of each signal."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (*_ENDING, signal.SIGWINCH):
        signal.signal(number, lambda *_: None)
    yield read_end


def _play(options: argparse.Namespace, log: Events, *, signals: int) -> int:
    keyboard, paper = sys.stdin.fileno(), sys.stdout.fileno()
    totals = events.totals_in(options.events) if options.resume else Totals()
    screen = Screen(paper)
    agent = Agent(screen, log, speed=options.speed, totals=totals)
    with raw(keyboard, paper):
        try:
            agent.start(resumed=options.resume, task=options.task)
            Terminal(agent, keyboard=keyboard, signals=signals).run()
        except Over as over:
            with contextlib.suppress(TerminalGone):
                screen.clear()
            return over.code
        except TerminalGone:
            return _HUNG_UP
    raise AssertionError("the loop ends with Over")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo-agent", description="A scripted stand-in for a coding agent.")
    parser.add_argument("--events", type=Path, required=True, metavar="FILE", help="append what happens here")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="10 is ten times as fast, 0 no waiting")
    parser.add_argument("--resume", action="store_true", help="go on with the totals in the events file")
    parser.add_argument("task", nargs="?", default="", metavar="TASK", help="the first prompt")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to end; return the exit code."""
    options = _options(argv)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("demo-agent: cannot run without a terminal", file=sys.stderr)
        return 2
    log = Events(options.events)
    with _caught_signals() as signals:
        code = _play(options, log, signals=signals)
    log.write("bye", code=code)
    return code


if __name__ == "__main__":
    sys.exit(main())
