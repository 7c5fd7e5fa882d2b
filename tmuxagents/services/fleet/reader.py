"""A person who reads at a terminal: the mark of an agent moves over what was shown without a gap."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from heapq import merge

from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.fleet import speaker
from tmuxagents.store import journal, marks
from tmuxagents.value import Value, fresh


class Reader(Value, frozen=False):
    """One reading. `whole` says of each agent that was shown whether what stood before it had been read."""

    app: App
    whole: dict[AgentId, bool] = fresh(default_factory=dict)

    def shown(self, entries: Sequence[Entry]) -> bool:
        """Entries were shown, all kinds of them. False when of some agent something before them was not."""
        last: dict[AgentId, int] = {}
        for entry in entries:
            if entry.agent_id not in self.whole:
                self.whole[entry.agent_id] = marks.follows(self.app.db, entry.agent_id, entry.seq)
            if self.whole[entry.agent_id]:
                last[entry.agent_id] = entry.seq
        if last:
            marks.move(self.app.db, last)
        return all(self.whole.values())


def is_person(app: App) -> bool:
    """Whether what is printed is read by a person: a pipe, a file and an agent's own shell are none."""
    return sys.stdout.isatty() and speaker.agent(app) is None


def unread(
    app: App, ids: Collection[AgentId] | None, *, kinds: Sequence[str] | None = None, until: int
) -> Iterator[Entry]:
    """What nobody was shown of these agents (None: of all, removed ones too), up to that place, in order."""
    read = marks.places(app.db)
    streams = [_stream(app, agent, seq, kinds) for agent, seq in read.items() if ids is None or agent in ids]
    for entry in merge(*streams, key=lambda entry: entry.seq):
        if entry.seq > until:
            return
        yield entry


def _stream(app: App, agent: AgentId, seq: int, kinds: Sequence[str] | None) -> Iterator[Entry]:
    while entries := journal.of_agent(app.db, agent, seq, kinds=kinds):
        yield from entries
        seq = entries[-1].seq
