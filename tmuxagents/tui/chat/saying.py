"""Say texts to agents: each text for each agent ends in one verdict, whatever becomes of its delivery."""

from __future__ import annotations

from typing import Protocol

from tmuxagents import clock
from tmuxagents.chat import sending, shown
from tmuxagents.chat.sending import Sending
from tmuxagents.errors import DatabaseDamaged, DatabaseReplaced, TmuxagentsError, Unrecorded
from tmuxagents.names import AgentId
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict
from tmuxagents.store import agents
from tmuxagents.tui.chat.ends import Ends
from tmuxagents.tui.chat.front import Front, Given
from tmuxagents.tui.chat.lanes import Lanes

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
    """`always`: each verdict is told, also where the stream shows it."""

    def __init__(self, given: Given, front: Front, lanes: Lanes, *, always: bool, within: float = SHOWS_S) -> None:
        self._given, self._front, self._lanes, self._always, self._within = given, front, lanes, always, within
        self._ends = Ends[tuple[Sending, Verdict]]()
        self.stream: Stream | None = None

    @property
    def on_their_way(self) -> list[Sending]:
        """What was said and is not proven."""
        return [one for one, _ in self._ends.open]

    def say(self, agent: AgentId, name: str, text: str) -> None:
        """Behind what is said to that agent already."""
        one = Sending(agent, name, text)
        number = self._ends.begin((one, LEFT))
        self._lanes.add(agent, lambda: self._deliver(number, one))

    def left(self) -> None:
        """Nobody waits any more."""
        self._ends.end_all(lambda each: self._tell(*each, always=True))

    def _deliver(self, number: int, one: Sending) -> None:
        verdict, always = CUT_OFF, True
        try:
            verdict = self._verdict(one)
            self._ends.now(number, (one, verdict))
            always = self._always or not self._is_shown(one, verdict)
        finally:
            # Also where what came ends the thread.
            self._ends.end(number, lambda: self._tell(one, verdict, always=always))
            self._front.changed()

    def _tell(self, one: Sending, verdict: Verdict, *, always: bool) -> None:
        word, why = _told(verdict, one.name)
        row = sending.verdict(one.name, word, why, one.text, always=always)
        if row is not None:
            self._front.put([shown.painted(row, color=self._given.color)])

    def _is_shown(self, one: Sending, verdict: Verdict) -> bool:
        """Whether the stream shows that the agent has it."""
        stream = self.stream
        if verdict.word != "submitted" or stream is None or stream.leaves_out(one.to):
            return False

        def seen() -> bool | None:
            return stream.shows_prompt(one.to, verdict.digest, verdict.mark) or None

        return clock.eventually(seen, within=self._within) is True

    def _verdict(self, one: Sending) -> Verdict:
        found: list[Verdict] = []
        trouble = self._given.guarded(lambda: found.append(self._attempt(one)))
        return found[0] if found else Verdict("unconfirmed", trouble)

    def _attempt(self, one: Sending) -> Verdict:
        try:
            with self._given.open_app() as app:
                if agents.by_id(app.db, one.to) is None:
                    return Verdict("gone", "the database that stands there now has no such agent")
                return say.deliver(app, one.to, one.text)
        except (DatabaseReplaced, DatabaseDamaged, Unrecorded) as error:
            # Whether it was typed before that is not known; a second time would be twice.
            return Verdict("unconfirmed", error.message, trouble=error.message)
        except TmuxagentsError as error:
            return Verdict("refused", error.message)


def _told(verdict: Verdict, name: str) -> tuple[str, str]:
    why = "" if verdict.evidence.startswith(_RECORDS) else verdict.evidence
    if verdict.dialog is not None:
        why = f"it needs {verdict.dialog.needs}: {verdict.dialog.what}"
    if verdict.trouble:
        why += f"; look before it is said again: /attach {name}"
    return verdict.word, why
