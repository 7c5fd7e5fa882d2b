"""The settings that `spawn` takes from a file: which there are, what each may be, who may set it unasked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tmuxagents import clock, names
from tmuxagents.errors import ConfigInvalid
from tmuxagents.settings import lines, patterns
from tmuxagents.value import Value, fresh

PROFILE = "profile"
ROLE = "role"
"""A role is a profile that an agent is known by: its table has the same keys, and their names are of one set."""
WORKTREE = "worktree"
"""The table of what a new worktree is made ready with; its settings have its name before theirs."""
LEAST_USD = 1e-6
"""The smallest budget in dollars: money is counted in millionths."""


class Setting(Value):
    """A setting's form (a key of `_READ`), and what it is where nobody sets it.

    `program`: it is put in one agent program's own words, and means nothing to another's.
    """

    form: str
    default: Any
    example: str
    program: bool = False


SETTINGS: Mapping[str, Setting] = {
    "kind": Setting("text", "claude", 'kind = "claude"'),
    "model": Setting("text", "", 'model = "opus"', program=True),
    "permission_mode": Setting("text", "", 'permission_mode = "plan"', program=True),
    "timeout": Setting("time", 0.0, 'timeout = "2h"'),
    "budget_usd": Setting("money", 0.0, "budget_usd = 2.5"),
    "budget_tokens": Setting("count", 0, 'budget_tokens = "100k"'),
    "budget_interrupt": Setting("switch", False, "budget_interrupt = true"),
    "trust": Setting("switch", False, "trust = true"),
    "args": Setting("words", (), 'args = ["--verbose"]', program=True),
    "naming": Setting("naming", "agent", 'naming = "task"'),
    "labels": Setting("labels", (), 'labels = ["frontend"]'),
    "env": Setting("variables", {}, 'env = { CI = "1" }'),
    "instructions": Setting("text", "", 'instructions = "Review only; change nothing."', program=True),
    "allowed_tools": Setting("words", (), 'allowed_tools = ["Read", "Grep"]', program=True),
    "max_turns": Setting("turns", 0, "max_turns = 20", program=True),
    "worktree.copy": Setting(
        "patterns", (".claude/settings.json", ".claude/settings.local.json"), 'worktree.copy = [".env"]'
    ),
    "worktree.link": Setting("paths", (), 'worktree.link = ["node_modules"]'),
    "worktree.setup": Setting("commands", (), 'worktree.setup = ["npm ci"]'),
    "worktree.trust": Setting("follow", "", 'worktree.trust = "follow"'),
}

FREE: Mapping[str, str] = {
    "naming": "any",
    "labels": "any",
    "worktree.copy": "any",
    "timeout": "lower",
    "budget_usd": "lower",
    "budget_tokens": "lower",
}
"""What a repository's file sets without consent: `any` value, or one that is `lower` than the user's. Whatever is
not named here needs consent. A copy is of a file of the checkout, for who can read that anyway; a link has its agent
write in the main checkout."""

OWN = ("worktree.trust",)
"""What counts in the user's own file alone, consent or not."""


class Layer(Value):
    """What one place sets, by flat keys (`model`, `env.CI`), each with its line; `file` is None for what is typed."""

    values: Mapping[str, Any]
    file: str | None = None
    lines: Mapping[str, int] = fresh(default_factory=dict)

    def line(self, key: str) -> int:
        """Where the setting stands in the file."""
        return lines.line_of(key, self.lines)


class Settings(Value):
    """What a file says of new agents: for all, and in profiles by name, of which the `roles` are those that are
    written as such."""

    layer: Layer
    profiles: Mapping[str, Layer] = fresh(default_factory=dict)
    roles: frozenset[str] = fresh(default_factory=frozenset)

    def table(self, name: str) -> str:
        """How the profile of that name is called in the file: `profile.NAME` or `role.NAME`."""
        return f"{ROLE if name in self.roles else PROFILE}.{name}"


def parse(raw: Mapping[str, Any], text: str, name: str) -> Settings:
    """The settings of a table, already decoded from the TOML `text`; `ConfigInvalid` names the line."""
    at = lines.of(text)
    top = {key: value for key, value in raw.items() if key not in (PROFILE, ROLE)}
    profiles, roles = (_tables(kind, raw, at, name) for kind in (PROFILE, ROLE))
    for word in sorted(profiles.keys() & roles.keys()):
        what = f"there is a profile '{word}' already: a role is one"
        raise ConfigInvalid(f"{lines.where(f'{ROLE}.{word}', at, name)}: {what}")
    layer = Layer(_layer(top, at, name, ""), name, at)
    return Settings(layer, {**profiles, **roles}, frozenset(roles))


def _tables(kind: str, raw: Mapping[str, Any], at: Mapping[str, int], name: str) -> dict[str, Layer]:
    tables = raw.get(kind, {})
    if not isinstance(tables, dict):
        raise ConfigInvalid(f"{lines.where(kind, at, name)}: '{kind}' must be a table", example=f"[{kind}.NAME]")
    return {word: _profile(kind, word, table, at, name) for word, table in tables.items()}


def is_profile(word: str) -> bool:
    """Whether it can be the name of a profile, or of a role."""
    return word.replace("-", "_").isidentifier() and word.isascii()


def _profile(kind: str, word: str, table: Any, at: Mapping[str, int], name: str) -> Layer:
    path = f"{kind}.{word}"
    if not is_profile(word):
        what = f"'{word[:40]}' cannot be the name of a {kind}"
        raise ConfigInvalid(f"{lines.where(path, at, name)}: {what}", example=f"[{kind}.review]")
    if not isinstance(table, dict):
        raise ConfigInvalid(f"{lines.where(path, at, name)}: '{path}' must be a table", example=f"[{path}]")
    inner = {key.removeprefix(f"{path}."): line for key, line in at.items() if f"{key}.".startswith(f"{path}.")}
    return Layer(_layer(table, at, name, f"{path}."), name, {**inner, "": at.get(path, 1)})


def _layer(table: Mapping[str, Any], at: Mapping[str, int], name: str, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in _flat(table, lines.where(prefix + WORKTREE, at, name)):
        where = lines.where(prefix + key, at, name)
        checked = check(key, value, where)
        found |= (
            {f"{key}.{each}": one for each, one in checked.items()} if isinstance(checked, dict) else {key: checked}
        )
    return found


def _flat(table: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if key != WORKTREE:
            yield key, value
        elif not isinstance(value, dict):
            raise ConfigInvalid(f"{where}: '{WORKTREE}' must be a table", example=SETTINGS["worktree.copy"].example)
        else:
            yield from ((f"{WORKTREE}.{each}", one) for each, one in value.items())


def check(key: str, value: Any, where: str) -> Any:
    """The value as it is kept; `ConfigInvalid`, which never repeats a value, begins with `where`."""
    if key not in SETTINGS:
        meant = names.did_you_mean(names.nearest(key, SETTINGS), f": {', '.join(SETTINGS)}")
        raise ConfigInvalid(f"{where}: there is no setting '{key[:40]}'{meant}")
    form = SETTINGS[key].form
    made = _READ[form](value)
    if made is None:
        raise ConfigInvalid(f"{where}: '{key}' must be {_WORDS[form]}", example=SETTINGS[key].example)
    return made


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and "\0" not in value else None


def _time(value: Any) -> float | None:
    try:
        return clock.duration(str(value)) if type(value) in (int, float, str) else None
    except ValueError:
        return None


def _money(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and is_money(value) else None


def is_money(number: float) -> bool:
    """Whether it can be a budget in dollars, 0 for none: less than a millionth is less than is counted."""
    return number == 0 or LEAST_USD <= number < 1_000_000


def _count(value: Any) -> int | None:
    try:
        return counted(str(value)) if type(value) in (int, str) else None
    except ValueError:
        return None


def counted(text: str) -> int:
    """A number of tokens: `100000`, `100,000`, `100k`, `1.5M`; ValueError for anything else."""
    found = re.fullmatch(r"(\d[\d,_]*(?:\.\d+)?)([kKmM]?)", text.strip())
    if found is None:
        raise ValueError(text)
    number = float(re.sub("[,_]", "", found[1])) * {"": 1, "k": 1_000, "m": 1_000_000}[found[2].lower()]
    if number != int(number) or number > 10**15:
        raise ValueError(text)
    return int(number)


def _switch(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _turns(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= 100_000 else None


def _words(value: Any) -> tuple[str, ...] | None:
    good = isinstance(value, list | tuple) and all(_text(word) is not None for word in value)
    return tuple(value) if good else None


def _labels(value: Any) -> tuple[str, ...] | None:
    found = _words(value)
    return found if found is not None and all(map(is_label, found)) else None


def is_label(word: str) -> bool:
    """Whether an agent can be found by it."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}", word) is not None


def _patterns(value: Any) -> tuple[str, ...] | None:
    found = _words(value)
    return found if found is not None and all(map(patterns.stays_inside, found)) else None


def _paths(value: Any) -> tuple[str, ...] | None:
    """Each as it is called, without a slash behind."""
    found = _patterns(value)
    if found is None or any(re.search(r"[*?\[\\!]|^#", path) for path in found):
        return None
    plain = tuple("/".join(part for part in path.split("/") if part not in ("", ".")) for path in found)
    return plain if all(plain) else None


def _commands(value: Any) -> tuple[str, ...] | None:
    found = _words(value)
    return found if found is not None and all(command.strip() for command in found) else None


def _follow(value: Any) -> str | None:
    return value if value in ("", "follow") else None


def _naming(value: Any) -> str | None:
    return value if value in ("agent", "task") else None


def _variables(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    good = all(is_variable(name) and _text(one) is not None for name, one in value.items())
    return dict(value) if good else None


def is_variable(name: str) -> bool:
    """Whether it can be the name of a variable."""
    return name.isidentifier() and name.isascii()


_READ = {
    "text": _text,
    "time": _time,
    "money": _money,
    "count": _count,
    "switch": _switch,
    "turns": _turns,
    "words": _words,
    "labels": _labels,
    "naming": _naming,
    "variables": _variables,
    "patterns": _patterns,
    "paths": _paths,
    "commands": _commands,
    "follow": _follow,
}
_WORDS = {
    "text": "a text",
    "time": "a duration",
    "money": "a number of dollars: 0 for none, or 0.000001 or more",
    "count": 'a number of tokens (100000, "100k", "2M")',
    "switch": "true or false",
    "turns": "a whole number, 0 for no limit",
    "words": "a list of texts",
    "naming": "agent or task",
    "labels": "a list of labels: a-z, A-Z, 0-9, then . _ / - too, at most 40",
    "variables": "a table of texts by names of variables",
    "patterns": "a list of patterns for files in the checkout, without '/' at the start and '..'",
    "paths": "a list of folders or files in the checkout, without '/' at the start and '..'",
    "commands": "a list of commands",
    "follow": '"follow", or empty',
}
