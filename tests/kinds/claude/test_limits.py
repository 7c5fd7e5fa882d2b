"""When a limit ends, by the words and the records of both versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds import folding, registry
from tmuxagents.kinds.claude import limits
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Hook, Observation, Record

SECOND = 10**9
CLAUDE = registry.kind("claude")
NOW = datetime(2026, 11, 27, 19, 18, 22, tzinfo=UTC)
AT = round(NOW.timestamp()) * SECOND


def _ns(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        # As 2.1.197 and 2.1.330 say it; of the minute that is named it is the end.
        ("You've hit your session limit · resets 7:18pm (UTC)", _ns(2026, 11, 27, 19, 19)),
        ("You've hit your 5-hour limit · resets 7:24pm (UTC)", _ns(2026, 11, 27, 19, 25)),
        ("You've hit your 5-hour limit · resets Nov 30, 7:38pm (UTC)", _ns(2026, 11, 30, 19, 39)),
        ("You've hit your weekly limit · resets Jan 2 at 3pm (Europe/Berlin)", _ns(2027, 1, 2, 14, 1)),
        ("You've hit your limit · resets 12am (UTC)", _ns(2026, 11, 28, 0, 1)),
        ("You've hit your limit · resets 7:17pm (UTC)", _ns(2026, 11, 28, 19, 18)),
        ("API Error: Request rejected (429) · usage limit reached|1795807494", 1795807494 * SECOND),
        ("429 Limit resets at: 2026-11-27 20:00:05 UTC", _ns(2026, 11, 27, 20, 0, 5)),
        ("Rate limit reached. Please try again in 1m30s.", AT + 90 * SECOND),
        ("please try again in 2 hours", AT + 7_200 * SECOND),
        ("API Error: Request rejected (429) · scripted 429", None),
        ("This request would exceed your account's rate limit. Please try again later.", None),
        ("You've hit your limit · resets 3pm (Nowhere/Never)", None),
        ("You've hit your limit · resets Feb 31, 3pm (UTC)", None),
        ("resets 13:99pm", None),
    ],
)
def test_a_text_says_when_a_limit_ends(said: str, wanted: int | None) -> None:
    assert limits.told(said, AT) == wanted


@given(st.text(alphabet="resets at|in agoin 0123456789:.,()apmNovUTCs/-"), st.integers(0, 2 * 10**18))
def test_whatever_is_said_there_is_a_moment_or_none(said: str, at_ns: int) -> None:
    found = limits.told(said, at_ns)

    assert found is None or isinstance(found, int)


FAILED = Hook(
    "StopFailure", {"error": "rate_limit", "last_assistant_message": "You've hit your 5-hour limit · resets 7:24pm"}, AT
)
RECORD: dict[str, Any] = {
    "type": "assistant",
    "isApiErrorMessage": True,
    "quotaLimits": {"status": "rejected", "resetsAt": 1795807494},
    "message": {"id": "m", "model": "<synthetic>", "content": [{"type": "text", "text": "You've hit your limit"}]},
}
NOTICE = {
    "type": "system",
    "subtype": "informational",
    "content": "Usage limit reached · set to continue automatically at 7:24pm",
}


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (1, 0, 2)])
def test_the_record_of_2_1_330_is_exact_before_and_behind_the_hook(order: tuple[int, ...]) -> None:
    seen: list[Observation] = [FAILED, Record(RECORD, AT + SECOND // 10), Record(NOTICE, AT + SECOND // 5)]
    condition = Condition(state="working", since_ns=AT - SECOND, turn=1)
    for number in order:
        condition, _ = folding.fold(CLAUDE, condition, [seen[number]], AT + SECOND, asked=False)

    assert (condition.state, condition.resets_ns, condition.goes_on) == ("limited", 1795807494 * SECOND, True)


def test_the_next_turn_knows_nothing_of_the_limit_before() -> None:
    condition = Condition(state="working", since_ns=AT - SECOND, turn=1)
    seen: list[Observation] = [
        FAILED,
        Record(RECORD, AT),
        Hook("UserPromptSubmit", {"prompt": "go on"}, AT + 9 * SECOND),
    ]
    condition, _ = folding.fold(CLAUDE, condition, seen, AT + 10 * SECOND, asked=False)

    assert (condition.state, condition.resets_ns, condition.goes_on) == ("working", None, False)
    assert "limit" not in condition.kind_state


def test_an_account_is_told_by_its_folder_and_by_a_digest_of_its_key() -> None:
    folder, key = {"HOME": "/h"}, {"HOME": "/h", "ANTHROPIC_API_KEY": "sk-ant-secret"}

    assert CLAUDE.account(folder, ()) == "/h/.claude"
    assert CLAUDE.account({**folder, "CLAUDE_CONFIG_DIR": "/work"}, ()) == "/work"
    assert CLAUDE.account(key, ()) != CLAUDE.account({**key, "ANTHROPIC_API_KEY": "sk-ant-other"}, ())
    assert "secret" not in CLAUDE.account(key, ())
    assert CLAUDE.account(folder, ({"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}},)) == "/h/.claude (Bedrock)"
