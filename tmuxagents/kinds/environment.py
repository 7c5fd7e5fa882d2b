"""Which of the caller's variables an agent gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# They describe the caller's terminal and shell, not the agent's.
_TERMINAL = frozenset(
    {
        "TERM",
        "TERM_PROGRAM",
        "TERM_PROGRAM_VERSION",
        "COLORTERM",
        "COLUMNS",
        "LINES",
        "WINDOWID",
        "STY",
        "TMUX",
        "TMUX_PANE",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "TMUXAGENTS_NAME",
        "TMUXAGENTS_PORT",
        "TMUXAGENTS_GENERATION",
        "TMUXAGENTS_STATE_DIR",
    }
)

# What the server and the controller get: enough to find programs and folders, no secrets.
_PLAIN = frozenset(["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ"])


def agent(
    caller: Mapping[str, str],
    *,
    unset: Sequence[str],
    fixed: Mapping[str, str],
    given: Mapping[str, str],
    own: Mapping[str, str],
) -> dict[str, str]:
    """The agent's environment: the caller's less the terminal's and `unset`, under `fixed` (which a
    variable of the caller's beats), `given` with `--env`, and `own`.

    Without a UTF-8 locale programs print question marks, so one is set where none is.
    """
    kept = {k: v for k, v in caller.items() if k not in _TERMINAL and k not in unset}
    env = {**fixed, **kept, **given, **own, "TERM": "tmux-256color", "COLORTERM": "truecolor"}
    return _utf8(env)


def server(caller: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tmux server and the controller."""
    kept = {k: v for k, v in caller.items() if k in _PLAIN or k.startswith(("XDG_", "TMUXAGENTS_", "PYTHON"))}
    kept.pop("TMUXAGENTS_STATE_DIR", None)
    # The server and what it starts are nobody's shell, also where an agent was the first who needed one.
    kept.pop("TMUXAGENTS_NAME", None)
    kept.pop("TMUXAGENTS_PORT", None)
    return _utf8(kept)


def _utf8(env: dict[str, str]) -> dict[str, str]:
    if _is_utf8(env):
        return env
    # LC_ALL overrules LC_CTYPE; the caller's other categories stay.
    return {**{k: v for k, v in env.items() if k != "LC_ALL"}, "LC_CTYPE": "C.UTF-8"}


def _is_utf8(env: Mapping[str, str]) -> bool:
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    return "utf-8" in locale.lower() or "utf8" in locale.lower()
