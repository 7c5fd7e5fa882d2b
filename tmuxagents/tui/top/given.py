"""What the command gives to the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tmuxagents.services.app import App
from tmuxagents.services.fleet.dashboard import Picture, Takes
from tmuxagents.value import Value


class Given(Value):
    """How the fleet is opened, whom it is narrowed to, the command line of another command of ours, the options of
    `spawn`, the filter to begin with, what the terminal can show, and what it shows already."""

    opener: Callable[[], App]
    takes: Takes
    argv: Callable[[Sequence[str]], list[str]]
    options: Callable[[], Mapping[str, bool]] = dict
    filter: str = ""
    unicode: bool = True
    color: bool = True
    first: Picture | None = None
