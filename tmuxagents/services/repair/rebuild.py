"""Put a new database in the place of a damaged one, which is set aside and never changed."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files, process
from tmuxagents.errors import DatabaseDamaged, TimedOut, TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.controller.stop import stop
from tmuxagents.services.repair import replay
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.store import database
from tmuxagents.store.repair import salvage


def is_sound(path: Path) -> bool:
    """Whether every page, and the index of words, is in order."""
    try:
        with database.Database(path) as db:
            if db.read("PRAGMA quick_check(1)")[0][0] != "ok":
                return False
            with db.write() as tx:
                tx.execute("INSERT INTO journal_words (journal_words) VALUES ('integrity-check')")
            return True
    except DatabaseDamaged:
        return False


def rebuild(app: App) -> replay.Report | None:
    """Rebuild the database; None when it is sound (somebody else was quicker). Nothing that runs is touched
    but the controller, which is started again."""
    path = app.state / "tmuxagents.db"
    app.close()
    with files.locked(app.state / "rebuild.lock", within=60) as mine:
        if not mine:
            raise TimedOut("the database is being rebuilt by another command: try again", hint="tmuxagents ls")
        if is_sound(path):
            return None
        _end_controller(app)
        report = replay.Report(_set_aside(path))
        found = salvage.read(report.aside / path.name)
        fresh = path.with_name("tmuxagents.db.new")
        _remove(fresh)
        with database.Database(fresh, new=True) as db:
            replay.fill(App(state=app.state, server=app.server, _db=db), found, report)
            db.read("PRAGMA wal_checkpoint(TRUNCATE)")
            db.read("PRAGMA journal_mode=DELETE")
        with database.opening(path, alone=True):
            for log in (f"{path}-wal", f"{path}-shm"):
                Path(log).unlink(missing_ok=True)
            os.replace(fresh, path)
        Path(f"{fresh}.lock").unlink(missing_ok=True)
        files.write_whole(report.aside / "report.txt", "\n".join(report.lines()) + "\n")
    with contextlib.suppress(TmuxagentsError):
        startup.ensure_controller(app)
    return report


def _end_controller(app: App) -> None:
    """It holds the damaged file open, and may be stumbling over it."""
    with contextlib.suppress(TmuxagentsError, OSError, ValueError):
        stop(app)
    if not controller_alive.runs(app):
        return
    # One of an older version, which does not tell who it is.
    panes = replay.seen(app)
    if panes.controller is not None and not panes.controller.dead:
        process.kill(panes.controller.pid)
        clock.eventually(lambda: None if controller_alive.runs(app) else True, within=5.0)


def _set_aside(path: Path) -> Path:
    folder = files.private_folder(files.private_folder(path.parent / "damaged") / str(clock.now_ns()))
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(path.with_name(name), folder / name)
            (folder / name).chmod(0o600)
    return folder


def _remove(fresh: Path) -> None:
    for end in ("", "-wal", "-shm", ".lock"):
        Path(f"{fresh}{end}").unlink(missing_ok=True)
