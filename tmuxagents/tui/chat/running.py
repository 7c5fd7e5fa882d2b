"""Carry out commands beside the line: each ends in what it said, whatever becomes of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from tmuxagents.chat import late, shown
from tmuxagents.chat.roster import Member
from tmuxagents.chat.sending import Sending
from tmuxagents.errors import Refused
from tmuxagents.names import AgentId
from tmuxagents.store import journal
from tmuxagents.tui.chat.ends import Ends
from tmuxagents.tui.chat.front import Front, Given, Ran
from tmuxagents.tui.chat.lanes import Lanes
from tmuxagents.tui.chat.ledger import Ledger


class Running:
    """One after the other where the order gives names; nothing else waits for another."""

    def __init__(self, given: Given, front: Front, lanes: Lanes, ledger: Ledger | None = None) -> None:
        self._given, self._front, self._lanes = given, front, lanes
        self._ledger = ledger if ledger is not None else Ledger(None, lambda: 0)
        self._ends = Ends[str]()

    def run(self, word: str, argv: Sequence[str], *, settles: Member | None = None) -> None:
        """The command that a word of the chat is. `settles`: whose dialog it settles."""
        line = shown.plain(f"/{word} {shlex.join(argv[1:])}")
        number = self._ends.begin(line)
        self._ledger.begin([(_key(number), Sending(AgentId(""), "", line))], mark=0)
        waits = word == "s" and "--wait" not in argv
        self._lanes.add(word if waits else f"{word} {number}", lambda: self._carry_out(number, word, argv, settles))

    def left(self) -> None:
        """Nobody waits any more."""
        self._ends.end_all(
            lambda line: self._tell([f"  unconfirmed: {line} (the chat was left before it ended)"], bad=True)
        )

    def _carry_out(self, number: int, word: str, argv: Sequence[str], settles: Member | None) -> None:
        rows, bad = [f"  unconfirmed: /{word} (it was cut off)"], True
        try:
            rows, bad = self._became(word, argv, settles)
        finally:
            # Also where what came ends the thread.
            self._ends.end(number, lambda: self._end(number, rows, bad=bad))
            self._front.changed()

    def _became(self, word: str, argv: Sequence[str], settles: Member | None) -> tuple[list[str], bool]:
        found: list[Ran] = []
        trouble = self._given.guarded(lambda: found.append(self._given.run(argv)))
        if not found:
            return [f"  {shown.plain(trouble)}"], True
        (ran,) = found
        # The stream tells who was spawned.
        rows = _rows(ran, quiet=word == "s" and ran.code == 0)
        if settles is not None and ran.code == Refused.exit_code:
            rows = self._lost_race(settles) or rows
        return rows, ran.code != 0

    def _end(self, number: int, rows: Sequence[str], *, bad: bool) -> None:
        word, why = ("failed", " ".join(row.strip() for row in rows[:2])) if bad else ("ran", "")
        self._ledger.ended(_key(number), word, why, self._tell(rows, bad=bad))

    def _tell(self, rows: Sequence[str], *, bad: bool) -> int:
        """The number of the batch."""
        role = "fail" if bad else ""
        painted = [shown.painted([(role, row)] if row else [], color=self._given.color) for row in rows]
        return self._front.put(painted) if rows else 0

    def _lost_race(self, member: Member) -> list[str]:
        """Who settled its dialog first; nothing where that is not known."""
        found: list[str] = []

        def look() -> None:
            with self._given.open_app() as app:
                decisions = journal.of_agent(app.db, member.id, 0, kinds=["decision"], since_ns=member.since_ns)
                said = late.already(decisions, member)
                found.extend([f"  {shown.plain(said)}"] if said else [])

        self._given.guarded(look)
        return found


def _key(number: int) -> str:
    return f"command {number}"


def _rows(ran: Ran, *, quiet: bool) -> list[str]:
    from tmuxagents.output.safe_text import clean

    said = ("" if quiet else ran.out) + ran.err
    return [f"  {row}".rstrip() for row in clean(said).rstrip("\n").split("\n")] if said.strip() else []
