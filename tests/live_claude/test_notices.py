"""The real `claude`: each thing that it asks leave for is one notice, and its command settles that one."""

from __future__ import annotations

import shlex

import pytest

from tests.conftest import either_version
from tests.support.called import configure
from tests.support.fleet import Fleet, eventually

pytestmark = pytest.mark.claude


@either_version
def test_each_request_is_one_notice_whose_command_settles_it_and_nothing_later(claude: Fleet) -> None:
    called = configure(claude, on=["needs", "failed", "finished"], channels=["command"], command=["call-me"])
    claude.ok("spawn", "--name", "a", "--permission-mode", "default", "bash: touch one")
    called.settled(1)
    [first] = called.command()
    words = shlex.split(first["command"])[1:]
    assert (first["notice"], first["needs"], first["agent"]) == ("needs", "permission", "a")
    assert "touch one" in first["text"]
    # Its dialog is drawn behind its hook: that is the same need, and the same notice.
    eventually(lambda: "1. Yes" in claude.screen("a"))

    claude.ok(*words)
    claude.wait_for("a", lambda agent: agent["turns"] == 1)
    called.settled(2)
    claude.ok("say", "a", "bash: touch two")
    rows = called.settled(3)

    stale = claude(*words)
    assert (stale.code, claude.agent("a")["needs"]) == (3, "permission")
    assert not (claude.work / "two").exists()
    assert [row["kind"] for row in called.recorded()] == ["needs", "finished", "needs"]
    assert [row["state"] for row in rows] == ["sent"] * 3
    [second] = [one for one in called.command() if "touch two" in str(one["text"])]
    claude.ok(*shlex.split(second["command"])[1:])
    eventually((claude.work / "two").exists)


@pytest.mark.soak
@either_version
def test_a_limit_is_told_once_while_it_lasts(claude: Fleet) -> None:
    called = configure(claude, channels=["command"], command=["call-me"])
    claude.ok("spawn", "--name", "a", "--env", "CLAUDE_CODE_MAX_RETRIES=1", "err: 429")

    called.settled(1)

    claude.wait_state("a", "limited")
    [told] = called.command()
    assert (told["notice"], told["state"], told["needs"]) == ("limited", "limited", None)
    assert "429" in told["text"]
    assert [row["kind"] for row in called.recorded()] == ["limited"]
