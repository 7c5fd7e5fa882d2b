"""What is kept of our values as JSON is read back as it was, by this version and by others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model import codec
from tmuxagents.model.codec import Unfit, decode, encode
from tmuxagents.model.condition import Condition, Dialog, Request, Usage
from tmuxagents.output.pane_bytes import PlainState
from tmuxagents.output.pane_screen import SettleState
from tmuxagents.value import Value, fields

KEPT: tuple[type[Value], ...] = (Condition, Dialog, Request, Usage, PlainState, SettleState)
"""Every class of which something is kept as JSON."""

NAMES = sorted({name for kind in KEPT for name in fields(kind)})

TEXTS = st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
PLAIN = {str: TEXTS, int: st.integers(-(2**53), 2**53), bool: st.booleans(), bytes: st.binary(max_size=4)}


def values(declared: Any) -> st.SearchStrategy[Any]:
    """Any value of a declared type, found by `typing`: not by what is tested."""
    origin, args = get_origin(declared), get_args(declared)
    if declared in PLAIN:
        return PLAIN[declared]
    if declared is type(None):
        return st.none()
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (UnionType, Union):
        return st.one_of([values(each) for each in args])
    if origin is tuple and args[-1] is ...:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, args))
    if origin is Mapping:
        return st.dictionaries(TEXTS, JSON, max_size=3)
    assert issubclass(declared, Value), f"no values of {declared} are known here"
    return every(declared)


def every(kind: type[Value]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{field: values(hint) for field, hint in get_type_hints(kind).items()})


ANY = st.sampled_from(KEPT).flatmap(every)


def kept(value: Value) -> dict[str, Any]:
    """As it comes out of the database."""
    back: dict[str, Any] = json.loads(json.dumps(encode(value)))
    return back


@given(ANY)
def test_a_value_is_read_back_as_it_was_kept(value: Value) -> None:
    assert decode(type(value), kept(value)) == value


@given(ANY, st.dictionaries(TEXTS.map("newer ".__add__), JSON, max_size=3))
def test_what_a_newer_version_added_is_dropped(value: Value, added: dict[str, Any]) -> None:
    assert decode(type(value), kept(value) | added) == value


@given(ANY, st.data())
def test_what_an_older_version_did_not_keep_has_its_default(value: Value, data: st.DataObject) -> None:
    raw = kept(value)
    gone = data.draw(st.sampled_from(sorted(raw)))
    del raw[gone]

    if fields(type(value))[gone] is ...:
        with pytest.raises(Unfit, match=f"needs '{gone}'"):
            decode(type(value), raw)
    else:
        read = decode(type(value), raw)
        assert read == type(value)(**{field: getattr(value, field) for field in raw})


@given(
    st.sampled_from(KEPT), st.dictionaries(st.sampled_from(sorted({f for k in KEPT for f in fields(k)})), JSON) | JSON
)
def test_whatever_is_kept_it_is_read_or_unfit(kind: type[Value], raw: Any) -> None:
    try:
        read = decode(kind, raw)
    except Unfit:
        return
    assert isinstance(read, kind)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Condition, []),
        (Condition, {"usage": 5}),
        (Condition, {"usage": None}),
        (Condition, {"requests": {}}),
        (Condition, {"requests": [None]}),
        (Condition, {"dialog": {"needs": "permission"}}),
        (Condition, {"kind_state": "x"}),
        (Dialog, {"needs": "plan", "what": "", "choices": "yes"}),
        (Dialog, {"needs": "plan", "what": "", "place": [1]}),
        (PlainState, {"tail": "✓"}),
    ],
)
def test_another_shape_is_unfit(kind: type[Value], raw: Any) -> None:
    with pytest.raises(Unfit):
        decode(kind, raw)


class Renamed(Value):
    OLD_NAMES = (("before", "now"),)

    now: int = 0


@pytest.mark.parametrize(("raw", "now"), [({"before": 1}, 1), ({"before": 1, "now": 2}, 2), ({}, 0)])
def test_a_field_is_found_under_its_old_name(raw: dict[str, int], now: int) -> None:
    assert decode(Renamed, raw) == Renamed(now)
    assert encode(Renamed(now)) == {"now": now}


class Strange(Value):
    one: dict[str, Dialog]


def test_a_type_for_which_no_json_is_known_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match=r"dict\[str, Dialog\]"):
        decode(Strange, {"one": {}})


def test_the_parts_of_a_tuple_may_be_tuples() -> None:
    assert codec._parts("tuple[str, bool], int, ...") == ["tuple[str, bool]", "int", "..."]
