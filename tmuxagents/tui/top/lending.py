"""Have another program run in the terminal, until it has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tmuxagents import clock
from tmuxagents.tui.top import signals

_READ_S = 1.0
"""A pager that has left before that has shown nothing that could be read."""


def lend(argv: Sequence[str], *, pages: bool) -> None:
    """Where standard output is the terminal; `pages`: it shows something, and else it is an attach."""
    from tmuxagents.services.fleet import attach

    _run(argv, {"LESS": "R", **os.environ} if pages else attach.environment(attach.terminal_type()), pages=pages)


def _run(argv: Sequence[str], env: Mapping[str, str], *, pages: bool) -> None:
    began = clock.monotonic()
    # Its C-c is its own.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(list(argv), env=env) as child, signals.passed_on(child):
            code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if pages and (code or clock.monotonic() - began < _READ_S):
        sys.stdout.write("\nenter goes back ")
        sys.stdout.flush()
        sys.stdin.readline()
