"""Tell how a dialog was settled."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli.stream import command_for
from tmuxagents.cli.terminal import print_json
from tmuxagents.output.clean import one_line
from tmuxagents.services.decide import Settled


def tell(settled: Sequence[Settled], verb: str, *, as_json: bool) -> None:
    """`approved: agent-3: Write(src/auth.rs)`, and what opened behind it."""
    if as_json:
        print_json({"results": [_as_json(one) for one in settled]})
        return
    for one in settled:
        click.echo(one_line(f"{verb}: {one.agent.name}: {one.what} ({one.chosen})", 300))
        if one.next is not None:
            more = f"{one.agent.name} needs {one.next.needs} now: {one.next.what}"
            click.echo(f"{one_line(more, 300)}   {command_for(one.agent.name, one.next.needs)}", err=True)


def _as_json(one: Settled) -> dict[str, object]:
    following = {"needs": one.next.needs, "what": one.next.what} if one.next is not None else None
    return {"agent": one.agent.name, "what": one.what, "chosen": one.chosen, "next": following}
