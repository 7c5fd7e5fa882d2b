"""What a chat that was cut off leaves: its texts without an end, as the next chat tells them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping

from tmuxagents.chat import sending
from tmuxagents.chat.shown import Row, plain
from tmuxagents.names import AgentId
from tmuxagents.value import Value, replace

_WELL = frozenset({"submitted", "queued", "held", "ran"})
"""Ends that the stream shows, or of which nothing is to be told: what becomes of a held text the journal tells."""


class Unfinished(Value):
    """A text that was entered for an agent (without one: the line of a command). `mark` is the place of the journal
    when it was begun to be delivered, None where it never was; `word` and `why` are its end, "" where it has none."""

    to: AgentId
    name: str
    text: str
    mark: int | None = None
    word: str = ""
    why: str = ""

    @property
    def may_be_there(self) -> bool:
        """Whether only the agent can say if it has it."""
        return self.mark is not None and not self.word and bool(self.to)


def read(raw: bytes) -> list[Unfinished]:
    """What the file of a chat tells, in the order in which it was entered. What is no line of ours is passed over:
    the last one may have been cut off."""
    found: dict[str, Unfinished] = {}
    for row in raw.decode("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            _take_in(found, json.loads(row))
    return [one for one in found.values() if one.word not in _WELL]


def _take_in(found: dict[str, Unfinished], told: Mapping[str, object]) -> None:
    key = str(told["key"])
    if "text" in told:
        found[key] = Unfinished(AgentId(str(told["to"])), str(told["name"]), str(told["text"]))
    if isinstance(mark := told.get("mark"), int):
        found[key] = replace(found[key], mark=mark)
    if "word" in told:
        found[key] = replace(found[key], word=str(told["word"]), why=str(told["why"]))


def row(one: Unfinished) -> Row:
    """Its line. It is told and not sent: who reads it may have said it again by other means."""
    if not one.to:
        word, why = (one.word, plain(one.why)) if one.word else ("unconfirmed", "the chat was cut off before it ended")
        return [("fail", f"  {word}: {plain(one.text)} ({why})")]
    if not one.word and one.mark is None:
        return [("fail", f"  not sent: {one.name} (the chat was cut off before): {plain(one.text)}")]
    word, why = one.word or "unconfirmed", one.why if one.word else "the chat was cut off before it was known"
    return sending.verdict(one.name, word, why, one.text, always=True) or []
