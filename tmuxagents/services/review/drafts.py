"""Reviews that are being written, or could not be sent: a file each, until what is in it has arrived."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path

from tmuxagents.drivers import files
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App

_FOLDER = "reviews"


def begin(app: App, agent: Agent, text: str) -> Path:
    """A new file of that text, which an editor may change. It is no part of the agent's folder: an agent that is
    removed meanwhile takes nothing with it that a person has written."""
    folder = files.private_folder(app.state / _FOLDER)
    for number in itertools.count(1):
        path = folder / f"{agent.name}-{agent.id[:8]}-{number}.diff"
        with contextlib.suppress(FileExistsError):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(_raw(text))
            return path
    raise AssertionError("numbers do not end")


def keep(app: App, agent: Agent, text: str) -> Path:
    """The only file of exactly that text: the oldest that there is, or a new one."""
    first, *others = _same(app, agent, text) or [begin(app, agent, text)]
    for path in others:
        path.unlink(missing_ok=True)
    return first


def holds(app: App, agent: Agent, text: str) -> bool:
    """Whether there is a file of exactly that text."""
    return bool(_same(app, agent, text))


def drop(app: App, agent: Agent, text: str) -> None:
    """Delete what holds exactly that text."""
    for path in _same(app, agent, text):
        path.unlink(missing_ok=True)


def known(app: App, agent: Agent) -> list[Path]:
    """Those of that agent, the oldest first."""
    found = (app.state / _FOLDER).glob(f"*-{agent.id[:8]}-*.diff")
    return sorted((path for path in found if files.exists(path)), key=lambda path: path.stat().st_mtime_ns)


def read(path: Path) -> str:
    """What a file holds, nothing where it is gone; a byte that is no UTF-8 stays as it is."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes().decode("utf-8", "surrogateescape")
    return ""


def _same(app: App, agent: Agent, text: str) -> list[Path]:
    return [path for path in known(app, agent) if path.read_bytes() == _raw(text)]


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
