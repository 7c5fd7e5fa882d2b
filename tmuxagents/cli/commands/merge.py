"""`tmuxagents merge`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.review import merge
from tmuxagents.services.review.merge import Conflicts, Merged


def _has_worktree(agent: Agent) -> bool:
    return agent.worktree is not None


@click.command()
@names_argument(_has_worktree, required=True)
@click.option("--into", metavar="BRANCH", help="Into this branch, not into the one that the work began on.")
@click.option("--squash", is_flag=True, help="As one commit, without the agent's own.")
@click.option("-m", "--message", metavar="TEXT", help="The message of the commit that is made.")
@click.option("--commit", is_flag=True, help="Commit first what is not committed.")
@everywhere_option
@json_option
@with_app
def command(
    app: App,
    names: tuple[str, ...],
    into: str | None,
    squash: bool,
    message: str | None,
    commit: bool,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Land the work of each NAME in the branch that it began on. On a conflict, or where anything is in the way,
    nothing is changed. The agent, its worktree and its branch stay."""
    if message is not None and not message.strip():
        raise click.UsageError("--message is empty")
    team = fleet_now(app)
    team.must_be_seen()
    chosen = meant(team, names, _has_worktree, everywhere=everywhere, does="has a worktree")
    if len(chosen) > 1:
        chosen = merge.in_order(chosen)
        tell(f"tmuxagents: in this order: {', '.join(agent.name for agent in chosen)}")
    wish = merge.Wish(into, message, squash, commit)
    results: list[tuple[Agent, Merged | TmuxagentsError]] = []
    for agent in chosen:
        try:
            done = merge.merge(app, agent, wish, team=team.agents)
        except TmuxagentsError as error:
            results.append((agent, error))
            continue
        results.append((agent, done))
        if not as_json:
            put(_said(done))
    if as_json:
        print_json({"results": [_as_json(agent, one) for agent, one in results]})
    raise_worst([one for _, one in results if isinstance(one, TmuxagentsError)])


def _said(done: Merged) -> str:
    into = one_line(done.into)
    if done.how == "already there":
        return f"already in {into}: {done.agent.name}"
    first = f", after committing {done.committed[:8]}" if done.committed is not None else ""
    return f"{done.how} into {into}: {done.agent.name} ({done.before[:8]}..{done.after[:8]}{first})"


def _as_json(agent: Agent, one: Merged | TmuxagentsError) -> dict[str, object]:
    if isinstance(one, TmuxagentsError):
        files = one.files if isinstance(one, Conflicts) else ()
        verdict, reason = ("conflicts" if files else "refused"), one.message
        known: dict[str, object] = dict.fromkeys(("into", "before", "after", "committed"))
    else:
        verdict, reason, files = one.how, None, ()
        known = {"into": one.into, "before": one.before, "after": one.after, "committed": one.committed}
    told = {"agent": agent.name, "id": agent.id, "verdict": verdict, **known}
    return {**told, "conflicts": list(files), "reason": reason}
