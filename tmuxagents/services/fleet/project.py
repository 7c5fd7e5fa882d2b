"""The project that the caller stands in, and who works in it."""

from __future__ import annotations

import os

from tmuxagents.drivers.git import checkout
from tmuxagents.errors import FolderMissing
from tmuxagents.model.agent import Agent
from tmuxagents.services.fleet.selection import Applies, Place, is_here


def here() -> Applies:
    """Whether an agent works in the project of the current folder. Nothing is looked at before somebody asks,
    and each folder once."""
    places: dict[str, Place] = {}

    def place(folder: str) -> Place:
        if folder not in places:
            places[folder] = _place(folder)
        return places[folder]

    def is_in(agent: Agent) -> bool:
        return is_here(place(_standing()), _place_of(agent, place(agent.dir)))

    return is_in


def _place_of(agent: Agent, at: Place) -> Place:
    """Where its worktree is gone its folder says nothing, or says what is around it."""
    if agent.worktree is None:
        return at
    return Place(at.folder, os.path.realpath(agent.worktree.repository))


def too_wide() -> str | None:
    """The folder that one stands in, where it is the home of all projects rather than one of them: the home folder
    or what is above it, outside a repository."""
    place, home = _place(_standing()), os.path.realpath(os.path.expanduser("~"))
    above = f"{home}/".startswith(place.folder.rstrip("/") + "/")
    return place.folder if above and place.repository is None else None


def standing() -> str:
    """The project that one stands in: the place that all worktrees of its repository share, else the folder."""
    place = _place(_standing())
    return os.fsencode(place.repository or place.folder).decode("utf-8", "backslashreplace")


def _standing() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise FolderMissing("the folder that you stand in is gone", hint="cd") from error


def _place(folder: str) -> Place:
    real = os.path.realpath(folder)
    return Place(real, checkout.repository(real))
