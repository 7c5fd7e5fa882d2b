"""The table `[notices]` of the configuration: what a person is called for, over which channels, how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents import clock, names
from tmuxagents.errors import ConfigInvalid
from tmuxagents.settings import lines
from tmuxagents.value import Value, fields

TABLE = "notices"
KINDS = ("needs", "failed", "limited", "lost", "budget", "finished")
CHANNELS = ("tmux", "desktop", "osc", "command", "webhook", "ntfy")
_CHOICES: Mapping[str, Sequence[str]] = {
    "on": KINDS,
    "channels": CHANNELS,
    "escalate": CHANNELS,
    "include": ("", "text"),
    "osc": ("auto", "9", "777", "99"),
}


class Notices(Value):
    """When and how a person is called.

    `on`: for what. `channels`: over what at once, `escalate`: over what when `after` seconds later (0: never)
    nobody has reacted. `cooldown`: seconds between two notices of one kind about one agent. `include`: `text` lets
    what is asked leave the machine. `command`, `webhook` and `ntfy` are what the channels of those names need, `osc`
    the sequence that is written to a terminal.
    """

    on: tuple[str, ...] = ("needs", "failed", "limited", "lost", "budget")
    channels: tuple[str, ...] = ("tmux",)
    escalate: tuple[str, ...] = ()
    after: float = 0.0
    cooldown: float = 60.0
    include: str = ""
    osc: str = "auto"
    command: tuple[str, ...] = ()
    webhook: str = ""
    ntfy: str = ""


_DURATIONS = ("after", "cooldown")
_ADDRESSES = ("webhook", "ntfy")


def parse(raw: Any, text: str, name: str) -> Notices:
    """The settings of the table, already decoded from the TOML `text`; `ConfigInvalid` names the line."""
    if not isinstance(raw, dict):
        raise ConfigInvalid(
            f"{lines.where(TABLE, lines.of(text), name)}: '{TABLE}' must be a table", example=f"[{TABLE}]"
        )
    made = Notices(**{key: _checked(key, value, text, name) for key, value in raw.items()})
    for channel in (*made.channels, *made.escalate):
        if channel in fields(Notices) and channel != "osc" and not getattr(made, channel):
            where = lines.where(TABLE, lines.of(text), name)
            raise ConfigInvalid(f"{where}: the channel '{channel}' needs its setting", example=_example(channel))
    if made.after and not made.escalate:
        where = lines.where(f"{TABLE}.after", lines.of(text), name)
        raise ConfigInvalid(f"{where}: 'after' needs 'escalate'", example='escalate = ["desktop"]')
    return made


def _checked(key: str, value: Any, text: str, name: str) -> Any:
    where = lines.where(f"{TABLE}.{key}", lines.of(text), name)
    defaults = fields(Notices)
    if key not in defaults:
        meant = names.did_you_mean(names.nearest(key, defaults), f": {', '.join(defaults)}")
        raise ConfigInvalid(f"{where}: there is no setting '{key[:40]}' in [{TABLE}]{meant}")
    if key in _DURATIONS:
        return _seconds(key, value, where)
    if isinstance(defaults[key], tuple):
        return _words(key, value, where)
    if not isinstance(value, str):
        raise ConfigInvalid(f"{where}: '{key}' must be a text", example=_example(key))
    if key in _ADDRESSES:
        return _address(key, value, where)
    return _known(key, value, where)


def _words(key: str, value: Any, where: str) -> tuple[str, ...]:
    """Without what is there twice; a command's words stay as they are."""
    if not isinstance(value, list) or not all(isinstance(word, str) and "\0" not in word for word in value):
        raise ConfigInvalid(f"{where}: '{key}' must be a list of texts", example=_example(key))
    return tuple(value) if key not in _CHOICES else tuple(dict.fromkeys(_known(key, word, where) for word in value))


def _known(key: str, word: str, where: str) -> str:
    if word not in _CHOICES[key]:
        known = ", ".join(each for each in _CHOICES[key] if each)
        meant = names.did_you_mean(names.nearest(word, _CHOICES[key]), f": {known}")
        raise ConfigInvalid(f"{where}: '{key}' knows no '{word[:40]}'{meant}")
    return word


def _seconds(key: str, value: Any, where: str) -> float:
    try:
        if type(value) in (int, float, str):
            return clock.duration(str(value))
    except ValueError:
        pass
    raise ConfigInvalid(f"{where}: '{key}' must be a duration", example=_example(key))


def _address(key: str, value: str, where: str) -> str:
    """An address is never repeated in an error: who knows it may write there."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if value and not (good and value.isascii() and value.isprintable() and " " not in value):
        raise ConfigInvalid(f"{where}: '{key}' must be an http or https URL", example=_example(key))
    return value


def _example(key: str) -> str:
    given: Mapping[str, str] = {
        "on": 'on = ["needs", "failed", "limited", "lost", "budget"]',
        "channels": 'channels = ["tmux"]',
        "escalate": 'escalate = ["ntfy"]',
        "after": 'after = "10m"',
        "cooldown": 'cooldown = "60s"',
        "include": 'include = "text"',
        "osc": 'osc = "auto"',
        "command": 'command = ["notify-me"]',
        "webhook": 'webhook = "https://example.org/hook"',
        "ntfy": 'ntfy = "https://ntfy.sh/my-topic"',
    }
    return given[key]
