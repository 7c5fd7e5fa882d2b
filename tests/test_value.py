"""A `Value` is what a frozen dataclass with the same fields is."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.value import Value, as_dict, fields, fresh, replace


class Inner(Value):
    one: int
    two: tuple[int, ...] = ()


class Mine(Value):
    a: Any
    b: Any = "b"
    c: Mapping[str, Any] = fresh(default_factory=dict)


class Loose(Value, frozen=False):
    a: int
    b: list[int] = fresh(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    a: Any
    b: Any = "b"
    c: Mapping[str, Any] = dataclasses.field(default_factory=dict)


ANY = st.one_of(st.integers(), st.text(max_size=3), st.none(), st.dictionaries(st.text(max_size=2), st.integers()))
CALLS = st.tuples(st.lists(ANY, max_size=4), st.dictionaries(st.sampled_from("abcx"), ANY, max_size=4))


def made(kind: type, values: list[Any], named: dict[str, Any]) -> Any:
    try:
        return kind(*values, **named)
    except TypeError:
        return TypeError


@given(CALLS)
def test_a_call_makes_what_a_dataclass_would_hold_or_is_refused_as_there(
    call: tuple[list[Any], dict[str, Any]],
) -> None:
    mine, theirs = made(Mine, *call), made(Theirs, *call)

    assert (mine is TypeError) == (theirs is TypeError)
    if mine is not TypeError:
        assert as_dict(mine) == dataclasses.asdict(theirs)
        assert repr(mine).removeprefix("Mine") == repr(theirs).removeprefix("Theirs")


@given(CALLS, CALLS)
def test_two_are_equal_and_hash_alike_where_dataclasses_do(one: Any, other: Any) -> None:
    mine, theirs = [made(Mine, *each) for each in (one, other)], [made(Theirs, *each) for each in (one, other)]

    assert (mine[0] == mine[1]) == (theirs[0] == theirs[1])
    assert mine[0] != object()


def test_a_hash_is_that_of_the_fields() -> None:
    assert hash(Inner(1, (2,))) == hash(Inner(1, (2,)))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Mine(1))


def test_no_field_is_set_or_deleted() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        Inner(1).one = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del Inner(1).one
    with pytest.raises(AttributeError):
        Inner(1).three = 3


def test_one_that_is_not_frozen_is_set_and_has_no_hash() -> None:
    loose = Loose(1)

    loose.a = 2

    assert loose == Loose(2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(loose)
    with pytest.raises(AttributeError):
        loose.c = 3


def test_a_fresh_default_is_made_for_each() -> None:
    one, other = Loose(1), Loose(1)

    one.b.append(1)

    assert other.b == []


def test_replace_changes_the_named_fields_only_and_knows_no_others() -> None:
    before = Inner(1, (2,))

    assert replace(before, one=5) == Inner(5, (2,))
    assert before == Inner(1, (2,))
    with pytest.raises(TypeError, match="not three"):
        replace(before, three=3)


def test_as_dict_goes_into_values_and_containers_and_shares_nothing() -> None:
    held = {"x": [Inner(1)]}

    told = as_dict(Mine(Inner(1, (2,)), (Inner(3),), held))

    assert told == {"a": {"one": 1, "two": (2,)}, "b": ({"one": 3, "two": ()},), "c": {"x": [{"one": 1, "two": ()}]}}
    assert told["c"] is not held


def test_fields_are_named_in_order_with_their_defaults() -> None:
    assert dict(fields(Inner)) == {"one": ..., "two": ()}
    assert list(fields(Mine)) == ["a", "b", "c"]


def test_a_pattern_takes_it_apart() -> None:
    match Inner(1, (2,)):
        case Inner(one, (two,)):
            assert (one, two) == (1, 2)
        case _:
            pytest.fail("no match")


def test_it_is_copied() -> None:
    value = Inner(1, (2,))

    assert copy.deepcopy(value) == copy.copy(value) == value


def test_none_is_derived_from_a_class_of_values() -> None:
    with pytest.raises(TypeError, match="'More' cannot be derived from 'Inner'"):

        class More(Inner):
            three: int = 3
