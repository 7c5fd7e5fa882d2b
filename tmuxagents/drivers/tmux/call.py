"""Ask one tmux server something, within a time limit.

tmux is run directly: importing libtmux costs eight bare interpreters, half the time of a `spawn`, and its `cmd` has
neither a time limit nor standard input. It is used where nobody waits for it (`version`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tmuxagents.errors import TmuxMissing, TmuxUnreachable
from tmuxagents.value import Value

LIMIT = 5.0
"""Seconds after which a tmux that has not answered counts as unreachable."""

INSTALL = "brew install tmux" if sys.platform == "darwin" else "apt-get install tmux"
"""What installs tmux."""


class Server(Value):
    """One private tmux server; `socket` is its only address."""

    socket: Path
    config: Path


class NoServer(TmuxUnreachable):
    """Nothing listens on the socket: there is no server, so no agent runs in it."""


def ask(server: Server, *args: str, stdin: bytes | None = None, within: float = LIMIT) -> str:
    """The standard output of one tmux command (or several, joined by `;`).

    `NoServer` when nothing listens, `TmuxUnreachable` when it does not answer in time or
    refuses. `-N` keeps a question from starting a server.
    """
    argv = ["tmux", "-u", "-N", "-S", str(server.socket), *args]
    return _finish(server, argv, stdin, within, None)


def start(server: Server, *args: str, env: dict[str, str], through: Sequence[str] = (), within: float = LIMIT) -> str:
    """Like `ask`, but starts the server with our configuration and exactly the environment `env`.
    `through` is a program that becomes tmux."""
    argv = [*through, "tmux", "-u", "-S", str(server.socket), "-f", str(server.config), *args]
    return _finish(server, argv, None, within, env)


def quoted(argument: str) -> str:
    """An argument that tmux passes on as it is: a `;` at its end would end the command."""
    return argument[:-1] + "\\;" if argument.endswith(";") else argument


def unexpanded(text: str) -> str:
    """A text that tmux's formats leave as it is."""
    # `##[` stays `##[`, for a style, also where none is drawn (3.3a): the bracket comes as a literal.
    return text.replace("#", "##").replace("#[", "##{l:[}")


def _finish(server: Server, argv: Sequence[str], stdin: bytes | None, within: float, env: dict[str, str] | None) -> str:
    try:
        # Never the caller's own input: a terminal there has tmux refuse what it asks where $TERM is not known to the
        # machine (3.3a; the rule over SSH from kitty or ghostty).
        # In a session of its own: where a terminal is closed the kernel sends SIGHUP to all that belong to it, and a
        # chat that goes on to deliver would find the tmux killed that it was asking.
        done = subprocess.run(
            argv,
            input=stdin or b"",
            capture_output=True,
            timeout=within,
            env=env,
            check=False,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise _missing() from error
    except subprocess.TimeoutExpired as error:
        raise TmuxUnreachable(f"tmux did not answer within {within:g} s", hint="tmuxagents doctor") from error
    if done.returncode != 0:
        # 3.3a reports a parse error on stdout.
        raise _failure(server, (done.stderr or done.stdout).decode(errors="replace").strip())
    return done.stdout.decode(errors="replace")


def _failure(server: Server, said: str) -> TmuxUnreachable:
    absent = ("no server running", "error connecting", "No such file or directory", "Connection refused")
    if any(words in said for words in absent):
        return NoServer("no tmux server is running", hint="tmuxagents resume --all")
    from tmuxagents.drivers.tmux import upgraded

    two = upgraded.mismatch(said)
    if two is not None:
        old = upgraded.reach(server.socket)
        words = f"{two}; its agents run on; when they are done: {old} kill-server"
        return TmuxUnreachable(words, hint=f"{old} attach")
    if "server exited unexpectedly" in said or "lost server" in said:
        # It may have died of something else just now: the next question tells.
        return TmuxUnreachable("the tmux server hung up", hint="tmuxagents ls")
    return TmuxUnreachable(f"tmux refused: {said[:200] or 'it gave no reason'}", hint="tmuxagents doctor")


def _missing() -> TmuxMissing:
    return TmuxMissing("tmux is not installed", hint=INSTALL)
