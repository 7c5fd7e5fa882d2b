"""A ring of holders that wait for each other's locks is found when it would close, and nowhere else."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import lock

NAMES = st.sampled_from("abcdefg")
WAITS = st.dictionaries(NAMES, st.sets(NAMES, max_size=3))


def _reached(start: str, waits: dict[str, set[str]]) -> set[str]:
    """All that is behind it, found without any order."""
    found = {start}
    while more := {name for at in found for name in waits.get(at, ())} - found:
        found |= more
    return found


@given(NAMES, st.sets(NAMES, max_size=3), WAITS)
def test_a_ring_is_told_where_one_closes_and_each_of_it_waits_for_the_next(
    wanted: str, mine: set[str], waits: dict[str, set[str]]
) -> None:
    ring = lock.cycle(wanted, mine, waits)

    assert bool(ring) == bool(_reached(wanted, waits) & mine)
    if ring:
        assert (ring[0], ring[-1] in mine) == (wanted, True)
        assert all(after in waits[before] for before, after in itertools.pairwise(ring))
        assert not set(ring[:-1]) & mine


@given(st.lists(st.tuples(st.integers(0, 5), NAMES), max_size=40))
def test_whoever_asks_one_after_another_nobody_ever_waits_for_himself(asked: list[tuple[int, str]]) -> None:
    """Each takes what is free and waits for what is not, unless that would close a ring."""
    holders: dict[str, int] = {}
    waiting: dict[int, str] = {}
    for who, name in asked:
        if who in waiting or holders.get(name) == who:
            continue
        if name not in holders:
            holders[name] = who
            continue
        mine = {each for each, by in holders.items() if by == who}
        waits = {each: {waiting[by]} for each, by in holders.items() if by in waiting}
        if not lock.cycle(name, mine, waits):
            waiting[who] = name

    for who in waiting:
        at = who
        for _ in range(10):
            if at not in waiting:
                break
            at = holders[waiting[at]]
        assert at not in waiting
