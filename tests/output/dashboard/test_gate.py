"""A key settles a dialog that was there to be read, pressed by a hand that rests, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.model.settling_key import QUIET_S, SEEN_S
from tmuxagents.output.dashboard import gate as gates
from tmuxagents.output.dashboard.gate import Gate

STEPS = st.lists(
    st.tuples(st.floats(0, 2), st.sampled_from(["key", "a one", "a two", "b one", "nothing"])), max_size=12
)


@given(STEPS, st.floats(0, 2))
def test_it_opens_only_for_the_dialog_that_stood_there_unbroken_and_after_a_rest(
    steps: list[tuple[float, str]], last: float
) -> None:
    gate, now, since = Gate(), 0.0, 0.0
    key: float | None = None
    shown: tuple[str | None, str | None] = (None, None)
    for after, what in steps:
        now += after
        if what == "key":
            gate, key = gates.pressed(gate, now), now
            continue
        agent, dialog = what.split(" ") if " " in what else (None, None)
        if (agent, dialog) != shown:
            since, shown = now, (agent, dialog)
        gate = gates.drawn(gate, agent, dialog, now)
    now += last

    opens = gates.refused(gate, "a", "one", now) is None

    rests = key is None or now - key >= QUIET_S
    assert opens == (shown == ("a", "one") and now - since >= SEEN_S and rests)


def test_it_says_what_is_missing() -> None:
    gate = gates.drawn(Gate(), "a", "one", 10.0)

    assert gates.refused(gate, "a", None, 12.0) == "it waits for nothing that a key settles"
    assert "has changed" in str(gates.refused(gate, "a", "two", 12.0))
    assert "only just come up" in str(gates.refused(gate, "a", "one", 10.4))
    assert "less than a second ago" in str(gates.refused(gates.pressed(gate, 11.5), "a", "one", 12.0))
    assert gates.refused(gates.pressed(gate, 11.0), "a", "one", 12.0) is None
    assert "on the screen first" in str(gates.refused(Gate(), "a", "one", 12.0))


def test_of_a_dialog_that_was_not_read_to_its_end_no_is_all_that_can_be_said() -> None:
    gate = gates.drawn(Gate(), "a", "one", 10.0, whole=False)

    assert str(gates.refused(gate, "a", "one", 12.0)).startswith("PgDn reads on")
    assert gates.refused(gate, "a", "one", 12.0, no=True) is None
    assert "only just come up" in str(gates.refused(gates.drawn(gate, "a", "one", 12.0), "a", "one", 12.1))
    assert gates.refused(gates.drawn(gate, "a", "one", 12.0), "a", "one", 12.6) is None


def test_what_was_read_to_its_end_stays_read_while_that_very_dialog_is_on_the_screen() -> None:
    gate = gates.drawn(gates.drawn(Gate(), "a", "one", 10.0), "a", "one", 11.0, whole=False)

    assert gates.refused(gate, "a", "one", 12.0) is None
