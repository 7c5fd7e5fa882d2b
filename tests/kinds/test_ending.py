"""What the end of a program means."""

from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds import ending
from tmuxagents.model.condition import OVER, Condition, Dialog
from tmuxagents.model.observation import Exit
from tmuxagents.value import replace

GONE = "its window is gone; tmuxagents resume --all"
WAITING = Condition(state="waiting", dialog=Dialog("permission", "Write(f)"), turn=2, turns=1, last_text="so far")


@pytest.mark.parametrize(
    ("exit_", "asked", "state", "reason", "told"),
    [
        (Exit(0, None, 9), False, "ended", None, "ended"),
        (Exit(0, None, 9, said="bye"), False, "ended", None, "ended"),
        (Exit(3, None, 9), False, "failed", "exit 3", "failed (exit 3)"),
        (Exit(3, None, 9, said="no"), False, "failed", "exit 3: no", "failed (exit 3): no"),
        (Exit(3, None, 9, said="no"), True, "ended", "exit 3", "ended (exit 3)"),
        (Exit(137, 9, 9), False, "failed", "killed by SIGKILL", "failed (killed by SIGKILL)"),
        (Exit(137, 9, 9, said="Killed"), False, "failed", "killed by SIGKILL", "failed (killed by SIGKILL)"),
        (
            Exit(134, 6, 9, said="Aborted (core dumped)"),
            False,
            "failed",
            "killed by SIGABRT",
            "failed (killed by SIGABRT)",
        ),
        (Exit(137, 9, 9, said="b"), False, "failed", "killed by SIGKILL: b", "failed (killed by SIGKILL): b"),
        (Exit(143, 15, 9), True, "ended", "killed by SIGTERM", "ended (killed by SIGTERM)"),
        (Exit(191, 63, 9), False, "failed", "killed by signal 63", "failed (killed by signal 63)"),
        (Exit(None, None, 9), False, "failed", "it left no exit status", "failed (it left no exit status)"),
        (Exit(None, 9, 9), False, "failed", "killed by SIGKILL", "failed (killed by SIGKILL)"),
        (Exit(None, None, 9, gone=True), True, "ended", "it left no exit status", "ended (it left no exit status)"),
        (Exit(None, None, 9, gone=True), False, "lost", GONE, f"lost: {GONE}"),
    ],
)
def test_an_end_is_told_for_what_it_was(exit_: Exit, asked: bool, state: str, reason: str | None, told: str) -> None:
    over, drafts = ending.observe(WAITING, exit_, asked=asked)

    assert (over.state, over.reason) == (state, reason)
    assert [(draft.kind, draft.text) for draft in drafts] == [("exit", told)]
    assert over.since_ns == drafts[0].at_ns == 9


@given(
    code=st.none() | st.integers(0, 255),
    by=st.none() | st.integers(1, 64),
    gone=st.booleans(),
    asked=st.booleans(),
)
def test_nobody_needs_an_answer_from_a_program_that_is_over(
    code: int | None, by: int | None, gone: bool, asked: bool
) -> None:
    over, drafts = ending.observe(WAITING, Exit(code, by, 9, gone=gone), asked=asked)

    assert over.state in OVER
    assert over.needs is None
    assert len(drafts) == 1
    assert over.evidence
    assert replace(over, state="waiting", dialog=WAITING.dialog).last_text == WAITING.last_text, "what it said stays"
    assert (over.turn, over.turns) == (WAITING.turn, WAITING.turns)


@given(st.sampled_from(list(signal.Signals)))
def test_a_shells_exit_status_names_the_signal(number: signal.Signals) -> None:
    assert ending.signal_of(128 + number) == number
    assert ending.how(None, ending.signal_of(128 + number)) == f"killed by {signal.Signals(number).name}"


@pytest.mark.parametrize("code", [0, 1, 127, 128, 193, 255])
def test_an_ordinary_exit_status_is_no_signal(code: int) -> None:
    assert ending.signal_of(code) is None


def test_one_that_is_ended_for_a_reason_has_that_reason_then() -> None:
    out_of_time = replace(WAITING, ending="timed out after 2 s")

    over, drafts = ending.observe(out_of_time, Exit(143, 15, 9), asked=True)

    assert (over.state, over.reason, over.ending) == ("failed", "timed out after 2 s", "")
    assert drafts[0].text == "failed (timed out after 2 s)"
