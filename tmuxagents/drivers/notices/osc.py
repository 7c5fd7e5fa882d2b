"""A notification by the terminal's own sequence, through whatever connection it is attached by."""

from __future__ import annotations

from tmuxagents.drivers.notices.outcome import NOBODY, Outcome
from tmuxagents.drivers.tmux import clients
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.drivers.tmux.clients import Client
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.value import Value


class Said(Value):
    """What is told: on clean lines, without control characters. `id` lets a terminal know a repetition."""

    id: str
    title: str
    body: str


# As they name themselves to tmux (XTVERSION), in small letters; then by $TERM.
_PROGRAMS = (("iterm2", "9"), ("wezterm", "777"), ("ghostty", "777"), ("foot", "777"), ("kitty", "99"), ("vte", "777"))
_TERMINALS = (
    ("xterm-kitty", "99"),
    ("foot", "777"),
    ("rxvt-unicode", "777"),
    ("wezterm", "777"),
    ("xterm-ghostty", "777"),
)


def chosen(client: Client, wanted: str) -> str | None:
    """The sequence for a terminal: the one that is `wanted`, for `auto` the one it is known to take, if any."""
    if wanted != "auto":
        return wanted
    program, terminal = client.program.lower(), client.terminal.lower()
    by_program = next((number for name, number in _PROGRAMS if program.startswith(name)), None)
    return by_program or next((number for name, number in _TERMINALS if terminal.startswith(name)), None)


def sequence(number: str, said: Said) -> bytes:
    """The bytes of OSC 9, 777 or 99."""
    match number:
        case "9":
            text = f"\x1b]9;{said.title}: {said.body}\x1b\\"
        case "777":
            # A semicolon would end the title.
            text = f"\x1b]777;notify;{said.title.replace(';', ',')};{said.body}\x1b\\"
        case _:
            text = f"\x1b]99;i={said.id}:d=0;{said.title}\x1b\\\x1b]99;i={said.id}:d=1:p=body;{said.body}\x1b\\"
    return text.encode("utf-8", "replace")


def through_tmux(raw: bytes) -> bytes:
    """For the terminal around the user's own tmux, which passes it on where `allow-passthrough` is on."""
    return b"\x1bPtmux;" + raw.replace(b"\x1b", b"\x1b\x1b") + b"\x1b\\"


def send(server: Server, said: Said, wanted: str) -> Outcome:
    """Write it to each terminal that takes it."""
    try:
        people = clients.attached(server)
    except TmuxUnreachable as error:
        return Outcome(False, error.message, again=True)
    if not people:
        return Outcome(False, NOBODY)
    numbered = [(client, number) for client in people if (number := chosen(client, wanted)) is not None]
    if not numbered:
        return Outcome(False, 'no terminal is known to take one; osc = "9", "777" or "99" says which')
    count = sum(clients.write(client, _bytes(client, number, said)) for client, number in numbered)
    return Outcome(count > 0, f"written to {count} of {len(people)} terminals", again=count == 0)


def _bytes(client: Client, number: str, said: Said) -> bytes:
    raw = sequence(number, said)
    return through_tmux(raw) if client.terminal.startswith(("tmux", "screen")) else raw
