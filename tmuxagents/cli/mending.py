"""Rebuild a damaged database where a command meets it, and say what became of it."""

from __future__ import annotations

import sys

from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App


def mend(app: App) -> None:
    """The report goes to standard error. The fleet's database is opened anew when it is next needed."""
    from tmuxagents.services.repair import rebuild

    report = rebuild.rebuild(app)
    for line in report.lines() if report is not None else []:
        indent = " " * (len(line) - len(line.lstrip()))
        print(f"tmuxagents: {indent}{one_line(line, 600)}", file=sys.stderr)
