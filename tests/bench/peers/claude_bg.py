"""Claude Code's own background sessions: `claude --bg`, `claude agents`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.peers.bed import Bed
from tests.bench.peers.peer import Peer

# `claude --help`; the newest version of tests/npm. Every session shares one daemon and has a
# terminal process of its own. No command sends a text: one attaches and types.


def _agents(bed: Bed) -> set[int]:
    return {int(agent["pid"]) for agent in json.loads(bed.ok(["claude", "agents", "--json"]).out)}


@contextmanager
def _daemon(bed: Bed) -> Iterator[None]:
    """It starts by itself; ended by its own command, it removes its sockets too."""
    try:
        yield
    finally:
        bed.run(["claude", "daemon", "stop", "--any"])


def peer(version: str) -> Peer:
    """The `claude` that is there."""
    return Peer(
        name="claude --bg",
        version=version,
        packages=[],
        cheapest=["claude", "--version"],
        server=_daemon,
        listing=["claude", "agents", "--json"],
        claude=lambda number, task: ["claude", "--bg", task],
        agents=_agents,
    )
