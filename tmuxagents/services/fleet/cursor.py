"""A reader's place in the journal, which survives a rebuild of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import journal
from tmuxagents.value import Value

BATCH = 5000
"""How many entries are had at a time."""


class Cursor(Value, frozen=False):
    """How far the journal was read, of which agents and which kinds of entries (None: all)."""

    app: App
    agents: Sequence[AgentId] | None = None
    kinds: Sequence[str] | None = None
    last: int = 0
    told: Entry | None = None

    def read(self) -> list[Entry]:
        """The next entries, none when there are none yet. Each is given once."""
        return self._moved(journal.after(self.app.db, self.last, agents=self.agents, kinds=self.kinds, limit=BATCH))

    def everything(self) -> Iterator[list[Entry]]:
        """All there are now, a batch at a time."""
        while entries := self.read():
            yield entries

    def newest(self, count: int, *, since_ns: int = 0, until_ns: int | None = None) -> list[Entry]:
        """The newest `count` entries; what is read next is behind them."""
        last = journal.last_seq(self.app.db)
        entries = journal.newest(
            self.app.db, count, agents=self.agents, kinds=self.kinds, since_ns=since_ns, until_ns=until_ns
        )
        self._moved(entries)
        # What came between the two questions has been told, and is not told again.
        self.last = max([last, *(entry.seq for entry in entries)])
        return entries

    def find_again(self) -> None:
        """Go on in a journal that was rebuilt: places may have changed, moments have not."""
        self.app.close()
        told = self.told
        if told is None:
            return
        there = journal.after(self.app.db, told.seq - 1, limit=1)
        if not there or (there[0].seq, there[0].text) != (told.seq, told.text):
            self.last = journal.last_seq(self.app.db, until_ns=told.at_ns)

    def _moved(self, entries: list[Entry]) -> list[Entry]:
        if entries:
            self.last, self.told = entries[-1].seq, entries[-1]
        return entries
