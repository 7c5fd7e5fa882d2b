"""Print journal entries: as the merged stream, or one JSON object a line."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import click

from tmuxagents import clock
from tmuxagents.cli.options import fleet_named
from tmuxagents.cli.terminal import JSON_VERSION, json_text, terminal_width, wants_color
from tmuxagents.errors import addressed, advised
from tmuxagents.kinds import choices
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Dialog
from tmuxagents.model.entry import Entry
from tmuxagents.output import needing, rendering
from tmuxagents.output.highlight import highlight
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.value import Value


class Look(Value):
    """How the stream looks. None goes by whether a terminal reads it: there are colours, each entry has its
    speaker once and Markdown is shown as it is meant; elsewhere every row has its speaker."""

    times: bool = False
    color: bool | None = None
    speaker: rendering.Speaker | None = None
    lit: re.Pattern[str] | None = None


def show(entries: Sequence[Entry], *, as_json: bool, look: Look) -> None:
    """Write the entries to standard output."""
    if not entries:
        return
    text = "\n".join(json_text(entry_json(entry)) for entry in entries) if as_json else "\n".join(rows(entries, look))
    click.echo(text.encode("utf-8", "replace"), color=True)


def rows(entries: Sequence[Entry], look: Look) -> list[str]:
    """The entries as rows of that look."""
    read = sys.stdout.isatty()
    color = wants_color() if look.color is None else look.color
    speaker = look.speaker or ("once" if read else "every")
    width, tell = terminal_width(), clock.local_hms if look.times else None
    found = [
        row
        for entry in entries
        for row in rendering.render(_line(entry), width=width, color=color, clock=tell, speaker=speaker, formatted=read)
    ]
    return [highlight(row, look.lit) for row in found] if color and look.lit is not None else found


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry by the contract of `tail --json`."""
    return {
        "v": JSON_VERSION,
        "seq": entry.seq,
        "at": clock.rfc3339(entry.at_ns),
        "agent": entry.agent,
        "id": entry.agent_id,
        "generation": entry.generation,
        "kind": entry.kind,
        "text": _text(entry),
        "detail": dict(entry.detail),
    }


def _line(entry: Entry) -> rendering.Line:
    text = f"↳ {entry.text}" if entry.detail.get("subagent") else _text(entry)
    name = f"{entry.agent} (removed)" if entry.removed else entry.agent
    detail = {**entry.detail, "command": _command_of(entry), "show": show_command(entry.agent)}
    return rendering.Line(entry.seq, entry.at_ns, name, entry.color, entry.kind, text, detail)


def command_for(name: str, dialog: Dialog) -> str:
    """The command that settles what an agent needs, or the one that shows what there is to choose from."""
    return _command(choices.verb(dialog), name, max(1, len(dialog.tabs)))


def _command_of(entry: Entry) -> str:
    usual = choices.USUAL.get(str(entry.detail.get("needs")), "attach")
    questions = entry.detail.get("questions")
    return _command(str(entry.detail.get("verb", usual)), entry.agent, questions if type(questions) is int else 1)


def _command(verb: str, name: str, questions: int) -> str:
    command = f"tmuxagents {verb} {name}" + (" CHOICE" * questions if verb == "answer" else "")
    return clean(addressed(command, fleet_named()))


def show_command(name: str) -> str:
    """The command that shows all of an agent."""
    return clean(addressed(f"tmuxagents show {name}", fleet_named()))


def _text(entry: Entry) -> str:
    return as_told(entry.text) if entry.kind == "exit" else entry.text


def as_told(text: str) -> str:
    """What is recorded of an agent, as it is told: its advice means the fleet of this command line."""
    return advised(text, fleet_named())


def tell_need(agent: Agent) -> None:
    """Say on standard error that an agent which is waited for needs a person, or that it waits for a limit itself."""
    dialog = agent.condition.dialog
    if agent.condition.is_limited:
        from tmuxagents.services.fleet import limited

        words = limited.words(limited.Group((agent,)), clock.now_ns())
        click.echo(f"{words}; it is waited for", err=True)
        return
    if dialog is not None:
        click.echo("\n".join(needing_rows(agent.name, dialog)), err=True)


def needing_rows(name: str, dialog: Dialog, *, now: str = "") -> list[str]:
    """What an agent needs, what has to be known to decide, and the command that settles it."""
    said, command = one_line(f"{name} needs {dialog.needs}{now}: {dialog.what}", 300), command_for(name, dialog)
    beneath = needing.beneath(choices.needed(dialog), show=show_command(name))
    return [said, *beneath, f"  {command}"] if beneath else [f"{said}   {command}"]
