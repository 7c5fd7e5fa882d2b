"""Settle the dialogs of several agents: each is tried, each is told, the worst decides the exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from tmuxagents.cli.render.stream import as_told, needing_rows
from tmuxagents.cli.scope import meant
from tmuxagents.cli.terminal import print_json, tell
from tmuxagents.errors import AgentFailed, AgentNotFound, TmuxagentsError
from tmuxagents.kinds.settling import in_one
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import Fleet, fleet_now, is_waiting
from tmuxagents.services.talk.dialogs import Settled, is_that, no_longer
from tmuxagents.store import agents


def settle(
    app: App,
    names: Sequence[str],
    verb: str,
    act: Callable[[Agent, Fleet], Settled],
    *,
    everywhere: bool,
    as_json: bool,
    only: str | None = None,
) -> None:
    """`approved: agent-3: Write(src/auth.rs) (Yes)` for each; one that cannot is told and stops no other. With the
    dialog's id, `only`, a name that nobody has any more means the agent that waits on it."""
    team = fleet_now(app)
    try:
        chosen = meant(team, names, is_waiting, everywhere=everywhere, does="waits")
    except AgentNotFound:
        chosen = _renamed(team, names, only)
        if not chosen:
            _refuse_settled(app, names, only)
            raise
    results: list[tuple[Agent, Settled | TmuxagentsError]] = []
    for agent in chosen:
        try:
            results.append((agent, act(agent, team)))
        except TmuxagentsError as error:
            if len(chosen) == 1 and not as_json:
                raise
            results.append((agent, error))
    if as_json:
        print_json({"results": [_as_json(agent, result, verb) for agent, result in results]})
    else:
        for _, result in results:
            _tell(result, verb)
    _finish([result for _, result in results], told=not as_json)


def _renamed(team: Fleet, names: Sequence[str], dialog: str | None) -> list[Agent]:
    """Who waits on that very dialog, when a notice was sent before it was renamed."""
    waits = [agent for agent in team.agents if dialog and is_that(agent, dialog)]
    for agent in waits:
        tell(f"tmuxagents: {' '.join(names)} is called {agent.name} now")
    return waits


def _refuse_settled(app: App, names: Sequence[str], dialog: str | None) -> None:
    """The same line once more, or after somebody else: the dialog is gone, whatever the agent is called."""
    for name in names if dialog else ():
        now = agents.once(app.db, name)
        if now is not None:
            tell(f"tmuxagents: {name} is called {now.name} now")
            raise no_longer(now, dialog or "")


def _tell(result: Settled | TmuxagentsError, verb: str) -> None:
    if isinstance(result, TmuxagentsError):
        click.echo(f"tmuxagents: {one_line(as_told(result.message), 400)}", err=True)
        return
    if result.word == "unconfirmed":
        click.echo(one_line(f"unconfirmed: {result.agent.name}: {result.what} ({result.evidence})", 300))
    else:
        began = ", began" if result.word == "began" else ""
        click.echo(one_line(f"{verb}: {result.agent.name}: {result.what} ({in_one(result.chosen)}{began})", 300))
    if result.next is not None:
        name, count = result.agent.name, f" (1 of {result.next.open})" if result.next.open > 1 else ""
        rows = needing_rows(name, result.next, now=f" now{count}")
        click.echo("\n".join(rows), err=True)


def _finish(results: Sequence[Settled | TmuxagentsError], *, told: bool) -> None:
    """End with the worst that happened; only its hint is left to tell where each was told."""
    failed: list[TmuxagentsError] = []
    for result in results:
        if isinstance(result, TmuxagentsError):
            failed.append(result)
        elif result.word == "unconfirmed":
            hint = f"tmuxagents show {result.agent.name}"
            failed.append(AgentFailed(f"unconfirmed: {result.agent.name}: {result.evidence}", hint=hint))
    if failed:
        worst = max(failed, key=lambda error: error.exit_code)
        raise worst.told() if told else worst


def _as_json(agent: Agent, result: Settled | TmuxagentsError, verb: str) -> dict[str, object]:
    if isinstance(result, TmuxagentsError):
        nothing = {"what": None, "chosen": None, "next": None, "ms": None}
        return {"agent": agent.name, "verdict": "refused", "evidence": as_told(result.message), **nothing}
    following = {"needs": result.next.needs, "what": result.next.what} if result.next is not None else None
    return {
        "agent": agent.name,
        "what": result.what,
        "chosen": result.chosen,
        "next": following,
        "verdict": verb if result.word == "settled" else result.word,
        "evidence": result.evidence,
        "ms": result.ms,
    }
