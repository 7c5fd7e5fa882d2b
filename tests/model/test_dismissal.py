"""Who was dismissed stays out of the way exactly as long as nothing comes of it."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import dismissal
from tmuxagents.model.condition import Condition, Dialog, Request, State
from tmuxagents.model.dismissal import Dismissal

states = st.sampled_from(get_args(State))
conditions = st.builds(
    Condition,
    state=states,
    turn=st.integers(0, 3),
    dialog=st.sampled_from([None, Dialog("permission", "Bash: make")]),
    requests=st.sampled_from([(), (Request("1", "permission", "Bash: make", 1),)]),
    task_due=st.booleans(),
    queued=st.integers(0, 1),
)
dismissals = st.builds(Dismissal, st.integers(1, 3), st.integers(0, 3), states)


@given(dismissals)
def test_what_is_kept_is_read_as_it_was(one: Dismissal) -> None:
    assert dismissal.read(one.text()) == one


@given(st.text())
def test_what_makes_no_sense_hides_nobody(text: str) -> None:
    assert dismissal.read(text) is None or dismissal.read(text) is not None
    assert dismissal.read("x " + text) is None


@given(dismissals, st.integers(1, 3), conditions)
def test_who_needs_somebody_or_works_is_never_hidden(one: Dismissal, generation: int, now: Condition) -> None:
    hidden = dismissal.holds(one, generation, now)

    if now.dialog is not None or now.open_requests or now.state not in ("idle", "ended", "failed", "lost"):
        assert not hidden
    if (generation, now.turn) != (one.generation, one.turn):
        assert not hidden


def test_one_at_rest_stays_hidden_when_its_program_ends_and_not_when_it_fails() -> None:
    one = Dismissal(1, 2, "idle")

    assert dismissal.holds(one, 1, Condition(state="idle", turn=2))
    assert dismissal.holds(one, 1, Condition(state="ended", turn=2))
    assert not dismissal.holds(one, 1, Condition(state="failed", turn=2))
    assert not dismissal.holds(one, 1, Condition(state="lost", turn=2))
    assert not dismissal.holds(one, 1, Condition(state="idle", turn=3))
    assert not dismissal.holds(one, 2, Condition(state="idle", turn=2))


def test_one_that_has_failed_is_dismissed_as_such() -> None:
    assert dismissal.holds(Dismissal(1, 0, "failed"), 1, Condition(state="failed"))
