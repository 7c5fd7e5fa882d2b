"""When a wait ends, and how: no more is owed, and the worst is said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.test_condition import all_conditions
from tmuxagents.model import owed
from tmuxagents.model.condition import OVER, Condition, Dialog
from tmuxagents.model.entry import Entry
from tmuxagents.model.owed import THERE, Outcome, Said
from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import replace

counts = st.integers(0, 2)
limits = st.none() | st.floats(1, 100)

conditions = st.builds(
    replace,
    all_conditions,
    task_due=st.booleans(),
    queued=counts,
    closing=st.booleans(),
    ended=st.sampled_from([None, "done", "failed", "interrupted", "refused", "untaken"]),
)

kinds = st.sampled_from(["prompt", "text", "turn", "receipt", "error"])
details = st.fixed_dictionaries(
    {},
    optional={
        "digest": st.sampled_from(["mine", "other"]),
        "how": st.sampled_from(["done", "failed", "interrupted", "queued", "submitted", "refused", "withdrawn"]),
        "turn": st.integers(1, 3),
        "local": st.just(True),
        "subagent": st.just("agent-a"),
    },
)
journals = st.lists(st.tuples(kinds, st.text(max_size=3), details), max_size=8)


@given(conditions, counts, limits)
def test_idle_is_reached_only_when_nothing_is_owed(condition: Condition, messages: int, limit: float | None) -> None:
    for outcome in (
        owed.state_reached(condition, {"idle"}, messages=messages, limit=limit),
        owed.task_done(condition, messages=messages, limit=limit),
    ):
        if outcome == THERE and condition.state not in OVER:
            assert condition.state == "idle"
            assert (condition.task_due, condition.queued, condition.closing, messages) == (False, 0, False, 0)


@given(conditions, counts)
def test_what_owes_nothing_and_does_nothing_is_not_waited_for(condition: Condition, messages: int) -> None:
    free = replace(condition, task_due=False, queued=0, closing=False)

    if free.state in ("idle", "limited", *OVER):
        assert owed.state_reached(free, {"idle"}, messages=0) is not None
        assert owed.task_done(free, messages=0) is not None


@given(conditions, counts, journals, limits)
def test_what_is_over_is_waited_for_no_longer_and_says_why(
    condition: Condition, messages: int, journal: list[tuple[str, str, dict[str, object]]], limit: float | None
) -> None:
    over = replace(condition, state="failed")

    for outcome in (
        owed.state_reached(over, {"idle"}, messages=messages, limit=limit),
        owed.task_done(over, messages=messages, limit=limit),
    ):
        assert outcome is not None
        assert outcome.exit_code == (4 if limit is not None else 5)
    assert owed.answered(over, _entries(journal), Said("mine"), messages=messages, limit=limit) is not None


@given(conditions, counts, journals)
def test_an_answer_is_told_only_when_its_turn_is_in_the_journal(
    condition: Condition, messages: int, journal: list[tuple[str, str, dict[str, object]]]
) -> None:
    entries = _entries(journal)

    outcome = owed.answered(condition, entries, Said("mine"), messages=messages)

    if outcome is not None and outcome.how == "there" and outcome.said:
        prompt = next(e for e in entries if e.kind == "prompt" and e.detail.get("digest") == "mine")
        end = next(e for e in entries if e.kind == "turn" and e.seq > prompt.seq)
        assert any(prompt.seq < e.seq and e.text == outcome.said for e in entries if e.kind == "text")
        assert end.detail.get("how") not in ("failed", "interrupted") or prompt.detail.get("turn") is not None


@pytest.mark.parametrize(
    ("condition", "exit_code", "says"),
    [
        (Condition("idle", ended="done"), 0, ""),
        (Condition("idle", ended="interrupted"), 0, ""),
        (Condition("idle", ended="failed", reason="API Error: 400"), 5, "API Error: 400"),
        (Condition("idle", ended="refused", reason="Unknown command: /x"), 5, "Unknown command"),
        (Condition("limited", ended="failed", reason="529 overloaded"), 5, "529 overloaded"),
        (Condition("waiting", ended="failed", dialog=Dialog("login", "log in"), reason="401"), 5, "needs login"),
        (Condition("ended", exit_code=0, evidence="exit record: 0"), 5, "is ended"),
        (Condition("lost", evidence="its window is gone"), 5, "is lost: its window is gone"),
    ],
    ids=lambda value: value.state if isinstance(value, Condition) else None,
)
def test_what_cannot_become_idle_by_itself_is_said(condition: Condition, exit_code: int, says: str) -> None:
    outcome = owed.state_reached(condition, {"idle"}, messages=0)

    assert outcome is not None
    assert outcome.exit_code == exit_code
    assert says in outcome.said


@pytest.mark.parametrize(
    "condition",
    [
        Condition("starting", task_due=True),
        Condition("idle", queued=1),
        Condition("idle", closing=True),
        Condition("working"),
        Condition("waiting", dialog=Dialog("permission", "Write(x)")),
    ],
    ids=["task", "queue", "text", "turn", "dialog"],
)
def test_what_is_still_to_come_is_waited_for(condition: Condition) -> None:
    assert owed.state_reached(condition, {"idle"}, messages=0) is None
    assert owed.task_done(condition, messages=0) is None
    assert owed.state_reached(replace(condition, task_due=False, queued=0, closing=False, state="idle"), {"idle"},
                              messages=1) is None  # fmt: skip


IDLE = Condition("idle", ended="done", turn=2, turns=2)


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        ([("receipt", "", {"digest": "mine", "how": "queued"})], None),
        ([("prompt", "x", {"digest": "mine", "turn": 2})], None),
        # The turn before ends behind the prompt that was queued.
        ([("prompt", "x", {"digest": "mine", "turn": 2}), ("turn", "", {"turn": 1, "how": "done"})], None),
        (
            [
                ("prompt", "x", {"digest": "mine", "turn": 2}),
                ("text", "of a subagent", {"subagent": "a"}),
                ("text", "yes", {}),
                ("text", "of a subagent", {"subagent": "a"}),
                ("turn", "", {"turn": 2, "how": "done"}),
            ],
            Outcome("there", "yes"),
        ),
        ([("prompt", "/compact", {"digest": "mine", "local": True})], THERE),
    ],
    ids=["queued", "taken", "other turn", "answered", "command"],
)
def test_an_answer_is_the_last_text_of_the_turn_that_took_the_prompt(
    journal: list[tuple[str, str, dict[str, object]]], expected: Outcome | None
) -> None:
    assert owed.answered(IDLE, _entries(journal), Said("mine"), messages=0) == expected


@pytest.mark.parametrize(
    ("journal", "says"),
    [
        ([("receipt", "", {"digest": "mine", "how": "queued"}), ("receipt", "", {"digest": "mine", "how": "withdrawn",
            "by": "popAll"})], "popAll"),
        ([("error", "a held message ended gone", {"digest": "mine"})], "ended gone"),
        ([("prompt", "x", {"digest": "mine", "turn": 2}), ("error", "529", {}), ("turn", "", {"turn": 2,
            "how": "failed"})], "529"),
        ([("prompt", "x", {"digest": "mine", "turn": 2}), ("turn", "", {"turn": 2, "how": "interrupted"})],
            "interrupted"),
    ],
    ids=["withdrawn", "held", "failed", "interrupted"],
)  # fmt: skip
def test_a_text_that_is_not_answered_is_a_failure(journal: list[tuple[str, str, dict[str, object]]], says: str) -> None:
    outcome = owed.answered(IDLE, _entries(journal), Said("mine"), messages=0)

    assert outcome is not None
    assert outcome.exit_code == 5
    assert says in outcome.said


def test_a_program_is_done_when_it_has_ended_with_zero() -> None:
    assert owed.task_done(Condition("ended", exit_code=0), messages=0, is_program=True) == THERE
    killed = owed.task_done(Condition("ended", exit_code=143, reason="killed by SIGTERM"), messages=0, is_program=True)
    assert killed is not None
    assert killed.exit_code == 5


def _entries(journal: Sequence[tuple[str, str, dict[str, object]]]) -> list[Entry]:
    return [
        Entry(seq, seq, AgentId("a"), AgentName("agent-1"), 0, 1, kind, text, detail)
        for seq, (kind, text, detail) in enumerate(journal, 1)
    ]


def test_what_a_limit_has_ended_is_waited_for_while_it_is_to_be_started_again_and_fails_where_it_is_not() -> None:
    ended = Condition(state="failed", resets_ns=10**18, reason="429", exit_code=1)

    for judge in (
        owed.task_done,
        lambda condition, messages: owed.state_reached(condition, {"idle"}, messages=messages),
    ):
        assert judge(ended, messages=1) is None
        outcome = judge(ended, messages=0)
        assert outcome is not None
        assert (outcome.exit_code, outcome.said.startswith("was ended by a usage limit, until ")) == (5, True)
    assert owed.state_reached(ended, {"failed"}, messages=1) == owed.THERE
