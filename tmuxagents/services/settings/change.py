"""Change the user's configuration: one setting, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tmuxagents import config
from tmuxagents.drivers import files
from tmuxagents.errors import ConfigInvalid, SettingInvalid, word
from tmuxagents.kinds import registry
from tmuxagents.settings import keys, shown


def set_value(key: str, words: Sequence[str]) -> Path:
    """Write the setting into the user's file; returns where that is. Nothing is written when anything is wrong."""
    path, value = keys.path_of(key), keys.value_of(key, words)
    if path[-1] == "kind":
        _check_kind(value)
    file = config.path()
    with _held(file) as real:
        text = _text(real, file)
        config.parse(text, str(file))
        changed = _changed(text, path, value, file)
        _check(changed, key, file)
        if changed != text:
            _write(real, changed, file)
    return file


def prepared() -> tuple[Path, bool]:
    """The user's file, to be edited, and whether it was made for that."""
    file = config.path()
    with _held(file) as real:
        made = not real.exists()
        if made:
            _write(real, keys.template(), file)
    return file, made


def left_as_made(file: Path) -> bool:
    """Whether a file that was made to be edited was not; it is taken away again."""
    try:
        if file.read_text(encoding="utf-8") != keys.template():
            return False
        file.unlink()
    except (OSError, UnicodeDecodeError):
        return False
    return True


@contextlib.contextmanager
def _held(file: Path) -> Iterator[Path]:
    """The file itself, where links lead to it, with nobody else changing it."""
    try:
        real = Path(os.path.realpath(file))
        if real.exists() and not real.is_file():
            raise ConfigInvalid(f"'{file}' is no file", hint=f"ls -ld {word(file)}")
        real.parent.mkdir(parents=True, exist_ok=True)
        with files.locked_folder(real.parent, within=10.0) as had:
            if not had:
                raise ConfigInvalid(f"'{file}' is being changed by another command", hint=f"fuser {word(real.parent)}")
            yield real
    except OSError as error:
        raise ConfigInvalid(f"'{file}' cannot be changed: {error.strerror}", hint=f"ls -ld {word(file)}") from error


def _text(real: Path, file: Path) -> str:
    try:
        return real.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"'{file}' cannot be read: {error}", hint="tmuxagents config edit") from error


def _changed(text: str, path: Sequence[str], value: object, file: Path) -> str:
    # Only who changes a file pays for a reader that keeps its comments.
    from tmuxagents.settings import edit

    changed = edit.with_value(text, path, value)
    if changed is None:
        key = ".".join(path)
        raise ConfigInvalid(f"'{key}' has no place in '{file}' as it is written", hint="tmuxagents config edit")
    return changed


def _check(changed: str, key: str, file: Path) -> None:
    """What is wrong is wrong with what was typed: the line of a text that is not written helps nobody."""
    try:
        config.parse(changed, str(file))
    except ConfigInvalid as error:
        told = re.sub(rf"^'{re.escape(str(file))}' line \d+: ", "", error.what)
        hint = _command(key, error.example) if error.example else "tmuxagents help config"
        raise SettingInvalid(f"not set: {told}", hint=hint) from error


def _command(key: str, line: str) -> str:
    """The command that writes such a line of the file."""
    try:
        ((name, value),) = tomllib.loads(line).items()
    except ValueError:
        return "tmuxagents help config"
    words = [shown.value(name, each) if not isinstance(each, str) else each for each in _each(value)]
    if isinstance(value, dict) or not words or any(each.startswith("-") for each in words):
        return "tmuxagents help config"
    quoted = [each if re.fullmatch(r"[\w.-]+", each) else word(each) for each in words]
    table = key.removesuffix(keys.path_of(key)[-1])
    return " ".join(["tmuxagents config set", table + name, *quoted])


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _check_kind(kind: str) -> None:
    if kind not in registry.KINDS:
        raise SettingInvalid(f"not set: {registry.no_kind(kind)}", hint="tmuxagents config")


def _write(real: Path, text: str, file: Path) -> None:
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o600
    files.write_whole(real, text, mode=mode)
