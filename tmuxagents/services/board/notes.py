"""What stands on a board: of a run, of the repository that one stands in, else of the folder."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents import clock, names
from tmuxagents.errors import BadValue, TmuxagentsError
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet import project, speaker
from tmuxagents.store import agents
from tmuxagents.store import notes as store
from tmuxagents.store.notes import Note

LONGEST = 2000
"""Characters of a note: a fact, no document."""
MOST = 500
"""Notes of a board that are not done."""

_RUN = "run:"
_ABOVE = 10**9
"""No note has such a number."""


def board(run: str | None) -> str:
    """Which one is meant: a repository is known by the place that all its worktrees share."""
    return _RUN + names.parse(run) if run is not None else project.standing()


def called(one: str) -> str:
    """A board as a person reads it."""
    return one.replace(_RUN, "run ", 1) if one.startswith(_RUN) else one.removesuffix("/.git")


def plain(one: str) -> str:
    """A board as the contract has it."""
    return one.removeprefix(_RUN)


def numbered(text: str) -> int:
    """The number of a note that is meant; an error where none can have it."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) < _ABOVE):
        raise TmuxagentsError(f"there is no note '{one_line(text, 40)}'", hint="tmuxagents note list")
    return int(text)


def add(app: App, on: str, text: str) -> Note:
    """Put a text on the board, as whoever types this."""
    kept = "\n".join(line.rstrip() for line in clean(text).strip().split("\n"))
    if not kept:
        raise BadValue("nothing to note", hint="tmuxagents note --help")
    if len(kept) > LONGEST:
        raise BadValue(f"a note has at most {LONGEST} characters, this one {len(kept)}", hint="tmuxagents note --help")
    agent, who = speaker.record(app), speaker.name(app)
    with app.db.write() as tx:
        if store.open_count(tx, on) >= MOST:
            raise TmuxagentsError(
                f"{MOST} notes on this board are not done: it takes no more", hint="tmuxagents note list"
            )
        agent_id = agent.id if agent is not None else None
        number = store.add(tx, on, kept, agent_id=agent_id, who=who, now_ns=clock.now_ns())
    found = store.one(app.db, number)
    assert found is not None
    return found


def listed(app: App, on: str, *, everything: bool) -> list[Note]:
    """What stands on the board, oldest first; what is done only with `everything`."""
    return [note for note in store.of(app.db, [on]) if everything or note.done_ns is None]


def done(app: App, number: int) -> Note:
    """Take a note off its board, whichever that is; one that is done stays as it is."""
    who = speaker.name(app)
    with app.db.write() as tx:
        store.done(tx, number, who=who, now_ns=clock.now_ns())
    found = store.one(app.db, number)
    if found is None:
        raise TmuxagentsError(f"there is no note {number}", hint="tmuxagents note list")
    return found


def who_of(app: App, note: Note) -> str:
    """Who said it, as that one is called now."""
    agent = next((one for one in agents.known(app.db) if one.id == note.agent_id), None) if note.agent_id else None
    return agent.name if agent is not None else note.who


def as_json(app: App, shown: Sequence[Note]) -> list[dict[str, object]]:
    """Notes by the contract."""
    return [
        {
            "number": note.number,
            "board": plain(note.board),
            "run": plain(note.board) if note.board.startswith(_RUN) else None,
            "text": note.text,
            "who": who_of(app, note),
            "agent_id": note.agent_id,
            "at": clock.rfc3339(note.at_ns),
            "done": clock.rfc3339(note.done_ns) if note.done_ns is not None else None,
            "done_by": note.done_by,
        }
        for note in shown
    ]
