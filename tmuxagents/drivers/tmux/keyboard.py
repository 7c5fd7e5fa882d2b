"""Read a pane's screen and type into it, each guarded by tmux itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from tmuxagents.drivers.tmux import call
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.drivers.tmux.window import HEIGHT, WIDTH, joined
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.value import Value

_END = "\x1etmuxagents-end\x1e"


def screen(server: Server, pane: str) -> list[str]:
    """The visible rows with their attributes (SGR), oldest first."""
    return call.ask(server, "capture-pane", "-p", "-e", "-t", pane).split("\n")[:-1]


def screens(server: Server, panes: Sequence[str]) -> Mapping[str, list[str]]:
    """The visible rows of many panes, in one call; panes that are gone are left out.

    A hundred screens in one call cost what two in two calls do.
    """
    found: dict[str, list[str]] = {}
    # The chain stops at the first pane that is gone, so the rest is asked for again without it.
    rest = list(panes)
    while rest:
        text, failed = _captures(server, rest)
        parts = text.split(_END + "\n")[:-1]
        found.update({pane: part.split("\n")[:-1] for pane, part in zip(rest, parts, strict=False)})
        rest = rest[len(parts) + 1 :] if failed else []
    return found


class View(Value):
    """What a pane shows, how large it is, whether its program has ended, when a person last typed there, and
    when one last left a window, whichever: they may have typed there before. Whether a person's terminal is
    attached at all: it sets the size of every window. `tty` is the terminal that its program reads."""

    rows: list[str]
    dead: bool
    width: int
    height: int
    person_ns: int | None
    left_ns: int | None
    watched: bool
    tty: str


_VIEW = "#{pane_dead} #{window_id} #{pane_width} #{pane_height} #{?@tmuxagents_left,#{@tmuxagents_left},0} #{pane_tty}"
_CLIENT = "#{window_id} #{client_activity} #{client_control_mode}"


def view(server: Server, pane: str) -> View | None:
    """The pane at a moment, in one call; None when there is no such pane (any more)."""
    commands: list[Sequence[str]] = [
        ("display-message", "-p", "-t", pane, _VIEW),
        ("list-clients", "-F", _CLIENT),
        ("display-message", "-p", _END),
        ("capture-pane", "-p", "-e", "-t", pane),
    ]
    try:
        text = call.ask(server, *joined(commands))
    except call.NoServer:
        return None
    except TmuxUnreachable as error:
        if "can't find pane" in error.message:
            return None
        raise
    head, _, shown = text.partition(_END + "\n")
    first, *clients = head.splitlines() or [""]
    words = first.split()
    if len(words) < 5:
        return None  # 3.3a's display-message answers for a pane that is gone, with nothing
    dead, window, width, height, left, *tty = words
    return View(
        rows=shown.split("\n")[:-1],
        dead=dead == "1",
        width=int(width),
        height=int(height),
        person_ns=_newest(active for shown_there, active in _people(clients) if shown_there == window),
        left_ns=_newest([left]),
        watched=bool(_people(clients)),
        tty="".join(tty),
    )


Done = Literal["done", "held back", "ended"]
"""What became of keys or a paste: `held back` by the guard, `ended` where no program runs any more."""


def literal(words: str) -> str:
    """A regular expression for `press_if` that stands for these words, on one row."""
    import re

    # What means something to tmux's formats or to a regular expression becomes "any character".
    return re.sub(r"[^\x00-\x7f]+", ".*", re.sub(r"[^\w \u0080-\U0010ffff]", ".", words))


def press_if(server: Server, pane: str, keys: Sequence[str], *, only: Sequence[str] = (), unless: str = "") -> Done:
    """Press keys where every regular expression of `only` is on the screen and `unless` is not.

    tmux looks and presses in one step: between a look of ours and the key a dialog could open or close.
    """
    return _guarded(server, pane, [f"send-keys -t {pane} {' '.join(keys)}"], only=only, unless=unless)


def paste_unless(server: Server, pane: str, text: str, unless: str = "") -> Done:
    """Paste, with bracketing where the program asked for it, unless the regular expression is on the screen.

    `paste-buffer` into a dead pane crashes tmux 3.3a with every agent in it, so tmux looks and pastes in
    one step. `-r` keeps line breaks as they are: without it tmux turns them into Enter.
    """
    buffer = f"tmuxagents-{os.getpid()}-{pane.lstrip('%')}"
    load = ("load-buffer", "-b", buffer, "-")
    act = [f"paste-buffer -p -r -d -b {buffer} -t {pane}"]
    return _guarded(server, pane, act, unless=unless, first=[load], held=f"delete-buffer -b {buffer} ; ", stdin=text)


def _guarded(
    server: Server,
    pane: str,
    act: Sequence[str],
    *,
    only: Sequence[str] = (),
    unless: str = "",
    first: Sequence[Sequence[str]] = (),
    held: str = "",
    stdin: str | None = None,
) -> Done:
    guard = "#{pane_dead}"
    if unless:
        guard = f"#{{||:{guard},#{{C/r:{unless}}}}}"
    for pattern in only:
        guard = f"#{{||:{guard},#{{==:#{{C/r:{pattern}}},0}}}}"
    refuse = f"{held}display-message -p -t {pane} 'held#{{pane_dead}}'"
    step = ("if-shell", "-F", "-t", pane, guard, refuse, " ; ".join(act))
    try:
        said = call.ask(
            server, *joined([*first, _leave_copy_mode(pane), step]), stdin=None if stdin is None else stdin.encode()
        )
    except call.NoServer:
        return "ended"
    except TmuxUnreachable as error:
        if "can't find pane" in error.message:
            return "ended"
        raise
    if "held" not in said:
        return "done"
    return "ended" if "held1" in said else "held back"


HELD_S = 15
"""After this long a window that was enlarged goes back to its people's size, whoever died meanwhile."""


def enlarge(server: Server, pane: str) -> None:
    """Give a window the size that new ones have, whatever terminal is attached.

    A size set by hand lasts until `give_back`, which leaves it as it is where nobody is attached
    (3.3a: a window that a person has left keeps that person's size). Never with `-g`: see the
    configuration.
    """
    back = f"set-option -w -u -t {pane} window-size"
    commands: list[Sequence[str]] = [
        ("resize-window", "-t", pane, "-x", str(WIDTH), "-y", str(HEIGHT)),
        ("run-shell", "-b", "-d", str(HELD_S), "-C", back),
    ]
    call.ask(server, *joined(commands))


def give_back(server: Server, pane: str) -> None:
    """Let the terminals that are attached decide the window's size again."""
    call.ask(server, "set-option", "-w", "-u", "-t", pane, "window-size")


def tell(server: Server, commands: Sequence[Sequence[str]]) -> None:
    """Carry out several commands in one call."""
    call.ask(server, *joined(commands))


def _newest(moments: Iterable[str]) -> int | None:
    """The newest of moments as tmux tells them, in whole seconds; None where there is none."""
    newest = max((int(moment) for moment in moments if moment.isdecimal()), default=0)
    return newest * 1_000_000_000 if newest else None


def _people(clients: Sequence[str]) -> list[tuple[str, str]]:
    """The window that each person's terminal shows, and when it was last typed at; programs left out."""
    rows = [line.split() for line in clients]
    return [(row[0], row[1]) for row in rows if len(row) == 3 and row[2] == "0"]


def _leave_copy_mode(pane: str) -> Sequence[str]:
    """In copy mode tmux takes the keys for itself, with exit code 0."""
    return ("if-shell", "-F", "-t", pane, "#{pane_in_mode}", f"copy-mode -q -t {pane}")


def _captures(server: Server, panes: Sequence[str]) -> tuple[str, bool]:
    commands: list[Sequence[str]] = []
    for pane in panes:
        commands.append(("capture-pane", "-p", "-e", "-t", pane))
        commands.append(("display-message", "-p", _END))
    import subprocess

    argv = ["tmux", "-u", "-N", "-S", str(server.socket), *joined(commands)]
    try:
        # As `call` does: not killed with the terminal.
        done = subprocess.run(argv, capture_output=True, timeout=call.LIMIT, check=False, start_new_session=True)
    except subprocess.TimeoutExpired as error:
        raise TmuxUnreachable("tmux did not answer in time", hint="tmuxagents doctor") from error
    return done.stdout.decode(errors="replace"), done.returncode != 0


class Geometry(Value):
    """How much a pane holds."""

    history_size: int
    history_limit: int
    alternate: bool


class Taken(Value):
    """A pane's last history rows and its visible rows, plain, wrapped rows joined, of one moment.

    `joined` says that the last history row goes on in the first visible one.
    """

    geometry: Geometry
    scrolled: tuple[str, ...]
    visible: tuple[str, ...]
    joined: bool


_GEOMETRY = "#{history_size} #{history_limit} #{alternate_on}"


def geometry(server: Server, pane: str) -> Geometry:
    """How much a pane holds now."""
    return _geometry(call.ask(server, "display-message", "-p", "-t", pane, _GEOMETRY))


def look(server: Server, pane: str, rows: int) -> Taken:
    """The last `rows` rows of the history and the screen, in one call, so that nothing moves between."""
    commands: list[Sequence[str]] = [("display-message", "-p", "-t", pane, _GEOMETRY)]
    if rows > 0:
        # Without a history tmux would take the first visible row for its last one.
        capture = f"capture-pane -p -J -S -{rows} -E -1 -t {pane}"
        commands.append(("if-shell", "-F", "-t", pane, "#{history_size}", capture))
    commands += [("display-message", "-p", _END), ("capture-pane", "-p", "-J", "-t", pane)]
    commands += [("display-message", "-p", _END), ("capture-pane", "-p", "-J", "-S", "-1", "-E", "0", "-t", pane)]
    head, _, rest = call.ask(server, *joined(commands)).partition("\n")
    scrolled, visible, edge = (*rest.split(_END + "\n"), "", "")[:3]
    now = _geometry(head)
    over_the_edge = now.history_size > 0 and edge.count("\n") == 1
    return Taken(now, tuple(scrolled.split("\n")[:-1]), tuple(visible.split("\n")[:-1]), over_the_edge)


def _geometry(text: str) -> Geometry:
    size, limit, alternate = (*text.split(), "0", "0", "0")[:3]
    return Geometry(int(size), int(limit), alternate == "1")
