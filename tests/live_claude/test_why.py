"""The real program's last words, where it does not start."""

from __future__ import annotations

from tests.conftest import either_version
from tests.support.fleet import Fleet


@either_version
def test_an_option_that_it_does_not_know_is_told_as_the_reason(claude: Fleet) -> None:
    claude("spawn", "--permission-mode", "nonsense", "hello")

    agent = claude.wait_state("agent-1", "failed")

    assert agent["reason"].startswith("exit 1: error: option '--permission-mode")


def test_a_login_that_is_missing_is_said_at_once_and_asked_for_by_the_program(claude: Fleet) -> None:
    del claude.env["ANTHROPIC_API_KEY"]

    ran = claude.ok("spawn", "hello")

    assert "nobody is logged in to claude" in ran.err
    assert "hint: tmuxagents attach agent-1" in ran.err
    assert claude.wait_state("agent-1", "waiting")["needs"] == "login"
    assert "nobody is logged in" in claude("doctor").out


def test_with_a_key_nothing_is_said_of_a_login(claude: Fleet) -> None:
    assert "logged in" not in claude.ok("spawn", "hello").err
    assert "logged in" not in claude("doctor").out
