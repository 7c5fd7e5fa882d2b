"""Words of other tools for our verbs. Imports no click: every command's errors ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SYNONYMS: Mapping[str, str] = {
    "ps": "ls",
    "list": "ls",
    "status": "ls",
    "logs": "tail",
    "log": "tail",
    "kill": "stop",
    "down": "stop",
    "send": "say",
    "tell": "say",
    "new": "spawn",
    "start": "spawn",
}

# A slip of the keyboard must not lead to what cannot be taken back by typing the next command.
_NOT_BY_LIKENESS = frozenset({"stop", "rm", "interrupt", "kill", "down", "pr", "merge", "prune"})


def verb_of(word: str) -> str:
    """The verb that the word means."""
    return SYNONYMS.get(word, word)


def likely(word: str, verbs: Iterable[str]) -> str | None:
    """The verb, or the word for one, that was probably meant; None when none is near. One that ends or forgets
    something never is."""
    return nearest_harmless(word, (*verbs, *SYNONYMS))


def nearest_harmless(word: str, words: Iterable[str]) -> str | None:
    """The one that was probably meant, where that is one that likeness may lead to: who meant another is not led to
    the next best."""
    from tmuxagents.names import nearest

    near = nearest(word, words)
    return near if near not in _NOT_BY_LIKENESS else None
