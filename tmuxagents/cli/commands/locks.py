"""`tmuxagents locks`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width
from tmuxagents.model.lock import Holder, Lock
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App

_COLUMNS = ("LOCK", "WHO", "STATE", "FOR", "PID", "COMMAND")


@click.command()
@json_option
@with_app
def command(app: App, as_json: bool) -> None:
    """List the locks that somebody holds or waits for, in the order of their turns.

    Nothing is told of a lock that is free. No lock is ever taken from who holds it: end that command, or stop that
    agent.
    """
    from tmuxagents.output import columns
    from tmuxagents.services.locks import looking

    found = looking.every(app)
    if as_json:
        print_json({"locks": [looking.as_json(lock) for lock in found]})
        return
    rows = [row for lock in found for row in _rows(lock)]
    if not rows:
        tell("no lock is held")
        return
    head = {name: name for name in _COLUMNS}
    put("\n".join(columns.table([head, *rows], _COLUMNS, going=("PID", "FOR"), width=terminal_width())))


def _rows(lock: Lock) -> list[dict[str, str]]:
    first = [_row(lock, lock.holder, "holds")] if lock.holder is not None else []
    return [*first, *(_row(lock, one, "waits") for one in lock.waiting)]


def _row(lock: Lock, one: Holder, state: str) -> dict[str, str]:
    command = f"for its task in {one.run}" if one.run else "for its task" if one.kept else one.command
    return {
        "LOCK": lock.name,
        "WHO": one_line(one.who, 40),
        "STATE": state,
        "FOR": clock.ago(one.since_ns, clock.now_ns()) if one.since_ns else "-",
        "PID": str(one.pid) if one.pid else "-",
        "COMMAND": one_line(command, 200) or "-",
    }
