"""What counts of the settings of notices, for this fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmuxagents.services.app import App
from tmuxagents.services.settings import counted

if TYPE_CHECKING:
    from tmuxagents.config_notices import Notices

SILENT = "calls-nobody"
"""A fleet in whose state directory this lies calls nobody, whatever the user has set: it is none of theirs."""


def settings(app: App, *, keep: bool = False) -> tuple[Notices, str]:
    """The user's, and what is wrong with them: then those that counted last hold (see `counted.notices`)."""
    if (app.state / SILENT).exists():
        from tmuxagents.config_notices import Notices

        return Notices(channels=()), ""
    return counted.notices(app, keep=keep)
