"""What is written in the file for words that were typed."""

from __future__ import annotations

import pytest

from tmuxagents.errors import ConfigInvalid, SettingInvalid
from tmuxagents.settings import keys, spawn


@pytest.mark.parametrize("key", ["budget_tokens", "profile.big.budget_tokens"])
def test_a_number_of_tokens_is_kept_as_it_was_typed_and_read_as_the_number_that_it_is(key: str) -> None:
    assert [keys.value_of(key, [word]) for word in ("100k", "1.5M", "5000")] == ["100k", "1.5M", 5000]
    assert spawn.check("budget_tokens", "100k", "here") == 100_000
    with pytest.raises(SettingInvalid, match="must be a number of tokens: 100000, 100k, 2M"):
        keys.value_of(key, ["much"])


@pytest.mark.parametrize("number", [1e-7, 9.99e-7, -1.0, float("nan"), 1e6])
def test_a_budget_that_cannot_be_counted_is_refused_wherever_it_is_written(number: float) -> None:
    with pytest.raises(ConfigInvalid, match=r"here: 'budget_usd' must be .* 0\.000001 or more"):
        spawn.check("budget_usd", number, "here")


def test_a_millionth_of_a_dollar_is_the_least_budget_and_nothing_is_none() -> None:
    assert (spawn.check("budget_usd", 1e-6, "here"), spawn.check("budget_usd", 0, "here")) == (1e-6, 0)
