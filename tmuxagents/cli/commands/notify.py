"""`tmuxagents notify`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.errors import TmuxagentsError
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App


@click.group()
def command() -> None:
    """How you are called when an agent needs you (tmuxagents help notices)."""


@command.command()
@json_option
@with_app
def test(app: App, as_json: bool) -> None:
    """Send one over each channel that is configured, and say what became of each."""
    from tmuxagents.services.notices import sending

    results = sending.test(app)
    if not results:
        raise TmuxagentsError("no channel is configured", hint="tmuxagents help notices")
    if as_json:
        rows = [{"channel": name, "sent": outcome.sent, "evidence": outcome.said} for name, outcome in results]
        print_json({"results": rows})
    else:
        for name, outcome in results:
            click.echo(one_line(f"{'sent' if outcome.sent else 'failed'}: {name}: {outcome.said}", 300))
    failed = sum(not outcome.sent for _, outcome in results)
    if failed:
        raise TmuxagentsError(f"{failed} of {len(results)} channels did not take it", hint="tmuxagents help notices")
