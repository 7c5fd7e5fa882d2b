"""A controller that kills itself at a given step of a start out of the queue, once."""

from __future__ import annotations

from pathlib import Path

from tests.support.fleet import Fleet

STEPS = ("taken", "asked", "made", "written", "opened", "placed")
"""What is done when it dies. `taken`: its start is claimed, and nothing else. `asked`: its worktree is about to be
made. `made`: it has that. `written`: its files are there, and no window. `opened`: its window is, and nobody has
recorded it. `placed`: somebody has, and what was kept for the start is there still."""

_INSTALL = """
import os, signal, sys

if "controller" in sys.orig_argv and "run" in sys.orig_argv:
    from pathlib import Path

    from tmuxagents.drivers.tmux import window
    from tmuxagents.services.lifecycle import launch, queued
    from tmuxagents.services.worktrees import making

    WISH = Path({wish!r})

    def die(step):
        try:
            wanted = WISH.read_text()
        except FileNotFoundError:
            return
        if wanted == step:
            WISH.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(real, before, after):
        def act(*args, **more):
            die(before)
            done = real(*args, **more)
            die(after)
            return done
        return act

    queued.take = dying(queued.take, "", "taken")
    making.ensure = dying(making.ensure, "asked", "made")
    launch._write = dying(launch._write, "", "written")
    window.open_window = dying(window.open_window, "", "opened")
    launch.start = dying(launch.start, "", "placed")
"""


class DyingStarts:
    """The wish: at which step."""

    def __init__(self, fleet: Fleet) -> None:
        self.wish = fleet.root / "die"
        folder = fleet.root / "python"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_INSTALL.format(wish=str(self.wish)))
        fleet.env["PYTHONPATH"] = str(folder)

    def at(self, step: str) -> None:
        """Die there, once."""
        half = Path(f"{self.wish}.half")
        half.write_text(step)
        half.rename(self.wish)

    def has_died(self) -> bool:
        """Whether it has."""
        return not self.wish.exists()
