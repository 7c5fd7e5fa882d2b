"""All kinds, by name."""

from __future__ import annotations

from typing import cast

from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds.base import Kind

NAMES = ("claude", "command", "demo")


def kind(name: str) -> Kind:
    """The kind of that name. Imported when asked for: a command pays for the kinds it meets."""
    from importlib import import_module

    if name not in NAMES:
        raise TmuxagentsError(f"there is no kind '{name[:40]}'", hint=f"--kind {'|'.join(NAMES)}")
    return cast(Kind, import_module(f"tmuxagents.kinds.{name}"))
