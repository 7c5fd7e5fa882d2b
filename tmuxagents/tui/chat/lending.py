"""Give the terminal to another program, and take it back when that has ended."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence

from prompt_toolkit.application import in_terminal

from tmuxagents.tui.chat import editing
from tmuxagents.tui.chat.editing import Edited
from tmuxagents.tui.chat.front import Given
from tmuxagents.tui.chat.resizing import OnScreen


class Lending:
    """`taken_back` is called when it is ours again, before it is drawn on."""

    def __init__(self, given: Given, app: OnScreen, taken_back: Callable[[], None]) -> None:
        self._given, self._app, self._taken_back = given, app, taken_back

    async def edited(self, start: str) -> Edited:
        """What was made of that text in the reader's editor."""
        found: list[Edited] = []
        await self._lend(lambda: found.append(editing.edited(self._given, start)))
        return found[0]

    async def run(self, argv: Sequence[str]) -> None:
        """Another command of ours."""
        await self._lend(lambda: subprocess.run(self._given.argv(argv), check=False))

    async def _lend(self, act: Callable[[], object]) -> None:
        async with self._away():
            await asyncio.get_running_loop().run_in_executor(None, act)

    @contextlib.asynccontextmanager
    async def _away(self) -> AsyncIterator[None]:
        async with in_terminal():
            self._app.away = True
            try:
                yield
            finally:
                self._app.away = False
                self._taken_back()
