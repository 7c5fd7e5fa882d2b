"""`tmuxagents prune`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli import completing
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.lifecycle import forget
from tmuxagents.services.worktrees import pruning
from tmuxagents.services.worktrees.pruning import Orphan


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=completing.orphans)
@json_option
@with_app
def command(app: App, ids: tuple[str, ...], as_json: bool) -> None:
    """List what is left over: worktrees in the trash, worktrees without an agent, branches that were made for one and
    whose commits another branch has too, agents whose worktree is gone.

    With an ID what lies in the trash and such a branch is deleted for good, a worktree without an agent goes into the
    trash, and an agent is removed as `rm` does. Nothing else is touched, and nothing is deleted by its age.
    """
    listed = pruning.listed(app)
    chosen = [pruning.one(listed, ident) for ident in ids]
    for orphan in chosen:
        if orphan.what == "agent":
            forget.forget(app, fleet_now(app).one(orphan.agent))
        else:
            pruning.prune(app, orphan)
    if as_json:
        print_json({"orphans": [_json(one) for one in listed], "pruned": list(ids)})
    elif ids:
        for orphan in chosen:
            click.echo(f"{_DONE[orphan.what]} {orphan.id}: {orphan.agent}")
    else:
        for orphan in listed:
            click.echo(_row(orphan))
        if not listed:
            click.echo("nothing is left of agents that were removed", err=True)


_DONE = {"trash": "deleted", "worktree": "put into the trash", "branch": "deleted", "agent": "removed"}
_WHAT = {
    "trash": "in the trash",
    "worktree": "without an agent",
    "branch": "a branch merged",
    "agent": "without its worktree",
}


def _row(one: Orphan) -> str:
    what = _WHAT[one.what]
    size = f"{one.size / 1e6:.1f} MB"
    age = clock.ago(one.at_ns, clock.now_ns())
    return f"{one.id}  {what}  {age}  {size}  {one.agent}  {one_line(one.branch, 60)}  {one_line(one.path, 200)}"


def _json(one: Orphan) -> dict[str, object]:
    return {
        "id": one.id,
        "what": one.what,
        "agent": one.agent,
        "branch": one.branch,
        "path": one.path,
        "at": clock.rfc3339(one.at_ns),
        "bytes": one.size,
    }
