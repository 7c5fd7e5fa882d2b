"""All kinds, by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from tmuxagents import names
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds.base import Kind

# A kind is a folder whose `__init__` holds `KIND`, and a line here: its name and what it is for.
KINDS: Mapping[str, str] = {
    "claude": "Claude Code",
    "command": "any program",
    "demo": "the scripted agent",
}

NAMES = tuple(KINDS)

SCRIPTED = "demo"
"""The kind that needs no account."""


def kind(name: str) -> Kind:
    """The kind of that name. Imported when asked for: a command pays for the kinds it meets."""
    if name not in KINDS:
        raise TmuxagentsError(no_kind(name), hint="tmuxagents spawn --help")
    found = import_module(f"tmuxagents.kinds.{name}").KIND
    assert isinstance(found, Kind)
    return found


def no_kind(name: str) -> str:
    """What is said of a word that is no kind."""
    known = ", ".join(KINDS)
    return f"there is no kind '{name[:40]}'{names.did_you_mean(names.nearest(name, KINDS), f': {known}')}"


def marked(files: frozenset[str]) -> str:
    """The kind of the agent whose folder holds these files: the one whose mark is there, else the one without."""
    marks = {kind(name).MARK: name for name in KINDS}
    return next((name for mark, name in marks.items() if mark and mark in files), marks[""])
