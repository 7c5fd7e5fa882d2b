"""imbue-mngr: "git for agents"; agents are tmux sessions."""

from __future__ import annotations

from tests.bench.peers.bed import Bed
from tests.bench.peers.peer import Argv, Peer

VERSION = "0.3.0"

# From `mngr help create` and `mngr help message`. `--transfer none`: in the folder as it is, as
# the others do, not in a worktree. `--no-connect`: there is no terminal to connect.


def _program(bed: Bed, number: int, shell: str) -> Argv:
    name = f"agent-{number}"
    return ["mngr", "create", name, "command", "--transfer", "none", "--no-connect", "--", "sh", "-c", shell]


PEER = Peer(
    name="mngr",
    version=VERSION,
    packages=[f"imbue-mngr=={VERSION}", f"imbue-mngr-claude=={VERSION}"],
    python=(3, 12),
    settings={"effortCalloutDismissed": True},  # refuses to start `claude` without
    cheapest=["mngr", "--version"],
    listing=["mngr", "list"],
    program=_program,
    claude=lambda number, task: (
        ["mngr", "create", f"agent-{number}", "claude", "--transfer", "none", "--no-connect", "--message", task]
    ),
    send=lambda text: ["mngr", "message", "agent-1", "--message", text],
)
