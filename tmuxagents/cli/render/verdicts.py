"""What became of a text that was said to an agent: its line, and the error that it is."""

from __future__ import annotations

import click

from tmuxagents.cli.render.stream import as_told, command_for
from tmuxagents.errors import AgentFailed, Refused, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict

_RECORDS = ("hook ", "event ", "transcript ", "sessions/")


def tell(agent: Agent, verdict: Verdict, *, quiet: bool) -> None:
    """Its line, on standard error where `quiet`."""
    why = _why(verdict)
    line = f"{verdict.word}: {agent.name} ({why}{verdict.ms} ms)"
    click.echo(one_line(line, 400), err=quiet)


def _why(verdict: Verdict) -> str:
    """What its line says of the evidence; a record's own name is a word of the inside, which --json has."""
    return "" if verdict.evidence.startswith(_RECORDS) else f"{as_told(verdict.evidence)}, "


def error(agent: Agent, verdict: Verdict, *, told: bool) -> TmuxagentsError | None:
    """What the verdict is an error of; `told` where its line has been written, which says why."""
    found = _wrong(agent, verdict)
    return found.told() if found is not None and told and _why(verdict) else found


def _wrong(agent: Agent, verdict: Verdict) -> TmuxagentsError | None:
    if verdict.dialog is not None:
        command_ = command_for(agent.name, verdict.dialog)
        return Refused(f"{agent.name} needs {verdict.dialog.needs}: {verdict.dialog.what}", hint=command_)
    if verdict.word == "refused":
        hint = verdict.hint or f"tmuxagents show {agent.name}"
        return Refused(f"not said to {agent.name}: {verdict.evidence}", hint=hint)
    if verdict.word == "unconfirmed" and registry.kind(agent.kind).CONFIRMS:
        return AgentFailed(
            f"unconfirmed: {agent.name}: {verdict.evidence}", hint=verdict.hint or f"tmuxagents attach {agent.name}"
        )
    if verdict.word == "gone":
        return Refused(verdict.evidence, hint=say.way_back(agent))
    return None
