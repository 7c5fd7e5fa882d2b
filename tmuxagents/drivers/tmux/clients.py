"""The terminals that are attached to the private server, whoever sits there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from threading import Lock

from tmuxagents.drivers.tmux import call
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.drivers.tmux.window import joined
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.value import Value

SHOWN_MS = 3_000
"""How long a message stands, unless a key is pressed. While one does, 3.3a draws nothing else of the window."""

DRAWS_S = 0.05
"""How long tmux has to draw a message before anything of ours is written to the same terminal."""

# The kernel lets one write to a terminal at a time and refuses another that will not wait (EAGAIN); a tmux that is
# refused keeps what it had to draw until it has more. One message in some hundred was never drawn when a bell and a
# sequence of ours were written while tmux drew it. That this was why is a guess; taking turns costs nothing.
_TURN = Lock()

_SEPARATOR = "\x1f"
_FIELDS = (
    "client_name",
    "client_tty",
    "window_id",
    "client_activity",
    "client_termname",
    "client_termtype",
    "client_width",
)
_FORMAT = "#{pid}.#{start_time}" + "".join(f"{_SEPARATOR}#{{{name}}}" for name in (*_FIELDS, "client_control_mode"))


class Client(Value):
    """A person's terminal: the server and the window that it shows, when it was last typed at (seconds of the
    epoch), what it is called, and what it calls itself (`iTerm2 3.5.0`; empty where it does not say). `width`
    is 0 where nobody knows it."""

    server: str
    name: str
    tty: str
    window: str
    active_s: int
    terminal: str
    program: str
    width: int = 0


def attached(server: Server) -> list[Client]:
    """All of them, programs in control mode left out; none without a server."""
    if not server.socket.exists():
        return []
    try:
        return parse(call.ask(server, "list-clients", "-F", _FORMAT))
    except call.NoServer:
        return []


def parse(text: str) -> list[Client]:
    """The clients in the output of `list-clients`."""
    rows = [row for line in text.splitlines() if len(row := line.split(_SEPARATOR)) == len(_FIELDS) + 2]
    return [
        Client(server, name, tty, window, _number(active), terminal, program, _number(width))
        for server, name, tty, window, active, terminal, program, width, control in rows
        if control != "1"
    ]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def show(server: Server, clients: Sequence[Client], text: Callable[[int], str]) -> int:
    """Show each the message for a terminal of its width, in one call where all are still there; how many have it."""
    commands = [_message(client, text(client.width)) for client in clients]
    with _TURN:
        count = _show(server, commands)
        time.sleep(DRAWS_S)
        return count


def _message(client: Client, text: str) -> Sequence[str]:
    # tmux puts the time in for `%H`, and reads formats.
    words = call.quoted(call.unexpanded(text.replace("%", "%%")))
    return ("display-message", "-c", client.name, "-d", str(SHOWN_MS), words)


def _show(server: Server, commands: Sequence[Sequence[str]]) -> int:
    try:
        call.ask(server, *joined(commands))
        return len(commands)
    except TmuxUnreachable:
        # The chain ends at one that has gone: each for itself.
        return sum(_shown(server, command) for command in commands)


def _shown(server: Server, command: Sequence[str]) -> bool:
    try:
        call.ask(server, *command)
    except TmuxUnreachable:
        return False
    return True


def write(client: Client, raw: bytes) -> bool:
    """Write to the terminal itself, past tmux; False where it takes nothing now: nobody waits for it.

    A write of tmux's is not divided by it: of 2,000 into a terminal that reads slowly none came within one of
    tmux's own sequences (3.3a)."""
    with _TURN:
        return _write(client, raw)


def _write(client: Client, raw: bytes) -> bool:
    try:
        terminal = os.open(client.tty, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return os.isatty(terminal) and os.write(terminal, raw) == len(raw)
    except OSError:
        return False
    finally:
        os.close(terminal)
