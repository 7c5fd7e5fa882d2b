"""Every setting with its value, and where that comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tmuxagents import config
from tmuxagents.services.app import App
from tmuxagents.services.settings import chosen
from tmuxagents.services.settings.chosen import Chosen
from tmuxagents.settings import keys, lines
from tmuxagents.settings.spawn import Layer
from tmuxagents.value import Value, as_dict


class Row(Value):
    """A setting. `source` is default, user, repository, environment or option; `applied` is False for what waits for
    consent, `secret` where the value is shown only to who asks for it by name."""

    key: str
    value: Any
    source: str = "default"
    file: str | None = None
    line: int | None = None
    applied: bool = True

    @property
    def secret(self) -> bool:
        """Whether the value is nobody's but who asks for it by name."""
        return keys.is_secret(self.key)


def rows(app: App, folder: Path, *, state_dir: str | None) -> tuple[list[Row], Chosen]:
    """Every setting as it is for a new agent in that folder, and what was read for it."""
    file = config.path()
    made = chosen.choose(app, folder, {})
    text, raw = config.given(file)
    at = lines.of(text)
    return [*_places(app, file, state_dir), *_plain(file, raw, at), *_spawn(made, file), *_notices(file, raw, at)], made


def _places(app: App, file: Path, state_dir: str | None) -> Iterator[Row]:
    said = "option" if state_dir else "environment" if os.environ.get("TMUXAGENTS_STATE_DIR") else "default"
    yield Row("state_dir", str(app.state), said)
    yield Row("config", str(file), "environment" if os.environ.get("TMUXAGENTS_CONFIG") else "default")


def _plain(file: Path, raw: Mapping[str, Any], at: Mapping[str, int]) -> Iterator[Row]:
    values = config.values(config.load(file))
    for key in keys.plain():
        yield _users(key, values[key], file, at) if key in raw else Row(key, values[key])


def _notices(file: Path, raw: Mapping[str, Any], at: Mapping[str, int]) -> Iterator[Row]:
    values, table = as_dict(config.notices(file)), raw.get("notices", {})
    for key in keys.notices():
        name = key.partition(".")[2]
        yield _users(key, values[name], file, at) if name in table else Row(key, values[name])


def _users(key: str, value: Any, file: Path, at: Mapping[str, int]) -> Row:
    return Row(key, value, "user", str(file), lines.line_of(key, at))


def _spawn(made: Chosen, file: Path) -> Iterator[Row]:
    answer, theirs = made.answer, made.repository
    for key in [*keys.for_spawn(), *sorted(key for key in answer.values if key not in keys.for_spawn())]:
        if key in answer.values:
            yield _row(key, answer.values[key], answer.origins[key], file)
        else:
            yield Row(key, answer.get(key))
        if key in theirs.withheld:
            yield _row(key, theirs.settings.layer.values[key], theirs.settings.layer, file, applied=False)
    for key in theirs.withheld:
        if key not in answer.values and key not in keys.for_spawn() and key in theirs.settings.layer.values:
            yield _row(key, theirs.settings.layer.values[key], theirs.settings.layer, file, applied=False)
    for name, layer in made.user.profiles.items():
        yield from _profile(made.user.table(name), layer, file, applied=True)
    for name, layer in theirs.settings.profiles.items():
        applied = theirs.consented and name not in made.user.profiles
        yield from _profile(theirs.settings.table(name), layer, file, applied=applied)


def _profile(table: str, layer: Layer, file: Path, *, applied: bool) -> Iterator[Row]:
    for key, value in layer.values.items():
        row = _row(key, value, layer, file, applied=applied)
        yield Row(f"{table}.{key}", value, row.source, row.file, row.line, applied)


def _row(key: str, value: Any, layer: Layer, file: Path, *, applied: bool = True) -> Row:
    source = "user" if layer.file == str(file) else "repository"
    return Row(key, value, source, layer.file, layer.line(key), applied)
