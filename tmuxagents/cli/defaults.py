"""What `spawn` takes from files where its command line is silent, and what it tells of that."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import fleet_named
from tmuxagents.cli.terminal import remark, tell
from tmuxagents.errors import BadValue, ConfigInvalid, TmuxagentsError, word
from tmuxagents.kinds import registry
from tmuxagents.services.app import App
from tmuxagents.services.settings import chosen
from tmuxagents.services.settings.chosen import Chosen, Repository
from tmuxagents.settings.layers import Answer
from tmuxagents.settings.shown import duration
from tmuxagents.settings.spawn import Layer


def settled(app: App, folder: Path, typed: Mapping[str, Any], *, profile: str | None, role: str | None) -> Answer:
    """The settings of an agent in that folder. What was not applied is told on standard error."""
    made = chosen.choose(app, folder, typed, profile=profile if profile is not None else role)
    if role is not None:
        chosen.refuse_of_another_kind(made, role)
    tell_applied(made)
    tell_withheld(made.repository)
    check_kind(made.answer.get("kind"), made.answer.origins.get("kind"))
    return made.answer


def tell_applied(made: Chosen) -> None:
    """Say that a repository's file ends agents in time: it needs no consent for that, and a person looks elsewhere."""
    repository = made.repository
    unasked = repository.file is not None and not repository.consented
    if unasked and made.answer.origins.get("timeout") is repository.allowed and repository.file is not None:
        tell(f"tmuxagents: '{repository.file.path}' ends it after {duration(made.answer.get('timeout'))}")
    if unasked and repository.file is not None:
        for key, value in (_budget_of(made, key) for key in ("budget_usd", "budget_tokens")):
            if value is not None:
                tell(f"tmuxagents: '{repository.file.path}' sets its {key}: {value:,g}")


def _budget_of(made: Chosen, key: str) -> tuple[str, float | None]:
    theirs = made.answer.origins.get(key) is made.repository.allowed
    return key, made.answer.get(key) if theirs else None


def tell_withheld(repository: Repository) -> None:
    """Say on standard error what of a repository's file does not count, and what to type."""
    if repository.wrong is not None:
        remark(
            f"not applied: {repository.wrong.message}",
            repository.wrong.hint or "tmuxagents trust",
            state_dir=fleet_named(),
        )
    elif repository.withheld and repository.file is not None:
        path = repository.file.path
        needs = "has changed and needs your consent again" if repository.consent else "needs your consent"
        words = f"'{path}' {needs}, not applied: {', '.join(repository.withheld)}"
        remark(words, trust_command(path), state_dir=fleet_named())


def trust_command(path: Path) -> str:
    """What is typed to consent to that file."""
    return "tmuxagents trust" if _is_inside(path.parent) else f"tmuxagents trust {word(path.parent)}"


def _is_inside(top: Path) -> bool:
    try:
        return Path(os.path.realpath(".")).is_relative_to(top)
    except OSError:
        # The folder that we stand in is gone.
        return False


def check_kind(kind: str | None, origin: Layer | None) -> None:
    """An error that names the line which says so, where there is no such kind."""
    if kind is None or kind in registry.KINDS:
        return
    words = registry.no_kind(kind)
    if origin is None or origin.file is None:
        raise BadValue(words, hint="tmuxagents spawn --help")
    raise ConfigInvalid(f"'{origin.file}' line {origin.line('kind')}: {words}", hint=f"vi {word(origin.file)}")


def complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The profiles that may be named in that folder."""
    try:
        folder = Path(ctx.params.get("folder") or ".").expanduser().absolute()
        with completing.looked_into(ctx) as app:
            return [name for name in chosen.profiles(app, folder) if name.startswith(incomplete)]
    except (TmuxagentsError, OSError, ValueError, RuntimeError):
        return []
