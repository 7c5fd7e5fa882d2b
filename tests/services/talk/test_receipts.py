"""Which receipt speaks of the text that was sent: a person at the terminal has receipts of his own."""

from __future__ import annotations

from typing import Any

from tmuxagents.model.entry import Entry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services.talk import say

NOBODY: Any = None


def is_ours(wanted: str, **detail: str) -> bool:
    """Whether a sender of the text with that digest takes the receipt for his."""
    sending = say._Sending(NOBODY, NOBODY, NOBODY, mark=0, wanted=wanted, command=None)
    return say._is_ours(sending, Entry(1, 1, AgentId("id"), AgentName("agent-1"), 0, 1, "receipt", "", detail))


def test_a_receipt_of_the_text_is_the_senders() -> None:
    assert is_ours("abc", digest="abc", how="submitted")


def test_a_receipt_of_another_text_is_somebody_elses() -> None:
    assert not is_ours("abc", digest="def", how="submitted")
    assert not is_ours("abc", how="submitted")
