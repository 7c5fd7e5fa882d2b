"""What a key does, without a terminal: the times are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import NOW, asking, row
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import View
from tmuxagents.tui.top.acting import Done, Work
from tmuxagents.tui.top.hands import Hands


class Desk:
    """A front that writes down what it is asked for."""

    def __init__(self) -> None:
        self.begun: list[Work] = []
        self.undone: list[Callable[[], None]] = []
        self.typed: str | None = None
        self.left: int | None = None
        self.given: list[Sequence[str]] = []
        self.running = 0

    def begin(self, work: Work, undone: Callable[[], None]) -> None:
        self.begun.append(work)
        self.undone.append(undone)

    def under_way(self) -> int:
        return self.running

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        self.given.append(argv)
        return ""

    def diff_of(self, name: str) -> Sequence[str]:
        return ["tmuxagents", "diff", name]

    def open_line(self, text: str) -> None:
        self.typed = text

    def line(self) -> str:
        assert self.typed is not None
        return self.typed

    def close_line(self) -> None:
        self.typed = None

    def suspend_me(self) -> None:
        self.left = -1

    def leave(self, code: int) -> None:
        self.left = code


def hands(*rows: Row, size: tuple[int, int] = (100, 30)) -> tuple[Hands, Desk]:
    """Drawn at second 0."""
    desk = Desk()
    made = Hands(desk, View(Board(rows)))
    made.draw(*size, now_ns=NOW, now_s=0.0)
    return made, desk


def press(made: Hands, keys: str, now_s: float) -> None:
    """Printable keys, one after another, each drawn."""
    for key in keys:
        made.key("space" if key == " " else key, key, now_s)
        made.draw(100, 30, now_ns=NOW, now_s=now_s)


def write(made: Hands, desk: Desk, text: str) -> None:
    """Have that in the line."""
    desk.typed = text
    made.typed(text)


def seen(made: Hands, *rows: Row, now_s: float) -> None:
    """Another look at the team."""
    made.seen(rows, trouble="", graph=None, news="")
    made.draw(100, 30, now_ns=NOW, now_s=now_s)


def test_a_yes_counts_once_the_dialog_was_there_to_be_read() -> None:
    made, desk = hands(asking(1))

    press(made, "y", 0.4)
    assert not desk.begun
    assert "only just come up" in made.view.told[0]

    press(made, "y", 1.0)
    assert not desk.begun
    assert "less than a second ago" in made.view.told[0]

    press(made, "y", 2.1)
    assert len(desk.begun) == 1


def test_a_yes_as_the_dialog_changes_settles_nothing() -> None:
    made, desk = hands(asking(1))
    made.seen([asking(1, about="rm -rf /", dialog_id="another")], trouble="", graph=None, news="")

    press(made, "y", 5.0)

    assert not desk.begun
    assert "changed" in made.view.told[0]


def test_a_dialog_that_is_not_on_the_screen_is_settled_by_no_key() -> None:
    made, desk = hands(asking(1), size=(40, 10))

    made.key("y", "y", 5.0)

    assert not desk.begun
    assert "on the screen first" in made.view.told[0]


@given(st.sampled_from(["?", "g"]))
def test_a_dialog_that_something_else_hides_has_to_be_read_anew(key: str) -> None:
    made, desk = hands(asking(1, run="night", run_id="r"))
    press(made, key, 3.0)

    press(made, "y", 6.0)

    assert not desk.begun


def test_another_agent_has_to_be_read_anew() -> None:
    made, desk = hands(asking(1), asking(2))
    press(made, "2", 5.0)

    press(made, "y", 5.2)
    assert not desk.begun

    press(made, "y", 6.3)
    assert len(desk.begun) == 1


@given(st.text(st.sampled_from("ynNcqxspra1.?/ "), max_size=20))
def test_while_a_line_is_typed_no_printable_key_does_anything(keys: str) -> None:
    made, desk = hands(asking(1), row(2, "idle"))
    press(made, "2", 0.0)
    press(made, "t", 0.0)
    # A front gives these to its line; whatever comes here does nothing.
    press(made, keys, 10.0)

    assert not desk.begun
    assert desk.left is None
    assert made.is_typing


def test_what_was_typed_stays_with_its_agent_and_what_is_refused_does() -> None:
    made, desk = hands(row(1, "idle"), row(2, "idle"))
    press(made, "1", 0.0)
    press(made, "t", 2.0)
    write(made, desk, "half a thou")
    made.key("escape", None, 3.0)

    press(made, "2", 5.0)
    press(made, "t", 6.0)
    assert desk.typed == ""
    made.key("escape", None, 7.0)

    press(made, "1", 9.0)
    press(made, "t", 10.0)
    assert desk.typed == "half a thou"
    write(made, desk, "half a thought")
    made.key("enter", None, 10.5)
    assert len(desk.begun) == 1
    press(made, "t", 11.0)
    assert desk.typed == ""
    write(made, desk, "and more")
    made.key("escape", None, 11.5)
    desk.undone[0]()
    made.finished(Done("refused: agent-1 (a dialog is open)", good=False))
    press(made, "t", 12.0)
    assert desk.typed == "half a thought\nand more"


def test_a_line_is_said_to_the_one_it_was_begun_for_whatever_the_list_does() -> None:
    made, desk = hands(row(1, "idle"), row(2, "working"))
    press(made, "2", 0.0)
    press(made, "t", 2.0)

    seen(made, row(2, "working"), now_s=3.0)
    write(made, desk, "hello")
    made.key("enter", None, 4.0)

    assert len(desk.begun) == 1
    assert "agent-1" in made.view.told[0]


def test_what_ends_something_asks_first_and_only_y_is_yes() -> None:
    made, desk = hands(row(1))
    for key in "si":
        press(made, key, 0.0)
        press(made, "n", 1.0)
        assert not desk.begun
        assert made.view.told[0] == "nothing was done"

    press(made, "s", 2.0)
    press(made, "y", 3.0)
    assert len(desk.begun) == 1


def test_a_filter_is_seen_at_once_and_esc_takes_it_back() -> None:
    made, desk = hands(row(1, "idle"), row(2))
    press(made, "/", 0.0)
    write(made, desk, "state:idle")
    assert [one.name for one in made.view.board.shown] == ["agent-1"]

    made.key("escape", None, 1.0)
    assert len(made.view.board.shown) == 2

    press(made, "/", 2.0)
    write(made, desk, "state:idle")
    made.key("enter", None, 2.5)
    made.key("escape", None, 3.0)
    assert made.view.board.filter == ""
    assert not desk.begun


def test_digits_that_come_together_are_one_number() -> None:
    made, _ = hands(*(row(n, "idle", since_ns=NOW - n) for n in range(1, 13)))

    press(made, "12", 0.0)
    assert made.view.board.selected == "id-12"
    press(made, "3", 5.0)
    assert made.view.board.selected == "id-3"


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
    assert made.view.board.selected == "id-2"
    made.clicked(5, 5, 1.2, again=True)
    assert made.view.peek


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
        made.draw(60, 12, now_ns=NOW, now_s=1.0)
    for character in characters:
        made.key(character, character, 2.0)
        made.draw(30, 8, now_ns=NOW, now_s=2.0)


def test_nobody_there_takes_every_key() -> None:
    made, desk = hands()
    press(made, "ynNctdsirpxg12?/", 1.0)

    assert not desk.begun
