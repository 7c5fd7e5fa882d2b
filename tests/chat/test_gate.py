"""A key settles what was read, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.chat import gate
from tmuxagents.chat.gate import Drawn, drawn
from tmuxagents.model.settling_key import QUIET_S, SEEN_S

moments = st.floats(0, 10)
ids = st.sampled_from(["a", "b", None])


@given(
    ids,
    st.dictionaries(st.sampled_from("ab"), moments),
    ids,
    st.sampled_from(["", "x", "\n"]),
    st.none() | moments,
    moments,
)
def test_it_settles_only_what_stood_there_long_enough_under_quiet_hands(
    wanted: str | None, since: dict[str, float], stands: str | None, text: str, key_s: float | None, now: float
) -> None:
    why = gate.refused(wanted, Drawn(since), stands=stands, text=text, key_s=key_s, now_s=now)

    may = (
        wanted is not None
        and wanted == stands
        and text == ""
        and (key_s is None or now - key_s >= QUIET_S)
        and wanted in since
        and now - since[wanted] >= SEEN_S
    )
    assert (why is None) is may


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=20))
def test_a_dialog_that_was_away_begins_anew(steps: list[tuple[bool, float]]) -> None:
    seen, now, since = Drawn(), 0.0, None
    for shown, pause in steps:
        now += pause
        seen = drawn(seen, ["a"] if shown else [], now)
        since = (now if since is None else since) if shown else None

    assert seen.since.get("a") == since


@given(st.floats(0, 0.49))
def test_a_line_may_not_settle_what_has_only_just_come(age: float) -> None:
    assert gate.unread("a", Drawn({"a": 5.0}), stands="a", now_s=5.0 + age) is not None
    assert gate.unread("a", Drawn({"a": 5.0}), stands="b", now_s=50.0) is not None
    assert gate.unread("a", Drawn({"a": 5.0}), stands="a", now_s=5.6) is None
