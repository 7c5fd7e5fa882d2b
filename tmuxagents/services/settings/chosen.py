"""What a new agent is started with in a folder: every layer, read and weighed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tmuxagents import config, names
from tmuxagents.drivers import repository_file
from tmuxagents.drivers.repository_file import RepositoryFile
from tmuxagents.errors import BadValue, ConfigInvalid, TmuxagentsError, word
from tmuxagents.services.app import App
from tmuxagents.services.settings import consents
from tmuxagents.settings import layers
from tmuxagents.settings.layers import Answer
from tmuxagents.settings.spawn import OWN, Layer, Settings
from tmuxagents.value import Value, fresh

_NONE = Settings(Layer({}))


class Repository(Value):
    """What a repository's file says: `allowed` counts, the keys in `withheld` wait for consent.

    `consent` is `current` where the user consented to this text, `changed` where it was to another one.
    `wrong` says why the file, or its consent, counts for nothing at all.
    """

    file: RepositoryFile | None = None
    settings: Settings = _NONE
    allowed: Layer = _NONE.layer
    withheld: tuple[str, ...] = ()
    consent: str | None = None
    wrong: TmuxagentsError | None = None

    @property
    def consented(self) -> bool:
        """Whether all of it counts."""
        return self.consent == "current"


class Chosen(Value):
    """The answer, and what has to be told beside it."""

    answer: Answer
    user: Settings
    repository: Repository
    profile: Layer | None = None
    typed: Mapping[str, Any] = fresh(default_factory=dict)


def choose(app: App, folder: Path, typed: Mapping[str, Any], *, profile: str | None = None) -> Chosen:
    """Command line, then profile, then the repository's file as far as it counts, then the user's."""
    user = config.spawn(config.path()) or _NONE
    repository = of_repository(app, folder, user.layer)
    named = _named(profile, user, repository) if profile is not None else None
    stacked = [user.layer, repository.allowed, *([named] if named is not None else []), Layer(typed)]
    return Chosen(layers.merge(stacked), user, repository, named, typed)


def options(answer: Answer) -> dict[str, Any]:
    """What is recorded with an agent that is started so; what is empty is left to its program."""
    found = {
        "model": answer.get("model"),
        "permission_mode": answer.get("permission_mode"),
        "timeout_s": answer.get("timeout"),
        **{key: answer.get(key) for key in ("budget_usd", "budget_tokens", "budget_interrupt")},
        "args": list(answer.get("args")),
        "trust": answer.get("trust"),
        "labels": list(answer.get("labels")),
        "instructions": answer.get("instructions"),
        "allowed_tools": list(answer.get("allowed_tools")),
        "max_turns": answer.get("max_turns"),
    }
    return {key: value for key, value in found.items() if value}


def refuse_of_another_kind(made: Chosen, role: str) -> None:
    """A role whose words are left out, because another kind is typed than the one that they are for, would be none."""
    told = [
        key for key in ("instructions", "allowed_tools", "max_turns") if made.profile and key in made.profile.values
    ]
    lost = [key for key in told if made.answer.origins.get(key) is not made.profile and key not in made.typed]
    if lost:
        kind = made.answer.get("kind")
        raise BadValue(
            f"the role '{role}' has {', '.join(lost)} for another kind than {kind}", hint="tmuxagents config"
        )


def profiles(app: App, folder: Path) -> list[str]:
    """The names of the profiles that may be used there."""
    user = config.spawn(config.path()) or _NONE
    return _usable(user, of_repository(app, folder, user.layer))


def of_repository(app: App, folder: Path, user: Layer) -> Repository:
    """The file of the repository that the folder is in. One that is refused, or wrong, counts for nothing."""
    try:
        found = repository_file.find(folder)
        if found is None:
            return Repository()
        settings = parsed(found)
    except ConfigInvalid as error:
        return Repository(wrong=error)
    consent = consents.state_of(app, found)
    if consent == "current":
        return Repository(found, settings, settings.layer, consent=consent)
    allowed, withheld = layers.unasked(settings.layer, user)
    waiting = (*withheld, *map(settings.table, settings.profiles))
    return Repository(found, settings, allowed, waiting, consent)


def parsed(found: RepositoryFile) -> Settings:
    """What the file says; `ConfigInvalid` names the line."""
    import tomllib

    from tmuxagents.settings import spawn as settings

    name = str(found.path)
    try:
        text = found.raw.decode()
        return _without_own(settings.parse(tomllib.loads(text), text, name), name)
    except ConfigInvalid as error:
        raise ConfigInvalid(error.message, hint=f"vi {word(name)}") from error
    except (ValueError, RecursionError) as error:
        # A thousand brackets in a row.
        raise ConfigInvalid(f"'{name}' is not TOML: {error}", hint=f"vi {word(name)}") from error


def _without_own(settings: Settings, name: str) -> Settings:
    """`ConfigInvalid` where it says what only the user may: no consent to a text is meant for that."""
    for layer in (settings.layer, *settings.profiles.values()):
        for key in OWN:
            if key in layer.values:
                what = f"'{key}' counts in your own configuration alone"
                raise ConfigInvalid(f"'{name}' line {layer.line(key)}: {what}")
    return settings


def _named(profile: str, user: Settings, repository: Repository) -> Layer:
    """The user's own profile, else the repository's: a name of the user's means nobody else's."""
    if profile in user.profiles:
        return user.profiles[profile]
    theirs = repository.settings.profiles
    if profile in theirs and repository.consented:
        return theirs[profile]
    if profile in theirs and repository.file is not None:
        file = repository.file.path
        table = repository.settings.table(profile).partition(".")[0]
        raise TmuxagentsError(
            f"the {table} '{profile[:40]}' of '{file}' needs your consent", hint=f"tmuxagents trust {word(file.parent)}"
        )
    known = _usable(user, repository)
    otherwise = f": {', '.join(known)}" if known else ""
    meant = names.did_you_mean(names.nearest(profile, known), otherwise)
    raise BadValue(f"there is no profile '{profile[:40]}'{meant}", hint="tmuxagents help config")


def _usable(user: Settings, repository: Repository) -> list[str]:
    return sorted({*user.profiles, *(repository.settings.profiles if repository.consented else ())})
