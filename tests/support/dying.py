"""A controller that kills itself at a given step of a sending, once: as a killer would who sees what it does.

Its folder is on the PYTHONPATH of the fleet's server, so that every controller is one of these, whoever starts it.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.fleet import Fleet

STEPS = ("recorded", "decided", "claimed", "sent", "settled")
"""What is done when it dies. `recorded`: nothing but the notice. `sent`: it has left, and nobody has noted that."""

_INSTALL = """
import os, signal, sys

if "controller" in sys.orig_argv and "run" in sys.orig_argv:
    from pathlib import Path

    from tmuxagents.services.notices import channels, sending
    from tmuxagents.store import notices

    WISH = Path({wish!r})

    def die(step, channel):
        try:
            wanted = WISH.read_text().split()
        except FileNotFoundError:
            return
        if wanted == [step, channel] or (wanted[0] == step == "recorded"):
            WISH.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(real, before, after, channel):
        def act(*args, **more):
            die(before, channel(args, more))
            done = real(*args, **more)
            die(after, channel(args, more))
            return done
        return act

    sending.decide_due = dying(sending.decide_due, "recorded", "", lambda a, m: "")
    sending.send_due = dying(sending.send_due, "decided", "", lambda a, m: m["channel"])
    channels.send = dying(channels.send, "claimed", "sent", lambda a, m: a[1])
    notices.settle = dying(notices.settle, "", "settled", lambda a, m: a[1].channel)
"""


class Dying:
    """The wish: which step, of a sending over which channel."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.wish = fleet.root / "die"
        folder = fleet.root / "python"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_INSTALL.format(wish=str(self.wish)))
        fleet.env["PYTHONPATH"] = str(folder)

    def at(self, step: str, channel: str) -> None:
        """Die there, once."""
        half = Path(f"{self.wish}.half")
        half.write_text(f"{step} {channel}")
        half.rename(self.wish)

    def has_died(self) -> bool:
        """Whether it has."""
        return not self.wish.exists()
