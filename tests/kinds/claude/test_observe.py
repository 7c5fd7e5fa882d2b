"""Conversations of the real claude folded, and whatever else could be read in its files."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import golden
from tests.support.golden import Folded, Seen
from tests.support.matrix import every
from tmuxagents.clock import SECOND
from tmuxagents.kinds import claude, prompts, registry
from tmuxagents.kinds.claude.cost import count_cost
from tmuxagents.kinds.claude.launch import HOOKS
from tmuxagents.model.codec import decode, encode
from tmuxagents.model.condition import Condition, Dialog, State
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Exit, Hook, Observation, Record, Screen, SelfReport, Tick
from tmuxagents.model.reading import Reading
from tmuxagents.value import replace

cases = pytest.mark.parametrize("path", golden.CONVERSATIONS, ids=golden.name)

START = 1_700_000_000 * SECOND

CONFIRMED = Condition(conversation=golden.CONVERSATION)

CLAUDE = registry.kind("claude")


# What the real one did


@cases
def test_a_conversation_is_told_as_it_went(path: Path) -> None:
    assert golden.outcome(golden.fold(CLAUDE, golden.observations(path))) == golden.expected(path)


some_cases = pytest.mark.parametrize("path", every(3, golden.CONVERSATIONS), ids=golden.name)


@some_cases
@settings(max_examples=8)
@given(at=st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1)), max_size=12))
def test_time_that_passes_in_between_changes_nothing(path: Path, at: list[tuple[int, float]]) -> None:
    seen = golden.observations(path)
    split = list(seen)
    for index, share in sorted(at, reverse=True):
        if 0 < index < len(seen):
            earlier, later = seen[index - 1].ns or 0, seen[index].ns or 0
            moment = earlier + int(share * max(0, later - earlier))
            split.insert(index, Seen(Tick(moment), moment))

    assert _by_kind(golden.fold(CLAUDE, split)) == _by_kind(golden.fold(CLAUDE, seen))


@some_cases
@settings(max_examples=8)
@given(cuts=st.sets(st.integers(1, 60), max_size=6))
@example(cuts=set())
def test_a_controller_that_was_away_tells_the_same(path: Path, cuts: set[int]) -> None:
    """It folds what has come meanwhile at once, sorted by time."""
    seen = golden.observations(path)

    late = golden.fold(CLAUDE, _in_batches(seen, cuts))
    prompt = golden.fold(CLAUDE, seen)

    for kind in _by_kind(prompt).keys() - {"receipt", "needs", "decision", "turn", "note"}:
        assert _by_kind(late)[kind] == _by_kind(prompt)[kind]
    assert late.condition.usage == prompt.condition.usage
    assert late.condition.state == prompt.condition.state
    assert late.condition.turns == prompt.condition.turns


@cases
def test_every_prompt_that_was_taken_has_a_receipt_with_its_digest(path: Path) -> None:
    folded = golden.fold(CLAUDE, golden.observations(path))

    receipts = {draft.detail["digest"] for draft in folded.of("receipt")}
    said = {prompts.digest(draft.text) for draft in folded.of("prompt") if not draft.text.startswith("!")}
    assert said <= receipts


@cases
def test_every_turn_that_began_has_one_entry(path: Path) -> None:
    folded = golden.fold(CLAUDE, golden.observations(path))

    assert [draft.detail["turn"] for draft in folded.of("turn")] == list(range(1, folded.condition.turn + 1))
    assert folded.condition.turns == folded.condition.turn


@cases
def test_a_condition_can_be_kept_after_every_observation(path: Path) -> None:
    condition = CONFIRMED
    for each in golden.observations(path):
        condition, _ = claude.KIND.observe(condition, each.one)
        kept = json.loads(json.dumps(encode(condition)))

        assert decode(Condition, kept) == condition


# What could be


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)

_WORDS = st.sampled_from(
    [
        "session_id agent_id source cwd transcript_path prompt tool_name tool_input notification_type message error",
        "error_type error_details last_assistant_message background_tasks cost questions options status waitingFor",
        "statusUpdatedAt sessionId pid type subtype operation content attachment isMeta isApiErrorMessage usage id",
    ]
).flatmap(lambda words: st.sampled_from(words.split()))

_TELLING = st.sampled_from(
    [
        *["user", "assistant", "system", "queue-operation", "attachment", "enqueue", "queued_command", "tool_use"],
        *["permission_prompt", "idle_prompt", "elicitation_dialog", "AskUserQuestion", "ExitPlanMode", "Bash"],
        *["idle", "busy", "waiting", "shell", "clear", "compact", "rate_limit", "authentication_failed", "text"],
        *["[Request interrupted by user]", "<command-name>", "Unknown command: /x", golden.CONVERSATION, ""],
    ]
)

_leaves = json_values | _TELLING
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4), max_leaves=8
)
payloads: st.SearchStrategy[dict[str, Any]] = st.dictionaries(_WORDS, _values, max_size=6)

moments = st.integers(START, START + 100 * SECOND)
readings = st.builds(
    Reading,
    draft=st.none() | st.just("") | st.text(max_size=5),
    dialog=st.none()
    | st.builds(Dialog, needs=st.sampled_from(["permission", "dialog", "trust"]), what=st.text(max_size=5)),
    notice=st.none() | st.just("429 · retrying in 4s · attempt 4/10"),
)
observations: st.SearchStrategy[Observation] = st.one_of(
    st.builds(Hook, st.sampled_from([*HOOKS, "StatusLine", "Unheard"]), payloads, moments),
    st.builds(Record, payloads, moments, st.sampled_from(["main", "agent-a1"])),
    st.builds(SelfReport, payloads, moments),
    st.builds(Screen, readings, moments),
    st.builds(Tick, moments),
    st.builds(Exit, st.none() | st.integers(0, 255), st.none() | st.integers(1, 64), moments),
)


@pytest.mark.slow
@given(sequence=st.lists(observations, max_size=8))
def test_whatever_is_read_it_makes_a_condition_that_holds(sequence: list[Observation]) -> None:
    condition = CONFIRMED
    for seen in sequence:
        condition, drafts = claude.KIND.observe(condition, seen)

        _holds(condition, drafts)


@example({"cost": {"total_cost_usd": 1e308}})
@example({"cost": {"total_cost_usd": float("nan")}})
@given(payloads)
def test_a_cost_that_is_no_amount_is_not_counted(payload: dict[str, Any]) -> None:
    condition, drafts = claude.KIND.observe(CONFIRMED, Hook("StatusLine", payload, START))

    _holds(condition, drafts)


@given(event=st.sampled_from(HOOKS), payload=payloads)
def test_a_subagents_hook_moves_no_turn(event: str, payload: dict[str, Any]) -> None:
    hook = Hook(event, {**payload, "agent_id": "a1"}, START)
    before = replace(CONFIRMED, state="working", turn=1)

    condition, _ = claude.KIND.observe(before, hook)

    assert (condition.turn, condition.turns) == (1, 0)
    assert condition.state in ("working", "waiting")


# Tokens and money


usages = st.fixed_dictionaries(
    {
        "input_tokens": st.integers(0, 10**6),
        "output_tokens": st.integers(0, 10**6),
        "cache_read_input_tokens": st.integers(0, 10**6),
        "cache_creation_input_tokens": st.integers(0, 10**6),
    }
)


@given(said=st.lists(st.tuples(st.integers(0, 8), usages, st.integers(1, 3), st.sampled_from(["main", "agent-a"]))))
def test_each_messages_usage_counts_once_by_its_last_record(said: list[tuple[int, dict[str, int], int, str]]) -> None:
    condition, last = CONFIRMED, dict[str, dict[str, int]]()

    for number, usage, times, source in said:
        last[f"msg_{number}"] = usage
        for _ in range(times):
            condition, _ = claude.KIND.observe(condition, _answer(f"msg_{number}", usage, source))

    assert condition.usage.input_tokens == sum(usage["input_tokens"] for usage in last.values())
    assert condition.usage.output_tokens == sum(usage["output_tokens"] for usage in last.values())
    assert condition.usage.cache_read_tokens == sum(usage["cache_read_input_tokens"] for usage in last.values())
    assert condition.usage.cache_write_tokens == sum(usage["cache_creation_input_tokens"] for usage in last.values())


def test_cache_writes_are_counted_where_only_the_nested_figures_have_them() -> None:
    nested = {"cache_creation_input_tokens": 0, "cache_creation": {"ephemeral_5m_input_tokens": 7}}

    condition, _ = claude.KIND.observe(CONFIRMED, _answer("msg_1", nested, "main"))

    assert condition.usage.cache_write_tokens == 7


@given(runs=st.lists(st.lists(st.integers(0, 10**9), min_size=1, max_size=5).map(sorted), min_size=1, max_size=5))
def test_the_cost_is_the_sum_of_what_each_run_of_the_status_line_came_to(runs: list[list[int]]) -> None:
    condition, before = CONFIRMED, 0
    spent, base = 0, 0

    for run in runs:
        # A new start that has already cost more than the old one cannot be told from a continuation.
        base = spent if spent - base > run[0] else base
        for total in run:
            condition = count_cost(condition, total / 1_000_000, START)
            spent = base + total

            assert condition.usage.microusd == spent
            assert condition.usage.microusd >= before
            before = spent


# Where a turn begins and ends


def test_the_end_of_a_dialog_is_seen_although_the_status_line_was_drawn_later() -> None:
    report = {"sessionId": golden.CONVERSATION, "pid": 1}
    waiting = _at(SelfReport({**report, "status": "waiting", "waitingFor": "dialog open"}, START), report_ms=0)
    closed = _at(SelfReport({**report, "status": "idle"}, START + 2 * SECOND), report_ms=2000)
    drawn = Seen(Hook("StatusLine", {"cost": {"total_cost_usd": 0}}, START + 2 * SECOND + SECOND // 50), closed.ns)

    folded = golden.fold(CLAUDE, [waiting, drawn, closed], replace(CONFIRMED, state="idle"))

    assert folded.states == ["idle", "waiting", "idle"]


def test_a_turns_entry_follows_its_last_text_although_a_queued_prompt_began_the_next_turn() -> None:
    folded = golden.fold(
        CLAUDE,
        [
            _hook(0, "UserPromptSubmit", prompt="one"),
            _hook(1000, "Stop", last_assistant_message="first"),
            _hook(1080, "UserPromptSubmit", prompt="two"),
            Seen(_text("msg_1", "first", 990), START + 1200 * SECOND // 1000),
            _hook(3000, "Stop", last_assistant_message="second"),
            Seen(_text("msg_2", "second", 2990), START + 3100 * SECOND // 1000),
        ],
    )

    assert [(d.kind, d.text or d.detail.get("turn")) for d in folded.of("text", "turn")] == [
        ("text", "first"),
        ("turn", 1),
        ("text", "second"),
        ("turn", 2),
    ]


def test_a_turn_that_no_hook_announced_is_counted_when_it_ends() -> None:
    # 2.1.330 fires no UserPromptSubmit when it takes a prompt from its queue, nor after `! command`.
    folded = golden.fold(CLAUDE, [_hook(0, "Stop", last_assistant_message=None)], replace(CONFIRMED, state="idle"))

    assert folded.condition.turns == 1
    assert folded.of("turn")[0].detail["turn"] == 1


@pytest.mark.parametrize("text", ["!ls", "!", "! ls"])
def test_what_would_be_run_by_a_shell_is_typed_as_a_prompt(text: str) -> None:
    assert not claude.KIND.as_prompt(text).startswith("!")
    assert claude.KIND.as_prompt(text).strip() == text


@given(st.text())
def test_typing_changes_no_prompt(text: str) -> None:
    assert prompts.digest(claude.KIND.as_prompt(text)) == prompts.digest(text)


def _holds(condition: Condition, drafts: Sequence[NewEntry]) -> None:
    usage = condition.usage
    assert condition.state in get_args(State)
    assert (condition.state == "waiting") == (condition.dialog is not None)
    assert 0 <= condition.turns <= condition.turn
    assert min(usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens) >= 0
    assert decode(Condition, json.loads(json.dumps(encode(condition)))) == condition
    due = claude.KIND.due_ns(condition)
    assert due is None or due > 0
    claude.KIND.readers(condition, Path("/home/user/tmux"))
    for draft in drafts:
        assert isinstance(draft.text, str)
        json.dumps(draft.detail)


def _by_kind(folded: Folded) -> Mapping[str, list[tuple[str, dict[str, Any]]]]:
    entries: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for draft in folded.drafts:
        # What a subagent does is told when it is seen, in its own order.
        entries[f"{draft.kind}{draft.detail.get('subagent', '')}"].append((draft.text, dict(draft.detail)))
    return entries


def _in_batches(seen: Sequence[Seen], cuts: set[int]) -> list[Seen]:
    edges = [0, *sorted(cut for cut in cuts if cut < len(seen)), len(seen)]
    read: list[Seen] = []
    for start, end in itertools.pairwise(edges):
        batch = seen[start:end]
        # The self-report is one file: only what it says last can be read.
        reports = [each for each in batch if isinstance(each.one, SelfReport)]
        kept = [each for each in batch if each not in reports[:-1]]
        ordered = sorted(kept, key=lambda each: each.one.at_ns)
        read += [Seen(each.one, None) for each in ordered[:-1]] + [Seen(ordered[-1].one, batch[-1].ns)]
    return read


def _at(seen: SelfReport, *, report_ms: int) -> Seen:
    updated = (START // 1_000_000) + report_ms
    return Seen(SelfReport({**seen.payload, "statusUpdatedAt": updated}, seen.at_ns), seen.at_ns + SECOND // 20)


def _hook(ms: int, event: str, **payload: object) -> Seen:
    at = START + ms * SECOND // 1000
    return Seen(Hook(event, {"session_id": golden.CONVERSATION, **payload}, at), at)


def _answer(message: str, usage: Mapping[str, Any], source: str) -> Record:
    return Record({"type": "assistant", "message": {"id": message, "content": [], "usage": usage}}, START, source)


def _text(message: str, text: str, ms: int) -> Record:
    block = {"type": "text", "text": text}
    return Record({"type": "assistant", "message": {"id": message, "content": [block]}}, START + ms * SECOND // 1000)
