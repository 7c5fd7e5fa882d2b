"""cli-agent-orchestrator (CAO): a local HTTP server that runs agents in tmux sessions."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.peers.bed import Bed, Failed
from tests.bench.peers.peer import Peer
from tests.support.fleet import eventually

VERSION = "2.5.4"

# `cao --help` and its subcommands; the profile `developer` is the one that comes with it. It
# brings an MCP server for every agent, by which they talk to each other.
_LAUNCH = ("cao", "launch", "--agents", "developer", "--provider", "claude_code", "--headless", "--async")


@contextmanager
def _server(bed: Bed) -> Iterator[None]:
    bed.env["CAO_API_PORT"] = str(_free_port())
    bed.ok(["cao", "init"])
    bed.ok(["cao", "install", "developer", "--provider", "claude_code"])
    server = bed.leave(["cao-server"])
    try:
        eventually(lambda: _listens(int(bed.env["CAO_API_PORT"])), 30)
    except AssertionError as error:
        raise Failed(f"cao-server does not listen ({server.poll()})") from error
    yield


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


PEER = Peer(
    name="CAO",
    version=VERSION,
    packages=[f"cli-agent-orchestrator=={VERSION}"],
    cheapest=["cao", "--version"],
    server=_server,
    listing=["cao", "session", "list"],
    claude=lambda number, task: [*_LAUNCH, "--auto-approve", "--session-name", f"agent-{number}", task],
    send=lambda text: ["cao", "session", "send", "--async", "--", "cao-agent-1", text],
)
