"""A usage limit of the account is waited out: on the real `claude`, told by the API when it ends."""

from __future__ import annotations

import itertools
import sqlite3

import pytest

from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

NAMES = [
    pytest.param(["a", "b", "c"], marks=pytest.mark.soak, id="three"),
    pytest.param(list("abcdef"), marks=pytest.mark.soak, id="six"),
]
VERSIONS = ["newest", pytest.param("oldest", marks=pytest.mark.soak)]


@pytest.mark.claude
@pytest.mark.parametrize("claude_version", VERSIONS, indirect=True)
@pytest.mark.parametrize("names", NAMES)
def test_each_that_a_limit_stopped_continues_once_spaced_and_a_second_limit_is_honoured(
    claude: Fleet, api: MessagesApi, names: list[str]
) -> None:
    (claude.home / "config.toml").write_text("continue_spacing_s = 1\n")
    for name in names:
        claude.ok("spawn", "--name", name)
    for name in names:
        claude.wait_state(name, "idle")
    # The second one stands until the last has met it.
    api.limits = [5.0 + 2 * len(names), 5.0 + len(names)]
    claude.ok("say", "all", "say: hello")
    for name in names:
        claude.wait_state(name, "limited")
    told = [claude.agent(name) for name in names]
    footer = claude.look("ls").out.splitlines()[-1]

    eventually(lambda: all(claude.agent(name)["turns"] == 3 for name in names), explain=lambda: str(claude.agents()))

    assert all(one["resets"] and one["continues"] > one["resets"] for one in told)
    assert f"{len(names)} agents are limited until" in footer
    sent = [r for r in api.requests if r.prompt == "continue"]
    # Each once at each reset, however often it was refused.
    assert len(sent) == 2 * len(names)
    assert all(claude.agent(name)["state"] == "idle" for name in names)
    for name in names:
        said = [e for e in claude.entries() if e["agent"] == name and e["kind"] == "prompt"]
        assert [e["text"] for e in said] == ["say: hello", "continue", "continue"]
    _are_spaced(claude, api)


def _are_spaced(claude: Fleet, api: MessagesApi) -> None:
    """None before its reset, and no two planned at one moment."""
    connection = sqlite3.connect(claude.state / "tmuxagents.db")
    planned = [row[0] / 1e9 for row in connection.execute("SELECT not_before_ns FROM messages WHERE key IS NOT NULL")]
    connection.close()
    planned.sort()
    assert planned[0] >= api.resets[0]
    half = len(planned) // 2
    assert planned[half] >= api.resets[1]
    assert all(b - a >= 0.99 for a, b in itertools.pairwise(planned))


@pytest.mark.claude
@pytest.mark.soak
def test_a_subscriber_continues_once_whether_the_program_asks_or_goes_on_by_itself(
    claude: Fleet, api: MessagesApi, claude_version: str
) -> None:
    del claude.env["ANTHROPIC_API_KEY"]
    claude.env["CLAUDE_CODE_OAUTH_TOKEN"] = "sk-ant-oat01-" + "a" * 90
    api.subscriber = True
    claude.ok("spawn", "--name", "a")
    claude.wait_state("a", "idle")
    api.limits = [10.0]
    claude.ok("say", "a", "say: hello")
    limited = claude.wait_state("a", "limited")
    if claude_version == "oldest":
        # It asks what to do, which is no question to a person.
        eventually(lambda: "Stop and wait" in claude.screen("a"))
    words = "goes on by itself" if claude_version == "newest" else "continues then"
    eventually(lambda: words in claude.look("ls").out)

    claude.wait_for("a", lambda a: a["turns"] == 2 and a["state"] == "idle", 240)

    assert limited["resets"] is not None
    said = [e["text"] for e in claude.entries("--only", "prompt")]
    assert said == ["say: hello", "continue"][: 1 if claude_version == "newest" else 2]
    assert "waiting" not in [e["text"] for e in claude.entries("--only", "state")]
