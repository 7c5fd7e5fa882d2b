"""`tmuxagents runs`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli.options import json_option, with_app
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width
from tmuxagents.output.safe_text import clean
from tmuxagents.output.widths import cut
from tmuxagents.runs import report
from tmuxagents.services.app import App
from tmuxagents.services.runs import viewing


@click.command()
@json_option
@with_app
def command(app: App, as_json: bool) -> None:
    """The runs, oldest first, with how far each is."""
    viewing.see_to(app, [one.run for one in viewing.overview(app)])
    known = viewing.overview(app)
    if as_json:
        print_json({"runs": [viewing.one_as_json(one) for one in known]})
        return
    if not known:
        tell("no runs; tmuxagents run MANIFEST begins one")
    width = terminal_width()
    for one in known:
        run = one.run
        took = clock.ago(0, report.took_ns(run, clock.now_ns()))
        counted = ", ".join(f"{count} {state}" for state, count in one.counts.items())
        what = run.manifest.source or run.manifest.name
        row = clean(f"{run.name:<12} {run.state:<8} {took:>7}  {counted}  {what}")
        put(row if width is None else cut(row, width))
