"""Have the tmux server and its controller there when they are needed."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from tmuxagents.drivers import files, wrapper
from tmuxagents.drivers.tmux import config, keyboard, snapshot, window
from tmuxagents.errors import TimedOut, TmuxagentsError, TmuxUnreachable, word
from tmuxagents.kinds import environment
from tmuxagents.services.app import App
from tmuxagents.services.server import controller_alive
from tmuxagents.services.server.panes import panes_now

_TRIES = 5


LEAVE_S = 3.0
"""How long a controller that leaves may take to end when it controls no more."""

UP_S = 15.0
"""How long a person who starts the controller waits for it. A busy machine needs seconds to begin a program."""

TURN_S = 30.0
"""How long a start waits for others that start. A hundred at once on two cores need some ten seconds."""


@contextlib.contextmanager
def _alone(app: App) -> Iterator[None]:
    with files.locked(app.state / "server.lock", within=TURN_S) as held:
        if not held:
            words = f"somebody else has been starting the server for {TURN_S:g} s"
            raise TimedOut(words, hint=f"fuser {word(app.state / 'server.lock')}")
        yield


def ensure(app: App) -> None:
    """The server runs with its controller; both are started where they are missing."""
    with _alone(app):
        panes = _panes(app)
        if panes is snapshot.EMPTY:
            _start(app)
        elif controller_alive.is_over(panes.controller):
            _restart_controller(app, panes)


def bring_up(app: App) -> bool:
    """Have a controller that controls; False when none does after `UP_S`. One that is given up as its pane is
    looked at (its fifth death within a minute) is started all the same: somebody means to."""
    from tmuxagents import clock

    def controls() -> bool | None:
        ensure(app)
        return controller_alive.is_up(app) or None

    return clock.eventually(controls, within=UP_S, every=0.1) is True


def ensure_controller(app: App) -> None:
    """The controller runs, if the server does; without a server there is nothing to control."""
    if controller_alive.runs(app):
        return
    with _alone(app):
        panes = _panes(app)
        if panes is not snapshot.EMPTY and controller_alive.is_over(panes.controller):
            _restart_controller(app, panes)


def _panes(app: App) -> snapshot.Snapshot:
    """The panes. A controller that leaves has let its lock go a moment before its pane is dead, and would be
    taken for one that runs: its end is waited for."""
    from tmuxagents import clock

    def settled() -> snapshot.Snapshot | None:
        now = panes_now(app)
        one = now.controller
        leaves = not controller_alive.is_over(one) and not controller_alive.runs(app) and controller_alive.has_left(app)
        return None if leaves else now

    return clock.eventually(settled, within=LEAVE_S, every=0.02) or panes_now(app)


def nudge(app: App) -> None:
    """Wake the controller: an agent was added, a message is held, somebody was stopped."""
    controller_alive.nudge(app)


def itself(app: App, *words: str) -> list[str]:
    """The arguments that run this very program on this fleet. `-P` keeps the working folder's
    modules out."""
    return [sys.executable, "-P", "-m", "tmuxagents", "--state-dir", str(app.state), *words]


def prepare(app: App) -> None:
    """Write the scripts and the configuration."""
    wrapper.write_scripts(app.scripts)
    files.private_folder(app.state / "agents")
    files.write_whole(app.server.config, config.text(itself(app, "controller", "jump"), _revive(app)))


def watch_over(app: App) -> None:
    """Have the server start the controller again when it dies, and be configured as this version means it: a server
    that was started by an older one goes on for weeks."""
    trouble = ("set-option", "-g", "@tmuxagents_trouble", "")
    # On a full disk the files are as they were; without a server nothing watches.
    with contextlib.suppress(OSError, TmuxagentsError):
        prepare(app)
        keyboard.tell(app.server, [config.read(app.server.config), trouble])


def _revive(app: App) -> list[str]:
    return ["sh", str(app.scripts / "revive.sh"), str(app.state), str(app.server.socket)]


def _kept(app: App) -> list[str]:
    """The controller under who starts it again when it dies."""
    return [
        "sh",
        str(app.scripts / "keep.sh"),
        str(app.state),
        str(app.server.socket),
        *itself(app, "controller", "run"),
    ]


def _start(app: App) -> None:
    prepare(app)
    env = environment.server(os.environ)
    for attempt in range(_TRIES):
        try:
            window.open_session(app.server, argv=_kept(app), folder=app.state, env=env)
            return
        except TmuxUnreachable:
            # A server that has just been told to end refuses for some milliseconds.
            if attempt == _TRIES - 1:
                raise
            _wait_for_end(app)


def _wait_for_end(app: App) -> None:
    from tmuxagents import clock

    clock.eventually(lambda: True if panes_now(app) is snapshot.EMPTY else None, within=1.0, every=0.05)


def _restart_controller(app: App, panes: snapshot.Snapshot) -> None:
    (app.state / controller_alive.FAILING).unlink(missing_ok=True)
    # That the one before left on purpose says nothing of this one.
    with contextlib.suppress(OSError):
        controller_alive.leave(app, None)
    with contextlib.suppress(OSError):
        wrapper.write_scripts(app.scripts)
    argv = _kept(app)
    if panes.controller is not None:
        window.respawn(app.server, panes.controller.pane, argv, over=panes.controller.pid)
    else:
        window.open_controller(app.server, argv=argv, folder=app.state)
