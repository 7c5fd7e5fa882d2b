"""A message and a bell in every terminal that is attached to the private server."""

from __future__ import annotations

from collections.abc import Callable

from tmuxagents.drivers.notices.outcome import NOBODY, Outcome
from tmuxagents.drivers.tmux import clients
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.errors import TmuxUnreachable

BELL = b"\a"


def send(server: Server, text: Callable[[int], str]) -> Outcome:
    """Show it to whoever is attached, as it is for a terminal of that width."""
    try:
        people = clients.attached(server)
        if not people:
            return Outcome(False, NOBODY)
    except TmuxUnreachable as error:
        return Outcome(False, error.message, again=True)
    # A bell of tmux's own would need a pane that rings. In front of the message: behind it tmux draws.
    for client in people:
        clients.write(client, BELL)
    count = clients.show(server, people, text)
    return Outcome(count > 0, f"shown in {count} terminals" if count != 1 else "shown in 1 terminal")
