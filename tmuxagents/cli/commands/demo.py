"""`tmuxagents demo`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents.cli.options import Real
from tmuxagents.cli.render.stream import Look, show
from tmuxagents.cli.terminal import wants_color
from tmuxagents.errors import addressed
from tmuxagents.model.entry import Entry
from tmuxagents.output.safe_text import clean
from tmuxagents.services import demo

_NEXT = (
    ("tmuxagents doctor", "what is missing on this machine"),
    ("tmuxagents spawn --edit", "write a task and start an agent with it, here"),
    ("tmuxagents tail", "what it says and does; tmuxagents ls for who needs you"),
    ("tmuxagents help", "everything else"),
)


@click.command()
@click.option("--speed", metavar="N", type=Real(0.1, 100), default=1.0, help="How many times as fast (default 1).")
@click.pass_obj
def command(state_dir: str | None, speed: float) -> None:
    """Three scripted agents, no account needed, in a throw-away state directory.

    One of your own (spawn --kind demo) does what its prompt says, a step a line: "say: TEXT", "tool: Read FILE",
    "think: SECONDS", "permission: Write FILE", "question: TEXT | CHOICE | CHOICE", "die: CODE". To anything else it
    makes something up.
    """
    color = wants_color()

    def tell(words: str) -> None:
        line = f"$ {words}" if words.startswith("tmuxagents") else words
        click.echo(f"\x1b[2m{line}\x1b[0m" if color else line, color=True)

    def stream(entries: Sequence[Entry]) -> None:
        show(entries, as_json=False, look=Look(speaker="once"))

    demo.play(stream, tell, speed=speed)
    click.echo(clean("\n".join(_next(state_dir))), err=True)


def _next(state_dir: str | None) -> list[str]:
    rows = [(addressed(command, state_dir), addressed(words, state_dir)) for command, words in _NEXT]
    width = max(len(command) for command, _ in rows) + 5
    told = [f"  {command:<{width}}{words}" for command, words in rows]
    return ["", "All three and their folder are gone again. With an agent of your own:", "", *told]
