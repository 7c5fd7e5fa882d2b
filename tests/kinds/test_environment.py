"""Which variables of the caller's an agent gets, and which the server."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds import environment
from tmuxagents.kinds.claude.launch import NESTING

SECRETS = {"ANTHROPIC_API_KEY": "k", "CLAUDE_CODE_OAUTH_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s", "MY_TOKEN": "x"}

LOCALES = st.none() | st.sampled_from(
    ["", "C", "POSIX", "de_DE", "en_GB.ISO-8859-1", "en_US.UTF-8", "C.utf8", "C.UTF-8"]
)

names = st.from_regex(r"[A-Z][A-Z0-9_]{0,12}", fullmatch=True)
callers = st.builds(
    lambda rest, locales: {**rest, **{name: value for name, value in locales.items() if value is not None}},
    st.dictionaries(names, st.text(max_size=8), max_size=6),
    st.fixed_dictionaries({"LC_ALL": LOCALES, "LC_CTYPE": LOCALES, "LANG": LOCALES}),
)


def agent(caller: Mapping[str, str], **changes: Mapping[str, str]) -> dict[str, str]:
    parts: dict[str, Mapping[str, str]] = {"fixed": {}, "given": {}, "own": {}, **changes}
    return environment.agent(caller, unset=NESTING, fixed=parts["fixed"], given=parts["given"], own=parts["own"])


def test_a_claude_that_starts_a_fleet_is_not_seen_by_the_claudes_in_it() -> None:
    caller = dict.fromkeys(NESTING, "1") | {
        "TMUX": "/tmp/x,1,0",
        "TMUX_PANE": "%0",
        "STY": "1",
        "HOME": "/home/user",
    }

    env = agent(caller)

    assert not set(env) & {*NESTING, "TMUX", "TMUX_PANE", "STY"}
    assert env["HOME"] == "/home/user"


def test_the_callers_secrets_reach_the_agent_and_not_the_server() -> None:
    assert agent(SECRETS).items() >= SECRETS.items()
    assert not set(environment.server(SECRETS)) & set(SECRETS)


@given(callers)
def test_the_server_gets_only_what_finds_programs_and_folders(caller: dict[str, str]) -> None:
    ours = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "TZ", "XDG_", "TMUXAGENTS_", "PYTHON", "LC_")

    assert all(name.startswith(ours) for name in environment.server(caller))


def test_the_server_is_nobodys_shell_also_where_an_agent_starts_it() -> None:
    caller = {"PATH": "/bin", "TMUXAGENTS_NAME": "api", "TMUXAGENTS_CONFIG": "/c.toml"}

    assert "TMUXAGENTS_NAME" not in environment.server(caller)
    assert environment.server(caller)["TMUXAGENTS_CONFIG"] == "/c.toml"


@given(callers)
@pytest.mark.parametrize("whose", [agent, environment.server])
def test_the_locale_is_always_utf_8(whose, caller: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    env = whose(caller)

    # As setlocale(3) chooses: LC_ALL before LC_CTYPE before LANG, an empty one being none.
    chosen = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    assert "utf" in chosen.lower()


@given(callers)
def test_a_utf_8_locale_of_the_callers_stays(caller: dict[str, str]) -> None:
    caller = {**caller, "LC_ALL": "de_DE.UTF-8"}

    assert agent(caller)["LC_ALL"] == "de_DE.UTF-8"
    assert agent(caller).get("LC_CTYPE") == caller.get("LC_CTYPE")


def test_the_nearer_word_wins() -> None:
    fixed = {"A": "fixed", "B": "fixed", "C": "fixed", "D": "fixed"}

    env = agent(
        {"B": "caller", "C": "caller", "D": "caller"}, fixed=fixed, given={"C": "given", "D": "given"}, own={"D": "own"}
    )

    assert [env[name] for name in "ABCD"] == ["fixed", "caller", "given", "own"]


@given(callers)
def test_an_agent_always_knows_the_terminal_that_it_runs_in(caller: dict[str, str]) -> None:
    env = agent({**caller, "TERM": "dumb", "COLUMNS": "10", "TMUXAGENTS_NAME": "the caller's"})

    assert env["TERM"] == "tmux-256color"
    assert not set(env) & {"COLUMNS", "LINES", "TMUXAGENTS_NAME"}


@given(callers)
def test_nothing_else_of_the_callers_is_lost(caller: dict[str, str]) -> None:
    kept = {k: v for k, v in caller.items() if k not in environment._TERMINAL and k not in NESTING and "LC" not in k}

    assert agent({**kept, "LANG": "C.UTF-8"}).items() >= {**kept, "LANG": "C.UTF-8"}.items() - {("COLORTERM", "")}
