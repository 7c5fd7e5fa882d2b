"""`tmuxagents pick`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tmuxagents.cli import completing
from tmuxagents.cli.commands import merge as merging
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.render import removed
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import Run, TaskRow
from tmuxagents.runs import comparing
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.review import merge
from tmuxagents.services.review.merge import Merged
from tmuxagents.services.runs import picking, starting, viewing
from tmuxagents.value import Value

if TYPE_CHECKING:
    from tmuxagents.services.worktrees.trash import Kept


@click.command()
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.argument("task", metavar="TASK", shell_complete=completing.tasks)
@click.option(
    "--rest", type=click.Choice(["keep", "rm"]), default="keep", help="The others: keep them, or remove them."
)
@click.option("--into", metavar="BRANCH", help="Into this branch, not into the one that the work began on.")
@click.option("--squash", is_flag=True, help="As one commit, without the agent's own.")
@click.option("-m", "--message", metavar="TEXT", help="The message of the commit that is made.")
@click.option("--commit", is_flag=True, help="Commit first what is not committed.")
@click.option("--keep", is_flag=True, help="Keep the worktree and branch of the one that is picked.")
@json_option
@with_app
def command(
    app: App,
    run: str,
    task: str,
    rest: str,
    into: str | None,
    squash: bool,
    message: str | None,
    commit: bool,
    keep: bool,
    as_json: bool,
) -> None:
    """Land the work of one TASK of a RUN, by its id or the name of its agent, as `merge` does: where that is refused,
    nothing is changed. The others stay as they are; --rest rm removes them as `rm --trash` does, once the run is over.

    One of a run is picked, once. `show RUN --compare` shows which there are.
    """
    if message is not None and not message.strip():
        raise click.UsageError("--message is empty")
    found = starting.whole(app, starting.named(app, run))
    if rest == "rm":
        starting.refuse_running(found)
    team = fleet_now(app)
    team.must_be_seen()
    now = viewing.view(app, found.id)
    assert now is not None, "it was found just now"
    if rest == "rm" and (left_over := picking.left_over(now, task, keep=keep)):
        # Who picked it was cut off behind that.
        _finish(app, found, left_over, as_json=as_json)
        return
    row, agent = picking.chosen(app, now, task)
    # As it is now, which the run has not recorded.
    agent = next((each for each in team.agents if each.id == agent.id), agent)
    way = merging.Way(keep=True, resolve=False, as_json=as_json)
    with picking.claimed(app, found, row, agent) as claim:
        result = merging.land(app, agent, merge.Wish(into, message, squash, commit), team.agents, way)
        claim.merged = result.done if isinstance(result.done, Merged) else None
    # It is recorded by now: killed from here on, nothing is left to be picked.
    if _is_done(result) and not keep:
        result = merging.remove(app, result, way)
    others = picking.others(now, row)
    left = [_gone(app, *other, as_json=as_json) for other in others] if _is_done(result) and rest == "rm" else []
    if as_json:
        told = {"run": found.name, "task": row.key, **merging.plain(result), "rest": [_plain(one) for one in left]}
        print_json(told)
    elif _is_done(result) and rest == "keep" and others:
        tell(f"kept: {', '.join(agent.name for _, agent in others)}; tmuxagents rm --trash NAME removes one")
    raise_worst([*(_told(error, found, row) for error in result.errors), *(one.error for one in left)])


def _finish(app: App, run: Run, left: Sequence[tuple[TaskRow, Agent]], *, as_json: bool) -> None:
    gone = [_gone(app, *other, as_json=as_json) for other in left]
    if as_json:
        rest = [_plain(one) for one in gone]
        print_json({"run": run.name, "task": comparing.picked(run), **_landed(run, gone), "rest": rest})
    raise_worst(one.error for one in gone)


def _landed(run: Run, gone: Sequence[_Gone]) -> dict[str, object]:
    """What `merge` has of one, of the one that was picked before."""
    mark = run.options[comparing.PICKED]
    own = next((one for one in gone if one.agent.id == mark["id"]), None)
    trash = own.kept.id if own is not None and own.kept is not None else None
    return {
        "agent": mark["agent"],
        "id": mark["id"],
        "verdict": "already there",
        "into": mark["into"],
        "before": None,
        "after": mark["after"],
        "committed": None,
        "conflicts": [],
        "reason": None,
        "asked": None,
        "removed": own is not None and own.error is None,
        "trash": trash,
    }


def _is_done(result: merging.Result) -> bool:
    return isinstance(result.done, Merged)


def _told(error: TmuxagentsError | None, run: Run, row: TaskRow) -> TmuxagentsError | None:
    """`merge` would land it behind the back of the run."""
    hint = error.hint if error is not None else None
    if error is None or hint is None or not hint.startswith("tmuxagents merge "):
        return error
    how = " --commit" if "--commit" in hint else " --into BRANCH" if "--into" in hint else ""
    error.hint = f"tmuxagents pick {run.name} {row.key}{how}"
    return error


class _Gone(Value):
    """What became of one of the others."""

    row: TaskRow
    agent: Agent
    kept: Kept | None = None
    error: TmuxagentsError | None = None


def _gone(app: App, row: TaskRow, agent: Agent, *, as_json: bool) -> _Gone:
    from tmuxagents.services.lifecycle import forget
    from tmuxagents.services.server import startup

    try:
        kept = forget.forget(app, agent, to_trash=True)
    except TmuxagentsError as error:
        return _Gone(row, agent, error=error)
    startup.nudge(app)
    if not as_json:
        put(removed.row(app, agent, kept=kept))
    return _Gone(row, agent, kept)


def _plain(one: _Gone) -> dict[str, object]:
    reason = one.error.message if one.error is not None else None
    trash = one.kept.id if one.kept is not None else None
    return {"task": one.row.key, "agent": one.agent.name, "removed": reason is None, "trash": trash, "reason": reason}
