"""What a person is called for, and which dialog an action is about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model.condition import OVER, Condition, Dialog
from tmuxagents.model.notice import arises, dialog_id
from tmuxagents.names import AgentId
from tmuxagents.value import replace

ME = AgentId("me")
ASK = Dialog("permission", "Bash(make)", ("Yes", "No"), text="Bash command\nmake")


def waits(dialog: Dialog = ASK, since_ns: int = 1, **more: Any) -> Condition:
    return Condition(state="waiting", since_ns=since_ns, dialog=dialog, **more)


def state(name: str, **more: Any) -> Condition:
    return Condition(state=name, **more)  # type: ignore[arg-type]


WORKING = state("working", turn=1)

conditions = st.builds(
    Condition,
    state=st.sampled_from(["starting", "working", "waiting", "idle", "limited", "ended", "failed", "lost", "unknown"]),
    since_ns=st.integers(0, 3),
    dialog=st.none() | st.builds(Dialog, needs=st.sampled_from(["permission", "question"]), what=st.sampled_from("ab")),
    turns=st.integers(0, 2),
    queued=st.integers(0, 1),
    closing=st.booleans(),
    task_due=st.booleans(),
    ended=st.sampled_from([None, "done", "failed", "interrupted"]),
)


@given(conditions, st.booleans())
def test_what_stays_as_it_is_calls_nobody(condition: Condition, asked: bool) -> None:
    assert arises(condition, condition, asked=asked) is None


@given(conditions, conditions, st.booleans())
def test_it_is_called_for_what_it_is_now(before: Condition, after: Condition, asked: bool) -> None:
    kind = arises(before, after, asked=asked)

    if kind == "needs":
        assert after.state == "waiting"
        assert after.dialog is not None
    if kind in ("limited", "lost"):
        assert after.state == kind
    if kind == "failed":
        assert after.state == "failed" or after.ended == "failed" or before.ending
    if kind == "finished":
        assert after.state == "ended" or (after.state == "idle" and not (after.queued or after.closing))
    if before.state in OVER and after.state in OVER:
        assert kind is None


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (WORKING, waits(), "needs"),
        (state("starting"), waits(), "needs"),
        (waits(), WORKING, None),
        (waits(), waits(since_ns=2), "needs"),
        (waits(), waits(replace(ASK, text="Bash command\nrm x")), "needs"),
        (waits(), waits(replace(ASK, needs="question")), "needs"),
        (waits(replace(ASK, text="")), waits(), None),
        (waits(), waits(replace(ASK, typed="y", preselected=1)), None),
        (waits(replace(ASK, request="1.2")), waits(replace(ASK, request="1.2", text="other")), None),
        (waits(replace(ASK, request="1.2")), waits(replace(ASK, request="1.3")), "needs"),
        (waits(), waits(replace(ASK, request="1.3")), None),
        (WORKING, waits(Dialog("dialog", "/cost", form="panel", anchors=("Esc",))), None),
        (WORKING, state("failed"), "failed"),
        (WORKING, state("lost"), "lost"),
        (WORKING, state("ended"), "finished"),
        (WORKING, state("limited"), "limited"),
        (WORKING, state("failed", resets_ns=5), "limited"),
        (state("limited"), state("limited"), None),
        (WORKING, state("idle", turns=1, ended="done"), "finished"),
        (WORKING, state("idle", turns=1, ended="failed"), "failed"),
        (WORKING, state("idle", turns=1, ended="interrupted"), None),
        (WORKING, state("idle", ended="done", closing=True), None),
        (state("idle", ended="done", closing=True), state("idle", turns=1, ended="done"), "finished"),
        (WORKING, state("idle", turns=1, ended="done", queued=1), None),
        (state("idle", turns=1, ended="done"), state("idle", turns=2, ended="done"), "finished"),
        (state("starting"), state("idle"), None),
        (state("unknown"), state("idle", turns=1, ended="failed"), None),
        (state("unknown"), state("limited"), None),
        (state("unknown"), waits(), "needs"),
        (state("lost"), state("failed"), None),
    ],
)
def test_a_transition_calls_for_what_it_means(before: Condition, after: Condition, kind: str | None) -> None:
    assert arises(before, after, asked=False) == kind


@pytest.mark.parametrize("after", ["failed", "lost", "ended"])
def test_what_was_ended_on_request_calls_nobody(after: str) -> None:
    assert arises(WORKING, state(after), asked=True) is None


def test_what_its_time_limit_has_ended_has_failed() -> None:
    limited = replace(WORKING, ending="timed out after 2 s")

    assert arises(limited, state("ended"), asked=True) == "failed"


def test_a_dialog_has_one_name_whatever_is_typed_or_ticked_there() -> None:
    name = dialog_id(ME, 1, waits())

    assert name is not None
    assert name == dialog_id(ME, 1, waits(replace(ASK, typed="y", preselected=1, ticks=(True,))))
    assert dialog_id(ME, 1, WORKING) is None


@pytest.mark.parametrize(
    ("generation", "other"),
    [
        (2, waits()),
        (1, waits(since_ns=2)),
        (1, waits(replace(ASK, text="Bash command\nrm x"))),
        (1, waits(replace(ASK, request="1.2"))),
        (1, waits(replace(ASK, needs="trust"))),
    ],
)
def test_another_dialog_has_another_name(generation: int, other: Condition) -> None:
    assert dialog_id(ME, generation, other) != dialog_id(ME, 1, waits())
    assert dialog_id(AgentId("you"), 1, waits()) != dialog_id(ME, 1, waits())


def test_a_request_keeps_its_name_whatever_its_screen_shows() -> None:
    asked = replace(ASK, request="17.4")

    assert dialog_id(ME, 1, waits(asked)) == dialog_id(ME, 1, waits(replace(asked, text=""), since_ns=9))
    assert dialog_id(ME, 1, waits(asked)) != dialog_id(ME, 1, waits(replace(asked, request="17.5")))
