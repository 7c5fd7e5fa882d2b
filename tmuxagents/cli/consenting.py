"""Ask before what a repository has brought is carried out."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from tmuxagents.cli.terminal import tell
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.model.manifest import Manifest
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.services.app import App


def ask(app: App, manifest: Manifest, read: Mapping[str, bytes]) -> None:
    """Return where each file that was read is the user's own, or has their consent: an earlier one, or one that
    is given now, at a terminal, to what is shown."""
    from tmuxagents.services.runs import consent

    left = consent.missing(app, read)
    if not left:
        return
    from tmuxagents.services.fleet import speaker
    from tmuxagents.services.settings import consents

    path = left[0].path
    first = f"'{one_line(str(path), 300)}' comes with its repository, and what it has run needs your consent"
    if speaker.agent(app) is not None or sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise TmuxagentsError(first, hint=f"tmuxagents trust {word(path)}")
    for line in _told(manifest):
        tell(clean(line))
    files = ", ".join(one_line(str(one.path), 200) for one in left)
    if not click.confirm(f"This comes with its repository ({files}). Run it?", err=True):
        raise TmuxagentsError("not consented: nothing is run", hint=f"tmuxagents trust {word(path)}")
    for one in left:
        consents.give(app, one)


def _told(manifest: Manifest) -> list[str]:
    """What would be run, and with which leave."""
    rows = [f"{manifest.name}: {len(manifest.tasks)} tasks"]
    for task in manifest.tasks:
        what = " ".join(task.args) or task.prompt
        mode = f" [{task.permission_mode}]" if task.permission_mode else ""
        rows.append(f"  {task.id}{mode}: {one_line(what, 300)}")
        if task.check:
            rows.append(f"    check: {one_line(task.check, 300)}")
        if task.env:
            rows.append(f"    env: {one_line(', '.join(task.env), 300)}")
    return rows
