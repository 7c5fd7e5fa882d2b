"""Which dialogs the reader has seen, and what a key or a line may settle of them: only the very one that was shown."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.chat import gate
from tmuxagents.chat.gate import Drawn
from tmuxagents.chat.roster import Member, Roster
from tmuxagents.errors import BadValue, TmuxagentsError
from tmuxagents.tui.chat.front import Entered
from tmuxagents.tui.chat.running import Running

TYPES_S = 2.5
"""So long a short line takes to be typed."""


class Settling:
    """`unseen`: the terminal itself keeps the line, and nobody knows when it was begun."""

    def __init__(self, running: Running, *, unseen: bool) -> None:
        self._running, self._unseen = running, unseen
        self.drawn = self.known = Drawn()
        self.on_screen: frozenset[str] = frozenset()
        self.bound: frozenset[str] | None = None

    # What was seen

    def heard(self, roster: Roster) -> None:
        """These wait now; any thread may say so."""
        self.known = gate.drawn(self.known, [m.asked.id for m in roster.waiting if m.asked], clock.monotonic())

    def was_drawn(self, ids: Sequence[str], *, whole: Sequence[str] = (), waiting: Sequence[str] = ()) -> None:
        """These dialogs are on the screen, those in `whole` to the last row; `waiting` are all that were told."""
        self.drawn = gate.drawn(self.drawn, list(ids), clock.monotonic(), whole)
        self.on_screen = frozenset(waiting)

    def was_printed(self, asked: str) -> None:
        """All of that dialog stands in the stream."""
        self.drawn = gate.drawn(self.drawn, list(self.drawn.since), clock.monotonic(), [asked])

    def began(self) -> None:
        """The first of a line was typed: it means the dialogs that are on the screen, and none that comes later."""
        self.bound = self.on_screen

    # What is settled

    def key(self, verb: str, member: Member | None, *, text: str, key_s: float | None) -> str:
        """A key that settles that agent's dialog, which is shown; why it did not, "" where it does."""
        asked = member.asked if member is not None else None
        now, wanted = clock.monotonic(), next(iter(self.drawn.since), None)
        why = gate.refused(
            wanted, self.drawn, stands=asked.id if asked is not None else None, text=text, key_s=key_s, now_s=now
        )
        if why is not None:
            return why
        assert member is not None
        assert asked is not None
        if not asked.takes_yes:
            return f"{member.name} asks something that takes no yes or no: /{asked.verb} {member.name}"
        unshown = gate.unshown(asked, member.name, self.drawn, now) if verb == "approve" else None
        if unshown is not None:
            return unshown
        self._running.run(verb, [verb, "--dialog", asked.id, member.name], settles=member)
        return ""

    def line(self, word: str, argv: Sequence[str], roster: Roster, asking: Member | None) -> Entered:
        """A line that settles: each the very dialog that was shown, and none that has come up since."""
        # Of `approve` all words are names, of the others the first.
        given, rest = (argv[1:], []) if word == "approve" else (argv[1:2], argv[2:])
        try:
            chosen = _waiting(given, roster, asking)
        except TmuxagentsError as error:
            return Entered(kept=True, said=error.message)
        for member in chosen:
            why = self._why_not(member)
            if why:
                return Entered(kept=True, said=f"{member.name}: {why}")
        for member in chosen:
            assert member.asked is not None, "it was looked at"
            self._running.run(word, [word, "--dialog", member.asked.id, member.name, *rest], settles=member)
        return Entered() if chosen else Entered(kept=True, said="nobody waits for you")

    def _why_not(self, member: Member) -> str | None:
        if member.asked is None:
            return "it waits for nothing"
        unmeant = gate.unmeant(member.asked, self.bound)
        if unmeant is not None:
            return unmeant
        now = clock.monotonic() - (TYPES_S if self._unseen else 0)
        return gate.unread(member.asked.id, self.known, stands=member.asked.id, now_s=now)


def _waiting(given: Sequence[str], roster: Roster, asking: Member | None) -> list[Member]:
    if given:
        return roster.meant(given, [member for member in roster.waiting if member.here])
    if len(roster.waiting) > 1:
        # As the command line: which one is meant may change under one's hands.
        raise BadValue(f"{', '.join(each.name for each in roster.waiting)} wait for you: name one")
    return [asking] if asking is not None else []
