"""Look on while a run goes on: its graph on a terminal, drawn anew, and lines elsewhere. ^C asks what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tmuxagents.cli.render import run as rendering
from tmuxagents.cli.terminal import tell, wants_color
from tmuxagents.model.run import Run
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import cut
from tmuxagents.runs import telling
from tmuxagents.services.app import App
from tmuxagents.services.runs import starting, viewing
from tmuxagents.services.runs.viewing import View


def follow(app: App, run: Run) -> View | None:
    """The last look: the run is over, or goes on without us. None where it was removed."""
    while True:
        try:
            return _look_on(viewing.follow(app, run.id))
        except KeyboardInterrupt:
            if not sys.stdin.isatty() or not sys.stderr.isatty():
                tell(f"{run.name} goes on; tmuxagents show {run.name}, tmuxagents stop {run.name}")
                raise
            if not _asked(app, run):
                return viewing.view(app, run.id)


def _asked(app: App, run: Run) -> bool:
    """Whether we go on looking."""
    try:
        answer = input(f"\n{run.name}: [d]etach (it goes on), [s]top it, or look on [Enter]? ").strip().lower()
    except EOFError:
        answer = "d"
    except KeyboardInterrupt:
        tell(f"\n{run.name} goes on; tmuxagents show {run.name}, tmuxagents stop {run.name}")
        raise
    if answer.startswith("s"):
        starting.stop(app, run)
        return True
    if answer.startswith("d"):
        tell(f"{run.name} goes on; tmuxagents show {run.name}, tmuxagents stop {run.name}")
        return False
    return True


def _look_on(views: Iterable[View]) -> View | None:
    if not sys.stderr.isatty():
        return rendering.tell(views)
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    last: View | None = None
    console = Console(stderr=True)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        for now in views:
            last = now
            rows = rendering.table(
                now, width=console.width - 1, color=wants_color(sys.stderr), graph=_draws(console.encoding)
            )
            most = max(3, console.height - 4)
            more = [f"… and {len(rows) - most} more"] if len(rows) > most else []
            needs = [f"{agent.name} needs you: tmuxagents show {agent.name}" for agent in now.needy]
            told = [*more, *needs, one_line(telling.summary(now.run, now.rows), 400)]
            text = "\n".join([*rows[:most], *(cut(line, console.width - 1) for line in told)])
            live.update(Text.from_ansi(text), refresh=True)
    return last


def _draws(encoding: str) -> bool:
    """Whether the lines of a graph can be written there."""
    return encoding.lower().replace("-", "") == "utf8"
