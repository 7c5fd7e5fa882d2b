"""Say texts to agents: each text for each agent ends in one verdict, whatever becomes of its delivery."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

from tmuxagents import clock
from tmuxagents.chat import sending, shown
from tmuxagents.chat.sending import Sending
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, TmuxagentsError, Unrecorded
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.talk import say
from tmuxagents.services.talk.later import later
from tmuxagents.services.talk.say import Verdict
from tmuxagents.store import agents, journal
from tmuxagents.tui.chat.ends import Ends
from tmuxagents.tui.chat.front import Front, Given
from tmuxagents.tui.chat.lanes import Lanes
from tmuxagents.tui.chat.ledger import Ledger
from tmuxagents.tui.chat.places import Places

How = Callable[[App, Agent, str], Verdict]
"""What is done with a text."""

SHOWS_S = 5.0
"""A text that was submitted is a line of the stream by then, or its verdict is one."""

LEFT = Verdict("unconfirmed", "the chat was left before it was known")
CUT_OFF = Verdict("unconfirmed", "its delivery was cut off")

_RECORDS = ("hook ", "event ", "transcript ", "sessions/")
"""What evidence begins with that is a word of the inside."""


class Stream(Protocol):
    """What is shown of the journal."""

    def leaves_out(self, agent: AgentId) -> bool:
        """Whether nothing of that agent is shown."""

    def shows_prompt(self, agent: AgentId, digest: str, mark: int) -> bool:
        """Whether that text of that agent was shown, behind that place of the journal."""


class Saying:
    """`always`: each verdict is told, also where the stream shows it. `ledger` keeps what was entered until it has
    ended."""

    def __init__(
        self,
        given: Given,
        front: Front,
        lanes: Lanes,
        *,
        always: bool,
        within: float = SHOWS_S,
        ledger: Ledger | None = None,
    ) -> None:
        self._given, self._front, self._lanes, self._always, self._within = given, front, lanes, always, within
        self._ends, self._places = Ends[tuple[Sending, Verdict]](), Places()
        self._ledger = ledger if ledger is not None else Ledger(None, lambda: 0)
        self.stream: Stream | None = None
        self.hurries = False
        """Who leaves waits for no more than the verdict."""

    @property
    def on_their_way(self) -> list[Sending]:
        """What was said and is not proven."""
        return [one for one, _ in self._ends.open]

    @property
    def trying(self) -> int:
        """How many are being delivered."""
        return self._ends.taken

    def say(self, to: Sequence[tuple[AgentId, str]], text: str) -> None:
        """Behind what is said to each of these agents (with their names) already."""
        ones = [Sending(agent, name, text) for agent, name in to]
        numbered = {self._ends.begin((one, LEFT)): one for one in ones}
        self._ledger.begin([(_key(number), one) for number, one in numbered.items()])
        for number, one in numbered.items():
            self._lanes.add(one.to, partial(self._deliver, number, one))

    def hand_over(self) -> None:
        """What was not begun is the controller's: nothing of it was typed, so it is not typed twice. It is held, and
        delivered in its order, each when a turn has ended."""
        for number, (one, _) in self._ends.take_rest().items():
            self._finish(number, one, self._verdict(number, one, later), always=True)

    def left(self) -> None:
        """Nobody waits any more."""
        self.hand_over()
        # The ledger is told no end of them: only the agent knows it.
        self._ends.end_all(lambda each: self._put(*each, always=True))

    def _deliver(self, number: int, one: Sending) -> None:
        verdict, always, begun = CUT_OFF, True, False
        try:
            with self._places.place():
                begun = self._ends.take(number)
                if begun:
                    verdict = self._verdict(number, one, _now)
            self._ends.now(number, (one, verdict))
            always = self._always or not self._is_shown(one, verdict)
        finally:
            # Also where what came ends the thread.
            if begun:
                self._finish(number, one, verdict, always=always)

    def _finish(self, number: int, one: Sending, verdict: Verdict, *, always: bool) -> None:
        self._ends.end(number, lambda: self._tell(number, one, verdict, always=always))
        self._front.changed()

    def _tell(self, number: int, one: Sending, verdict: Verdict, *, always: bool) -> None:
        self._ledger.ended(_key(number), *_told(verdict, one.name), self._put(one, verdict, always=always))

    def _put(self, one: Sending, verdict: Verdict, *, always: bool) -> int:
        """The number of its batch."""
        word, why = _told(verdict, one.name)
        row = sending.verdict(one.name, word, why, one.text, always=always)
        return self._front.put([shown.painted(row, color=self._given.color)]) if row is not None else 0

    def _is_shown(self, one: Sending, verdict: Verdict) -> bool:
        """Whether the stream shows that the agent has it."""
        stream = self.stream
        if verdict.word != "submitted" or stream is None or stream.leaves_out(one.to):
            return False

        def seen() -> bool | None:
            return stream.shows_prompt(one.to, verdict.digest, verdict.mark) or (False if self.hurries else None)

        return clock.eventually(seen, within=self._within) is True

    def _verdict(self, number: int, one: Sending, how: How) -> Verdict:
        found: list[Verdict] = []
        with _hung_up_by_nobody():
            trouble = self._given.guarded(lambda: found.append(self._attempt(number, one, how)))
        return found[0] if found else Verdict("unconfirmed", trouble)

    def _attempt(self, number: int, one: Sending, how: How) -> Verdict:
        try:
            with self._given.open_app() as app:
                agent = agents.by_id(app.db, one.to)
                if agent is None:
                    return Verdict("gone", "the database that stands there now has no such agent")
                self._ledger.tried(_key(number), journal.last_seq(app.db))
                return how(app, agent, one.text)
        except (DatabaseReplaced, DatabaseDamaged, Unrecorded) as error:
            # Whether it was typed before that is not known; a second time would be twice.
            return Verdict("unconfirmed", error.message, trouble=error.message)
        except TmuxagentsError as error:
            return Verdict("refused", error.message)


def _now(app: App, agent: Agent, text: str) -> Verdict:
    return say.deliver(app, agent.id, text)


@contextlib.contextmanager
def _hung_up_by_nobody() -> Iterator[None]:
    """A terminal that goes sends SIGHUP to all that belong to it, also to the tmux that a delivery is just starting and
    that has left the terminal's session only a moment later (1 of 12 drops: 'tmux refused'). What this thread starts
    has the signal blocked; this process hears it in another thread. No server is started here, which would keep it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _key(number: int) -> str:
    return f"text {number}"


def _told(verdict: Verdict, name: str) -> tuple[str, str]:
    why = "" if verdict.evidence.startswith(_RECORDS) else verdict.evidence
    if verdict.dialog is not None:
        why = f"it needs {verdict.dialog.needs}: {verdict.dialog.what}"
    if verdict.trouble:
        why += f"; look before it is said again: /attach {name}"
    return verdict.word, why
