"""Whatever names a conversation, the one that is recorded has a transcript, and its records are the agent's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.clock import SECOND
from tmuxagents.kinds import claude
from tmuxagents.kinds.claude import identity
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Hook, Observation, Record, SelfReport, Tick
from tmuxagents.value import replace

START = 1_700_000_000 * SECOND

IDS = ("a", "b", "c")

FRESH = Condition(conversation="a")

FOLDER = Path("/home/user/.claude/projects/-work")


def _named(conversation: str, source: str, at_ns: int) -> Hook:
    payload = {"session_id": conversation, "source": source, "transcript_path": str(FOLDER / f"{conversation}.jsonl")}
    return Hook("SessionStart", payload, at_ns)


def _said(conversation: str, text: str, at_ns: int) -> Record:
    message = {"id": f"msg_{text}", "content": [{"type": "text", "text": text}], "usage": {"output_tokens": 1}}
    return Record({"type": "assistant", "message": message}, at_ns, "main", conversation)


def _fold(seen: Sequence[Observation], condition: Condition = FRESH) -> tuple[Condition, list[NewEntry]]:
    drafts: list[NewEntry] = []
    for one in seen:
        condition, told = claude.KIND.observe(condition, one)
        drafts += told
    return condition, drafts


def _texts(drafts: Sequence[NewEntry], kind: str = "text") -> list[str]:
    return [draft.text for draft in drafts if draft.kind == kind]


def test_a_copy_calls_itself_by_its_new_id_and_nothing_else_of_it_is_changed() -> None:
    new, old = "00000000-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000001"
    said = json.dumps(f'in a text "sessionId":"{old}" stays')
    raw = f'{{"type":"user","sessionId":"{old}","text":{said}}}\n{{"sessionId": "{old}"}}\n{{"x":"{old}"}}\n'

    copy = identity.copied(raw.encode(), new).decode()

    rows = [json.loads(row) for row in copy.splitlines()]
    assert [row.get("sessionId") for row in rows] == [new, new, None]
    assert (json.dumps(rows[0]["text"]), rows[2]["x"]) == (said, old)


def test_what_a_copy_held_before_is_neither_told_nor_counted() -> None:
    branched = replace(FRESH, kind_state=identity.branched(str(FRESH.conversation), START))

    condition, drafts = _fold(
        [_said(str(FRESH.conversation), "old", START - 1), _said(str(FRESH.conversation), "new", START + 1)], branched
    )

    assert _texts(drafts) == ["new"]
    assert condition.usage.output_tokens == 1

    # Read behind something newer, as of the time of that.
    late = _said(str(FRESH.conversation), "old", START + 2)
    stamp = "1971-01-01T00:00:00.000Z"
    assert _fold([Record({**late.line, "timestamp": stamp}, late.at_ns, "main", late.file)], condition)[1] == []


names = st.tuples(st.sampled_from(IDS), st.sampled_from(["startup", "clear", "resume", "fork", "what comes next"]))
seen_at = st.integers(START, START + 100 * SECOND)
anything: st.SearchStrategy[Observation] = st.one_of(
    st.builds(lambda n, at: _named(n[0], n[1], at), names, seen_at),
    st.builds(lambda c, at: _said(c, f"{c}{at}", at), st.sampled_from(IDS), seen_at),
    st.builds(lambda c, at: SelfReport({"sessionId": c}, at), st.sampled_from(IDS), seen_at),
    st.builds(lambda at: Hook("SessionEnd", {}, at), seen_at),
    st.builds(Tick, seen_at),
)


@given(st.lists(anything, max_size=12))
def test_the_recorded_conversation_is_never_one_without_a_message(sequence: list[Observation]) -> None:
    condition = FRESH
    shown = {"a"}
    for one in sequence:
        if isinstance(one, Record):
            shown.add(one.file)
        condition, _ = claude.KIND.observe(condition, one)

        assert condition.conversation in shown
        assert condition.conversation in {each.id for each in identity.known(condition)} | {"a"}


@given(
    old=st.lists(st.integers(1, 1000), max_size=3),
    new=st.lists(st.integers(1, 20), max_size=3),
    source=st.sampled_from(["resume", "fork"]),
)
def test_of_a_conversation_gone_on_with_only_what_is_new_is_told_and_counted(
    old: list[int], new: list[int], source: str
) -> None:
    at = START + 2000 * SECOND
    records = [_said("b", f"old {n}", at - n * SECOND) for n in sorted(old, reverse=True)]
    records += [_said("b", f"new {n}", at + n * SECOND) for n in sorted(new)]

    condition, drafts = _fold([_named("a", "startup", START), _named("b", source, at), *records])

    assert _texts(drafts) == [f"new {n}" for n in sorted(new)]
    assert condition.usage.output_tokens == len(set(new))
    assert condition.conversation == ("b" if records else "a")


def test_what_others_say_in_a_conversation_that_was_left_is_not_told() -> None:
    condition, drafts = _fold(
        [
            _named("a", "startup", START),
            _said("a", "mine", START + SECOND),
            _named("b", "resume", START + 10 * SECOND),
            _said("b", "mine too", START + 11 * SECOND),
            _said("a", "another's", START + 12 * SECOND),
            _named("a", "resume", START + 20 * SECOND),
            _said("b", "another's", START + 21 * SECOND),
            _said("a", "mine again", START + 22 * SECOND),
        ]
    )

    assert _texts(drafts) == ["mine", "mine too", "mine again"]
    assert condition.conversation == "a"


def test_a_new_conversation_begins_with_the_command_that_is_older_than_its_hook() -> None:
    begun = [_named("a", "startup", START), _named("b", "clear", START + 10 * SECOND)]

    condition, drafts = _fold([*begun, _said("b", "first", START + 10 * SECOND - SECOND // 2)])

    assert _texts(drafts) == ["first"]
    assert condition.conversation == "b"
    assert _texts(drafts, "note") == ["new conversation b (clear)"]


@pytest.mark.parametrize(("source", "evidence"), [("resume", True), ("clear", False)])
def test_the_conversation_that_resume_goes_on_with_is_the_command_s_evidence(source: str, evidence: bool) -> None:
    begun = [_named("a", "startup", START), _named("b", source, START + 10 * SECOND)]

    _, drafts = _fold([*begun, _said("b", "first", START + 11 * SECOND)])

    (note,) = [draft for draft in drafts if draft.kind == "note"]
    assert ("by_command" in note.detail) is evidence


def test_a_conversation_that_stays_without_a_transcript_is_said_once() -> None:
    at = START + 10 * SECOND

    condition, drafts = _fold(
        [_named("a", "startup", START), _named("b", "fork", at), *(Tick(at + n * SECOND) for n in range(20))]
    )

    assert condition.conversation == "a"
    assert _texts(drafts, "note") == ["it names conversation b (fork), which has no transcript yet; a stays recorded"]


def test_another_program_that_names_a_conversation_takes_nothing_from_one_that_says_where_it_is() -> None:
    at = START + 10 * SECOND
    ours = SelfReport({"sessionId": "a", "pid": 1}, at + 4 * SECOND)

    condition, _ = _fold(
        [_named("a", "startup", START), _named("b", "fork", at), ours, _said("b", "its", at + 5 * SECOND)]
    )

    assert condition.conversation == "a"


def test_where_no_hook_tells_the_program_itself_says_where_it_is() -> None:
    at = START + 10 * SECOND
    report = SelfReport({"sessionId": "b", "pid": 1}, at)

    condition, drafts = _fold([_named("a", "startup", START), report, _said("b", "new", at), Tick(at + 2 * SECOND)])

    assert condition.conversation == "b"
    assert _texts(drafts) == ["new"]


@pytest.mark.parametrize("restored", [0.5, 0.0])
def test_what_a_conversation_had_cost_before_is_not_this_agents(restored: float) -> None:
    """2.1.330 goes on counting where the conversation stood, 2.1.197 begins at 0."""

    def drawn(conversation: str, total: float, seconds: int) -> Hook:
        payload = {"session_id": conversation, "cost": {"total_cost_usd": total}}
        return Hook("StatusLine", payload, START + seconds * SECOND)

    condition, _ = _fold(
        [
            _named("a", "startup", START),
            drawn("a", 0.1, 1),
            _named("b", "resume", START + 10 * SECOND),
            drawn("b", restored, 11),
            drawn("b", restored + 0.2, 12),
        ]
    )

    assert condition.usage.microusd == 300_000


def test_the_last_one_comes_first_of_what_can_be_gone_on_with() -> None:
    condition = _in_three()

    assert [one.id for one in identity.known(condition)] == ["c", "b", "a"]


def _in_three() -> Condition:
    """One that has been in three conversations."""
    condition, _ = _fold(
        [
            _named("a", "startup", START),
            _named("b", "clear", START + 10 * SECOND),
            _said("b", "one", START + 11 * SECOND),
            _named("c", "clear", START + 20 * SECOND),
            _said("c", "two", START + 21 * SECOND),
        ]
    )
    return condition


def _report(conversation: str, at_ns: int) -> SelfReport:
    return SelfReport({"sessionId": conversation, "pid": 1}, at_ns)


def test_a_report_that_still_names_the_conversation_that_was_left_takes_nothing_back() -> None:
    """2.1.197 at `/branch`: its new name is reported 0.1 s after SessionStart, its new conversation 0.2 s later."""
    at = START + 10 * SECOND
    copied = [_said("b", f"old {n}", START + n) for n in range(2)]
    seen: list[Observation] = [_named("b", "resume", at), *copied]
    seen += [_report("a", at + SECOND // 10), _report("b", at + 3 * SECOND // 10)]

    condition, _ = _fold([_named("a", "startup", START), *seen, Tick(at + 2 * SECOND)])

    assert condition.conversation == "b"
    _, drafts = _fold([_said("b", "new", at + 3 * SECOND)], condition)
    assert _texts(drafts) == ["new"]


@given(
    order=st.permutations(
        ["report a", "report a", "report b", "report b", "hook", "copy", "copy", "new", "old", "tick"]
    ),
    lags=st.lists(st.integers(0, 8 * SECOND), min_size=10, max_size=10),
)
def test_a_conversation_that_was_left_is_not_come_back_to_by_what_is_late(order: list[str], lags: list[int]) -> None:
    """Whatever is read when: the program names the old one in reports for a while, then the new one."""
    at = START + 10 * SECOND
    told = START
    seen: list[Observation] = []
    # What one file says is read in its own order.
    reports = iter(sorted(each for each in order if each.startswith("report")))
    for each, lag in zip(order, lags, strict=True):
        match each.split()[0]:
            case "report":
                told = max(told + 1, at + lag - SECOND)
                seen.append(_report(next(reports)[-1], told))
            case "hook":
                seen.append(_named("b", "resume", at))
            case "copy":
                seen.append(_said("b", f"copied {lag}", START + lag))
            case "new":
                seen.append(_said("b", "new", at + 9 * SECOND + lag))
            case "old":
                seen.append(_said("a", "old", START + lag))
            case _:
                seen.append(Tick(at + lag))
    condition, _ = _fold([_named("a", "startup", START), _report("a", START)])
    was_in_b = False
    for one in [*seen, _said("b", "newer", at + 20 * SECOND), Tick(at + 60 * SECOND)]:
        condition, _ = claude.KIND.observe(condition, one)
        was_in_b |= condition.conversation == "b"
        assert condition.conversation == ("b" if was_in_b else "a")

    assert condition.conversation == "b"


def test_the_program_may_go_back_to_a_conversation_that_it_left() -> None:
    at = START + 10 * SECOND
    moved: list[Observation] = [_named("a", "startup", START), _named("b", "resume", at)]
    moved.append(_said("b", "one", at + SECOND))
    in_b, _ = _fold([*moved, _report("b", at + 2 * SECOND)])

    by_report, _ = _fold([_report("a", at + 5 * SECOND), Tick(at + 7 * SECOND)], in_b)
    by_hook, _ = _fold([_named("a", "resume", at + 5 * SECOND), Tick(at + 7 * SECOND)], in_b)

    assert (by_report.conversation, by_hook.conversation) == ("a", "a")


def test_a_report_of_another_conversation_is_taken_back_by_the_next_one() -> None:
    at = START + 10 * SECOND
    moved: list[Observation] = [_named("a", "startup", START), _named("b", "resume", at)]
    moved.append(_said("b", "one", at + SECOND))
    seen = [_report("b", at + 2 * SECOND), _report("a", at + 3 * SECOND), _report("b", at + 3 * SECOND + 1)]

    condition, _ = _fold([*moved, *seen, Tick(at + 60 * SECOND)])

    assert condition.conversation == "b"


def test_a_start_that_is_told_late_takes_nothing_back() -> None:
    at = START + 10 * SECOND
    late = _named("a", "resume", at - SECOND)

    condition, _ = _fold([_named("b", "resume", at), _said("b", "one", at + SECOND), late, Tick(at + 60 * SECOND)])

    assert condition.conversation == "b"
