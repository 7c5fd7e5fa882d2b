"""All panes of the private server; a server that has lost its socket is found again."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import snapshot
from tmuxagents.drivers.tmux.snapshot import EMPTY, Snapshot
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.services.app import App

_NOTE = "server"


def panes_now(app: App) -> Snapshot:
    """The panes now, `EMPTY` when no server runs. `TmuxUnreachable` when one runs that cannot be
    asked: what it holds is unknown, not gone."""
    now = snapshot.take(app.server)
    if now is not EMPTY:
        _note(app, now.server)
        return now
    noted = _noted(app)
    if noted is None:
        return EMPTY
    from tmuxagents.drivers.tmux import lost_socket

    if not lost_socket.revive(noted):
        (app.state / _NOTE).unlink(missing_ok=True)
        return EMPTY
    found = clock.eventually(lambda: _answering(app), within=2.0)
    if found is None and lost_socket.revive(noted):
        pid = noted.partition(".")[0]
        raise TmuxUnreachable(f"the tmux server ({pid}) runs and does not answer", hint="tmuxagents doctor")
    return found or EMPTY


def _answering(app: App) -> Snapshot | None:
    now = snapshot.take(app.server)
    return None if now is EMPTY else now


def _note(app: App, identity: str) -> None:
    # The same pid and moment of start that a server has just told: it is noted already.
    if not (_noted(app) or "").startswith(f"{identity}\n"):
        from tmuxagents.drivers.tmux import lost_socket

        files.write_whole(app.state / _NOTE, lost_socket.note(identity))


def _noted(app: App) -> str | None:
    try:
        return files.read_whole(app.state / _NOTE).decode(errors="replace")
    except OSError:
        return None
