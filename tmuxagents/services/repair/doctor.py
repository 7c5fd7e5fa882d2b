"""What on this machine would break a promise, and the command that mends it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tmuxagents import clock, config
from tmuxagents.drivers import scope
from tmuxagents.drivers.notices.outcome import NOBODY
from tmuxagents.drivers.tmux import call, snapshot, upgraded
from tmuxagents.drivers.tmux.version import OLDEST, installed
from tmuxagents.errors import DatabaseDamaged, TmuxagentsError, word
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import login
from tmuxagents.services.repair import rebuild
from tmuxagents.services.server import controller_alive
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents, journal, notices
from tmuxagents.value import Value

Level = Literal["ok", "note", "problem"]

ENOUGH_FREE_MB = 500
_DAY_NS = 86_400 * clock.SECOND


class Finding(Value):
    """One thing looked at. `mend` is a command, or None when nothing needs mending."""

    level: Level
    about: str
    what: str
    mend: str | None = None


def examine(app: App) -> list[Finding]:
    """Look at everything; a look that fails is a finding too."""
    return [finding for look in LOOKS for finding in _guarded(look, app)]


def _guarded(look: Callable[[App], Finding | list[Finding]], app: App) -> list[Finding]:
    try:
        found = look(app)
        return found if isinstance(found, list) else [found]
    except DatabaseDamaged:
        raise  # it is mended at once
    except (TmuxagentsError, OSError, ValueError, subprocess.SubprocessError) as error:
        return [Finding("problem", look.__name__.strip("_"), str(error), getattr(error, "hint", None))]


def _tmux(app: App) -> Finding:
    version = installed()
    if version is None:
        return Finding("problem", "tmux", "tmux is not installed", call.INSTALL)
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return Finding("problem", "tmux", f"tmux is older than {oldest}", call.INSTALL)
    return Finding("ok", "tmux", f"tmux {'.'.join(map(str, version))}")


def _server(app: App) -> Finding:
    panes = panes_now(app)
    if panes is snapshot.EMPTY:
        lost = sum(1 for agent in agents.known(app.db) if agent.condition.state == "lost")
        if lost:
            return Finding("problem", "server", f"no server runs, {lost} agents are lost", "tmuxagents resume --all")
        return Finding("ok", "server", "no server runs; the first spawn starts it")
    pid = upgraded.replaced(app.server.socket)
    if pid is not None:
        mend = f"tmux -S {word(app.server.socket)} kill-server; tmuxagents resume --all"
        return Finding(
            "note",
            "server",
            f"tmux was replaced on disk; the server ({pid}) runs on from the old one until it is ended, when it suits",
            mend,
        )
    return Finding("ok", "server", f"the server runs with {len(panes.panes)} panes at {app.server.socket}")


def _controller(app: App) -> Finding:
    if controller_alive.runs(app):
        late = controller_alive.stuck_for(app)
        if late is not None:
            what = f"the controller is stuck: it has not turned for {late:.0f} s"
            return Finding("problem", "controller", what, "tmuxagents controller stop; tmuxagents controller start")
        return Finding("ok", "controller", "the controller runs")
    if panes_now(app) is snapshot.EMPTY:
        return Finding("ok", "controller", "no controller is needed yet")
    return Finding("problem", "controller", "agents run, the controller does not", "tmuxagents controller start")


def _kinds(app: App) -> list[Finding]:
    """Each kind's program, and what the kind says of its settings. One that cannot be looked at hides no other."""
    found: list[Finding] = []
    for name in registry.KINDS:
        kind = registry.kind(name)
        for look in (_program, _settings):
            try:
                found += look(kind)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                found.append(Finding("problem", name, str(error)))
    return found


def _program(kind: Kind) -> list[Finding]:
    if not kind.PROGRAM:
        return []
    name, install = kind.PROGRAM, kind.INSTALL or None
    program = shutil.which(name)
    if program is None:
        return [Finding("note", name, f"{name} is not on the PATH", install)]
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        return [Finding("problem", name, f"{name} --version ended with {done.returncode}", install)]
    return [Finding("ok", name, f"{name} {done.stdout.split()[0] if done.stdout.split() else '?'}")]


def _settings(kind: Kind) -> list[Finding]:
    settings = {path: _decoded(path) for path in kind.settings_files(os.environ)}
    return [
        *(Finding(one.level, one.name, one.what, one.mend or None) for one in kind.health(settings)),
        *_login(kind),
    ]


def _login(kind: Kind) -> list[Finding]:
    if not kind.PROGRAM or shutil.which(kind.PROGRAM) is None or not login.is_missing(kind, os.environ):
        return []
    return [Finding("note", "login", f"nobody is logged in to {kind.PROGRAM}: an agent will ask first", kind.PROGRAM)]


def _decoded(path: Path) -> Mapping[str, Any]:
    value = json.loads(path.read_text()) if path.exists() else {}
    return value if isinstance(value, dict) else {}


def _logout(app: App) -> Finding:
    """A server in a login session's cgroup dies with the login where logind is told so; one in a scope
    of the user's manager with the user's last login, where lingering is off."""
    running = upgraded.server_pid(app.server.socket)
    where = scope.place(running or "self")
    if where == "session":
        return _in_a_login(app, running)
    if where == "elsewhere":
        return Finding("ok", "logout", "no logout ends the agents: this is no login session's cgroup")
    return _in_the_manager(running)


def _in_a_login(app: App, running: int | None) -> Finding:
    can = scope.works(app.server.socket, os.environ)
    if running is None and can:
        return _in_the_manager(running)
    linger = f"loginctl enable-linger {scope.user()}"
    if running is None:
        what = "systemd-run --user does not work: with KillUserProcesses=yes a logout ends the agents"
        return Finding("note", "logout", what, linger)
    again = f"tmux -S {word(app.server.socket)} kill-server; tmuxagents resume --all"
    what = "the tmux server is in a login session: with KillUserProcesses=yes its end ends it, until it is started anew"
    return Finding("note", "logout", f"{what}, when it suits", again if can else f"{linger}; {again}")


def _in_the_manager(running: int | None) -> Finding:
    what = f"the tmux server {'belongs' if running is not None else 'will belong'} to your user manager"
    if scope.lingers():
        return Finding("ok", "logout", f"{what}, and lingering is on: agents survive a logout")
    ends = f"{what}, but without lingering your last logout ends the agents"
    return Finding("note", "logout", ends, f"loginctl enable-linger {scope.user()}")


def _locale(app: App) -> Finding:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    if "utf" in locale.lower():
        return Finding("ok", "locale", locale)
    return Finding("note", "locale", "no UTF-8 locale is set; agents get C.UTF-8", "export LANG=C.UTF-8")


def _disk(app: App) -> Finding:
    free = shutil.disk_usage(app.state).free // 1_000_000
    if free < ENOUGH_FREE_MB:
        return Finding("problem", "disk", f"{free} MB are free in {app.state}", f"du -sh '{app.state}'")
    return Finding("ok", "disk", f"{free} MB are free")


def _database(app: App) -> Finding:
    if not rebuild.is_sound(app.state / "tmuxagents.db"):
        raise DatabaseDamaged("the database is damaged", hint="tmuxagents doctor")
    return Finding("ok", "database", f"every page of it is in order ({journal.last_seq(app.db)} entries)")


def _privacy(app: App) -> Finding:
    if app.state.stat().st_mode & 0o077:
        return Finding("problem", "privacy", f"others may read {app.state}", f"chmod 700 '{app.state}'")
    return Finding("ok", "privacy", f"{app.state} is yours alone")


def _notices(app: App) -> list[Finding]:
    wanted = config.notices(config.path())
    if not (wanted.on and wanted.channels):
        return [Finding("note", "notices", "nobody is called: [notices] names nothing, or no channel")]
    # That nobody was attached is no fault.
    used = {*wanted.channels, *wanted.escalate}
    lately = clock.now_ns() - _DAY_NS
    gone = [(c, why) for c, why in notices.failed(app.db, lately) if c in used and why != NOBODY]
    if not gone:
        return [Finding("ok", "notices", f"you are called by {', '.join(wanted.channels)}")]
    said = [f"{channel} did not take the last one: {why}" for channel, why in gone]
    return [Finding("problem", "notices", words, "tmuxagents notify test") for words in said]


def _configuration(app: App) -> Finding:
    return Finding("ok", "config", f"new agents are of the kind {app.config.kind}")


LOOKS: Sequence[Callable[[App], Finding | list[Finding]]] = (
    _tmux,
    _server,
    _controller,
    _kinds,
    _logout,
    _locale,
    _disk,
    _database,
    _privacy,
    _configuration,
    _notices,
)
