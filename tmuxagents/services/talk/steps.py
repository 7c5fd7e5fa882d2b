"""The steps of a conversation with an agent's terminal, and what each is answered with.

A conversation is a generator: it yields steps and is sent their answers, and what it returns is what
came of it. It holds no clock, no file and no tmux, so a race is written down as the answers it meets:

    talk = delivery.deliver(order)
    next(talk)                       # Look()
    talk.send(Seen(dialog, at=0.1))  # StopIteration: refused
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Literal, TypeVar

from tmuxagents.model.reading import Reading
from tmuxagents.value import Value, fresh

T = TypeVar("T")

Done = Literal["done", "held back", "ended"]
"""What became of keys or a paste: `held back` by the guard or from a suspended program, `ended` where none
runs any more."""


class Look(Value):
    """Read the screen, `after` seconds from now. Answer: `Seen`."""

    after: float = 0.0


class Seen(Value):
    """The screen at a moment (`at`, in seconds that never go backwards).

    `ended` says that its program has ended: the last screen stays to be seen.
    `person_s` is how long ago a person last typed in that window; None for never, or for one who is not there
    any more. `left_s` is how long ago one left a window, whichever that was. `watched` says that a person's
    terminal is attached somewhere, and decides how large the window is.

    `suspended` is the pid of its program while a signal has stopped that. `unread` says that something that
    was typed there has not been read yet: what is shown is older than that.
    """

    reading: Reading = fresh(default_factory=Reading)
    at: float = 0.0
    ended: bool = False
    person_s: float | None = None
    left_s: float | None = None
    width: int = 200
    height: int = 50
    watched: bool = False
    suspended: int | None = None
    unread: bool = False

    @property
    def stuck(self) -> bool:
        """Whether a key would only be added to what the program reads in one piece later."""
        return self.suspended is not None or self.unread


def typed_since(seen: Seen, moment: float) -> bool:
    """Whether a person typed there since that moment; tmux tells it in whole seconds."""
    return seen.person_s is not None and seen.person_s < seen.at - moment + 1.0


def typed_within(seen: Seen, seconds: float) -> bool:
    """Whether a person typed there in the last seconds, or may have: tmux forgets when, with their terminal."""
    return any(ago is not None and ago < seconds for ago in (seen.person_s, seen.left_s))


class Paste(Value):
    """Paste the text, unless the regular expression `unless` is on the screen. Answer: `Done`."""

    text: str
    unless: str = ""


class Press(Value):
    """Press keys where all of `only` is on the screen and `unless` is not; tmux looks and presses in one step.

    They are regular expressions for `tmux`; `keyboard.literal` makes one of words. Answer: `Done`.
    """

    keys: tuple[str, ...]
    unless: str = ""
    only: tuple[str, ...] = ()


class Enlarge(Value):
    """Give the window room, whatever terminal is attached, until `GiveBack`. Answer: None."""


class GiveBack(Value):
    """Let the terminals that are attached decide the window's size again. Answer: None."""


class Keep(Value):
    """Write into the journal what is about to be deleted from the input box. Answer: None."""

    draft: str


class Note(Value):
    """Write something into the journal that the agent showed and does not tell elsewhere. Answer: None."""

    text: str


class AwaitReceipt(Value):
    """Wait for the agent's own word that it has the text, `within` seconds. Answer: `Heard`."""

    within: float


class Claim(Value):
    """Say who settles the dialog, in the step before the key that decides; `undone`: that key was not taken. Answer:
    whether the dialog is still asked, as far as its program has told."""

    undone: bool = False


class HearEnd(Value):
    """Read on in what its program tells. Answer: whether it has told that the dialog was settled as was claimed."""


class Heard(Value):
    """The agent's word, by when: `how` is `submitted`, `queued` or `refused`, "" for no word yet."""

    at: float
    how: str = ""
    by: str = ""


Step = Look | Paste | Press | Enlarge | GiveBack | Keep | Note | AwaitReceipt | Claim | HearEnd

Talk = Generator[Step, Any, T]
"""A conversation that ends in a `T`."""


def drive(talk: Talk[T], answer: Callable[[Step], Any]) -> T:
    """Carry a conversation out to its end, each step by `answer`; what it returns."""
    given: Any = None
    while True:
        try:
            step = talk.send(given)
        except StopIteration as end:
            found: T = end.value
            return found
        given = answer(step)


def noted(talk: Talk[T], acts: list[Paste | Press]) -> Talk[T]:
    """The same conversation; `acts` gets each step, before it is taken, that may leave something of the text behind:
    its paste and whatever is typed from there on."""
    given: Any = None
    while True:
        try:
            step = talk.send(given)
        except StopIteration as end:
            found: T = end.value
            return found
        if isinstance(step, Paste) or (acts and isinstance(step, Press)):
            acts.append(step)
        given = yield step
        if acts and acts[-1] is step and given in ("held back", "ended"):
            acts.pop()


def look(after: float = 0.0) -> Talk[Seen]:
    """The screen, `after` seconds from now."""
    seen = yield Look(after)
    assert isinstance(seen, Seen)
    return seen


def act(step: Paste | Press) -> Talk[Done]:
    """Paste or press."""
    done: Done = yield step
    return done


def claim(*, undone: bool = False) -> Talk[bool]:
    """Say who settles it; whether it is still asked."""
    asked: bool = yield Claim(undone)
    return asked


def hear_end() -> Talk[bool]:
    """Whether its program has told that it was settled so."""
    told: bool = yield HearEnd()
    return told


def hear(within: float) -> Talk[Heard]:
    """The agent's word."""
    heard = yield AwaitReceipt(within)
    assert isinstance(heard, Heard)
    return heard
