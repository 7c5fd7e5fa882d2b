"""A condition, and what older and newer versions kept of one (what holds for all that is kept: test_codec)."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model.codec import decode, encode
from tmuxagents.model.condition import OVER, READY, Condition, Dialog, Form, Need, State, Usage

texts = st.text(max_size=10)
counts = st.integers(0, 2**53)
own = st.dictionaries(
    texts, st.recursive(st.none() | counts | texts, lambda inner: st.lists(inner, max_size=2), max_leaves=4)
)

all_conditions = st.builds(
    Condition,
    state=st.sampled_from(get_args(State)),
    since_ns=counts,
    evidence=texts,
    dialog=st.none()
    | st.builds(
        Dialog,
        needs=st.sampled_from(get_args(Need)),
        what=texts,
        choices=st.lists(texts, max_size=3).map(tuple),
        preselected=st.none() | st.integers(0, 3),
        numbered=st.booleans(),
        form=st.sampled_from(get_args(Form)),
        text=texts,
        ticks=st.lists(st.booleans(), max_size=3).map(tuple),
        submit=st.none() | st.integers(0, 3),
        tabs=st.lists(st.tuples(texts, st.booleans()), max_size=3).map(tuple),
        place=st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)),
        anchors=st.lists(texts, max_size=3).map(tuple),
    ),
    reason=st.none() | texts,
    conversation=st.none() | texts,
    turn=counts,
    turns=counts,
    last_text=st.none() | texts,
    usage=st.builds(Usage, counts, counts, counts, counts, st.none() | counts),
    exit_code=st.none() | st.integers(0, 255),
    kind_state=own,
)


@given(all_conditions, st.sampled_from(["dialog", "usage"]))
def test_a_newer_versions_dialog_and_usage_are_read_too(condition: Condition, part: str) -> None:
    kept = encode(condition)
    if kept[part] is not None:
        kept[part] = {**kept[part], "added_later": 1}

    assert decode(Condition, kept) == condition


@given(all_conditions)
def test_a_dialog_that_an_older_version_kept_is_read(condition: Condition) -> None:
    kept = encode(condition)
    if kept["dialog"] is not None:
        kept["dialog"] = {key: kept["dialog"][key] for key in ("needs", "what", "choices", "preselected", "numbered")}

    read = decode(Condition, kept).dialog

    assert (read is None) == (condition.dialog is None)
    assert read is None or condition.dialog is None or read.choices == condition.dialog.choices


@given(all_conditions)
def test_it_needs_something_exactly_while_a_dialog_is_known(condition: Condition) -> None:
    assert (condition.needs is None) == (condition.dialog is None)


def test_the_groups_of_states_do_not_overlap() -> None:
    assert not OVER & READY
    assert set(get_args(State)) > OVER | READY


def test_what_a_kind_remembered_under_its_old_name_is_read() -> None:
    assert decode(Condition, {"state": "idle", "own": {"folder": "/work"}}).kind_state == {"folder": "/work"}
