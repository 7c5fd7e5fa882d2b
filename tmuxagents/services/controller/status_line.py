"""Tell the status line of the private server what changed."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from tmuxagents.drivers.tmux import keyboard
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.services.controller.team import Team

FULL = "disk full "

_NAMED = 3


def show(team: Team) -> None:
    """The states of the windows, where they differ from what is shown."""
    changed: list[Sequence[str]] = []
    for watched in team.watched.values():
        condition = watched.agent.condition
        text = condition.words
        pane = team.panes.of(watched.agent.id, watched.agent.generation)
        if text != watched.shown and pane is not None:
            # `-q`: a window that has gone meanwhile keeps nothing from the others.
            changed.append(("set-option", "-q", "-w", "-t", pane.window, "@tmuxagents_state", text))
            watched.shown = text
    needy = _needy(team)
    if needy != team.needy:
        changed.append(("set-option", "-g", "@tmuxagents_needy", needy))
        team.needy = needy
    if changed:
        with contextlib.suppress(TmuxUnreachable):
            keyboard.tell(team.app.server, changed)


def _needy(team: Team) -> str:
    """` agent-3 agent-7 +2 `: who needs a person, however many windows there are."""
    names = [w.agent.name for w in team.watched.values() if w.agent.condition.state == "waiting"]
    more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return f" needs you: {' '.join(names[:_NAMED])}{more} " if names else ""


def show_trouble(team: Team, words: str) -> None:
    """Tell who is attached; nothing can be written down."""
    with contextlib.suppress(TmuxUnreachable):
        keyboard.tell(team.app.server, [("set-option", "-g", "@tmuxagents_trouble", words)])
