"""The real program's last words, where it does not start."""

from __future__ import annotations

from tests.support.fleet import Fleet


def test_an_option_that_it_does_not_know_is_told_as_the_reason(claude: Fleet) -> None:
    claude("spawn", "--permission-mode", "nonsense", "hello")

    agent = claude.wait_state("agent-1", "failed")

    assert agent["reason"].startswith("exit 1: error: option '--permission-mode")
