"""Print the stream above the line a frame at a time: the line off, the rows, the line again, by one write."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from tmuxagents import clock
from tmuxagents.tui.chat.framed import FramedOutput
from tmuxagents.tui.chat.printing import FRAME_S, Printing
from tmuxagents.tui.chat.resizing import OnScreen


class Frames:
    """`put` and `changed` are for every thread, the rest for the one that draws. `before` and `after` are called around
    each drawing."""

    def __init__(
        self, app: OnScreen, output: FramedOutput, *, before: Callable[[], None], after: Callable[[], None]
    ) -> None:
        self._app, self._output, self._before, self._after = app, output, before, after
        self._printing = Printing()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = False

    @property
    def printed(self) -> int:
        """How many batches are on the screen."""
        return self._printing.printed

    def put(self, rows: Sequence[str]) -> int:
        """Have them printed with the next frame."""
        number = self._printing.put(rows)
        self._wake(self.soon)
        return number

    def changed(self) -> None:
        """Draw anew."""
        self._wake(self._app.invalidate)

    def begin(self) -> None:
        """From now on they are printed."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """Nobody waits for the terminal any more."""
        self._printing.close()

    def rest(self) -> list[str]:
        """What was not printed."""
        return self._printing.rest()

    def soon(self) -> None:
        """Print what waits."""
        if not self._due and not self._app.away:
            self._due = True
            self._app.create_background_task(self._frames())

    def _wake(self, what: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(what)

    async def _frames(self) -> None:
        """Until nothing waits: the first at once, the others at their time."""
        try:
            while self._printing.waits and not self._app.away and not self._output.gone:
                if not self._app.holds:
                    self._frame()
                await asyncio.sleep(FRAME_S)
        finally:
            self._due = False

    def _frame(self) -> None:
        rows, began = self._printing.next(), clock.monotonic()
        with self._output.frame():
            self._app.renderer.erase()
            self._output.write_raw("".join(f"{row}\r\n" for row in rows))
            self._before()
            self._app.renderer.render(self._app, self._app.layout)
        if self._output.gone:
            # Nobody has seen it.
            return
        self._printing.done(len(rows), clock.monotonic() - began)
        self._after()
