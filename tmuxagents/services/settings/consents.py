"""Which text of which repository's file the user has consented to: by the digest of exactly that text."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.repository_file import RepositoryFile
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.services.app import App
from tmuxagents.value import Value

NAME = "consents.json"


class Consent(Value):
    """To a text, and when."""

    digest: str
    at: str


def digest(raw: bytes) -> str:
    """What `sha256sum` prints of the file."""
    import hashlib

    return hashlib.sha256(raw).hexdigest()


def has(app: App, found: RepositoryFile) -> bool:
    """Whether the user consented to exactly this text at this place."""
    return state_of(app, found) == "current"


def state_of(app: App, found: RepositoryFile) -> str | None:
    """Whether the consent at this place is to this text, `current`, or to another, `changed`; None without one."""
    given = known(app).get(str(found.path))
    return None if given is None else "current" if given.digest == digest(found.raw) else "changed"


def known(app: App) -> Mapping[str, Consent]:
    """Every consent, by the path of its file."""
    path = app.state / NAME
    if not files.exists(path):
        return {}
    try:
        listed = json.loads(files.read_whole(path))["consents"]
        return {name: Consent(str(one["digest"]), str(one["at"])) for name, one in listed.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise TmuxagentsError(f"'{path}' is damaged: it tells of no consent", hint=f"rm {word(path)}") from error


def give(app: App, found: RepositoryFile) -> None:
    """Record the consent to this text. One to an earlier text of the file ends with it."""
    with _locked(app):
        made = Consent(digest(found.raw), str(clock.rfc3339(clock.now_ns())))
        _write(app, {**known(app), str(found.path): made})


def revoke(app: App, path: Path) -> bool:
    """Take it back; False when there was none."""
    with _locked(app):
        listed = dict(known(app))
        if listed.pop(str(path), None) is None:
            return False
        _write(app, listed)
        return True


@contextlib.contextmanager
def _locked(app: App) -> Iterator[None]:
    lock = app.state / f"{NAME}.lock"
    with files.locked(lock, within=10.0) as had:
        if not had:
            raise TmuxagentsError(f"'{lock}' is locked by another command", hint=f"fuser {word(lock)}")
        yield


def _write(app: App, listed: Mapping[str, Consent]) -> None:
    told = {name: {"digest": one.digest, "at": one.at} for name, one in sorted(listed.items())}
    files.write_whole(app.state / NAME, json.dumps({"v": 1, "consents": told}, indent=1) + "\n")
