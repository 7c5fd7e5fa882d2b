"""The dashboard in Textual: looks become lines, keys go to `hands`, and nothing is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from textual import events
from textual.app import App as Textual
from textual.app import ComposeResult
from textual.timer import Timer

from tmuxagents import clock
from tmuxagents.errors import TmuxagentsError
from tmuxagents.output.dashboard import keys
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.output.dashboard.screen import View, last_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.dashboard import Picture, Takes
from tmuxagents.tui.top.acting import Acts, Done, Work
from tmuxagents.tui.top.entry import Entry
from tmuxagents.tui.top.hands import Hands
from tmuxagents.tui.top.lines import Lines
from tmuxagents.tui.top.looking import Seen, Team, Window
from tmuxagents.value import Value, replace

_LEAVES_S = 3.0
"""After a signal it has ended by then, whatever hangs."""

_READ_S = 1.0
"""A pager that has left before that has shown nothing that could be read."""


class Given(Value):
    """What the command gives: how the fleet is opened, whom it is narrowed to, the command line of another command of
    ours, the options of `spawn`, the filter to begin with, what the terminal can show, and what it shows already."""

    opener: Callable[[], App]
    takes: Takes
    argv: Callable[[Sequence[str]], list[str]]
    options: Callable[[], Mapping[str, bool]] = dict
    filter: str = ""
    unicode: bool = True
    color: bool = True
    first: Picture | None = None


class Top(Textual[int]):
    """The program. It holds nothing that matters: what it shows is read, what it does is a service."""

    CSS = """
    Screen { background: transparent; }
    #screen { height: 1fr; width: 1fr; }
    #keys { height: 1; width: 1fr; }
    #entry { height: 1; display: none; background: transparent; color: ansi_default; border: none; padding: 0; }
    .typing #keys { display: none; }
    .typing #entry { display: block; }
    """
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, given: Given, *, looks: bool = True) -> None:
        """Without `looks` it shows what `show` is given, and nothing by itself."""
        # Textual takes it away; what is run from here is to have it.
        kept = os.environ.get("NO_COLOR")
        if not given.color:
            os.environ["NO_COLOR"] = "1"
        super().__init__(ansi_color=True)
        if kept is not None:
            os.environ["NO_COLOR"] = kept
        self.theme = "ansi-dark"
        self._given, self._looks = given, looks
        self.hands = Hands(self, View(Board(filter=given.filter), empty="looking …"))
        self._clock: Timer | None = None
        self._listening: asyncio.AbstractEventLoop | None = None
        self._slot: Seen | None = None
        self._slot_lock = threading.Lock()
        self.broken: BaseException | None = None
        self._acts = Acts(
            given.opener,
            lambda done: self._soon(lambda: self._finished(done)),
            lambda words: self._soon(lambda: self._late(words)),
            self._broke,
        )
        self._team = Team(given.opener, given.takes, self._saw, self._broke)
        self._window = Window(
            given.opener, lambda of, lines: self._soon(lambda: self.put_window(of, lines)), self._broke
        )

    def compose(self) -> ComposeResult:
        """The lines, and the last row: the keys, or what is typed."""
        yield Lines(unicode=self._given.unicode, id="screen")
        yield Lines(unicode=self._given.unicode, id="keys")
        yield Entry(id="entry")

    def on_mount(self) -> None:
        """Look, and listen to who wants it to end."""
        self._lines, self._keys = self.query_one("#screen", Lines), self.query_one("#keys", Lines)
        self._entry = self.query_one(Entry)
        self._keys.can_focus = False
        self._lines.focus()
        loop = self._listening = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._told_to_end, number)
        self.app_resume_signal.subscribe(self, lambda _: self._again())
        if self._given.first is not None:
            self.hands.seen(self._given.first.rows, trouble=self._given.first.trouble, graph=None, news="")
        if self._looks:
            self._team.start()
            self._window.start()
        self.draw()
        # What was imported stays: it need not be looked through again and again.
        self.call_after_refresh(_collect)

    def on_unmount(self) -> None:
        """Nobody is waited for."""
        self._team.stop()
        self._window.stop()

    def _told_to_end(self, number: int) -> None:
        # A terminal that is gone takes nothing, and its writer may wait for ever.
        threading.Thread(target=_end_soon, args=(128 + number,), daemon=True).start()
        self.exit(128 + number)

    # From the threads

    def _soon(self, do: Callable[[], None]) -> None:
        if self._listening is not None and self.is_running:
            # It may have been closed since.
            with contextlib.suppress(RuntimeError):
                self._listening.call_soon_threadsafe(self.call_later, do)

    def _handle_exception(self, error: Exception) -> None:
        """Textual would print it with everything that was known where it happened."""
        self.broken = error
        self.exit(70)

    def _broke(self, error: BaseException) -> None:
        self.broken = error
        self._soon(lambda: self.exit(70))

    def _saw(self, seen: Seen) -> None:
        """The newest look alone waits to be drawn: while the terminal is another's nobody draws."""
        with self._slot_lock:
            before, self._slot = self._slot, seen
            if before is not None and not seen.news:
                self._slot = replace(seen, news=before.news)
        if before is None:
            self._soon(self._take)

    def _take(self) -> None:
        with self._slot_lock:
            seen, self._slot = self._slot, None
        if seen is not None:
            self.show(seen)

    def show(self, seen: Seen) -> None:
        """Draw that look."""
        self.hands.seen(seen.picture.rows, trouble=seen.picture.trouble, graph=seen.graph, news=seen.news)
        self.draw()

    def put_window(self, agent_id: str, lines: Sequence[Line]) -> None:
        """Draw what that agent's window shows, if it is the one that is selected."""
        if self.hands.window(agent_id, lines):
            self.draw()

    def _finished(self, done: Done) -> None:
        self.hands.finished(done)
        self._team.poke()
        self.draw()

    def _late(self, words: str) -> None:
        self.hands.late(words)
        self.draw()

    # Drawing

    def draw(self) -> None:
        """Have the screen show what is known now, and wake when it looks different by itself."""
        width, height = self.size
        made = self.hands.draw(width, height, now_ns=clock.now_ns(), now_s=clock.monotonic())
        self._lines.show(made.lines)
        self._keys.show((last_line(self.hands.view, width, made),))
        row = self.hands.watched
        self._window.show((row.id, row.generation, row.pane) if row is not None else None)
        self._team.follow(self.hands.run_id)
        if self._clock is not None:
            self._clock.stop()
        self._clock = self.set_timer(made.tick_s, self.draw)

    def _again(self) -> None:
        """Everything is drawn anew: the terminal was another program's."""
        self.refresh(layout=True)
        self._lines.refresh()
        self._keys.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Whatever size it is."""
        if self._listening is not None:
            self.call_after_refresh(self.draw)

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes one after another, whoever has the focus."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self._listening is not None:
            if isinstance(event, events.Key):
                self._pressed(event.key, keys.printed(event.key, event.character))
            else:
                self._pasted(event.text)
            self.draw()
        else:
            await super().on_event(event)

    def _pressed(self, key: str, character: str | None) -> None:
        now_s = clock.monotonic()
        if self.hands.is_typing and self._entry.press(key, character):
            self.hands.pressed(now_s)
            self.hands.typed(self._entry.text)
        else:
            self.hands.key(key, character, now_s)

    def _pasted(self, text: str) -> None:
        self.hands.pressed(clock.monotonic())
        if self.hands.is_typing:
            self._entry.take_in(text)
            self.hands.typed(self._entry.text)

    def on_click(self, event: events.Click) -> None:
        """On whatever row."""
        self.hands.clicked(event.screen_x, event.screen_y, clock.monotonic(), again=event.chain == 2)
        self.draw()

    def on_mouse_scroll_down(self) -> None:
        """The wheel."""
        self.hands.wheeled(1)
        self.draw()

    def on_mouse_scroll_up(self) -> None:
        """The wheel."""
        self.hands.wheeled(-1)
        self.draw()

    # What `hands` asks for

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        """Have it carried out beside."""
        self._acts.begin(work, undone, words)

    def under_way(self) -> int:
        """How many acts are."""
        return self._acts.under_way

    def command(self, words: Sequence[str]) -> Sequence[str]:
        """As it is typed."""
        return self._given.argv(words)

    def options(self) -> Mapping[str, bool]:
        """Of `spawn`."""
        return self._given.options()

    def open_line(self, text: str, *, selected: bool = False) -> None:
        """In place of the keys."""
        self._entry.put(text, selected=selected)
        self.screen.add_class("typing")
        self._entry.focus()

    def line(self) -> str:
        """What is in it."""
        return self._entry.text

    def close_line(self) -> None:
        """The keys again."""
        self.screen.remove_class("typing")
        self._entry.put("")
        self._lines.focus()

    def suspend_me(self) -> None:
        """As C-z does."""
        self.action_suspend_process()

    def leave(self, code: int) -> None:
        """Nothing stops by it."""
        self.exit(code)

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        """Give the terminal to another program until that has ended."""
        from tmuxagents.services.fleet import attach

        try:
            with self.suspend():
                # Only here is standard output the terminal again.
                env = {"LESS": "R", **os.environ} if pages else attach.environment(attach.terminal_type())
                _run(argv, env, pages=pages)
        except TmuxagentsError as error:
            return error.message
        finally:
            self.hands.pressed(clock.monotonic())
            self._team.poke()
            self._again()
        return ""


def _collect() -> None:
    gc.freeze()
    gc.enable()


def _run(argv: Sequence[str], env: dict[str, str], *, pages: bool) -> None:
    began = clock.monotonic()
    # Its C-c is its own.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        done = subprocess.run(list(argv), env=env, check=False)
    finally:
        signal.signal(signal.SIGINT, before)
    if pages and (done.returncode or clock.monotonic() - began < _READ_S):
        sys.stdout.write("\nenter goes back ")
        sys.stdout.flush()
        sys.stdin.readline()


def _end_soon(code: int) -> None:
    time.sleep(_LEAVES_S)
    os._exit(code)


def run(given: Given) -> int:
    """Show it until somebody leaves; the exit code. What broke in a thread is raised here."""
    top = Top(given)
    code = top.run()
    if top.broken is not None:
        raise top.broken
    return code if code is not None else top.return_code or 0
