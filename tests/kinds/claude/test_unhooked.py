"""What no hook tells is told once, by the transcript; what a hook tells is told by the hook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import golden
from tests.support.golden import Seen
from tmuxagents.clock import SECOND
from tmuxagents.kinds import claude, registry
from tmuxagents.kinds.base import Start
from tmuxagents.kinds.claude import identity
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Hook, Record, SelfReport

CLAUDE = registry.kind("claude")

_A, _B = "a" * 120, "b" * 120

START = 1_700_000_000 * SECOND


def _launched(at_ns: int) -> Condition:
    start = Start(Path("/a"), Path("/b"), 1, golden.CONVERSATION, False, None, {}, {"HOME": "/home/user"}, (), "/work")
    return claude.KIND.prepared(Condition(conversation=golden.CONVERSATION), start, at_ns)


def _unheard(seen: Sequence[Seen]) -> list[Seen]:
    return [each for each in seen if not isinstance(each.one, Hook)]


cases = pytest.mark.parametrize("path", golden.CONVERSATIONS, ids=golden.name)


def _is_plain(path: Path) -> bool:
    """Without a dialog, an error, a command, or a queue: those have evidence of their own."""
    return path.stem in ("plain-turn", "tool-turn", "long-prompt")


@pytest.mark.parametrize("path", [p for p in golden.CONVERSATIONS if _is_plain(p)], ids=golden.name)
def test_without_hooks_the_same_turns_prompts_and_texts_are_told(path: Path) -> None:
    seen = golden.observations(path)
    hooked = golden.fold(CLAUDE, seen, _launched(seen[0].one.at_ns - 1))
    unhooked = golden.fold(CLAUDE, _unheard(seen), _launched(seen[0].one.at_ns - 1))

    for kind in ("prompt", "text", "tool"):
        assert [d.text for d in unhooked.of(kind)] == [d.text for d in hooked.of(kind)]
    assert [d.detail["how"] for d in unhooked.of("turn")] == [d.detail["how"] for d in hooked.of("turn")]
    assert {d.detail["digest"] for d in unhooked.of("receipt")} == {d.detail["digest"] for d in hooked.of("receipt")}
    assert unhooked.condition.last_text == hooked.condition.last_text
    assert unhooked.condition.state == hooked.condition.state
    assert sum("hooks are off" in d.text for d in unhooked.of("note")) == 1
    assert unhooked.condition.usage.microusd is None


@cases
def test_hooks_that_come_are_not_made_up_for(path: Path) -> None:
    seen = golden.observations(path)

    folded = golden.fold(CLAUDE, seen, _launched(seen[0].one.at_ns - 1))

    assert golden.outcome(folded) == golden.expected(path)


def _prompt(text: str, ms: int) -> Seen:
    at = START + ms * SECOND // 1000
    return Seen(
        Record({"type": "user", "message": {"role": "user", "content": text}}, at, "main", golden.CONVERSATION), at
    )


def _answer(text: str, ms: int, **more: Any) -> Seen:
    at = START + ms * SECOND // 1000
    message = {"id": f"msg_{ms}", "content": [{"type": "text", "text": text}]}
    return Seen(Record({"type": "assistant", "message": message, **more}, at, "main", golden.CONVERSATION), at)


def _end(ms: int) -> Seen:
    at = START + ms * SECOND // 1000
    return Seen(Record({"type": "system", "subtype": "turn_duration"}, at, "main", golden.CONVERSATION), at)


def _hook(ms: int, event: str, **payload: Any) -> Seen:
    at = START + ms * SECOND // 1000
    return Seen(Hook(event, {"session_id": golden.CONVERSATION, **payload}, at), at)


def test_hooks_that_stop_in_the_middle_are_made_up_for_once_they_are_overdue() -> None:
    folded = golden.fold(
        CLAUDE,
        [
            _hook(0, "SessionStart", source="startup"),
            _hook(10_000, "UserPromptSubmit", prompt="one"),
            _prompt("one", 10_000),
            _answer("first", 11_000),
            _hook(11_010, "Stop", last_assistant_message="first"),
            _end(11_020),
            _prompt("two", 60_000),
            _answer("second", 61_000),
            _end(61_010),
            _prompt("three", 70_000),
            _answer("third", 71_000),
            _end(71_010),
        ],
        _launched(START - 1),
    )

    assert [d.detail["turn"] for d in folded.of("turn")] == [1, 2, 3]
    assert len(folded.of("receipt")) == 3
    assert sum("hooks are off" in d.text for d in folded.of("note")) == 1


def test_hooks_that_come_late_are_not_told_beside_the_transcript() -> None:
    folded = golden.fold(
        CLAUDE,
        [
            _hook(0, "SessionStart", source="startup"),
            _prompt("one", 10_000),
            _hook(11_500, "UserPromptSubmit", prompt="one"),
            _answer("first", 12_000),
            _end(12_010),
            _hook(12_900, "Stop", last_assistant_message="first"),
        ],
        _launched(START - 1),
    )

    assert [d.detail["turn"] for d in folded.of("turn")] == [1]
    assert not folded.of("note")


def test_an_api_that_fails_ends_the_turn_without_a_hook() -> None:
    folded = golden.fold(
        CLAUDE,
        [_prompt("one", 10_000), _answer("API Error: 529 overloaded", 11_000, isApiErrorMessage=True), _end(11_010)],
        _launched(START - 1),
    )

    assert [d.detail["how"] for d in folded.of("turn")] == ["failed"]
    assert folded.condition.state == "limited"


def test_an_idle_agent_whose_hooks_never_come_is_idle_by_its_own_report() -> None:
    report = SelfReport({"sessionId": golden.CONVERSATION, "status": "idle", "statusUpdatedAt": 1}, START + SECOND)

    folded = golden.fold(CLAUDE, [Seen(report, START + SECOND)], _launched(START))

    assert folded.condition.state == "idle"
    assert folded.condition.evidence.startswith("self-report, no hook")


@pytest.mark.parametrize(
    ("folder", "slug"),
    [
        ("/tmp/sl-bkcat7dg/ü ö_x.y+z", "-tmp-sl-bkcat7dg-----x-y-z"),
        ("/tmp/sl-bkcat7dg/emoji🙂dir", "-tmp-sl-bkcat7dg-emoji--dir"),
        (
            "/tmp/sl-bkcat7dg/" + "a" * 120 + "/" + "b" * 120,
            "-tmp-sl-bkcat7dg-" + "a" * 120 + "-" + "b" * 62 + "-htqrly",
        ),
        (
            "/tmp/sl-precbdf7/" + "a" * 120 + "/" + "b" * 120,
            "-tmp-sl-precbdf7-" + "a" * 120 + "-" + "b" * 62 + "-f1caww",
        ),
    ],
)
def test_a_folders_transcripts_are_where_both_versions_put_them(folder: str, slug: str) -> None:
    assert identity.slug(folder) == slug


@given(st.text())
def test_any_folder_has_a_name_of_its_own_kind(folder: str) -> None:
    name = identity.slug(folder)

    assert len(name) <= 210
    assert all(c.isascii() and (c.isalnum() or c == "-") for c in name)
