"""`tmuxagents demo`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli.options import Real
from tmuxagents.cli.render.stream import Look, show
from tmuxagents.cli.terminal import wants_color
from tmuxagents.model.entry import Entry
from tmuxagents.services import demo


@click.command()
@click.option("--speed", metavar="N", type=Real(0.1, 100), default=1.0, help="How many times as fast (default 1).")
def command(speed: float) -> None:
    """Three scripted agents, no account needed, in a throw-away state directory."""
    color = wants_color()

    def tell(words: str) -> None:
        line = f"$ {words}" if words.startswith("tmuxagents") else words
        click.echo(f"\x1b[2m{line}\x1b[0m" if color else line, color=True)

    def stream(entries: Sequence[Entry]) -> None:
        show(entries, as_json=False, look=Look(speaker="once"))

    demo.play(stream, tell, speed=speed)
