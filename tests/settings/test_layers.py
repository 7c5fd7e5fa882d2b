"""Which of several places counts, for any settings in any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.settings import layers
from tmuxagents.settings.spawn import FREE, SETTINGS, Layer

WORDS = st.text("abc", min_size=1, max_size=3)
TIMES = st.sampled_from([0.0, 1.0, 60.0, 3600.0])
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["claude", "demo", "command"]),
    "model": WORDS,
    "permission_mode": WORDS,
    "timeout": TIMES,
    "budget_usd": TIMES,
    "budget_tokens": st.sampled_from([0, 1000, 100_000]),
    "budget_interrupt": st.booleans(),
    "trust": st.booleans(),
    "args": st.lists(WORDS, max_size=2).map(tuple),
    "naming": st.sampled_from(["agent", "task"]),
    "labels": st.lists(WORDS, max_size=2).map(tuple),
    "instructions": WORDS,
    "allowed_tools": st.lists(WORDS, max_size=2).map(tuple),
    "max_turns": st.integers(0, 3),
    "worktree.copy": st.lists(WORDS, max_size=2).map(tuple),
    "worktree.link": st.lists(WORDS, max_size=2).map(tuple),
    "worktree.setup": st.lists(WORDS, max_size=2).map(tuple),
    "worktree.trust": st.sampled_from(["", "follow"]),
    "env.A": WORDS,
    "env.B": WORDS,
}
LAYER = st.fixed_dictionaries({}, optional=VALUES).map(Layer)
LAYERS = st.lists(LAYER, min_size=1, max_size=4)


def limit(seconds: float) -> float:
    return seconds or float("inf")


def test_every_setting_is_among_those_that_are_tried() -> None:
    assert {"env" if key.startswith("env.") else key for key in VALUES} == set(SETTINGS)


@given(LAYERS)
def test_the_last_place_that_sets_something_counts(stacked: list[Layer]) -> None:
    answer = layers.merge(stacked)

    for key in ("kind", "timeout", "trust", "naming", "labels", "env.A", "env.B"):
        said = [layer for layer in stacked if key in layer.values]
        assert (key in answer.values) == bool(said)
        if said:
            assert answer.values[key] == said[-1].values[key]
            assert answer.origins[key] is said[-1]


@given(LAYERS)
def test_a_programs_words_count_only_for_the_kind_they_were_written_for(stacked: list[Layer]) -> None:
    answer = layers.merge(stacked)

    for key in ("model", "permission_mode", "args"):
        meant = [
            layer
            for n, layer in enumerate(stacked, 1)
            if key in layer.values and layers.merge(stacked[:n]).get("kind") == answer.get("kind")
        ]
        assert answer.values.get(key) == (meant[-1].values[key] if meant else None)


@given(LAYERS, LAYER)
def test_what_is_typed_always_counts(below: list[Layer], typed: Layer) -> None:
    answer = layers.merge([*below, typed])

    assert {key: answer.values[key] for key in typed.values} == typed.values


@given(LAYER, LAYER)
def test_a_repository_sets_unasked_nothing_but_names_labels_and_a_lower_limit(user: Layer, repository: Layer) -> None:
    allowed, withheld = layers.unasked(repository, user)
    without, answer = layers.merge([user]), layers.merge([user, allowed])

    assert {*allowed.values, *withheld} == set(repository.values)
    assert not {*allowed.values} & {*withheld}
    assert limit(answer.get("timeout")) <= limit(without.get("timeout"))
    wanted = repository.values.get("timeout", 0.0)
    assert limit(answer.get("timeout")) == min(limit(wanted), limit(without.get("timeout")))
    for key in VALUES:
        assert key in FREE or answer.values.get(key) == without.values.get(key)


@pytest.mark.parametrize("key", [*VALUES, "budget", "checks", "setup", "role", "no_such_setting"])
def test_a_key_that_is_not_named_as_free_needs_consent(key: str) -> None:
    """What is thought of later needs it until somebody says otherwise."""
    allowed, withheld = layers.unasked(Layer({key: 1.0}), Layer({}))

    assert (key in allowed.values) == (key in FREE)
    assert (key in withheld) == (key not in FREE)
