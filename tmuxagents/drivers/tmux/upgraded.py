"""The tmux that was installed and the one that runs: after an upgrade they are two.

A client and a server of two protocols do not talk: the client prints `protocol version mismatch
(client 8, server 7)` and ends with 1. The server and the agents in it run on, and its own program
still reaches them, also when the file is deleted: the kernel keeps it behind `/proc/PID/exe`.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import struct
import sys
from pathlib import Path

_MISMATCH = re.compile(r"protocol version mismatch \(client (\d+), server (\d+)\)")


def mismatch(said: str) -> str | None:
    """What is wrong, when it is that client and server speak two protocols."""
    found = _MISMATCH.search(said)
    if found is None:
        return None
    client, server = found.groups()
    return f"tmux was upgraded under its running server (client {client}, server {server})"


def reach(address: Path) -> str:
    """The tmux that can still talk to the server, with its socket: `attach` or `kill-server` goes behind it."""
    pid = server_pid(address)
    old = f"/proc/{pid}/exe" if pid is not None else "/path/to/the/old/tmux"
    return f"{old} -u -S {shlex.quote(str(address))}"


def replaced(address: Path) -> int | None:
    """The pid of the server, when its program is no longer the one on the disk."""
    pid = server_pid(address)
    try:
        return pid if pid is not None and os.readlink(f"/proc/{pid}/exe").endswith(" (deleted)") else None
    except OSError:
        return None


def server_pid(address: Path) -> int | None:
    """Who listens on the socket, as the kernel says it: the server need not answer. None where it does not say."""
    if sys.platform != "linux":
        return None
    asking = socket.socket(socket.AF_UNIX)
    with asking:
        asking.settimeout(1.0)
        try:
            asking.connect(str(address))
            told = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        except OSError:
            return None
    pid = int(struct.unpack("3i", told)[0])
    return pid if pid > 0 else None
