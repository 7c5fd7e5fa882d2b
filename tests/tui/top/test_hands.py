"""What a key does else, without a terminal: the times are given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import NOW, asking, row
from tests.tui.top.hand import hands, press
from tmuxagents.output.dashboard.pieces import plain


def test_digits_that_come_together_are_one_number() -> None:
    made, _ = hands(*(row(n, "idle", since_ns=NOW - n) for n in range(1, 13)))

    press(made, "12", 0.0)
    assert made.sight.view.board.selected == "id-12"
    press(made, "3", 5.0)
    assert made.sight.view.board.selected == "id-3"


def test_who_leaves_while_something_is_under_way_is_told_once() -> None:
    made, desk = hands(row(1))
    desk.running = 1
    press(made, "q", 0.0)
    assert desk.left is None
    press(made, "q", 1.0)
    assert desk.left == 0


def test_a_click_selects_and_a_second_one_peeks() -> None:
    made, _ = hands(asking(1), row(2, "idle"))
    made.clicked(5, 5, 1.0, again=False)
    assert made.sight.view.board.selected == "id-2"
    made.clicked(5, 5, 1.2, again=True)
    assert made.sight.view.peek


@given(
    st.lists(
        st.sampled_from(["up", "down", "pageup", "pagedown", "home", "end", "escape", "ctrl+u", "tab", "f1"]),
        max_size=15,
    ),
    st.text(max_size=10),
)
def test_no_key_breaks_anything(names: list[str], characters: str) -> None:
    made, _ = hands(asking(1), row(2, "failed"), row(3, "queued", place=1))
    for name in names:
        made.key(name, None, 1.0)
        made.sight.draw(60, 12, now_ns=NOW, now_s=1.0)
    for character in characters:
        made.key(character, character, 2.0)
        made.sight.draw(30, 8, now_ns=NOW, now_s=2.0)


def test_nobody_there_takes_every_key() -> None:
    made, desk = hands()
    press(made, "ynNctdsirpxg12?/", 1.0)

    assert not desk.begun


def test_a_window_that_is_not_seen_for_long_says_so() -> None:
    made, _ = hands(row(1, "idle", pane="%1"))
    early = made.sight.draw(100, 30, now_ns=NOW, now_s=0.1)
    assert early.tick_s < 1
    late = made.sight.draw(100, 30, now_ns=NOW, now_s=0.9)
    made.sight.window("id-1", [])
    seen_ = made.sight.draw(100, 30, now_ns=NOW, now_s=1.0)

    says = [any("its window is being looked at" in plain(line) for line in one.lines) for one in (early, late, seen_)]
    assert says == [False, True, False]


def test_what_takes_long_is_told() -> None:
    made, _ = hands(row(1))
    made.late("starting an agent …")

    assert made.sight.view.told[0].startswith("starting an agent: that takes long")
