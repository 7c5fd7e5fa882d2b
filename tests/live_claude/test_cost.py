"""Tokens and cost of the real `claude`, against sums worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import either_version
from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi, Usage

pytestmark = pytest.mark.claude

# List prices in micro-dollars a token: input, output, cache write (5 minutes), cache read.
PRICES = {"claude-opus-4-8": (5, 25, 6.25, 0.5), "claude-opus-5-5": (4, 20, 5, 0.2)}

TURNS = ["tools: 2", "say: no tool here", "bash: echo hi", "task: say: from below", "tools: 1"]


@pytest.mark.soak
@either_version
def test_five_turns_with_tools_cost_what_the_sums_by_hand_say(claude: Fleet, api: MessagesApi) -> None:
    agent = _spawn(claude)

    _converse(claude, agent, TURNS)

    # 2 tools are 3 requests; a subagent's own is one. Where it runs in the background (2.1.330),
    # its end is a turn of the main conversation: one more.
    requests = 3 + 1 + 2 + (2 + 1) + 2
    notices = [r for r in api.requests if "[SYSTEM NOTIFICATION" in str(r.body["messages"][-1])]
    done = claude.wait_for(agent, lambda a: _microusd(a) == _by_hand(api))
    assert len(api.requests) == requests + len(notices)
    assert _tokens(done) == _times(api.usage, len(api.requests))


@pytest.mark.soak
@either_version
def test_the_turns_costs_add_up_to_the_total(claude: Fleet, api: MessagesApi) -> None:
    agent = _spawn(claude)

    _converse(claude, agent, TURNS[1:4])

    total = _microusd(claude.wait_for(agent, lambda a: _microusd(a) == _by_hand(api)))
    claude.wait_for(agent, lambda a: _of_turns(claude, agent) == total)


@pytest.mark.soak
@either_version
def test_a_cleared_conversation_costs_on_top(claude: Fleet, api: MessagesApi) -> None:
    agent = _spawn(claude)
    _converse(claude, agent, TURNS[:2])
    before = claude.wait_for(agent, lambda a: _microusd(a) == _by_hand(api))

    claude.ok("say", agent, "/clear")
    cleared = claude.wait_for(agent, lambda a: a["conversation"] != before["conversation"])
    _converse(claude, agent, TURNS[2:3])

    assert _microusd(cleared) >= _microusd(before)
    done = claude.wait_for(agent, lambda a: _microusd(a) == _by_hand(api))
    assert _tokens(done) == _times(api.usage, len(api.requests))


def _spawn(claude: Fleet) -> str:
    agent = claude.ok("spawn", "-q", "--permission-mode", "bypassPermissions").out.strip()
    claude.wait_state(agent, "idle")
    return agent


def _converse(claude: Fleet, agent: str, prompts: list[str]) -> None:
    for prompt in prompts:
        claude.ok("say", "--wait", agent, prompt)
        claude.wait_for(agent, lambda a: a["state"] == "idle" and not a["reason"])


def _by_hand(api: MessagesApi) -> int:
    """Every request at its model's list price; 2.1.197 asks for the conversation's title as well."""
    return round(sum(_price(body["model"], api.usage) for body in [*(r.body for r in api.requests), *api.others]))


def _price(model: str, usage: Usage) -> float:
    asked, answered, written, read = PRICES[model]
    return (
        usage.input_tokens * asked
        + usage.output_tokens * answered
        + usage.cache_creation_input_tokens * written
        + usage.cache_read_input_tokens * read
    )


def _times(usage: Usage, requests: int) -> tuple[int, int, int, int]:
    return (
        usage.input_tokens * requests,
        usage.output_tokens * requests,
        usage.cache_creation_input_tokens * requests,
        usage.cache_read_input_tokens * requests,
    )


def _tokens(agent: dict[str, Any]) -> tuple[int, int, int, int]:
    usage = agent["usage"]
    return (usage["input_tokens"], usage["output_tokens"], usage["cache_write_tokens"], usage["cache_read_tokens"])


def _microusd(agent: dict[str, Any]) -> int:
    return round((agent["usage"]["cost_usd"] or 0) * 1_000_000)


def _of_turns(claude: Fleet, agent: str) -> int:
    turns = claude.entries(agent, "--only", "turn")
    return round(sum(turn["detail"]["cost_usd"] or 0 for turn in turns) * 1_000_000)
