"""The user's settings: every one has a default, and an unknown one is an error that says so."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tmuxagents import names
from tmuxagents.errors import ConfigInvalid, word
from tmuxagents.value import Value, fields, replace

if TYPE_CHECKING:
    from tmuxagents.config_notices import Notices
    from tmuxagents.settings.spawn import Settings

_NOTICES = "notices"
_SPAWN = (
    *("model", "permission_mode", "timeout", "trust", "args", "labels", "env", "worktree", "profile", "role"),
    *("instructions", "allowed_tools", "max_turns"),
    *("budget_usd", "budget_tokens", "budget_interrupt"),
)
"""What `spawn` alone reads, beside `kind` and `naming` (tmuxagents/settings)."""

_CHOICES: Mapping[str, Sequence[str]] = {"naming": ("agent", "task")}
"""Settings that take one of a few words."""

_SIZES = ("min_free_memory",)
"""Settings that take a number of bytes with its unit."""

_WORDS: Mapping[type, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}

_LIMITS: Mapping[str, tuple[float, float]] = {
    "paste_limit": (1, 10_000_000),
    "draft_patience_s": (0, 86_400),
    "confirm_s": (0.1, 3_600),
    "raw_limit_mb": (1, 1_000_000),
    "trash_limit_mb": (0, 1_000_000),
    "pr_watch_s": (1, 86_400),
    "max_agents": (0, 10_000),
    "max_unreviewed": (0, 10_000),
    "continue": (0, 1_000),
    "continue_spacing_s": (0, 3_600),
}
"""The least and the most. Nothing is proven in no time, and a terminal of which nothing is kept has no last words; no
draft need be waited for, and a trash for commits alone has its use."""

DEFAULT_KIND = "claude"
"""What `spawn` starts where nothing else is said."""


class Config(Value):
    """Settings with their defaults.

    `kind` is what `spawn` starts without `--kind`. `naming` is what an agent is called without `--name`: the next
    `agent-N`, or a short name made of its `task`. `paste_limit` is how many characters go by
    paste; a longer text goes by file. `draft_patience_s`: a draft that a person touched within
    this time is left alone. `confirm_s`: how long `say` waits for evidence. `raw_limit_mb`: how
    much raw output is kept on disk for each agent. `clipboard`: whether what is copied in an attached window, by a
    person or by an agent's program, reaches the clipboard of the terminal. `worktree_dir` is where `spawn -w` makes
    worktrees: a folder for those of all repositories, or one relative to the repository; beside it when empty.
    `trash_limit_mb`: how much `rm` puts into the trash of one worktree beside what its commits hold. `pr_watch_s`: how
    long the controller waits between two looks at a pull request that it watches. `max_agents`: so many are `starting`
    or `working` at once, and who is asked for beyond that is queued; 0: no number. `min_free_memory`: nobody else
    begins while less is free; 0: whatever is free. `max_unreviewed`: nobody begins while the finished work of so many
    waits for a person; 0: however much does. `continues` (`continue` in the file): how often an agent that a limit has
    stopped goes on by itself until a person has said something; 0: never. `continue_spacing_s`: so far apart are those
    that one limit has stopped.
    """

    kind: str = DEFAULT_KIND
    naming: str = "agent"
    paste_limit: int = 60_000
    draft_patience_s: float = 30.0
    confirm_s: float = 10.0
    raw_limit_mb: int = 64
    clipboard: bool = False
    worktree_dir: str = ""
    trash_limit_mb: int = 1024
    pr_watch_s: float = 60.0
    max_agents: int = 0
    min_free_memory: str = "500M"
    max_unreviewed: int = 0
    continues: int = 3
    continue_spacing_s: float = 3.0


_FIELDS = {"continue": "continues"}
"""What is called otherwise in the file, where it is no keyword of ours."""


def defaults() -> Mapping[str, Any]:
    """Every setting of the whole program by its key, with its default."""
    return values(Config())


def values(config: Config) -> Mapping[str, Any]:
    """Every setting of the whole program by its key."""
    own = {field: key for key, field in _FIELDS.items()}
    return {own.get(field, field): getattr(config, field) for field in fields(Config)}


def path() -> Path:
    """Where the configuration is: `$TMUXAGENTS_CONFIG`, else the platform's place."""
    given = os.environ.get("TMUXAGENTS_CONFIG")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_config_path("tmuxagents")) / "config.toml"


def load(file: Path) -> Config:
    """The settings in the file; the defaults when there is none."""
    text = _text(file)
    return Config() if text is None else parse(text, str(file))


def notices(file: Path) -> Notices:
    """The table `[notices]` of the file, its defaults without one. Every other setting is checked too."""
    from tmuxagents.config_notices import Notices

    text = _text(file)
    if text is None:
        return Notices()
    parse(text, str(file))
    return _notices(_decoded(text, str(file)).get(_NOTICES), text, str(file)) or Notices()


def given(file: Path) -> tuple[str, Mapping[str, Any]]:
    """The file's text, and what stands in it; both empty without one. Every setting is checked."""
    text = _text(file)
    if text is None:
        return "", {}
    parse(text, str(file))
    return text, _decoded(text, str(file))


def spawn(file: Path) -> Settings | None:
    """What the file says of new agents; None when there is no file. Every other setting is checked too."""
    text, raw = given(file)
    return _spawn(raw, text, str(file)) if text else None


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigInvalid(f"'{file}' cannot be read: {reason}", hint=f"ls -ld {word(file)}") from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"'{file}' cannot be read: it is not UTF-8", hint=f"vi {word(file)}") from error


def parse(text: str, name: str) -> Config:
    """The settings in a TOML text; `ConfigInvalid` names the line."""
    raw = _decoded(text, name)
    _notices(raw.pop(_NOTICES, None), text, name)
    for_spawn = {key: raw.pop(key) for key in _SPAWN if key in raw}
    if for_spawn:
        _spawn(for_spawn, text, name)
    known = {_FIELDS.get(key, key): _checked(key, value, text, name) for key, value in raw.items()}
    return replace(Config(), **known)


def _decoded(text: str, name: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"'{name}' is not TOML: {error}", hint=f"vi {word(name)}") from error


def _notices(raw: Any, text: str, name: str) -> Notices | None:
    """A table of its own: what only the controller reads is not imported where it is not written."""
    if raw is None:
        return None
    from tmuxagents import config_notices

    return config_notices.parse(raw, text, name)


def _spawn(raw: Mapping[str, Any], text: str, name: str) -> Settings:
    """Only `spawn` imports what it means, and who reads a file that has any of it."""
    from tmuxagents.settings import spawn as settings

    return settings.parse({key: raw[key] for key in ("kind", "naming", *_SPAWN) if key in raw}, text, name)


def _checked(key: str, value: Any, text: str, name: str) -> Any:
    known = defaults()
    if key not in known:
        raise _wrong(key, text, name, f"there is no setting '{key[:40]}'{_nearest(key, known)}")
    wanted = type(known[key])
    if type(value) not in ((int, float) if wanted is float else (wanted,)):
        raise _wrong(key, text, name, f"'{key}' must be {_WORDS[wanted]}", _line(key, known[key]))
    least, most = _LIMITS.get(key, (value, value))
    # Written so that nan, which is on neither side, fails too.
    if not least <= value <= most:
        what = f"'{key}' must be from {least:g} to {most:.0f}"
        raise _wrong(key, text, name, what, _line(key, known[key]))
    if value not in _CHOICES.get(key, (value,)):
        may_be = " or ".join(_CHOICES[key])
        what = f"'{key}' cannot be '{str(value)[:40]}': it may be {may_be}"
        raise _wrong(key, text, name, what, _line(key, known[key]))
    if key in _SIZES and _size(value) is None:
        raise _wrong(key, text, name, f"'{key}' must be a size: 500M, 2G or 0", _line(key, known[key]))
    return float(value) if wanted is float else value


def _size(text: str) -> int | None:
    from tmuxagents.settings import sizes

    return sizes.parsed(text)


def _line(key: str, value: Any) -> str:
    """The line of the file that sets it."""
    from tmuxagents.settings import shown

    return f"{key} = {shown.value(key, value)}"


def _wrong(key: str, text: str, name: str, what: str, example: str | None = None) -> ConfigInvalid:
    from tmuxagents.settings import lines

    return ConfigInvalid(f"{lines.where(key, lines.of(text), name)}: {what}", example=example)


def _nearest(key: str, known: Iterable[str]) -> str:
    known = [*known, *_SPAWN, _NOTICES]
    return names.did_you_mean(names.nearest(key, known), f": {', '.join(known)}")
