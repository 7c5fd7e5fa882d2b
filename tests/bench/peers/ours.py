"""tmuxagents itself, installed like the others."""

from __future__ import annotations

from pathlib import Path

from tests.bench.peers.peer import Peer
from tmuxagents import __version__

PEER = Peer(
    name="tmuxagents",
    version=__version__,
    packages=[str(Path(__file__).parents[3])],
    cheapest=["tmuxagents", "--version"],
    listing=["tmuxagents", "ls"],
    program=lambda bed, number, shell: ["tmuxagents", "spawn", "--kind", "command", "--", "sh", "-c", shell],
    claude=lambda number, task: ["tmuxagents", "spawn", task],
    send=lambda text: ["tmuxagents", "say", "agent-1", "--", text],
)
