"""One `list-panes` for everything that a command needs to know about all windows."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents.drivers.tmux import call
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.value import Value

# Not `pane_current_command`: tmux reads /proc for it, 40 % of the cost of a long list.
_FIELDS = (
    "pid",
    "start_time",
    "window_id",
    "pane_id",
    "pane_pid",
    "pane_tty",
    "pane_dead",
    "pane_dead_signal",
    "pane_pipe",
    "@tmuxagents_id",
    "@tmuxagents_generation",
    "@tmuxagents_role",
)
_SEPARATOR = "\x1f"
_FORMAT = _SEPARATOR.join(f"#{{{name}}}" for name in _FIELDS)


class PaneNow(Value):
    """A pane as tmux described it. `agent_id` is empty for panes that are not an agent's; `tty` is its terminal."""

    window: str
    pane: str
    pid: int
    dead: bool
    dead_signal: int | None
    piped: bool
    agent_id: str
    generation: int
    role: str
    tty: str = ""


class Snapshot(Value):
    """All panes of a server at a moment; `server` tells one server's life from the next."""

    server: str
    panes: Mapping[str, PaneNow]
    by_agent: Mapping[tuple[str, int], PaneNow]

    def of(self, agent_id: str, generation: int) -> PaneNow | None:
        """The pane of that start of that agent."""
        return self.by_agent.get((agent_id, generation))

    @property
    def controller(self) -> PaneNow | None:
        """The controller's pane."""
        return next((p for p in self.panes.values() if p.role == "controller"), None)


EMPTY = Snapshot(server="", panes={}, by_agent={})
"""What there is without a server: nothing."""


def take(server: Server) -> Snapshot:
    """All panes now; `EMPTY` without a server; `TmuxUnreachable` when tmux cannot be asked."""
    if not server.socket.exists():
        return EMPTY
    try:
        text = call.ask(server, "list-panes", "-a", "-F", _FORMAT)
    except call.NoServer:
        return EMPTY
    except TmuxUnreachable as error:
        if "no current session" in error.message or "no sessions" in error.message:
            return EMPTY
        raise
    return parse(text)


def described(server: Server, pane: str) -> tuple[str, str]:
    """A pane's window name, and the folder that its program works in."""
    text = call.ask(server, "display-message", "-p", "-t", pane, f"#{{window_name}}{_SEPARATOR}#{{pane_current_path}}")
    name, _, folder = text.rstrip("\n").partition(_SEPARATOR)
    return name, folder


def parse(text: str) -> Snapshot:
    """The snapshot in `list-panes` output; lines that are not ours are passed over."""
    rows = [row for line in text.splitlines() if len(row := line.split(_SEPARATOR)) == len(_FIELDS)]
    if not rows:
        return EMPTY
    panes = [_pane(dict(zip(_FIELDS, row, strict=True))) for row in rows]
    # The first of two: a person may have split a window, but only one pane is marked.
    marked = {(pane.agent_id, pane.generation): pane for pane in reversed(panes) if pane.agent_id}
    return Snapshot(f"{rows[0][0]}.{rows[0][1]}", {pane.pane: pane for pane in panes}, marked)


def _pane(row: Mapping[str, str]) -> PaneNow:
    return PaneNow(
        window=row["window_id"],
        pane=row["pane_id"],
        pid=_number(row["pane_pid"]),
        dead=row["pane_dead"] == "1",
        dead_signal=_number(row["pane_dead_signal"]) or None,
        piped=row["pane_pipe"] == "1",
        agent_id=row["@tmuxagents_id"],
        generation=_number(row["@tmuxagents_generation"]),
        role=row["@tmuxagents_role"],
        tty=row["pane_tty"],
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
