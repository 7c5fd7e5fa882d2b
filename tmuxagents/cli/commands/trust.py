"""`tmuxagents trust`"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from tmuxagents.cli import completing
from tmuxagents.cli.options import folder_of, json_option, with_app
from tmuxagents.cli.terminal import print_json, put, remark, tell
from tmuxagents.drivers import repository_file
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.services.app import App
from tmuxagents.services.fleet import speaker
from tmuxagents.services.settings import trusting
from tmuxagents.services.settings.trusting import Asked


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", shell_complete=completing.folder)
@click.option("--digest", metavar="SHA256", help="Consent without being asked, to the text with exactly this digest.")
@click.option("--list", "list_", is_flag=True, help="Every consent, and whether its text is still the same.")
@click.option("--revoke", is_flag=True, help="Take the consent back.")
@json_option
@with_app
def command(app: App, folder: str, digest: str | None, list_: bool, revoke: bool, as_json: bool) -> None:
    """Consent to what the `.tmuxagents.toml` of DIR's repository sets for new agents, or to a manifest by its own path.

    The file is shown, with what in it counts only with your consent. The consent is to exactly that text: when the
    file changes you are asked again. It says nothing to Claude Code, whose own trust is `spawn --trust`.
    """
    if (digest is not None) + list_ + revoke > 1:
        raise click.UsageError("give one of --digest, --list and --revoke")
    if list_:
        _list(app, as_json=as_json)
    elif revoke:
        path = trusting.revoke(app, Path(folder))
        _answer({"file": str(path), "consented": False}, f"Revoked: {_shown(path)}", as_json=as_json)
    else:
        # Whoever has just read the file names it.
        folder = os.path.dirname(folder) or "." if os.path.basename(folder) == repository_file.NAME else folder
        one = trusting.ask_file(app, Path(folder)) if os.path.isfile(folder) else trusting.ask(app, folder_of(folder))
        _trust(app, one, digest, as_json=as_json)


def _trust(app: App, asked: Asked, digest: str | None, *, as_json: bool) -> None:
    if not as_json and digest is None:
        _show(asked)
    if asked.consented:
        said = f"Consented already: {_shown(asked.path)}"
    elif not asked.needs:
        said = f"Needs no consent: {_shown(asked.path)}"
    elif as_json and digest is None:
        said = ""
    else:
        _agree(app, asked, digest)
        trusting.give(app, asked)
        said = f"Consented: {_shown(asked.path)}"
        if not trusting.is_current(asked):
            said = f"Consented to the text that was shown: {_shown(asked.path)}"
            remark("the file is another by now, and needs your consent again", _again(asked), state_dir=app.named)
    _answer(trusting.as_json(app, asked), said, as_json=as_json)


def _agree(app: App, asked: Asked, digest: str | None) -> None:
    """Returns when the user has consented to exactly this text."""
    again = _again(asked)
    if speaker.agent(app) is not None:
        # An agent follows a hint; the settings it would consent to are those of what it runs in.
        raise TmuxagentsError("consent is a person's to give: this is an agent's shell", hint=again)
    if digest is not None:
        if digest.lower() != asked.digest:
            raise TmuxagentsError(f"'{asked.path}' has another digest: it is another text", hint=again)
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise TmuxagentsError("consent is asked for at a terminal", hint=f"{again} --digest {asked.digest}")
    if not click.confirm("Consent to exactly this text?", err=True):
        raise TmuxagentsError("not consented: nothing is recorded", hint=again)


def _again(asked: Asked) -> str:
    return f"tmuxagents trust {word(asked.path.parent if asked.path.name == repository_file.NAME else asked.path)}"


def _show(asked: Asked) -> None:
    tell(f"{_shown(asked.path)} (sha256 {asked.digest}):")
    for line in asked.lines:
        tell(f"    {line}")
    if asked.needs:
        tell("Only with your consent:")
        for setting in asked.needs:
            tell(f"    line {setting.line}: {setting.key} = {setting.shown}")


def _list(app: App, *, as_json: bool) -> None:
    rows = trusting.listed(app)
    if as_json:
        print_json({"consents": [{"file": r.file, "digest": r.digest, "at": r.at, "state": r.state} for r in rows]})
        return
    for row in rows:
        put(f"{row.state:<8} {row.at[:10]} {_shown(row.file)}")
    if not rows:
        tell("tmuxagents: no repository's settings are consented to")


def _answer(value: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    elif text:
        put(text)


def _shown(path: Path | str) -> str:
    from tmuxagents.output.safe_text import one_line

    return one_line(str(path), 300)
