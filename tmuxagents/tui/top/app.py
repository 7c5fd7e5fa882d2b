"""The dashboard in Textual: looks become lines, keys go to `hands`, and nothing is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import Callable, Sequence

from textual import events
from textual.app import App as Textual
from textual.app import ComposeResult
from textual.timer import Timer

from tmuxagents import clock
from tmuxagents.output.dashboard import keys
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.output.dashboard.screen import View, last_line
from tmuxagents.services.fleet import attach
from tmuxagents.tui.pasting import OVERRAN
from tmuxagents.tui.top import signals
from tmuxagents.tui.top.beside import Acts, Done
from tmuxagents.tui.top.driver import Driver
from tmuxagents.tui.top.entry import Entry
from tmuxagents.tui.top.given import Given
from tmuxagents.tui.top.hands import Hands
from tmuxagents.tui.top.lines import Lines
from tmuxagents.tui.top.looking import Seen, Team
from tmuxagents.tui.top.newest import Newest
from tmuxagents.tui.top.terminal import Terminal
from tmuxagents.tui.top.typed import CameWith
from tmuxagents.tui.top.window import Window


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
        super().__init__(driver_class=Driver, ansi_color=True)
        if kept is not None:
            os.environ["NO_COLOR"] = kept
        self.theme = "ansi-dark"
        self._given, self._looks = given, looks
        self._entry = Entry(id="entry")
        self._clock: Timer | None = None
        self._listening: asyncio.AbstractEventLoop | None = None
        self._newest = Newest()
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
        terminal = Terminal(self, given, self._entry, self._acts, taken_back=self._taken_back)
        self.hands = Hands(terminal, View(Board(filter=given.filter), empty="looking …", back=attach.keys()))

    def compose(self) -> ComposeResult:
        """The lines, and the last row: the keys, or what is typed."""
        yield Lines(unicode=self._given.unicode, id="screen")
        yield Lines(unicode=self._given.unicode, id="keys")
        yield self._entry

    def on_mount(self) -> None:
        """Look, and listen to who wants it to end."""
        self._lines, self._keys = self.query_one("#screen", Lines), self.query_one("#keys", Lines)
        self._keys.can_focus = False
        self._lines.focus()
        loop = self._listening = asyncio.get_running_loop()
        signals.listen(loop, self.exit)
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
        if self._newest.put(seen):
            self._soon(self._take)

    def _take(self) -> None:
        seen = self._newest.take()
        if seen is not None:
            self.show(seen)

    def show(self, seen: Seen) -> None:
        """Draw that look."""
        self.hands.seen(seen.picture.rows, trouble=seen.picture.trouble, graph=seen.graph, news=seen.news)
        self.draw()

    def put_window(self, agent_id: str, lines: Sequence[Line]) -> None:
        """Draw what that agent's window shows, if it is the one that is selected."""
        if self.hands.sight.window(agent_id, lines):
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
        sight = self.hands.sight
        made = sight.draw(width, height, now_ns=clock.now_ns(), now_s=clock.monotonic())
        self._lines.show(made.lines)
        self._keys.show((last_line(sight.view, width, made),))
        row = sight.watched
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

    def _taken_back(self) -> None:
        """Whatever was typed meanwhile was another program's, and so is what stands there."""
        self.hands.pressed(clock.monotonic())
        self._team.poke()
        self._again()

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
                self._pasted(event.text, behind=isinstance(event, CameWith))
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

    def _pasted(self, text: str, *, behind: bool) -> None:
        self.hands.pressed(clock.monotonic())
        if self.hands.is_typing:
            self._entry.take_in(text, whole=not behind)
            self.hands.typed(self._entry.text)
        if behind:
            self.hands.sight.tell(OVERRAN, "calls")

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


def _collect() -> None:
    gc.freeze()
    gc.enable()


def run(given: Given) -> int:
    """Show it until somebody leaves; the exit code. What broke in a thread is raised here."""
    top = Top(given)
    code = top.run()
    if top.broken is not None:
        raise top.broken
    return code if code is not None else top.return_code or 0
