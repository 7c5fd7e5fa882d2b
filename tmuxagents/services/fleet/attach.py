"""Put the person into the real tmux, and move them to who needs them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from tmuxagents.drivers.tmux import call
from tmuxagents.drivers.tmux.window import SESSION, joined
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.output import detaching
from tmuxagents.output.detaching import NESTED_PREFIX
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import Fleet

_LEAVE = "if-shell -F '#{&&:#{@tmuxagents_view},#{==:#{session_attached},0}}' kill-session"
"""Ends the view that its last client has left."""


def arguments(app: App, team: Fleet, agent: Agent | None) -> list[str]:
    """The tmux command to become. Each attach has a view of its own (a grouped session that goes
    with it), so that two people do not turn each other's pages.

    It goes by a hook and not by `destroy-unattached`: with that tmux 3.3a ends the session while the client that
    was told to detach still points to it, and crashes with every agent at the next command (on a busy machine one
    detach in ten; always where the client is stopped meanwhile).
    """
    team.must_be_seen()
    if agent is not None and agent.phase == "queued":
        raise Refused(f"{agent.name} is queued: it has no window yet", hint="tmuxagents queue")
    if team.snapshot is None or not team.snapshot.panes:
        raise TmuxagentsError("no agent's window is open", hint="tmuxagents resume --all")
    target = _window(app, team, agent)
    if _inside(app):
        return ["tmux", "-S", str(app.server.socket), "switch-client", "-t", target]
    view = f"view-{os.getpid()}"
    commands: list[Sequence[str]] = [
        ("new-session", "-t", f"={SESSION}", "-s", view),
        ("set-option", "-t", f"={view}:", "@tmuxagents_view", "1"),
        ("set-hook", "-g", "client-detached[9]", _LEAVE),
        # At each attach: a server that runs already has what was wanted when it started.
        ("set-option", "-s", "set-clipboard", "on" if app.config.clipboard else "off"),
        *(_nested(view) if is_nested() else ()),
        ("select-window", "-t", f"={view}:{target}"),
    ]
    # -N: a server that has ended meanwhile is not started anew, with the caller's whole environment.
    return ["tmux", "-u", "-N", "-S", str(app.server.socket), *joined(commands)]


def is_nested() -> bool:
    """Whether this is inside a tmux, which takes its own prefix before ours sees it."""
    return bool(os.environ.get("TMUX"))


def keys() -> str:
    """What leaves the view, in words."""
    return detaching.keys(nested=is_nested())


def _nested(view: str) -> list[Sequence[str]]:
    """A prefix of its own for this view: C-b is most often the outer tmux's, C-a the next most. The first stays
    beside it, for those who pass it on."""
    session = f"={view}:"
    return [
        ("set-option", "-t", session, "prefix", NESTED_PREFIX),
        ("set-option", "-t", session, "prefix2", "C-b"),
        ("set-option", "-t", session, "@tmuxagents_prefix", NESTED_PREFIX),
    ]


_COMMON = "xterm-256color"
"""What a terminal is taken for that this machine does not know; those that call themselves something else mostly
understand it (ghostty, kitty, alacritty, wezterm)."""


def terminal_type() -> str:
    """What tmux is told that the terminal is: $TERM where it is known here. `Refused` for one that can draw no
    screen."""
    import curses

    given = os.environ.get("TERM", "")
    for name in (given, _COMMON):
        with contextlib.suppress(curses.error):
            curses.setupterm(name, sys.stdout.fileno())
            if curses.tigetstr("clear") is None:
                break
            return name
    raise Refused(f"tmux cannot draw on a terminal of the kind '{given[:40]}'", hint=f"export TERM={_COMMON}")


def environment(terminal: str) -> dict[str, str]:
    """The environment for it: without TMUX, so that it nests in the user's own tmux."""
    kept = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
    return {**kept, "TERM": terminal}


def jump(app: App, team: Fleet, client: str) -> str | None:
    """Show a client the next agent that waits, after the one it looks at; its name, None when nobody waits."""
    if team.snapshot is None:
        return None
    said = call.ask(app.server, "display-message", "-p", "-c", client, "#{window_id} #{session_name}").split()
    here, session = (*said, "", "")[:2]
    waiting = [(a, p) for a in team.agents if a.condition.state == "waiting" and (p := team.pane(a)) is not None]
    if not waiting:
        call.ask(app.server, "display-message", "-c", client, "nobody needs you")
        return None
    windows = [pane.window for _, pane in waiting]
    start = windows.index(here) + 1 if here in windows else 0
    agent, pane = waiting[start % len(waiting)]
    _show_dialogs(app, agent)
    call.ask(app.server, "select-window", "-t", f"={session}:{pane.window}")
    return agent.name


def _show_dialogs(app: App, agent: Agent) -> None:
    """Have the dialogs of subagents drawn for the person who comes: 2.1.330 draws none while their hooks wait."""
    from tmuxagents.drivers import hook_pipe

    main = frozenset(request.id for request in agent.condition.requests if request.thread is None)
    hook_pipe.release(app.folder(agent.id) / "asks", keep=main)


def _window(app: App, team: Fleet, agent: Agent | None) -> str:
    assert team.snapshot is not None
    if agent is not None:
        pane = team.pane(agent)
        if pane is None:
            raise Refused(
                f"{agent.name} is {agent.condition.state}: it has no window", hint=f"tmuxagents resume {agent.name}"
            )
        _show_dialogs(app, agent)
        return pane.window
    needy = [a for a in team.agents if a.condition.state == "waiting"] + list(reversed(team.agents))
    panes = [pane for a in needy if (pane := team.pane(a)) is not None]
    return (panes or list(team.snapshot.panes.values()))[0].window


def _inside(app: App) -> bool:
    return os.environ.get("TMUX", "").split(",")[0] == str(app.server.socket)
