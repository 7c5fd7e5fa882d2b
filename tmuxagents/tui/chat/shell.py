"""The chat at a terminal: the stream above, one line below, both alive at once, in the terminal's own scrollback.

What is new is printed a frame at a time: the line is taken off, the rows are written, the line is drawn again, all by
one write. Keys are read and drawn between two frames; nothing that may take time is done here.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TextIO

from prompt_toolkit.application import in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.history import History

from tmuxagents import clock
from tmuxagents.chat import offers, panel, prompt, reflow, sending
from tmuxagents.chat.focus import RESTS_S
from tmuxagents.chat.roster import Member
from tmuxagents.chat.shown import Row, Signs, painted
from tmuxagents.tui.chat import editing, framed, history, keys, styling
from tmuxagents.tui.chat.framed import FramedOutput, Keyboard
from tmuxagents.tui.chat.front import Given
from tmuxagents.tui.chat.layout import layout
from tmuxagents.tui.chat.resizing import OnScreen
from tmuxagents.tui.chat.room import Entered, Room
from tmuxagents.value import Value, replace

FRAME_S = 0.04
"""At most so often the stream is printed: 25 frames a second."""

AT_ONCE = 400
"""Rows of one frame at most. A key waits for one frame: where a line is slow it holds fewer."""

LEAST = 8
"""And at least."""

BEHIND = 4000
"""Rows that wait to be printed; whoever has more waits."""

LEAVING_S = 15.0
"""So long what is on its way is waited for on leaving."""

SAID_S = 6.0
"""So long a word about the line stands."""


OVERRAN = "the paste went on behind its end: all is text until no key was pressed for a second"


class _History(History):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def load_history_strings(self) -> list[str]:
        """The newest first."""
        return list(reversed(history.load(self._path)))

    def store_string(self, string: str) -> None:
        """Behind the others."""
        history.add(self._path, string)


class _Completer(Completer):
    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:
        """What the chat offers here."""
        return [
            Completion(one.word, -one.length, display_meta=self._shell.signs.safe(one.about))
            for one in self._shell.offered(document.text_before_cursor)
        ]


class _Showing(Value):
    """The dialog in the panel, whether all of it is there, and all that wait."""

    asked: str | None = None
    whole: bool = False
    waiting: tuple[str, ...] = ()


class Shell:
    """A front of the chat. `put` and `changed` are for every thread, the rest for the one that runs it."""

    def __init__(self, given: Given, stdin: TextIO, stdout: TextIO, memory: Path) -> None:
        self._given, self._stdout = given, stdout
        self.signs = Signs(unicode=given.unicode)
        self._output: FramedOutput = framed.output(stdout, color=given.color, wraps_anew=reflow.wraps_anew(os.environ))
        self.keyboard = Keyboard(stdin)
        self.keyboard.overran = lambda: self.say(OVERRAN)
        self._rows: deque[tuple[int, str]] = deque()
        self._room_there = threading.Condition()
        self._given_out = self._printed = 0
        self._over = False
        self._printer: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = self._looks = False
        self._at_once = AT_ONCE
        self._said, self._said_s = "", float("-inf")
        self.above: list[Row] = []
        self._showing = _Showing()
        self._begun = False
        self._folds: tuple[int, str] | None = None
        self.room: Room = None  # type: ignore[assignment]
        self.buffer = Buffer(
            multiline=True, history=_History(memory), completer=_Completer(self), complete_while_typing=False
        )
        self.buffer.on_text_changed += lambda _: self._typed()
        self.app = OnScreen(
            layout=layout(self),
            key_bindings=keys.bindings(self),
            style=styling.style(color=given.color),
            include_default_pygments_style=False,
            input=self.keyboard,
            output=self._output,
            full_screen=False,
            mouse_support=False,
            erase_when_done=True,
            before_render=lambda _: self._before(),
            after_render=lambda _: self._after(),
        )
        # A word about the line goes when its time is over, and who is idle longest may change.
        self.app.timeoutlen = 0.3

    # For every thread

    @property
    def columns(self) -> int:
        """How wide the terminal is."""
        return self.size.columns

    @property
    def size(self) -> Size:
        """How large it is; one that nobody has told its size says 0."""
        try:
            found = os.get_terminal_size(self._stdout.fileno())
        except OSError:
            return Size(rows=24, columns=80)
        return Size(rows=found.lines or 24, columns=max(20, found.columns or 80))

    @property
    def printed(self) -> int:
        """How many batches are on the screen."""
        return self._printed

    def put(self, rows: Sequence[str]) -> int:
        """Have them printed with the next frame."""
        with self._room_there:
            # Who prints them waits for nobody.
            while len(self._rows) > BEHIND and not self._over and threading.get_ident() != self._printer:
                self._room_there.wait(1.0)
            self._given_out += 1
            number = self._given_out
            self._rows += [(number, self.signs.safe(row)) for row in rows]
        self._wake(self._soon)
        return number

    def changed(self) -> None:
        """Draw anew."""
        self._wake(self.app.invalidate)

    def _wake(self, what: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(what)

    # Printing

    def _soon(self) -> None:
        if not self._due and not self.app.away:
            self._due = True
            self.app.create_background_task(self._frames())

    async def _frames(self) -> None:
        """Until nothing waits: the first at once, the others at their time."""
        try:
            while self._rows and not self.app.away:
                if not self.app.holds:
                    self._frame()
                await asyncio.sleep(FRAME_S)
        finally:
            self._due = False

    def _frame(self) -> None:
        taken = list(itertools.islice(self._rows, self._at_once))
        text, began = "".join(f"{row}\r\n" for _, row in taken), clock.monotonic()
        with self._output.frame():
            self.app.renderer.erase()
            self._output.write_raw(text)
            self._draw()
        slow = clock.monotonic() - began > FRAME_S
        self._at_once = max(LEAST, self._at_once // 2) if slow else min(AT_ONCE, self._at_once * 2)
        with self._room_there:
            for _ in taken:
                self._rows.popleft()
            left = self._rows[0][0] if self._rows else self._given_out + 1
            self._printed = left - 1
            self._room_there.notify_all()
        if self._folds is not None and self._folds[0] <= self._printed:
            self.room.was_printed(self._folds[1])
            self._folds = None

    def _draw(self) -> None:
        self._before()
        self.app.renderer.render(self.app, self.app.layout)
        self._after()

    def _before(self) -> None:
        self.room.settle_focus(self.buffer.text, self.keyboard.pressed_s)
        self.above = self._rows_above()
        self._look_again()

    def _look_again(self) -> None:
        """Once the hands have been quiet for as long as the focus waits for: it may move then."""
        since = clock.monotonic() - (self.keyboard.pressed_s or float("-inf"))
        if since < RESTS_S and not self._looks and self._loop is not None:
            self._looks = True
            self._loop.call_later(RESTS_S - since + 0.05, self._looked)

    def _looked(self) -> None:
        self._looks = False
        self.app.invalidate()

    def _after(self) -> None:
        now = self._showing
        ids = [now.asked] if now.asked is not None else []
        self.room.was_drawn(ids, whole=ids if now.whole else [], waiting=now.waiting)

    # What is drawn

    def fold(self) -> None:
        """Show all of the dialog, or a few rows; where it does not fit it is printed into the stream."""
        asking = self.room.asking
        if asking is None or asking.asked is None:
            self.say("no dialog is shown here")
        elif self._fits(asking, unfolded=True):
            self.room.unfolded = not self.room.unfolded
        else:
            rows = panel.whole(asking, self.size.columns - 1)
            number = self.put([painted(row, color=self._given.color) for row in rows])
            self._folds = (number, asking.asked.id)

    def _fits(self, asking: Member, *, unfolded: bool) -> bool:
        columns, rows = self.size.columns - 1, self._rows_for_dialog(unfolded=unfolded)
        return not self._is_narrow() and panel.fits(asking, columns, rows, unfolded=unfolded)

    def _rows_for_dialog(self, *, unfolded: bool) -> int:
        """Beside two of the line, a word about it, who else calls and what is on its way."""
        height = self.size.rows
        left = height - 4 - min(len(self.room.on_their_way), sending.MOST)
        return left if unfolded else min(left, height // 2)

    def _is_narrow(self) -> bool:
        """Whether rows are longer than the terminal is wide."""
        with contextlib.suppress(OSError):
            return 0 < os.get_terminal_size(self._stdout.fileno()).columns < self.size.columns
        return False

    def _rows_above(self) -> list[Row]:
        """The rows over the line: what is on its way, the dialog, who else calls, a word about the line."""
        columns, height = self.size.columns - 1, self.size.rows
        rows: list[Row] = [*sending.rows(self.room.on_their_way, columns)]
        # Once: another thread may have others there a moment later.
        roster, unfolded = self.room.roster, self.room.unfolded
        asking = panel.shown(roster, self.room.focus.on)
        shown, whole = None, False
        if asking is not None and asking.asked is not None:
            most = max(3, self._rows_for_dialog(unfolded=unfolded))
            rows += panel.rows(asking, columns, most, unfolded=unfolded)
            # What is typed may take rows of its own.
            shown, whole = asking.asked.id, not self.buffer.text and self._fits(asking, unfolded=unfolded)
        self._showing = _Showing(shown, whole, tuple(each.asked.id for each in roster.waiting if each.asked))
        calls = prompt.calls(roster, shown, columns)
        rows += [calls] if calls else []
        if self._said and clock.monotonic() - self._said_s < SAID_S:
            rows += [[("fail", row)] for row in panel.wrapped(f"  {self._said}", columns)]
        # The line has at least two rows.
        most = max(1, height - 2)
        if len(rows) > most:
            self._showing = replace(self._showing, whole=False)
        return rows[-most:]

    def before_line(self) -> Row:
        """The prompt."""
        return prompt.prompt(self.room.focused, self.columns, only=self.room.narrowed)

    def offered(self, before: str) -> list[offers.Offer]:
        """What Tab offers."""
        word = before.lstrip()[1:].partition(" ")[0]
        known: dict[str, dict[str, str]] = {}
        if before.lstrip().startswith("/") and before.rpartition(" ")[2].startswith("-"):
            known = {word: {option: about for option, (_, about) in self._given.options(word).items()}}
        return offers.offers(before, self.room.roster, known)

    def say(self, words: str) -> None:
        """A word about the line, for a moment."""
        self._said, self._said_s = words, clock.monotonic()
        self.app.invalidate()
        if words and self._loop is not None:
            self._loop.call_later(SAID_S + 0.1, self.app.invalidate)

    # What is done

    def _typed(self) -> None:
        """A line begins with what comes into an empty one: a key, a paste, one of the history."""
        if self.buffer.text and not self._begun:
            self.room.began()
        self._begun = bool(self.buffer.text)

    def enter(self) -> None:
        """The line as it is."""
        text = self.buffer.text
        entered = self.room.enter(text)
        self.say(entered.said)
        if entered.kept:
            return
        if text.strip():
            self.buffer.append_to_history()
        self.drop()
        self._carry_out(entered)

    def drop(self) -> None:
        """The line is empty."""
        self.buffer.reset()
        self._begun = False

    def _carry_out(self, entered: Entered) -> None:
        if entered.leaves:
            self.leave(0)
        elif entered.edits is not None:
            self.edit(entered.edits)
        elif entered.terminal:
            argv = self._given.argv(entered.terminal)
            self.app.create_background_task(self._run_there(argv))

    def settle(self, verb: str) -> None:
        """By a key."""
        self.say(self.room.key(verb, text=self.buffer.text, key_s=self.keyboard.before_s))

    def edit(self, start: str | None = None) -> None:
        """The line, or that text, in the reader's editor; what comes of it stands in the line."""
        self.app.create_background_task(self._edit(self.buffer.text if start is None else start))

    async def _edit(self, start: str) -> None:
        found: list[editing.Edited] = []
        # It was begun before the editor had the screen.
        bound = self.room.bound if self._begun else self.room.on_screen
        await self._lend(lambda: found.append(editing.edited(self._given, start)))
        self.say(found[0].trouble)
        self.buffer.document = Document(found[0].text, len(found[0].text))
        self.room.bound = bound

    async def _run_there(self, argv: Sequence[str]) -> None:
        await self._lend(lambda: subprocess.run(argv, check=False))

    async def _lend(self, act: Callable[[], object]) -> object:
        """Give the terminal away, and take it back; what is new is printed then."""
        loop = asyncio.get_running_loop()
        async with self._away():
            found = await loop.run_in_executor(None, act)
        self._soon()
        return found

    @contextlib.asynccontextmanager
    async def _away(self) -> AsyncIterator[None]:
        async with in_terminal():
            self.app.away = True
            try:
                yield
            finally:
                self.app.away = False
                self.room.was_drawn([])

    def leave(self, code: int) -> None:
        """What is on its way is waited for; asked a second time it is not."""
        if self.app.is_running and not self.app.is_done:
            if self.room.owed and not self._over:
                self._over = True
                self.say("waiting for what is on its way; once more leaves at once")
                self.app.create_background_task(self._left(code))
                return
            self.app.exit(result=code)

    async def _left(self, code: int) -> None:
        end = clock.monotonic() + LEAVING_S
        while self.room.owed and clock.monotonic() < end:
            await asyncio.sleep(0.05)
        if not self.app.is_done:
            self.app.exit(result=code)

    def run(self) -> int:
        """Until it is left; the exit code."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        self._loop, self._printer = asyncio.get_running_loop(), threading.get_ident()
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self.leave, 128 + number)
        try:
            return await self._shown()
        except EOFError:
            # The terminal is gone.
            return 128 + signal.SIGHUP
        finally:
            with self._room_there:
                self._over = True
                self._room_there.notify_all()
            self.room.left()
            for row in self.rest():
                self._stdout.write(f"{row}\n")

    def _shown(self) -> Awaitable[int]:
        return self.app.run_async(pre_run=self._soon)

    def rest(self) -> list[str]:
        """What was not printed any more."""
        return [row for _, row in self._rows]
