"""Which rows a filter leaves: words, and `folder:`, `run:`, `kind:`, `state:`, `is:`; a dash takes one away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from tmuxagents.model.condition import State
from tmuxagents.output.dashboard.row import Row
from tmuxagents.value import Value


class Term(Value):
    """One word of a filter: what it looks at, "" for everything that is shown; `without` those that have it."""

    key: str
    text: str
    without: bool = False


_SEEN: Mapping[str, Callable[[Row], Sequence[str]]] = {
    "": lambda row: (row.name, row.words, row.said, row.folder, row.run, row.kind),
    "name": lambda row: (row.name,),
    "folder": lambda row: (row.folder, *row.paths),
    "run": lambda row: (row.run,),
    "kind": lambda row: (row.kind,),
    "state": lambda row: (row.state, row.words),
    "is": lambda row: [word for word, holds in _facts(row).items() if holds],
}

_ALIKE = {"dir": "folder", "in": "folder"}

KEYS = tuple(key for key in _SEEN if key)


def _facts(row: Row) -> Mapping[str, bool]:
    return {
        "pinned": row.pinned,
        "dismissed": row.dismissed,
        "unread": row.unread > 0,
        "conflicting": row.conflicts > 0,
        "needy": row.group == "needs you",
    }


_CHOICES: Mapping[str, Sequence[str]] = {
    "state": get_args(State),
    "is": ("pinned", "dismissed", "unread", "conflicting", "needy"),
}


def terms(text: str) -> list[Term]:
    """What is typed, word by word; no text is wrong. `"two words"` stand together."""
    return [term for word in _split(text) if (term := _term(word)) is not None]


def _split(text: str) -> list[str]:
    words: list[str] = []
    word, quoted = "", False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character.isspace() and not quoted:
            words, word = [*words, word], ""
        else:
            word += character
    return [each for each in [*words, word] if each]


def _term(word: str) -> Term | None:
    without = word.startswith("-") and len(word) > 1
    key, colon, text = word.removeprefix("-" if without else "").partition(":")
    key = _ALIKE.get(key.lower(), key.lower())
    if not colon or key not in KEYS:
        return Term("", word.removeprefix("-" if without else "").casefold(), without)
    # `kind:` that is only just being typed takes nobody away.
    return Term(key, text.casefold(), without) if text else None


def advice(text: str) -> str:
    """What there is where nothing of that name is: fields, states, facts; nothing where all are known."""
    for word in _split(text):
        key, colon, asked = word.removeprefix("-").partition(":")
        key, asked = _ALIKE.get(key.lower(), key.lower()), asked.casefold()
        if colon and key.isalpha() and key not in KEYS:
            return f"fields: {' '.join(f'{each}:' for each in KEYS)}"
        if colon and key in _CHOICES and not any(asked in each for each in _CHOICES[key]):
            return f"{'states' if key == 'state' else key}: {' '.join(_CHOICES[key])}"
    return ""


def takes(wanted: Sequence[Term], row: Row) -> bool:
    """Whether every word fits it."""
    return all(_has(term, row) != term.without for term in wanted)


def _has(term: Term, row: Row) -> bool:
    return any(term.text in part.casefold() for part in _SEEN[term.key](row))
