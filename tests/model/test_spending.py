"""The steps in which something is spent come to what the condition says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import spending
from tmuxagents.model.condition import Condition, Usage
from tmuxagents.model.spending import Spent

COUNT = st.integers(0, 10**6)
CONDITIONS = st.builds(
    Condition,
    state=st.sampled_from(["working", "idle", "limited"]),
    since_ns=st.integers(0, 10**12),
    account=st.sampled_from(["", "one", "two"]),
    model=st.sampled_from(["", "opus"]),
    usage=st.builds(Usage, COUNT, COUNT, COUNT, COUNT, microusd=st.none() | COUNT),
)
_COUNTED = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


@given(st.lists(CONDITIONS, max_size=20))
def test_the_steps_between_conditions_come_to_the_last_one(seen: list[Condition]) -> None:
    steps: list[Spent] = []
    before = Condition()
    for number, after in enumerate(seen):
        steps += spending.between(before, after, number * 10**12)
        before = after

    for name in _COUNTED:
        assert sum(getattr(step, name) for step in steps) == getattr(before.usage, name)
    assert sum(step.microusd for step in steps) == (before.usage.microusd or 0)
    assert all(step.at_ns % spending.STEP_NS == 0 for step in steps)


def test_the_time_of_work_is_counted_when_it_ends() -> None:
    working = Condition(state="working", since_ns=10)

    assert spending.between(working, Condition(state="idle", since_ns=70), 70)[0].worked_ns == 60
    assert spending.between(working, working, 70) == ()


@given(CONDITIONS, CONDITIONS)
def test_the_rest_makes_up_for_what_is_missing(had: Condition, now: Condition) -> None:
    kept = spending.between(Condition(), had, 0)
    before = kept[0] if kept else Spent(0)

    rest = spending.rest(now.usage, before, 0)

    assert before.tokens + rest.tokens == spending.tokens(now.usage)
    assert before.microusd + rest.microusd == (now.usage.microusd or 0)
