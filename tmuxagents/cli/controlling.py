"""Being the controller, without click where it is started as the tmux server starts it.

It begins whenever a fleet does: click and the command tree would be a third of what it
loads.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tmuxagents.services.app import App


def runs(argv: Sequence[str]) -> bool:
    """Be the controller, until told to leave, if that is what is asked for plainly; False, and nothing done, if not."""
    match list(argv):
        case ["--state-dir", str(named), "controller", "run"]:
            from tmuxagents.services import app as apps

            if apps.missing(named) is not None:
                return False
            with apps.open_app(named) as app:
                app.named = named
                control(app)
            return True
        case _:
            return False


def control(app: App) -> None:
    """Be the controller until told to leave; at once where another is."""
    from tmuxagents.services.controller import loop

    # Its server ends: what is under way beside it leaves nothing in the folder of temporary files.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, _leave)
    loop.run(app)


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)
