"""Settle the dialog that an agent waits on: approve, deny, answer.

Each looks at the screen just before it presses a key, chooses by the words it reads there, and
looks again to see that the dialog has gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tmuxagents import clock
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Dialog
from tmuxagents.output.clean import sendable
from tmuxagents.services import follow
from tmuxagents.services.app import App
from tmuxagents.services.talk import say

GONE_S = 5.0

_WIDER = re.compile(r"\b(?:always|all|auto|again|during|switch)\b", re.IGNORECASE)
"""What a yes says that allows more than this once."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was chosen. `next` is the dialog that opened behind it, if one did."""

    agent: Agent
    what: str
    chosen: str
    next: Dialog | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    app: App
    agent: Agent
    pane: PaneNow
    kind: Kind
    dialog: Dialog
    what: str


def approve(app: App, agent: Agent) -> Settled:
    """Say yes, once. A question has no yes: `Refused` with the command that answers it."""
    with _Opening(app, agent) as opened:
        index = _starting_with(opened.dialog, "yes")
        if index is None:
            raise _not_yes_or_no(opened)
        return _choose(opened, index)


def deny(app: App, agent: Agent, text: str | None) -> tuple[Settled, say.Verdict | None]:
    """Say no, and tell the agent why when there is a text."""
    with _Opening(app, agent) as opened:
        index = _starting_with(opened.dialog, "no")
        settled = _cancel(opened) if index is None else _choose(opened, index)
    if text is None:
        return settled, None
    return settled, say.deliver(app, agent.id, text)


def answer(app: App, agent: Agent, choice: str) -> Settled:
    """Choose by number or by words; what matches no choice is typed where the dialog takes text."""
    with _Opening(app, agent) as opened:
        index = _matching(opened.dialog, choice)
        if index is not None:
            return _choose(opened, index)
        free = next((i for i, c in enumerate(opened.dialog.choices) if c.lower().startswith("type something")), None)
        if free is None:
            raise _no_such_choice(opened, choice)
        return _type(opened, free, choice)


class _Opening:
    """The agent's dialog, with its lock held; `Refused` when none is open."""

    def __init__(self, app: App, agent: Agent) -> None:
        self._app, self._agent = app, agent
        self._lock = say.speaking(app, agent.id, within=30)

    def __enter__(self) -> _Open:
        if not self._lock.__enter__():
            raise Refused(f"somebody else is talking to {self._agent.name}", hint="tmuxagents ls")
        try:
            return self._look()
        except BaseException:
            self._lock.__exit__(None, None, None)
            raise

    def __exit__(self, *_: object) -> None:
        self._lock.__exit__(None, None, None)

    def _look(self) -> _Open:
        agent, pane, gone = say.present(self._app, self._agent.id)
        if pane is None:
            raise Refused(gone, hint=f"tmuxagents resume {agent.name}")
        kind = registry.kind(agent.kind)
        # A hook may be a moment ahead of the screen.
        patience = 2.0 if agent.condition.dialog is not None else 0.0
        dialog = clock.eventually(lambda: say.read(self._app, kind, pane).dialog, within=patience)
        if dialog is None:
            raise Refused(f"no dialog is open in {agent.name}", hint=f'tmuxagents say {agent.name} "…"')
        known = agent.condition.dialog
        # A hook may not say what it is about (a plan that went to a file).
        what = known.what if known is not None and known.what else dialog.what
        return _Open(self._app, agent, pane, kind, dialog, what)


def _choose(opened: _Open, index: int) -> Settled:
    server, pane, dialog = opened.app.server, opened.pane.pane, opened.dialog
    if dialog.numbered:
        keyboard.press(server, pane, str(index + 1))
        if _gone(opened, within=1.0):
            return _settled(opened, dialog.choices[index])
    _point_at(opened, index)
    keyboard.press(server, pane, "Enter")
    if not _gone(opened, within=GONE_S):
        raise Refused(f"the dialog in {opened.agent.name} did not close", hint=f"tmuxagents attach {opened.agent.name}")
    return _settled(opened, dialog.choices[index])


def _point_at(opened: _Open, index: int) -> None:
    """Move the ❯ to the choice, one key and one look at a time."""
    for _ in range(2 * len(opened.dialog.choices) + 4):
        now = say.read(opened.app, opened.kind, opened.pane).dialog
        if now is None or now.choices != opened.dialog.choices or now.preselected is None:
            break
        if now.preselected == index:
            return
        keyboard.press(opened.app.server, opened.pane.pane, "Down" if now.preselected < index else "Up")
        before = now.preselected

        def moved(before: int | None = before) -> bool | None:
            look = say.read(opened.app, opened.kind, opened.pane).dialog
            return True if look is None or look.preselected != before else None

        clock.eventually(moved, within=1.0)
    raise Refused(
        f"the dialog in {opened.agent.name} changed; nothing was chosen", hint=f"tmuxagents show {opened.agent.name}"
    )


def _cancel(opened: _Open) -> Settled:
    keyboard.press(opened.app.server, opened.pane.pane, opened.kind.INTERRUPT)
    if not _gone(opened, within=GONE_S):
        raise Refused(f"the dialog in {opened.agent.name} did not close", hint=f"tmuxagents attach {opened.agent.name}")
    return _settled(opened, "cancelled")


def _type(opened: _Open, index: int, text: str) -> Settled:
    """Choose the entry that takes text, type it, and press Enter when it is shown."""
    server, pane = opened.app.server, opened.pane.pane
    words = " ".join(sendable(text).split())
    keyboard.press(server, pane, str(index + 1))
    _pointed(opened, index)
    keyboard.paste(server, pane, words)

    def shown() -> bool | None:
        return True if any(words[:20] in row for row in say.read(opened.app, opened.kind, opened.pane).tail) else None

    if clock.eventually(shown, within=2.0) is None:
        raise Refused(
            f"{opened.agent.name} does not show the typed answer", hint=f"tmuxagents attach {opened.agent.name}"
        )
    keyboard.press(server, pane, "Enter")
    if not _gone(opened, within=GONE_S):
        raise Refused(f"the dialog in {opened.agent.name} did not close", hint=f"tmuxagents attach {opened.agent.name}")
    return _settled(opened, words)


def _pointed(opened: _Open, index: int) -> None:
    def there() -> bool | None:
        look = say.read(opened.app, opened.kind, opened.pane).dialog
        return True if look is not None and look.preselected == index else None

    clock.eventually(there, within=1.0)


def _gone(opened: _Open, *, within: float) -> bool:
    """Whether this dialog is no longer shown; another one in its place counts as gone.

    A "no" to a folder's trust ends the program, and its last screen still shows the dialog.
    """

    def gone() -> bool | None:
        now = say.read(opened.app, opened.kind, opened.pane).dialog
        same = now is not None and (now.what, now.choices) == (opened.dialog.what, opened.dialog.choices)
        return True if not same or say.ended(opened.app, opened.agent) else None

    return clock.eventually(gone, within=within) is not None


def _settled(opened: _Open, chosen: str) -> Settled:
    follow.pull(opened.app, opened.agent)
    following = None
    if not say.ended(opened.app, opened.agent):
        following = say.read(opened.app, opened.kind, opened.pane).dialog
    return Settled(opened.agent, opened.what, chosen, following)


def _starting_with(dialog: Dialog, word: str) -> int | None:
    """The first choice that says just yes (or no): `Yes`, `Yes, I trust this folder`, never `Yes, and always …`."""
    plain = [i for i, c in enumerate(dialog.choices) if c.lower().split(",")[0].split(" (")[0].strip() == word]
    once = [i for i in plain if word == "no" or not _WIDER.search(dialog.choices[i])]
    return once[0] if once else None


def _matching(dialog: Dialog, choice: str) -> int | None:
    if choice.isdecimal() and 1 <= int(choice) <= len(dialog.choices):
        return int(choice) - 1
    wanted = choice.casefold().strip()
    exact = [i for i, c in enumerate(dialog.choices) if c.casefold() == wanted]
    starts = [i for i, c in enumerate(dialog.choices) if c.casefold().startswith(wanted)]
    found = exact or starts
    return found[0] if wanted and len(found) == 1 else None


def choices(dialog: Dialog) -> str:
    """`1 Yes · 2 No`"""
    return " · ".join(f"{i} {c}" for i, c in enumerate(dialog.choices, 1))


def _not_yes_or_no(opened: _Open) -> TmuxagentsError:
    name = opened.agent.name
    return Refused(f"{name} asks: {opened.what} ({choices(opened.dialog)})", hint=f"tmuxagents answer {name} 1")


def _no_such_choice(opened: _Open, choice: str) -> TmuxagentsError:
    offered = choices(opened.dialog)
    return Refused(f"'{choice[:40]}' is not among: {offered}", hint=f"tmuxagents answer {opened.agent.name} 1")
