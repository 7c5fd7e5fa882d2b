"""Have the user consent to the text of a repository's file, and take it back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tmuxagents import config
from tmuxagents.drivers import repository_file
from tmuxagents.drivers.git import checkout
from tmuxagents.drivers.repository_file import RepositoryFile
from tmuxagents.errors import ConfigInvalid, TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.settings import chosen, consents
from tmuxagents.settings import layers, shown
from tmuxagents.settings.spawn import Layer, Settings
from tmuxagents.value import Value


class Needed(Value):
    """A setting that counts only with consent: where it stands, and its value as it is read."""

    key: str
    line: int
    shown: str


class Asked(Value):
    """What is asked: the text as it can be seen, and what in it needs the answer."""

    file: RepositoryFile
    digest: str
    lines: Sequence[str]
    needs: Sequence[Needed]
    consented: bool

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path


class Listed(Value):
    """A consent, and what became of its text: current, changed, missing or refused."""

    file: str
    digest: str
    at: str
    state: str


def ask(app: App, folder: Path) -> Asked:
    """What there is to consent to in the repository that the folder is in."""
    found = repository_file.find(folder)
    if found is None:
        top = checkout.top(folder)
        if top is None:
            raise TmuxagentsError(f"'{folder.absolute()}' is in no git repository", hint="tmuxagents trust DIR")
        raise TmuxagentsError(f"'{top}' has no {repository_file.NAME}", hint="tmuxagents help config")
    settings = chosen.parsed(found)
    user = config.spawn(config.path())
    needs = _needs(settings, user.layer if user is not None else Layer({}))
    text = found.raw.decode().replace("\r\n", "\n")
    # A tab is as wide as a terminal makes it, and hides nothing.
    seen = [shown.visible(line.expandtabs(4)) for line in text.removesuffix("\n").split("\n")]
    return Asked(found, consents.digest(found.raw), seen, needs, consents.has(app, found))


def ask_file(app: App, path: Path) -> Asked:
    """The same of a manifest, or a prompt that one names: all of it needs the consent."""
    found = repository_file.one(path)
    text = found.raw.decode("utf-8", "replace").replace("\r\n", "\n")
    seen = [shown.visible(line.expandtabs(4)) for line in text.removesuffix("\n").split("\n")]
    needs = [Needed("all of it", 1, f"{len(seen)} lines")]
    return Asked(found, consents.digest(found.raw), seen, needs, consents.has(app, found))


def _needs(settings: Settings, user: Layer) -> list[Needed]:
    _, withheld = layers.unasked(settings.layer, user)
    found = [_needed(key, settings.layer, "") for key in withheld]
    for name, layer in settings.profiles.items():
        table = settings.table(name)
        found += [_needed(key, layer, f"{table}.") for key in layer.values] or [Needed(table, layer.line(""), "{}")]
    return sorted(found, key=lambda one: one.line)


def _needed(key: str, layer: Layer, prefix: str) -> Needed:
    return Needed(prefix + key, layer.line(key), shown.value(key, layer.values[key]))


def give(app: App, asked: Asked) -> None:
    """Record the consent to the text that was asked about, whatever the file holds by now."""
    consents.give(app, asked.file)


def is_current(asked: Asked) -> bool:
    """Whether the file still holds the text that was asked about."""
    return _state(asked.path, asked.digest) == "current"


def revoke(app: App, folder: Path) -> Path:
    """Take the consent back for the folder's repository; also where that is gone. Returns the file's path."""
    known = consents.known(app)
    try:
        folder = folder.expanduser().absolute()
        top = checkout.top(folder)
    except (OSError, RuntimeError, ValueError) as error:
        raise TmuxagentsError(f"'{folder}' cannot be looked at", hint="tmuxagents trust --list") from error
    tried = [
        *([top / repository_file.NAME] if top else []),
        folder / repository_file.NAME,
        folder,
    ]
    for path in tried:
        if str(path) in known and consents.revoke(app, path):
            return path
    raise TmuxagentsError(f"there is no consent for '{tried[0]}'", hint="tmuxagents trust --list")


def listed(app: App) -> list[Listed]:
    """Every consent, by the path of its file."""
    return [
        Listed(name, one.digest, one.at, _state(Path(name), one.digest)) for name, one in consents.known(app).items()
    ]


def _state(path: Path, digest: str) -> str:
    try:
        plain = path.name != repository_file.NAME
        found = (repository_file.one(path) if path.exists() else None) if plain else repository_file.find(path.parent)
    except ConfigInvalid:
        return "refused"
    if found is None or found.path != path:
        return "missing"
    return "current" if consents.digest(found.raw) == digest else "changed"


def as_json(app: App, asked: Asked) -> dict[str, Any]:
    """What was asked, and whether it is consented to now."""
    needs = [{"key": one.key, "line": one.line, "value": one.shown} for one in asked.needs]
    consented = consents.has(app, asked.file)
    return {"file": str(asked.path), "digest": asked.digest, "needs": needs, "consented": consented}
