"""`tmuxagents notify`"""

from __future__ import annotations

import click

from tmuxagents.cli.groups import Group
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json
from tmuxagents.drivers.notices.outcome import NOBODY
from tmuxagents.errors import TmuxagentsError
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App


@click.group(cls=Group)
def command() -> None:
    """How you are called when an agent needs you (tmuxagents help notices)."""


@command.command(short_help="Send one over each channel.")
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
    failed = [outcome for _, outcome in results if not outcome.sent]
    if failed:
        alone = all(outcome.said == NOBODY for outcome in failed)
        hint = "tmuxagents attach" if alone else "tmuxagents help notices"
        raise TmuxagentsError(f"{len(failed)} of {len(results)} channels did not take it", hint=hint)
