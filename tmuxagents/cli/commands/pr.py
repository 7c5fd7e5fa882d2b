"""`tmuxagents pr`"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from tmuxagents.cli.options import Whole, json_option, names_argument, with_app
from tmuxagents.cli.render.waited import raise_worst
from tmuxagents.cli.scope import everywhere_option, meant
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.errors import TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.pull import ROUNDS, Pull
from tmuxagents.output import pull_words
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.store import pulls
from tmuxagents.value import Value

if TYPE_CHECKING:
    from tmuxagents.services.pulls.opening import Opened


class _Done(Value):
    """What came of one agent. `ended` is whether a watch of it was ended, None where that was not asked."""

    agent: Agent
    opened: Opened | None = None
    pull: Pull | None = None
    ended: bool | None = None
    error: TmuxagentsError | None = None


def _has_worktree(agent: Agent) -> bool:
    return agent.worktree is not None


@click.command()
@names_argument(_has_worktree, required=True)
@click.option("--base", metavar="BRANCH", help="Into this branch, not into the one that the work began on.")
@click.option("--title", metavar="TEXT", help="Its title; without it that of the first commit.")
@click.option("--body", metavar="TEXT", help="Its text; without it what the commits say.")
@click.option("--draft", is_flag=True, help="Open it as a draft.")
@click.option("--watch", is_flag=True, help="Tell the agent of failing checks and of comments, until it is merged.")
@click.option("--rounds", type=Whole(1, 100), metavar="N", help=f"With --watch: at most so often (default {ROUNDS}).")
@click.option("--unwatch", is_flag=True, help="Watch it no more; nothing is pushed.")
@everywhere_option
@json_option
@with_app
def command(
    app: App,
    names: tuple[str, ...],
    base: str | None,
    title: str | None,
    body: str | None,
    draft: bool,
    watch: bool,
    rounds: int | None,
    unwatch: bool,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Push the branch of each NAME and open a pull request for it, with GitHub's `gh`; where it has one already, say
    which. Nothing is forced, and no prompt leaves the machine: title and text are those of the commits."""
    _refuse_mixed(base, title, body, draft=draft, watch=watch, rounds=rounds, unwatch=unwatch)
    team = fleet_now(app)
    team.must_be_seen()
    chosen = meant(team, names, _has_worktree, everywhere=everywhere, does="has a worktree")
    if len(chosen) > 1 and (title is not None or body is not None):
        raise click.UsageError("--title and --body are for one NAME")
    if unwatch:
        act = _unwatch(app)
    else:
        act = _open(app, base, title, body, draft=draft, rounds=(rounds or ROUNDS) if watch else None)
    results = []
    for agent in chosen:
        try:
            results.append(act(agent))
        except TmuxagentsError as error:
            results.append(_Done(agent, error=error, pull=pulls.of(app.db, agent.id)))
            continue
        if not as_json:
            _tell(results[-1])
    if as_json:
        print_json({"results": [_as_json(one) for one in results]})
    raise_worst([one.error for one in results])


def _refuse_mixed(
    base: str | None,
    title: str | None,
    body: str | None,
    *,
    draft: bool,
    watch: bool,
    rounds: int | None,
    unwatch: bool,
) -> None:
    if rounds is not None and not watch:
        raise click.UsageError("--rounds is how often --watch tells it: give both")
    if unwatch and (watch or draft or any(text is not None for text in (base, title, body))):
        raise click.UsageError("--unwatch stands alone: it opens nothing")
    if title is not None and not title.strip():
        raise click.UsageError("--title is empty")


def _unwatch(app: App) -> Callable[[Agent], _Done]:
    from tmuxagents.services.pulls import watching

    return lambda agent: _Done(agent, ended=watching.end(app, agent), pull=pulls.of(app.db, agent.id))


def _open(
    app: App, base: str | None, title: str | None, body: str | None, *, draft: bool, rounds: int | None
) -> Callable[[Agent], _Done]:
    from tmuxagents.services.pulls import opening, watching
    from tmuxagents.services.server import startup

    if rounds is not None:
        # Before anything is pushed.
        watching.needed()
    wish = opening.Wish(base, title, body, draft)

    def act(agent: Agent) -> _Done:
        opened = opening.open_pull(app, agent, wish)
        if rounds is not None:
            startup.ensure_controller(app)
            watching.begin(app, agent, rounds=rounds)
            startup.nudge(app)
        return _Done(agent, opened, pulls.of(app.db, agent.id))

    return act


def _tell(done: _Done) -> None:
    name, opened, pull = done.agent.name, done.opened, done.pull
    if done.ended is not None:
        number = f" #{pull.number}" if pull is not None else ""
        put(f"{'not watched any more' if done.ended else 'was not watched'}: {name}{number}")
        return
    assert opened is not None
    if opened.aside is not None:
        tell(f"tmuxagents: {one_line(opened.aside, 300)}")
    pushed = f"pushed {opened.commit[:8]} to {one_line(opened.remote)}"
    pushed += f" in place of {opened.replaced[:8]}" if opened.replaced is not None else ""
    if opened.address is None:
        put(f"{pushed if opened.pushed else f'nothing new for {one_line(opened.remote)}'}: {name}")
        tell("tmuxagents: gh is not installed; this opens the pull request:")
        put(one_line(opened.command or "", 10_000))
        return
    first = f"{pushed}; " if opened.pushed else ""
    put(f"{first}{opened.how} #{opened.address.number}: {name} ({opened.address.url})")
    if pull is not None and pull.watched:
        put(f"watched: {name}, {pull_words.summary(pull)}")
    if pull is not None and pull.others:
        tell(f"tmuxagents: {name}: {pull_words.left_out(pull)}")


def _as_json(done: _Done) -> dict[str, object]:
    opened, pull, error = done.opened, done.pull, done.error
    verdict = "refused" if error is not None else opened.how if opened is not None else _ended(done)
    return {
        "agent": done.agent.name,
        "id": done.agent.id,
        "verdict": verdict,
        "remote": opened.remote if opened is not None else None,
        "branch": opened.branch if opened is not None else None,
        "commit": opened.commit if opened is not None else None,
        "pushed": opened is not None and opened.pushed,
        "replaced": opened.replaced if opened is not None else None,
        "base": opened.base if opened is not None else None,
        "command": opened.command if opened is not None else None,
        "pr": pull_words.as_json(pull) if pull is not None else None,
        "reason": error.message if error is not None else opened.aside if opened is not None else None,
    }


def _ended(done: _Done) -> str:
    return "unwatched" if done.ended else "was not watched"
