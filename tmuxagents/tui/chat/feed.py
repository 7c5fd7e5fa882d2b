"""Follow the journal for the chat: its rows, who is in it, how far the reader has read."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from tmuxagents import clock
from tmuxagents.chat import stream
from tmuxagents.chat.roster import Roster
from tmuxagents.chat.shown import plain
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, TmuxagentsError
from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.fleet.cursor import Cursor
from tmuxagents.services.fleet.reader import Reader, is_person
from tmuxagents.tui.chat.front import Front, Given
from tmuxagents.tui.chat.opening import Place
from tmuxagents.tui.chat.team import Team

ROSTER_S = 0.1
"""The roster is read again at most so often."""

MARK_S = 0.5
"""How far was read is written down at most so often."""

AGAIN_S = 1.0
"""After an error that is none of the database's it is tried again."""


RECENT = 1000
"""So many prompts that were shown are known."""


class Feed:
    """A thread with a connection of its own."""

    def __init__(self, given: Given, front: Front, began: Place, told: Callable[[Roster], None]) -> None:
        self._given, self._front, self._began, self._told = given, front, began, told
        self._over = threading.Event()
        self._wake: waiting.JournalWake | None = None
        self._shown: list[tuple[int, Sequence[Entry]]] = [(0, began.entries)]
        self._marked_s = self._listed_s = float("-inf")
        self._trouble = ""
        self._prompts = deque[Entry](maxlen=RECENT)
        self.only: frozenset[AgentId] | None = None
        self.quiet = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="chat feed")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Have what was shown written down, and stop."""
        self._over.set()
        wake = self._wake
        if wake is not None:
            wake.poke()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        place = Cursor(None, last=self._began.last, told=self._began.told)  # type: ignore[arg-type]
        while not self._over.is_set():
            trouble = self._given.guarded(lambda: self._read(place))
            if trouble:
                if trouble != self._trouble:
                    self._front.put([f"  ({plain(trouble)}; trying again)"])
                self._trouble = trouble
                self._over.wait(AGAIN_S)

    def _read(self, cursor: Cursor) -> None:
        with self._given.open_app() as app:
            cursor.app = app
            if self._trouble:
                # Another database may stand there by now, in which the places are others.
                self._find(cursor)
                self._front.put(["  (the chat goes on)"])
                self._trouble = ""
            reader = Reader(app) if is_person(app) else None
            team = Team()
            while not self._over.is_set():
                try:
                    self._follow(cursor, reader, team)
                except (DatabaseDamaged, DatabaseReplaced) as error:
                    self._found_again(app, cursor, error)

    def _found_again(self, app: App, cursor: Cursor, error: TmuxagentsError) -> None:
        said = [f"  ({plain(error.message)})"]
        if isinstance(error, DatabaseDamaged):
            said += [f"  ({plain(row)})" for row in self._given.mend(app)]
        self._find(cursor)
        self._front.put([*said, "  (the database was built anew; the chat goes on)"])

    def _find(self, cursor: Cursor) -> None:
        """Go on behind what was told. A place of the journal before says nothing in the new one."""
        last = cursor.last
        cursor.find_again()
        cursor.app.db.read("SELECT 1")
        if cursor.last != last:
            self._shown.clear()

    def _follow(self, cursor: Cursor, reader: Reader | None, team: Team) -> None:
        with waiting.journal_wake(cursor.app) as self._wake:
            while not self._over.is_set():
                entries = cursor.read()
                if entries:
                    self._show(entries)
                listed = self._list(cursor.app, team)
                self._mark(reader)
                if not entries:
                    # What was put off is done soon, else nothing is until something is written.
                    nap = MARK_S if self._shown else waiting.LONGEST_NAP
                    self._wake.wait(nap if listed else ROSTER_S)
            self._mark(reader, at_once=True)

    def _show(self, entries: Sequence[Entry]) -> None:
        only, quiet = self.only, self.quiet
        shown = [e for e in entries if (only is None or e.agent_id in only) and not (quiet and stream.is_quiet(e))]
        if not shown:
            return
        rows = stream.rows(shown, width=self._front.columns, color=self._given.color)
        number = self._front.put(rows)
        self._prompts.extend(entry for entry in shown if entry.kind == "prompt" or "by_command" in entry.detail)
        # What is left out of what an agent said is not read.
        if not quiet:
            self._shown.append((number, shown))

    def leaves_out(self, agent: AgentId) -> bool:
        """Whether nothing of that agent is shown. Any thread may ask."""
        only = self.only
        return only is not None and agent not in only

    def shows_prompt(self, agent: AgentId, digest: str, mark: int) -> bool:
        """Whether that text of that agent was shown, behind that place of the journal; a command of its program tells
        none. Any thread may ask."""
        return any(
            entry.agent_id == agent and entry.seq > mark and entry.detail.get("digest", digest) == digest
            for entry in tuple(self._prompts)
        )

    def _list(self, app: App, team: Team) -> bool:
        """False where it is too soon."""
        if clock.monotonic() - self._listed_s < ROSTER_S:
            return False
        self._listed_s = clock.monotonic()
        self._told(team.now(app.db))
        return True

    def _mark(self, reader: Reader | None, *, at_once: bool = False) -> None:
        if not self._shown or (not at_once and clock.monotonic() - self._marked_s < MARK_S):
            return
        printed = self._front.printed
        ready = [entries for number, entries in self._shown if number <= printed]
        if not ready:
            return
        self._shown = [(number, entries) for number, entries in self._shown if number > printed]
        self._marked_s = clock.monotonic()
        if reader is not None:
            reader.shown([entry for entries in ready for entry in entries])
