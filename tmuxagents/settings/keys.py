"""Every setting of the user's file by its key: which there are, and what is written for words that were typed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents import config, config_notices, names
from tmuxagents.errors import SettingInvalid
from tmuxagents.settings import shown
from tmuxagents.settings.spawn import PROFILE, ROLE, SETTINGS, counted, is_profile, is_variable
from tmuxagents.value import fields

ENV = "env"
_NAMED = (PROFILE, ROLE)
_SECRET = (f"{config_notices.TABLE}.webhook", f"{config_notices.TABLE}.ntfy")


def plain() -> Mapping[str, Any]:
    """The settings of the whole program with their defaults, less what `spawn` reads."""
    return {key: value for key, value in config.defaults().items() if key not in SETTINGS}


def notices() -> Mapping[str, Any]:
    """The settings of the table `[notices]`, by their whole keys."""
    return {f"{config_notices.TABLE}.{key}": value for key, value in fields(config_notices.Notices).items()}


def for_spawn() -> Mapping[str, Any]:
    """The settings of `spawn` with their defaults, less the variables, whose names are anybody's."""
    return {key: setting.default for key, setting in SETTINGS.items() if key != ENV}


def known() -> Mapping[str, Any]:
    """Every key whose name we know, with its default."""
    return {**plain(), **for_spawn(), **notices()}


def choices() -> Mapping[str, Sequence[str]]:
    """What the lists of `[notices]` may hold, and what the trust of a worktree may be."""
    channels = config_notices.CHANNELS
    lists = {"on": config_notices.KINDS, "channels": channels, "escalate": channels}
    return {**{f"{config_notices.TABLE}.{key}": words for key, words in lists.items()}, "worktree.trust": ("follow",)}


def is_secret(key: str) -> bool:
    """Whether its value is shown only to who asks for it by name: a variable, an address that whoever has it may
    write to."""
    return key in _SECRET or ENV in key.split(".")[:-1]


def path_of(key: str) -> tuple[str, ...]:
    """Where the setting stands in the file; `SettingInvalid` when there is none of that key."""
    words = tuple(key.split("."))
    if key in known() or _is_variable(words):
        return words
    if words[0] in _NAMED and len(words) > 2 and is_profile(words[1]):
        rest = words[2:]
        if ".".join(rest) in for_spawn() or _is_variable(rest):
            return words
    raise SettingInvalid(f"there is no setting '{key[:60]}'{_nearest(words)}", hint="tmuxagents config")


def _is_variable(words: Sequence[str]) -> bool:
    return len(words) == 2 and words[0] == ENV and is_variable(words[1])


def _nearest(words: Sequence[str]) -> str:
    if words[0] in _NAMED:
        head, rest, among = ".".join(words[:2]), ".".join(words[2:]), [*for_spawn(), "env.NAME"]
        near = names.nearest(rest, among)
        name = head if len(words) > 1 and is_profile(words[1]) else f"{words[0]}.NAME"
        return names.did_you_mean(f"{name}.{near}" if near else None, f": {', '.join(among)}")
    near = names.nearest(".".join(words), [*known(), "env.NAME", "profile.NAME", "role.NAME"])
    return names.did_you_mean(near)


def value_of(key: str, words: Sequence[str]) -> Any:
    """What is written in the file for these words. What else is wrong with it, reading it tells."""
    path = path_of(key)
    bare = ".".join(path[2:] if path[0] in _NAMED else path)
    default = known().get(key, SETTINGS[bare].default if bare in SETTINGS else "")
    if isinstance(default, tuple):
        return list(words)
    if len(words) != 1:
        raise SettingInvalid(f"'{key}' takes one value", hint="tmuxagents help config")
    if bare in SETTINGS and SETTINGS[bare].form == "count":
        return _count(key, words[0])
    return _typed(key, words[0], default)


def _typed(key: str, word: str, default: Any) -> Any:
    if isinstance(default, bool):
        if word in ("true", "false"):
            return word == "true"
        raise SettingInvalid(f"'{key}' must be true or false", hint=f"tmuxagents config set {key} true")
    # A time is kept as it was typed.
    if isinstance(default, str) or shown.is_time(key):
        return word
    try:
        number = int(word) if isinstance(default, int) or word.lstrip("-").isdigit() else float(word)
        if not math.isfinite(number):
            raise ValueError(word)
        return number
    except (ValueError, OverflowError) as error:
        what = "a whole number" if isinstance(default, int) else "a number"
        raise SettingInvalid(f"'{key}' must be {what}", hint=f"tmuxagents config set {key} {default:g}") from error


def _count(key: str, word: str) -> int | str:
    """A number of tokens, kept as it was typed: `100k`."""
    try:
        number = counted(word)
    except ValueError as error:
        what = f"'{key}' must be a number of tokens: 100000, 100k, 2M"
        raise SettingInvalid(what, hint=f"tmuxagents config set {key} 100k") from error
    return number if word.isdecimal() else word


def template() -> str:
    """What a new file begins with: nothing is set, and every setting can be seen."""
    for_all = [f"# {key} = {shown.value(key, default)}" for key, default in plain().items()]
    for_new = [f"# {setting.example}" for setting in SETTINGS.values()]
    head = "# Every setting has a default; take a `#` away to set one (tmuxagents help config).\n"
    profile = '# [profile.review]   # spawn --profile review\n# model = "sonnet"\n'
    called = '# [notices]          # tmuxagents help notices\n# on = ["needs", "failed"]\n'
    return "\n".join(
        [head, *for_all, "\n# What spawn takes where its command line is silent:", *for_new, "", profile, called]
    )
