"""`tmuxagents merge`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import removed, verdicts
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now, has_ended
from tmuxagents.services.review import merge
from tmuxagents.services.review.merge import Conflicts, Merged
from tmuxagents.services.talk.say import Verdict
from tmuxagents.store import agents
from tmuxagents.value import Value, replace


def _has_worktree(agent: Agent) -> bool:
    return agent.worktree is not None


@click.command()
@names_argument(_has_worktree, required=True)
@click.option("--into", metavar="BRANCH", help="Into this branch, not into the one that the work began on.")
@click.option("--squash", is_flag=True, help="As one commit, without the agent's own.")
@click.option("-m", "--message", metavar="TEXT", help="The message of the commit that is made.")
@click.option("--commit", is_flag=True, help="Commit first what is not committed.")
@click.option("--keep", is_flag=True, help="Keep the worktree and branch of one that has ended.")
@click.option("--resolve", is_flag=True, help="On a conflict ask the agent to rebase, and tell when it has.")
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
    keep: bool,
    resolve: bool,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Land the work of each NAME in the branch that it began on. On a conflict, or where anything is in the way,
    nothing is changed.

    One that has ended is removed then, as `rm` does: its worktree and branch go into the trash, unless they hold what
    is nowhere else; --keep leaves them. One that runs, or that is lost and can be resumed, stays as it is.

    --resolve says to the agent which files conflict and has it rebase; the journal tells when it has, or could not. It
    is not landed before `merge` is typed again: the exit code is 3.
    """
    if message is not None and not message.strip():
        raise click.UsageError("--message is empty")
    team = fleet_now(app)
    team.must_be_seen()
    chosen = meant(team, names, _has_worktree, everywhere=everywhere, does="has a worktree")
    if len(chosen) > 1:
        chosen = merge.in_order(chosen)
        tell(f"tmuxagents: in this order: {', '.join(agent.name for agent in chosen)}")
    wish = merge.Wish(into, message, squash, commit)
    results = [land(app, agent, wish, team.agents, Way(keep, resolve, as_json)) for agent in chosen]
    if as_json:
        print_json({"results": [plain(one) for one in results]})
    raise_worst([error for one in results for error in one.errors])


class Way(Value):
    """What is done besides, and how it is told."""

    keep: bool
    resolve: bool
    as_json: bool


class Result(Value):
    """What became of one. `asked` is the verdict on what it was asked for, `removed` and `trash` say what became of
    the agent and its worktree."""

    agent: Agent
    done: Merged | TmuxagentsError
    errors: Sequence[TmuxagentsError | None]
    asked: Verdict | None = None
    removed: bool = False
    trash: str | None = None


def land(app: App, agent: Agent, wish: merge.Wish, team: Sequence[Agent], way: Way) -> Result:
    """Merge the work of that one, say so, and remove it where it has ended; an error is in what is returned."""
    try:
        done = merge.merge(app, agent, wish, team=team)
    except Conflicts as error:
        return _asked(app, agent, error, way) if way.resolve else Result(agent, error, [error])
    except TmuxagentsError as error:
        return Result(agent, error, [error])
    if not way.as_json:
        put(_said(done))
    result = Result(agent, done, [])
    return result if way.keep else remove(app, result, way)


def remove(app: App, result: Result, way: Way) -> Result:
    """Remove who has ended, now that its work has landed: that it has to stay is no error."""
    from tmuxagents.services.lifecycle import forget
    from tmuxagents.services.server import startup

    if not has_ended(result.agent):
        return result
    # It may have been started again meanwhile, and what was squashed is recorded by now.
    agent = agents.by_id(app.db, result.agent.id)
    if agent is None or agent.worktree is None or not agent.worktree.own:
        return result
    try:
        kept = forget.forget(app, agent)
    except TmuxagentsError as error:
        tell(f"tmuxagents: {agent.name} stays: {one_line(error.message, 300)}")
        return result
    startup.nudge(app)
    if not way.as_json:
        put(removed.row(app, agent, kept=kept))
    return replace(result, removed=True, trash=kept.id if kept is not None else None)


def _asked(app: App, agent: Agent, conflicts: Conflicts, way: Way) -> Result:
    from tmuxagents.services.review import resolving

    verdict = resolving.ask(app, agent, conflicts.into, conflicts.files)
    if not way.as_json:
        how = "could not be asked" if verdict.word in ("gone", "refused") else "is asked"
        put(one_line(f"{agent.name} conflicts with '{conflicts.into}' and {how} to rebase", 300))
        verdicts.tell(agent, verdict, quiet=False)
    wrong = verdicts.error(agent, verdict, told=not way.as_json)
    if wrong is None:
        wrong = Refused(f"{agent.name} is not merged yet: it was asked to rebase", hint=f"tmuxagents wait {agent.name}")
        wrong = wrong if way.as_json else wrong.told()
    return Result(agent, conflicts, [wrong], asked=verdict)


def _said(done: Merged) -> str:
    into = one_line(done.into)
    if done.how == "already there":
        return f"already in {into}: {done.agent.name}"
    first = f", after committing {done.committed[:8]}" if done.committed is not None else ""
    return f"{done.how} into {into}: {done.agent.name} ({done.before[:8]}..{done.after[:8]}{first})"


def plain(result: Result) -> dict[str, object]:
    """What `--json` tells of it."""
    one = result.done
    if isinstance(one, TmuxagentsError):
        files = one.files if isinstance(one, Conflicts) else ()
        verdict, reason = ("conflicts" if files else "refused"), one.message
        known: dict[str, object] = dict.fromkeys(("into", "before", "after", "committed"))
    else:
        verdict, reason, files = one.how, None, ()
        known = {"into": one.into, "before": one.before, "after": one.after, "committed": one.committed}
    told = {"agent": result.agent.name, "id": result.agent.id, "verdict": verdict, **known}
    asked = result.asked.word if result.asked is not None else None
    return {
        **told,
        "conflicts": list(files),
        "reason": reason,
        "asked": asked,
        "removed": result.removed,
        "trash": result.trash,
    }
