"""Open a window with its program, its identity and its capture in one tmux call; close it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from tmuxagents.drivers import scope
from tmuxagents.drivers.tmux import call
from tmuxagents.drivers.tmux.call import Server, quoted, unexpanded
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.value import Value

SESSION = "tmuxagents"
WIDTH, HEIGHT = 200, 50


class Opened(Value):
    """Where the program was started."""

    server: str
    window: str
    pane: str
    pid: int


def open_window(
    server: Server, *, name: str, agent_id: str, generation: int, argv: Sequence[str], folder: Path, raw: Path
) -> Opened:
    """Start `argv` in a new window of the running server.

    One call creates the window, names it, marks it and starts the capture: as two calls a
    quick program's whole output was lost in 400 of 400 tries, as one in 0 of 400. Until it
    has its name the window is addressed by a name that no other window can have.
    """
    token = f"w-{agent_id}-{generation}"
    target = f"={SESSION}:={token}"
    identity = "#{pid}.#{start_time} #{window_id} #{pane_id} #{pane_pid}"
    commands: list[Sequence[str]] = [
        (*("new-window", "-d", "-P", "-F", identity, "-t", f"={SESSION}:", "-n", token), *_program(folder, argv)),
        ("set-option", "-w", "-t", target, "@tmuxagents_agent", agent_id),
        # On the pane: a window that a person splits has one pane that is the agent's.
        ("set-option", "-p", "-t", target, "@tmuxagents_id", agent_id),
        ("set-option", "-p", "-t", target, "@tmuxagents_generation", str(generation)),
        ("pipe-pane", "-O", "-t", target, quoted(capture_command(raw))),
        ("rename-window", "-t", target, name),
    ]
    return parse_opened(call.ask(server, *joined(commands)).splitlines())


def open_session(server: Server, *, argv: Sequence[str], folder: Path, env: dict[str, str]) -> None:
    """Start the server with its session; the first window is the controller's.

    A session that is there already is left as it is, so that two starters make one.
    """
    options = ("-d", "-x", str(WIDTH), "-y", str(HEIGHT), "-s", SESSION, "-n", "controller")
    target = f"={SESSION}:=controller"
    commands: list[Sequence[str]] = [
        ("new-session", *options, *_program(folder, argv)),
        ("set-option", "-p", "-t", target, "@tmuxagents_role", "controller"),
    ]
    try:
        _start(server, joined(commands), env)
    except TmuxUnreachable as error:
        if "duplicate session" not in error.message:
            raise


def _start(server: Server, words: Sequence[str], env: dict[str, str]) -> None:
    """In a scope of its own where that is needed and can be had; else as a child of whoever calls."""
    found = scope.words(server.socket, env) if scope.place() == "session" else None
    if found is not None:
        through, scoped = found
        # Whatever went wrong, the plain start tells it better; a server that is there already is found by it.
        with contextlib.suppress(TmuxUnreachable):
            call.start(server, *words, env=scoped, through=through, within=scope.LIMIT)
            return
    call.start(server, *words, env=env)


def open_controller(server: Server, *, argv: Sequence[str], folder: Path) -> None:
    """A new window for the controller, where a person has closed the old one."""
    target = f"={SESSION}:=controller"
    commands: list[Sequence[str]] = [
        ("new-window", "-d", "-t", f"={SESSION}:", "-n", "controller", *_program(folder, argv)),
        ("set-option", "-p", "-t", target, "@tmuxagents_role", "controller"),
    ]
    call.ask(server, *joined(commands))


def respawn(server: Server, pane: str, argv: Sequence[str], *, over: int) -> None:
    """Start `argv` in a pane whose program has ended, by tmux's word or because its pid is `over`; one that was
    started there meanwhile is left alone."""
    ended = f"#{{||:#{{pane_dead}},#{{==:#{{pane_pid}},{over}}}}}"
    call.ask(server, "if-shell", "-F", "-t", pane, ended, f"respawn-pane -k -t {pane} -- {_shell(argv)}")


def capture(server: Server, pane: str, raw: Path) -> None:
    """Start the capture of a pane again. Never `-o`, which would stop one that runs."""
    call.ask(server, "pipe-pane", "-O", "-t", pane, quoted(capture_command(raw)))


def capture_command(raw: Path) -> str:
    """The `pipe-pane` command that appends to `raw`; `#` and `%` are expanded by tmux, so doubled."""
    path = unexpanded("'" + str(raw).replace("'", "'\\''") + "'").replace("%", "%%")
    return f"umask 077; [ -L {path} ] || exec cat >> {path}"


def close(server: Server, window: str) -> None:
    """Close a window; one that is gone already is no error."""
    try:
        call.ask(server, "kill-window", "-t", window)
    except call.NoServer:
        return
    except TmuxUnreachable as error:
        if "can't find window" not in error.message:
            raise


def rename(server: Server, window: str, name: str) -> None:
    """Give a window that name."""
    call.ask(server, "rename-window", "-t", window, name)


def kill_server(server: Server) -> None:
    """End this server, and nothing else."""
    try:
        call.ask(server, "kill-server")
    except call.NoServer:
        return


def joined(commands: Sequence[Sequence[str]]) -> list[str]:
    """Several tmux commands as one argument list."""
    words: list[str] = []
    for command in commands:
        words += [*([";"] if words else []), *command]
    return words


def parse_opened(lines: Sequence[str]) -> Opened:
    """What `new-window -P` printed."""
    words = lines[0].split() if lines else []
    if len(words) != 4:
        raise TmuxUnreachable(f"tmux did not say which window it opened: {lines[:1]}", hint="tmuxagents doctor")
    return Opened(server=words[0], window=words[1], pane=words[2], pid=int(words[3]))


def _program(folder: Path, argv: Sequence[str]) -> tuple[str, ...]:
    return ("-c", quoted(unexpanded(str(folder))), "--", *map(quoted, argv))


def _shell(argv: Sequence[str]) -> str:
    import shlex

    return shlex.join(argv)
