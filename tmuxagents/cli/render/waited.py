"""What a wait for agents has come to: errors, the worst of them as the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from tmuxagents.cli.render.stream import as_told, command_for, tell_need
from tmuxagents.errors import AgentFailed, Refused, TimedOut, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.model.owed import Outcome
from tmuxagents.output.safe_text import one_line

no_dialog_option = click.option(
    "--no-dialog", is_flag=True, help="End with exit code 3 when one of them needs you, rather than wait on."
)


def noticing(*, no_dialog: bool) -> Callable[[Agent], None]:
    """Tells on standard error that an agent needs a person; with `no_dialog` that ends the wait."""
    return _refuse if no_dialog else tell_need


def _refuse(agent: Agent) -> None:
    dialog = agent.condition.dialog
    if dialog is None:
        tell_need(agent)
        return
    raise Refused(f"{agent.name} needs {dialog.needs}: {dialog.what}", hint=command_for(agent.name, dialog))


def error_of(agent: Agent, outcome: Outcome | None, *, timeout: float | None) -> TmuxagentsError | None:
    """The error that an outcome is; None when it is none. No outcome: the time of the wait is over."""
    if outcome is None:
        needs = f", needs {agent.condition.needs}" if agent.condition.needs else ""
        words = f"after {timeout or 0:g} s {agent.name} is {agent.condition.state}{needs}"
        dialog = agent.condition.dialog
        hint = command_for(agent.name, dialog) if dialog is not None else f"tmuxagents show {agent.name}"
        return TimedOut(f"the wait's time limit has passed: {words}", hint=hint)
    if outcome.how == "there":
        return None
    error = TimedOut if outcome.how == "timed out" else AgentFailed
    if agent.is_headless and agent.condition.is_limited:
        # It has no terminal at which somebody could say that it may go on.
        return error(f"{agent.name} {outcome.said}", hint=f"tmuxagents resume {agent.name}")
    return error(f"{agent.name} {outcome.said}", hint=f"tmuxagents show {agent.name}")


def raise_worst(errors: Iterable[TmuxagentsError | None]) -> None:
    """Raise the one with the highest exit code; the others are told on standard error first."""
    found = sorted((e for e in errors if e is not None), key=lambda e: e.exit_code)
    for error in (each for each in found[:-1] if not each.is_told):
        click.echo(f"tmuxagents: {one_line(as_told(error.message), 600)}", err=True)
    if found:
        raise found[-1]
