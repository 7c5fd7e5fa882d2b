"""Which choice of a dialog is meant: a yes that allows no more than this once, a no, a number, some words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Literal

from tmuxagents.model.condition import Dialog, Request
from tmuxagents.value import Value

Verb = Literal["approve", "answer", "show", "attach"]

USUAL: Mapping[str, Verb] = {
    "permission": "approve",
    "plan": "approve",
    "trust": "approve",
    "question": "answer",
    "login": "attach",
    "dialog": "show",
}
"""The command that mostly settles what is needed."""

_WIDER = re.compile(r"\b(?:always|all|auto|again|during|switch)\b", re.IGNORECASE)
"""What a yes says that allows more than this once."""


SEVERAL = "several may be chosen: 1,3"
"""What is said of a question that takes more than one choice."""


class Question(Value):
    """What is asked, the labels to choose from, and whether several may be chosen."""

    words: str
    labels: tuple[str, ...]
    several: bool = False
    descriptions: tuple[str, ...] = ()


class ChoiceWrong(ValueError):
    """Says what is wrong with the given choice, in a person's words; `verb` is the command that helps then."""

    def __init__(self, words: str, *, verb: Verb = "show") -> None:
        super().__init__(words)
        self.verb = verb


def starting_with(labels: Sequence[str], word: str) -> int | None:
    """The first choice that says just yes (or no): `Yes`, `Yes, I trust this folder`, never `Yes, and always …`."""
    plain = [i for i, c in enumerate(labels) if c.lower().split(",")[0].split(" (")[0].strip() == word]
    once = [i for i in plain if word == "no" or not _WIDER.search(labels[i])]
    return once[0] if once else None


def verb(dialog: Dialog) -> Verb:
    """The command that settles it: never `approve` where there is no plain yes, nor `answer` where only
    its own keys do."""
    if dialog.needs == "login":
        return "attach"
    if dialog.request is not None:
        return "answer" if dialog.needs == "question" else "approve"
    if dialog.form in ("unknown", "panel") or len(dialog.tabs) > 1:
        return "attach"
    if dialog.needs == "question" and dialog.choices:
        return "answer"
    asked = dialog.needs in ("permission", "plan", "trust") and starting_with(dialog.choices, "yes") is not None
    return "approve" if asked else "answer" if dialog.choices else "attach"


def dialog_of(request: Request, asked: Sequence[Question], count: int) -> Dialog:
    """A request, and the questions that it asks, as the dialog that it opens; `count` are open with it. Where it
    asks none its choices are those that the screen showed: a number means the choice that a person sees."""
    return Dialog(
        needs=request.needs,
        what=request.what,
        about=request.about if len(asked) < 2 else "\n".join(_asked(question) for question in asked),
        choices=tuple(label for question in asked for label in question.labels) if asked else request.offered,
        descriptions=tuple(words for question in asked for words in question.descriptions),
        several=len(asked) == 1 and asked[0].several,
        tabs=tuple((question.words, False) for question in asked) if len(asked) > 1 else (),
        request=request.id,
        open=count,
    )


def _asked(question: Question) -> str:
    rows = zip_longest(question.labels, question.descriptions, fillvalue="")
    offered = [f"  {number} {label}" + (f": {words}" if words else "") for number, (label, words) in enumerate(rows, 1)]
    return "\n".join([question.words + (f" ({SEVERAL})" if question.several else ""), *offered])


def needed(dialog: Dialog) -> dict[str, Any]:
    """What a journal's entry tells of a dialog: what it needs, what has to be known to decide and what there is to
    choose from, and the command where the need does not say it."""
    found = verb(dialog)
    detail: dict[str, Any] = {"needs": dialog.needs}
    if found != USUAL[dialog.needs]:
        detail["verb"] = found
    if len(dialog.tabs) > 1:
        detail["questions"] = len(dialog.tabs)
    if dialog.several or dialog.ticks:
        detail["several"] = SEVERAL
    if dialog.about:
        detail["about"] = dialog.about
    if dialog.choices:
        detail["choices"] = list(dialog.choices)
    if any(dialog.descriptions):
        detail["descriptions"] = list(dialog.descriptions)
    return detail


def position(labels: Sequence[str], choice: str) -> int | None:
    """The choice of that number, else of those words: the whole label, or the only one that begins so."""
    wanted = choice.strip().casefold()
    if wanted.isdecimal():
        # A bare number is always the position, whatever the labels are.
        return int(wanted) - 1 if 1 <= int(wanted) <= len(labels) else None
    exact = [i for i, label in enumerate(labels) if label.strip().casefold() == wanted]
    starts = [i for i, label in enumerate(labels) if label.strip().casefold().startswith(wanted)]
    found = exact or starts
    return found[0] if wanted and len(found) == 1 else None


def _refuse_ambiguous(labels: Sequence[str], choice: str) -> None:
    """`ChoiceWrong` where it is the words of several choices, or the number of one and the words of another."""
    wanted = choice.strip().casefold()
    alike = [i for i, label in enumerate(labels, 1) if wanted and label.strip().casefold() == wanted]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(labels):
        if any(i != int(wanted) for i in alike):
            words = f"'{wanted}' is the number of one choice and the words of another: {listed(labels)}"
            raise ChoiceWrong(words, verb="attach")
    elif len(alike) > 1:
        often = "twice" if len(alike) == 2 else f"{len(alike)} times"
        raise ChoiceWrong(f"'{choice.strip()[:40]}' is there {often}: use its number, {' or '.join(map(str, alike))}")


def positions(question: Question, choice: str) -> list[int]:
    """The choices that one argument means; `ChoiceWrong` where it means none, or may mean another. A label that
    matches whole wins; only where several may be chosen does a comma divide."""
    _refuse_ambiguous(question.labels, choice)
    whole = position(question.labels, choice)
    if whole is not None:
        return [whole]
    parts = [part for part in choice.split(",") if part.strip()] if question.several else []
    for part in parts:
        _refuse_ambiguous(question.labels, part)
    found = [position(question.labels, part) for part in parts]
    if not found or None in found:
        missing = next((part for part, at in zip(parts, found, strict=True) if at is None), choice)
        raise ChoiceWrong(f"'{missing.strip()[:40]}' is not among: {listed(question.labels)}")
    return sorted({at for at in found if at is not None})


def arguments(words: Sequence[str], count: int) -> list[str]:
    """The words of a command line as one argument a question; `ChoiceWrong` when their number is wrong.

    Unquoted words are joined only where one question is open.
    """
    if count == 1 and words:
        return [" ".join(words)]
    if len(words) != count:
        asked = "one question is open" if count == 1 else f"{count} questions are open"
        raise ChoiceWrong(f"{asked}, {len(words)} answers given: one argument a question, in order")
    return list(words)


def answers(questions: Sequence[Question], words: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """An answer to each question: the labels that the words mean, then the free texts for the last ones."""
    texts = list(texts)
    chosen = arguments(words, len(questions) - len(texts)) if words or len(texts) != len(questions) else []
    picked = []
    for question, choice in zip(questions, chosen, strict=False):
        picked.append(", ".join(question.labels[at] for at in positions(question, choice)))
    return (*picked, *texts)


def listed(labels: Sequence[str]) -> str:
    """`1 Yes · 2 No`"""
    return " · ".join(f"{i} {c}" for i, c in enumerate(labels, 1))


def same(dialog: Dialog | None, other: Dialog | None) -> bool:
    """Whether both are one dialog as shown, wherever the pointer stands and whatever is ticked."""
    if dialog is None or other is None:
        return False
    if dialog.asks_nothing and other.asks_nothing:
        # A clock in it may go on.
        return dialog.anchors == other.anchors
    if dialog.text or other.text:
        return dialog.text == other.text
    return (dialog.what, dialog.choices) == (other.what, other.choices)
