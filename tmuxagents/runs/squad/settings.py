"""What is said of one agent of a squad beside what it is told: its name, what it may touch, its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tmuxagents import names
from tmuxagents.model import scope
from tmuxagents.model.manifest import Place
from tmuxagents.runs import forms, keys
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.nodes import Fault, Node
from tmuxagents.runs.scalars import LONGEST_ID
from tmuxagents.runs.squad import markdown

SCOPE = ("owns", "touches", "may touch", "can touch", "scope", "files", "paths", "may edit", "can edit", "may change",
         "edits", "writes", "may write", "directories", "folders", "allowed", "allowed paths", "owned files",
         "file ownership", "ownership", "works in", "may modify", "can modify", "modifies")  # fmt: skip
AFTER = ("depends on", "after", "waits for", "needs", "blocked by", "runs after", "starts after", "dependencies")
MODEL, KIND = ("model",), ("kind", "program", "cli")
BRANCH = ("branch", "worktree")
CHECK = ("check", "verify", "done when", "test command", "verification")
PLAIN: Mapping[str, str] = {
    "timeout": "timeout", "time limit": "timeout", "retries": "retries", "max turns": "max_turns",
    "role profile": "role", "locks": "locks", "lock": "locks", "permission mode": "permission_mode",
}  # fmt: skip
MONEY = ("budget", "budget usd")

NOTHING = ".no-file-at-all"
"""The scope of an agent that may change nothing: a name that nothing has."""


def is_setting(label: str) -> bool:
    """Whether the label begins a setting, and not something that the agent is told."""
    return label in (*SCOPE, *AFTER, *MODEL, *KIND, *BRANCH, *CHECK, *PLAIN, *MONEY)


def identity(title: str) -> str:
    """`1. Frontend Agent (React)` is `frontend`."""
    plain = markdown.plain(title)
    plain = re.sub(r"^\W*(?:\d+[.):]\s*)?", "", plain)
    plain = re.sub(r"^agent(?:\s*\d+)?\s*[:–—-]\s*|^@", "", plain, flags=re.IGNORECASE)
    plain = re.split(r"\s[–—-]+\s|:\s|\s*\(", plain)[0].strip().rstrip(":")
    shorter = re.sub(r"(?i)[\s-]+agent$", "", plain)
    if not re.search(r"[A-Za-z]", shorter):
        return ""
    return names.suggest(shorter)[:LONGEST_ID].strip("-")


_NONE = ("nothing", "none", "read-only", "read only", "no files", "nothing (read-only)", "nothing (read only)")
_ALL = ("everything", "all", "all files", "anything", "*", "**", "**/*", "the whole repository", "any file")


def paths(text: str, line: int) -> list[str]:
    """The paths that are named; what else is said beside them would be guessed at."""
    plain = markdown.plain(text).rstrip(".").lower()
    if plain in _NONE:
        return [NOTHING]
    if plain in _ALL:
        return []
    quoted = re.findall(r"`([^`]+)`", text)
    rest = re.sub(r"`[^`]+`", "", text) if quoted else ""
    found = quoted or re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", text.rstrip("."))
    if re.sub(r"\b(?:and|plus)\b|[,;&+.\s]", "", rest) or any(re.search(r"\s", path) for path in found):
        raise Fault(
            Place(line, 1), f"cannot tell which paths these are: {cut(text)}; put each in `…`, and nothing else"
        )
    return [_within(path, line) for path in found]


def _within(path: str, line: int) -> str:
    """`src/`, `src/**` and `./src` are all what is in that folder."""
    try:
        return scope.parsed(re.sub(r"(?<=.)/(?:\*\*)?/?$", "", path.strip()))
    except ValueError as error:
        raise Fault(Place(line, 1), f"'{cut(path)}' {error}") from error


def value(label: str, text: str, line: int) -> tuple[str, Any]:
    """The field of a task that a label means, and its value, read as one of a manifest is."""
    bare = text.strip().strip("`").strip()
    place = Place(line, 1)
    if label in CHECK:
        if not re.fullmatch(r"`[^`]+`", text.strip()):
            raise Fault(place, f"'{label}' must be one command in `…`")
        return "check", bare
    if label in MONEY:
        return "budget_usd", forms.read(_number(bare.removeprefix("$"), place), label, keys.TASK["budget_usd"])
    if label in BRANCH:
        return "worktree", True if bare.lower() in ("yes", "true", "own", "its own") else bare
    for group, field in ((MODEL, "model"), (KIND, "kind")):
        if label in group:
            return field, bare.lower() if " " not in bare and field == "kind" else bare
    field = PLAIN[label]
    node = _number(bare, place)
    if field == "locks":
        node = Node(tuple(Node(word.strip(" `"), place, raw=word) for word in bare.split(",")), place)
    value = forms.read(node, label, keys.TASK[field])
    return ("timeout_s" if field == "timeout" else field), value


def _number(text: str, place: Place) -> Node:
    value: Any = text
    if re.fullmatch(r"\d+", text):
        value = int(text)
    elif re.fullmatch(r"\d+\.\d+", text):
        value = float(text)
    return Node(value, place, raw=text)
