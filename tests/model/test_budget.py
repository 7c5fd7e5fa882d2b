"""Properties of a budget: what is refused, and what is told of it, once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import budget
from tmuxagents.model.budget import Budget, Share
from tmuxagents.model.condition import Usage
from tmuxagents.model.spending import tokens
from tmuxagents.value import replace

MONEY = st.integers(0, 100_000)
LIMITS = st.none() | st.integers(1, 100_000)
USAGES = st.builds(Usage, MONEY, MONEY, MONEY, MONEY, microusd=st.none() | MONEY)
BUDGETS = st.builds(Budget, LIMITS, LIMITS)


@given(BUDGETS, USAGES)
def test_a_turn_may_begin_until_a_part_that_is_known_is_spent(own: Budget, usage: Usage) -> None:
    spent = own.microusd is not None and usage.microusd is not None and usage.microusd >= own.microusd
    spent = spent or (own.tokens is not None and tokens(usage) >= own.tokens)

    assert (budget.reached(own, usage) is not None) == spent


@given(BUDGETS, USAGES, st.integers(0, 100_000), st.integers(0, 100_000))
def test_who_spends_more_is_not_let_on_again(own: Budget, usage: Usage, more: int, money: int) -> None:
    later = replace(usage, input_tokens=usage.input_tokens + more, microusd=(usage.microusd or 0) + money)

    assert budget.reached(own, usage) is None or budget.reached(own, later) is not None


@given(BUDGETS, st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)), max_size=40))
def test_however_it_is_spent_nearing_and_reaching_are_told_once_each_and_in_that_order(
    own: Budget, steps: list[tuple[int, int]]
) -> None:
    told: list[str] = []
    usage = Usage(microusd=0)
    for number, (used, money) in enumerate(steps):
        after = Usage(usage.input_tokens + used, microusd=(usage.microusd or 0) + money)
        told += [
            one.key
            for one in budget.due(own, (number, number, usage), (number + 1, number + 1, after))
            if one.key not in told
        ]
        usage = after

    for limit in (f"usd:{own.microusd}", f"tokens:{own.tokens}"):
        mine = [key for key in told if key in (f"near:{limit}", f"reached:{limit}")]
        assert mine in ([], [f"near:{limit}"], [f"reached:{limit}"], [f"near:{limit}", f"reached:{limit}"])
    assert (budget.reached(own, usage) is not None) == any(key.startswith("reached:") for key in told)


@given(MONEY, st.integers(1, 100_000))
def test_a_share_is_never_rounded_up_to_what_it_is_not(spent: int, limit: int) -> None:
    share = Share("tokens", spent, limit)

    assert share.is_reached or not share.words.endswith(": 100.0 %")
    assert share.over == max(0, spent - limit)


def test_shares_are_told_in_figures() -> None:
    assert Share("tokens", 57_617, 100_000).words == "57,617 of 100,000 tokens: 57.6 %"
    assert Share("usd", 31_200, 50_000).words == "$0.0312 of $0.05: 62.4 %"
    assert Share("usd", None, 2_500_000).words == "unknown of $2.50"


def test_a_cost_that_nobody_knows_is_told_when_a_turn_has_ended_and_refuses_nothing() -> None:
    own, usage = Budget(50_000), Usage(1_000)

    assert [one.what for one in budget.due(own, (1, 0, usage), (1, 1, usage))] == ["unknown"]
    assert budget.reached(own, usage) is None


def test_a_turn_that_begins_past_it_and_one_that_ends_past_it_are_told_each() -> None:
    own, before, after = Budget(50_000), Usage(microusd=60_000), Usage(microusd=70_000)

    began = budget.due(own, (1, 1, before), (2, 1, before))
    ended = budget.due(own, (2, 1, before), (2, 2, after))

    assert [one.what for one in began] == ["began", "reached"]
    assert [(one.what, one.share.over) for one in ended] == [("reached", 20_000), ("over", 20_000)]


def test_what_a_turn_cost_that_is_told_behind_its_end_is_told_as_what_it_passed_the_budget_by() -> None:
    own, before, after = Budget(50_000), Usage(microusd=0), Usage(microusd=70_000)

    at_its_end = budget.due(own, (1, 0, before), (1, 1, before))
    behind_it = budget.due(own, (1, 1, before), (1, 1, after))

    assert at_its_end == []
    assert [(one.what, one.share.over) for one in behind_it] == [("reached", 20_000), ("over", 20_000)]


@given(
    st.dictionaries(
        st.sampled_from(["budget_usd", "budget_tokens"]),
        st.floats() | st.integers() | st.none() | st.booleans(),
    ),
    USAGES,
)
def test_whatever_is_recorded_as_a_budget_is_told(options: dict[str, object], usage: Usage) -> None:
    own = budget.of(options)

    assert all(share.words for share in budget.shares(own, usage))
    budget.reached(own, usage)


def test_the_options_of_an_agent_hold_its_budget() -> None:
    assert budget.of({"budget_usd": 2.5, "budget_tokens": 100_000}) == Budget(2_500_000, 100_000)
    assert not budget.of({"model": "opus"}).is_set
