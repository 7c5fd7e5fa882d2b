"""claude-code-tools: `tmux-cli` starts programs in windows and types to them."""

from __future__ import annotations

import shlex

from tests.bench.peers.peer import Peer

VERSION = "1.30.2"

# Commands from `tmux-cli help`, "Core Commands". Outside of tmux it keeps windows of a session
# of its own; window 0 is a shell, so that agent N is window N. Text that begins with a dash is
# taken for an option, and no spelling of the command avoids that.
PEER = Peer(
    name="tmux-cli",
    version=VERSION,
    packages=[f"claude-code-tools=={VERSION}"],
    cheapest=["tmux-cli", "mode"],  # it has no --version
    listing=["tmux-cli", "list_panes"],
    program=lambda bed, number, shell: ["tmux-cli", "launch", shlex.join(["sh", "-c", shell])],
    claude=lambda number, task: ["tmux-cli", "launch", shlex.join(["claude", task])],
    send=lambda text: ["tmux-cli", "send", text, "--pane=remote-cli-session:1"],
)
