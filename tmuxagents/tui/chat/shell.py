"""The chat at a terminal: the stream above, one line below, both alive at once, in the terminal's own scrollback.

What is new is printed a frame at a time: the line is taken off, the rows are written, the line is drawn again, all by
one write. Keys are read and drawn between two frames; nothing that may take time is done here.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document

from tmuxagents import clock
from tmuxagents.chat import offers, prompt, reflow
from tmuxagents.chat.focus import RESTS_S
from tmuxagents.chat.shown import Row, Signs, painted
from tmuxagents.output import detaching
from tmuxagents.services.fleet import attach
from tmuxagents.tui.chat import framed, keys, styling
from tmuxagents.tui.chat.above import SAID_S, Above, size_of
from tmuxagents.tui.chat.framed import FramedOutput, Keyboard
from tmuxagents.tui.chat.frames import Frames
from tmuxagents.tui.chat.front import Entered, Given
from tmuxagents.tui.chat.layout import layout
from tmuxagents.tui.chat.leaving import waits
from tmuxagents.tui.chat.lending import Lending
from tmuxagents.tui.chat.line_buffer import line_buffer
from tmuxagents.tui.chat.resizing import OnScreen
from tmuxagents.tui.chat.room import Room
from tmuxagents.tui.pasting import OVERRAN
from tmuxagents.value import replace


class Shell:
    """A front of the chat. `put` and `changed` are for every thread, the rest for the one that runs it."""

    def __init__(self, given: Given, stdin: TextIO, stdout: TextIO, memory: Path) -> None:
        self._given, self._stdout = given, stdout
        self.signs = Signs(unicode=given.unicode)
        self._output: FramedOutput = framed.output(stdout, color=given.color, wraps_anew=reflow.wraps_anew(os.environ))
        self._output.lost = self._lost
        self.keyboard = Keyboard(stdin)
        self.keyboard.overran = lambda: self.say(OVERRAN)
        self.searched_from = 0, 0
        self._leaves = self._looks = self._begun = self._at_once = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.above = Above(stdout.fileno())
        self._room: Room = None  # type: ignore[assignment]
        self.buffer = line_buffer(memory, self.offered)
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
        self._frames = Frames(self.app, self._output, before=self._before, after=self._after)
        self._lending = Lending(given, self.app, self._taken_back)

    @property
    def room(self) -> Room:
        """What is behind it."""
        return self._room

    @room.setter
    def room(self, room: Room) -> None:
        self._room = self.above.room = room

    # For every thread

    @property
    def columns(self) -> int:
        """How wide the terminal is."""
        return self.size.columns

    @property
    def size(self) -> Size:
        """How large it is."""
        return size_of(self._stdout.fileno())

    @property
    def printed(self) -> int:
        """How many batches are on the screen."""
        return self._frames.printed

    def put(self, rows: Sequence[str]) -> int:
        """Have them printed with the next frame."""
        return self._frames.put([self.signs.safe(row) for row in rows])

    def changed(self) -> None:
        """Draw anew."""
        self._frames.changed()

    def _before(self) -> None:
        self.room.settle_focus(self.buffer.text, self.keyboard.pressed_s)
        self.above.decide(self.buffer.text)
        self._look_again()

    def _after(self) -> None:
        self.above.was_drawn()
        self.above.was_printed(self.printed)

    def _look_again(self) -> None:
        """Once the hands have been quiet for as long as the focus waits for: it may move then."""
        since = clock.monotonic() - (self.keyboard.pressed_s or float("-inf"))
        if since < RESTS_S and not self._looks and self._loop is not None:
            self._looks = True
            self._loop.call_later(RESTS_S - since + 0.05, self._looked)

    def _looked(self) -> None:
        self._looks = False
        self.app.invalidate()

    # What is drawn

    def before_line(self) -> Row:
        """The prompt."""
        return prompt.prompt(self.room.focused, self.columns, only=self.room.narrowed, gone=self.room.focus.name)

    def offered(self, before: str) -> list[offers.Offer]:
        """What Tab offers."""
        word = before.lstrip()[1:].partition(" ")[0]
        known: dict[str, dict[str, str]] = {}
        if before.lstrip().startswith("/") and before.rpartition(" ")[2].startswith("-"):
            known = {word: {option: about for option, (_, about) in self._given.options(word).items()}}
        found = offers.offers(before, self.room.roster, known)
        back = attach.keys()
        return [replace(one, about=self.signs.safe(one.about.replace(detaching.KEYS, back))) for one in found]

    def say(self, words: str) -> None:
        """A word about the line, for a moment."""
        self.above.say(words)
        self.app.invalidate()
        if words and self._loop is not None:
            self._loop.call_later(SAID_S + 0.1, self.app.invalidate)

    def fold(self) -> None:
        """Show all of the dialog, or a few rows."""
        said = self.above.fold(lambda rows: self.put([painted(row, color=self._given.color) for row in rows]))
        if said:
            self.say(said)

    # What is done

    def _typed(self) -> None:
        """A line begins with what comes into an empty one: a key, a paste, one of the history."""
        if self.buffer.text and not self._begun:
            self.room.settling.began()
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
            self.app.create_background_task(self._lending.run(entered.terminal))

    def settle(self, verb: str) -> None:
        """By a key."""
        self.say(self.room.key(verb, text=self.buffer.text, key_s=self.keyboard.before_s))

    def edit(self, start: str | None = None) -> None:
        """The line, or that text, in the reader's editor; what comes of it stands in the line."""
        self.app.create_background_task(self._edit(self.buffer.text if start is None else start))

    async def _edit(self, start: str) -> None:
        # It was begun before the editor had the screen.
        bound = self.room.settling.bound if self._begun else self.room.settling.on_screen
        found = await self._lending.edited(start)
        self.say(found.trouble)
        self.buffer.document = Document(found.text, len(found.text))
        self.room.settling.bound = bound

    def _taken_back(self) -> None:
        """What is new was not printed meanwhile, and no dialog was seen."""
        self.room.settling.was_drawn([])
        self._frames.soon()

    def leave(self, code: int) -> None:
        """What is on its way is waited for; asked a second time it is not."""
        if self.app.is_running and not self.app.is_done:
            if self.room.owed and not self._leaves:
                self._leaves = True
                self._frames.close()
                self.say("waiting for what is on its way; once more leaves at once")
                self.app.create_background_task(self._left(code))
                return
            self.app.exit(result=code)
        elif code != 128 + signal.SIGHUP:
            # It waits without a terminal. That this is gone is told by a signal too, before or after.
            self._at_once = True

    async def _left(self, code: int) -> None:
        await self._wait()
        if not self.app.is_done:
            self.app.exit(result=code)

    async def _wait(self, *, gone: bool = False) -> None:
        since = clock.monotonic()
        while waits(self.room, since, gone=gone) and not self._at_once:
            await asyncio.sleep(0.05)

    def _lost(self) -> None:
        """The terminal takes nothing any more."""
        if self.app.is_running and not self.app.is_done:
            self.app.exit(exception=EOFError)

    def run(self) -> int:
        """Until it is left; the exit code."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._frames.begin()
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self.leave, 128 + number)
        gone = False
        try:
            return await self.app.run_async(pre_run=self._frames.soon)
        except EOFError:
            # The terminal is gone, and what was entered is not: a connection that drops is no reason to lose a text.
            gone = True
            self._frames.close()
            await self._wait(gone=True)
            return 128 + signal.SIGHUP
        finally:
            self._frames.close()
            self.room.left()
            self.room.close(told=self._printed_rest() and not gone)

    def _printed_rest(self) -> bool:
        try:
            for row in self._frames.rest():
                self._stdout.write(f"{row}\n")
            self._stdout.flush()
        except OSError:
            return False
        return not self._output.gone
