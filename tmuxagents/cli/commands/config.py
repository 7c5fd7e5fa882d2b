"""`tmuxagents config`"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tmuxagents import config
from tmuxagents.cli import defaults
from tmuxagents.cli.groups import Group
from tmuxagents.cli.options import folder_of, folder_option, json_option, with_app
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width
from tmuxagents.errors import TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.services.app import App
from tmuxagents.services.settings import change, listing
from tmuxagents.services.settings.listing import Row
from tmuxagents.settings import keys, shown


@click.group(cls=Group, invoke_without_command=True)
@folder_option("As it is for a new agent in that folder.")
@json_option
@click.pass_context
def command(ctx: click.Context, folder: str, as_json: bool) -> None:
    """Every setting with its value and where that comes from; change them with set and edit.

    The values of variables and the addresses of notices are hidden: get KEY shows one.
    """
    if ctx.invoked_subcommand is None:
        with_app(_list)(folder, ctx.obj, as_json)


def _list(app: App, folder: str, state_dir: str | None, as_json: bool) -> None:
    rows, made = listing.rows(app, folder_of(folder), state_dir=state_dir)
    defaults.tell_withheld(made.repository)
    if as_json:
        print_json({"settings": [_as_json(row, hide=True) for row in rows]})
        return
    from tmuxagents.cli.render import settings

    told = [(row.key, "(hidden)" if row.secret and row.value else _value(row), _source(row)) for row in rows]
    put("\n".join(settings.lined(told, terminal_width())))
    named = os.environ.get("TMUXAGENTS_CONFIG")
    if named and not os.path.lexists(named):
        tell(f"tmuxagents: $TMUXAGENTS_CONFIG is no file yet: '{shown.visible(named)}'")


def _value(row: Row) -> str:
    return shown.value(row.key, row.value)


def _source(row: Row) -> str:
    match row.source:
        case "environment":
            return "$TMUXAGENTS_CONFIG" if row.key == "config" else "$TMUXAGENTS_STATE_DIR"
        case "option":
            return "--state-dir"
        case "default":
            return "default"
        case _:
            where = f"{_short(row.file or '')} line {row.line}"
            return where if row.applied else f"{where}, not applied"


def _short(path: str) -> str:
    home = os.path.expanduser("~")
    return shown.visible(f"~{path.removeprefix(home)}" if path.startswith(f"{home}{os.sep}") else path)


def _as_json(row: Row, *, hide: bool) -> dict[str, Any]:
    hidden = hide and row.secret and bool(row.value)
    where = {"source": row.source, "file": row.file, "line": row.line, "applied": row.applied}
    return {"key": row.key, "value": None if hidden else row.value, "hidden": hidden, **where}


def _complete_key(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    try:
        user = config.spawn(config.path())
    except TmuxagentsError:
        user = None
    found = list(keys.known())
    if user is not None:
        found += [key for key in user.layer.values if key not in found]
        found += [f"{user.table(name)}.{key}" for name in user.profiles for key in keys.for_spawn()]
    return [key for key in found if key.startswith(incomplete)]


def _complete_value(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    key = str(ctx.params.get("key") or "")
    last = key.rpartition(".")[2]
    switch = isinstance(keys.known().get(last), bool)
    words: Mapping[str, Sequence[str]] = {"kind": registry.NAMES, "naming": ("agent", "task")}
    offered = keys.choices().get(key) or (("true", "false") if switch else words.get(last, ()))
    return [word for word in offered if word.startswith(incomplete)]


@command.command("get")
@click.argument("key", metavar="KEY", shell_complete=_complete_key)
@json_option
@click.pass_context
def get(ctx: click.Context, key: str, as_json: bool) -> None:
    """The value of KEY that counts here."""
    assert ctx.parent is not None
    with_app(_get)(key, ctx.parent.params["folder"], ctx.obj, as_json or ctx.parent.params["as_json"])


def _get(app: App, key: str, folder: str, state_dir: str | None, as_json: bool) -> None:
    rows, _ = listing.rows(app, folder_of(folder), state_dir=state_dir)
    row = next((row for row in rows if row.key == key and row.applied), None)
    if row is None:
        keys.path_of(key)
        raise TmuxagentsError(f"'{key}' is not set", hint="tmuxagents config")
    if as_json:
        print_json(_as_json(row, hide=False))
        return
    for value in row.value if isinstance(row.value, tuple) else [row.value]:
        put(_bare(key, value))


def _bare(key: str, value: Any) -> str:
    """As it is typed; what a terminal would obey is shown as its number."""
    if not isinstance(value, str):
        return shown.value(key, value)
    return "\n".join(map(shown.visible, value.split("\n")))


# A value may begin with a dash.
@command.command(
    "set",
    short_help="Write KEY into your configuration.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("key", metavar="KEY", shell_complete=_complete_key)
@click.argument("values", metavar="VALUE...", nargs=-1, type=click.UNPROCESSED, shell_complete=_complete_value)
def set_(key: str, values: tuple[str, ...]) -> None:
    """Write KEY into your configuration; its comments, its order and every other line stay.

    Where the setting is a list, each VALUE is one of its words, and none empties it.
    """
    # Where options are looked for no more, `--` is left among the values.
    change.set_value(key, values[1:] if values[:1] == ("--",) else values)


@command.command("edit", short_help="Open your configuration in your editor.")
def edit() -> None:
    """Open your configuration in $VISUAL or $EDITOR, and check it afterwards."""
    from tmuxagents.cli import editor

    file, made = change.prepared()
    try:
        editor.edit(file, undone="nothing is checked")
    finally:
        left = made and change.left_as_made(file)
    if left:
        tell("tmuxagents: nothing was set")
        return
    config.given(Path(file))
    _check_kinds(file)


def _check_kinds(file: Path) -> None:
    """The kinds that there are nobody below knows."""
    found = config.spawn(file)
    for layer in [found.layer, *found.profiles.values()] if found is not None else []:
        defaults.check_kind(layer.values.get("kind"), layer)
