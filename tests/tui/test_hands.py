"""What a key does, without a terminal: the times are given."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import NOW, asking, row
from tmuxagents.model.condition import Dialog
from tmuxagents.model.settling_key import left_out
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.pieces import plain
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import View
from tmuxagents.tui.top.acting import Done, Work
from tmuxagents.tui.top.hands import Hands


class Desk:
    """A front that writes down what it is asked for."""

    def __init__(self) -> None:
        self.begun: list[Work] = []
        self.undone: list[Callable[[], str]] = []
        self.typed: str | None = None
        self.left: int | None = None
        self.given: list[Sequence[str]] = []
        self.commands: list[Sequence[str]] = []
        self.running = 0

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        self.begun.append(work)
        self.undone.append(undone)

    def under_way(self) -> int:
        return self.running

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        self.given.append(argv)
        return ""

    def command(self, words: Sequence[str]) -> Sequence[str]:
        self.commands.append(tuple(words))
        return ["tmuxagents", *words]

    def options(self) -> Mapping[str, bool]:
        return {"--name": True, "-w": False}

    def open_line(self, text: str, *, selected: bool = False) -> None:
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


def press_one(made: Hands, key: str, now_s: float) -> None:
    """A key that prints nothing, drawn."""
    made.key(key, None, now_s)
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

    press_one(made, "f8", 0.4)
    assert not desk.begun
    assert "only just come up" in made.view.told[0]

    press_one(made, "f8", 1.0)
    assert not desk.begun
    assert "less than a second ago" in made.view.told[0]

    press_one(made, "f8", 2.1)
    assert len(desk.begun) == 1


def test_a_yes_as_the_dialog_changes_settles_nothing() -> None:
    made, desk = hands(asking(1))
    made.seen([asking(1, about="rm -rf /", dialog_id="another")], trouble="", graph=None, news="")

    press_one(made, "f8", 5.0)

    assert not desk.begun
    assert "changed" in made.view.told[0]


def test_a_dialog_that_is_not_on_the_screen_is_settled_by_no_key() -> None:
    made, desk = hands(asking(1), size=(40, 10))

    made.key("f8", None, 5.0)

    assert not desk.begun
    assert "on the screen first" in made.view.told[0]


LONG = " ".join(f"echo line {n};" for n in range(260)) + " rm -rf precious"


@pytest.mark.parametrize("keys", ["", " "], ids=["list", "peek"])
@pytest.mark.parametrize("about", ["", LONG.replace("; ", ";\n")], ids=["in one line", "in many"])
def test_a_yes_counts_only_when_the_end_of_what_it_asks_was_on_the_screen(keys: str, about: str) -> None:
    made, desk = hands(asking(1, dialog=Dialog("permission", f"Bash({LONG})", ("Yes", "No"), about=about)))
    press(made, keys, 0.0)

    press_one(made, "f8", 5.0)
    assert not desk.begun
    assert made.view.told[0].startswith("PgDn reads on")

    drawn = read_on(made, 6.0)
    assert any("precious" in line for line in drawn)
    assert {f"line {n};" for n in range(260)} <= set(re.findall(r"line \d+;", " ".join(drawn)))
    press_one(made, "f8", 12.0)
    assert len(desk.begun) == 1


def read_on(made: Hands, now_s: float) -> list[str]:
    """To the end of the dialog; all that was on the screen meanwhile."""
    told: list[str] = []
    while True:
        assert made.drawn is not None
        told += [plain(line).strip() for line in made.drawn.lines]
        if made.drawn.whole:
            return told
        made.key("pagedown", None, now_s)
        made.draw(100, 30, now_ns=NOW, now_s=now_s)


def test_another_dialog_of_the_same_agent_is_shown_from_its_beginning() -> None:
    made, desk = hands(asking(1, about="\n".join(LONG.split("; "))))
    read_on(made, 1.0)
    seen(made, asking(1, about="rm first\n" + "\n".join(LONG.split("; ")), dialog_id="another"), now_s=2.0)

    press_one(made, "f8", 9.0)

    assert not desk.begun
    assert made.drawn is not None
    assert any("rm first" in plain(line) for line in made.drawn.lines)


def test_what_is_learnt_of_a_dialog_after_it_was_read_has_to_be_read() -> None:
    made, desk = hands(asking(1, about="rm build"))
    seen(made, asking(1, about="rm build\n" + "\n".join(LONG.split("; "))), now_s=2.0)

    press_one(made, "f8", 9.0)

    assert not desk.begun


def test_in_another_size_a_dialog_is_read_anew() -> None:
    """Rows that were passed over are longer there: what stood in them was never on the screen."""
    made, desk = hands(asking(1, about=LONG), size=(100, 30))
    made.key("pagedown", None, 1.0)
    made.draw(300, 12, now_ns=NOW, now_s=1.0)
    assert made.view.scroll == 0

    made.draw(4, 4, now_ns=NOW, now_s=2.0)
    made.key("f8", None, 9.0)
    assert not desk.begun


def test_a_dialog_of_which_a_part_is_not_known_is_read_where_it_is() -> None:
    about = f"rm build\n{left_out(12, 'lines')}"
    made, desk = hands(asking(1, about=about))
    press_one(made, "f8", 5.0)
    assert not desk.begun
    assert made.view.told[0].startswith("enter, attach to read it")

    press_one(made, "f9", 7.0)
    assert len(desk.begun) == 1

    made, desk = hands(asking(1, dialog=Dialog("permission", "Bash(rm …", ("Yes", "No"), cut=True)))
    press_one(made, "f8", 5.0)
    assert not desk.begun


def test_no_may_be_said_before_all_was_read() -> None:
    made, desk = hands(asking(1, about="\n".join(LONG.split("; "))))

    press_one(made, "f9", 5.0)

    assert len(desk.begun) == 1


@given(st.sampled_from(["?", "g"]))
def test_a_dialog_that_something_else_hides_has_to_be_read_anew(key: str) -> None:
    made, desk = hands(asking(1, run="night", run_id="r"))
    press(made, key, 3.0)

    press_one(made, "f8", 6.0)

    assert not desk.begun


def test_another_agent_has_to_be_read_anew() -> None:
    made, desk = hands(asking(1), asking(2))
    press(made, "2", 5.0)

    press_one(made, "f8", 5.2)
    assert not desk.begun

    press_one(made, "f8", 6.3)
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


def test_what_ends_something_asks_first_and_only_the_key_that_says_yes_is() -> None:
    made, desk = hands(row(1))
    for at, key in enumerate("si"):
        press(made, key, 5.0 * at)
        press_one(made, "f9", 5.0 * at + 1)
        assert not desk.begun
        assert made.view.told[0] == "nothing was done"

    press(made, "s", 12.0)
    press_one(made, "f8", 12.9)
    assert not desk.begun
    assert "stop agent-1? F8 once more" in made.view.told[0]
    press_one(made, "f8", 14.0)
    assert len(desk.begun) == 1


def test_a_word_that_is_typed_into_the_list_does_nothing_that_ends_something() -> None:
    """As by one who thinks that a line is open."""
    for word in ("system\n", "sy", "iy", "ry", "syyyy", "stop it yes\n", "is it yours?\n", "all of it\n", "yes\n", "y"):
        made, desk = hands(row(1, "idle"), row(2), row(3, "ended"))
        for agent in "123":
            at = 10.0 * int(agent)
            press(made, agent, at)
            for number, key in enumerate(word):
                name = {"\n": "enter", " ": "space"}.get(key, key)
                made.key(name, key, at + 5 + number * 0.3)
                made.draw(100, 30, now_ns=NOW, now_s=at + 5)
            assert not desk.begun, word
            if made.is_typing:
                made.key("escape", None, at + 8)


@given(st.text(st.sampled_from("abcdefghilmnopqrstuvwxyz "), min_size=1, max_size=12))
def test_of_a_word_in_the_list_its_first_letter_alone_may_do_something(word: str) -> None:
    made, desk = hands(row(1, "idle"))
    press(made, word, 5.0)

    assert len(desk.begun) <= 1
    assert not desk.begun or word.lstrip("jk")[0] in "px"


@pytest.mark.parametrize("one", [asking(1), row(1, "idle"), row(1), row(1, "ended")], ids=lambda one: one.state)
def test_no_key_that_prints_something_does_by_itself_what_cannot_be_undone(one: Row) -> None:
    """Nor twice, however slowly. What is pinned or dismissed is taken back by the same key; `d` looks."""
    for key in set(string.printable.strip()) - set("px"):
        made, desk = hands(one)
        press(made, key, 5.0)
        if not made.is_typing:
            press(made, key, 10.0)

        assert not desk.begun, key
        assert not desk.given or key == "d"


def test_a_letter_says_which_key_settles() -> None:
    made, desk = hands(asking(1))
    for key, named in {"y": "F8", "n": "F9", "N": "F7", "c": "F6"}.items():
        press(made, key, 5.0)
        assert named in made.view.told[0]
        assert not desk.begun
        assert not made.is_typing


def test_with_alt_a_letter_settles_as_its_key_does() -> None:
    made, desk = hands(asking(1))
    press_one(made, "alt+y", 5.0)
    assert len(desk.begun) == 1
    press_one(made, "alt+r", 10.0)
    assert made.is_typing


def test_an_enter_that_is_held_attaches_to_nobody() -> None:
    made, desk = hands(row(1, "idle"))
    press(made, "t", 2.0)
    write(made, desk, "go on")
    for at in (3.0, 3.3, 3.6):
        press_one(made, "enter", at)
    assert len(desk.begun) == 1

    press_one(made, "enter", 6.0)
    assert len(desk.begun) == 2


def test_a_word_leaves_nothing() -> None:
    made, desk = hands(row(1))
    press(made, "required", 5.0)
    assert desk.left is None
    press(made, "q", 8.0)
    assert desk.left == 0


def test_keys_that_move_keep_no_other_waiting() -> None:
    made, desk = hands(row(1, "idle"), row(2, "idle"))
    press(made, "jjx", 5.0)
    assert len(desk.begun) == 1

    press(made, "p", 5.5)
    assert len(desk.begun) == 1
    assert made.view.told[0].startswith("once more")


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


def test_a_window_that_is_not_seen_for_long_says_so() -> None:
    made, _ = hands(row(1, "idle", pane="%1"))
    early = made.draw(100, 30, now_ns=NOW, now_s=0.1)
    assert early.tick_s < 1
    late = made.draw(100, 30, now_ns=NOW, now_s=0.9)
    made.window("id-1", [])
    seen_ = made.draw(100, 30, now_ns=NOW, now_s=1.0)

    says = [any("its window is being looked at" in plain(line) for line in one.lines) for one in (early, late, seen_)]
    assert says == [False, True, False]


def test_what_is_refused_says_where_it_is() -> None:
    made, desk = hands(row(1, "idle"))
    press(made, "t", 2.0)
    write(made, desk, "yes please")
    made.key("enter", None, 3.0)

    assert desk.undone[0]().startswith("t has it still")
    press(made, "t", 5.0)
    assert desk.typed == "yes please"


def test_a_task_starts_an_agent_with_the_options_before_it_and_once() -> None:
    made, desk = hands()
    press(made, "+", 2.0)
    write(made, desk, "--name api -w look at it\nand mend it -- all")
    made.key("enter", None, 3.0)
    made.key("enter", None, 3.1)

    assert len(desk.begun) == 1
    assert desk.commands == [("spawn", "--json", "--name", "api", "-w", "look at it\nand mend it -- all")]
    assert not made.is_typing
    press(made, "+", 5.0)
    made.key("enter", None, 6.0)
    assert len(desk.begun) == 1


def test_a_task_that_cannot_be_read_stays_in_its_line() -> None:
    made, desk = hands(row(1))
    press(made, "+", 2.0)
    write(made, desk, "--nam api look")
    made.key("enter", None, 3.0)

    assert not desk.begun
    assert made.is_typing
    assert made.view.told[0] == "there is no option --nam"


def test_a_task_that_was_left_or_refused_is_in_its_line_again() -> None:
    made, desk = hands(row(1))
    press(made, "+", 2.0)
    write(made, desk, "half a ta")
    made.key("escape", None, 3.0)
    assert made.view.told[0] == "what you typed stays behind +"

    press(made, "+", 4.0)
    assert desk.typed == "half a ta"
    made.key("enter", None, 5.0)
    assert desk.undone[0]() == "+ has it still"
    press(made, "t", 7.0)
    assert desk.typed == ""
    made.key("escape", None, 8.0)
    press(made, "+", 9.0)
    assert desk.typed == "half a ta"


def test_in_a_word_a_plus_opens_no_line() -> None:
    made, _ = hands(row(1, "ended"))
    press(made, "c++ build", 2.0)

    assert not made.is_typing


def start(made: Hands, desk: Desk) -> None:
    """Have `agent-9` started, as far as is known."""
    press(made, "+", 2.0)
    write(made, desk, "task")
    made.key("enter", None, 3.0)


def test_who_was_started_is_selected_once_it_is_there() -> None:
    made, desk = hands(row(1), row(2))
    start(made, desk)
    made.finished(Done("started agent-9", new="id-9"))
    seen(made, row(1), row(2), now_s=3.5)
    assert made.view.board.selected == "id-1"
    seen(made, row(1), row(2), row(9), now_s=4.0)
    assert made.view.board.selected == "id-9"

    made.key("up", None, 5.0)
    seen(made, row(1), row(2), row(9), now_s=6.0)
    assert made.view.board.selected == "id-2"


@pytest.mark.parametrize("late", [False, True], ids=["before it is known", "before it is seen"])
def test_nobody_is_selected_under_a_hand_that_has_gone_on(late: bool) -> None:
    made, desk = hands(row(1), row(2))
    start(made, desk)
    if late:
        made.finished(Done("started agent-9", new="id-9"))
    made.key("down", None, 3.5)
    if not late:
        made.finished(Done("started agent-9", new="id-9"))
    seen(made, row(1), row(2), row(9), now_s=4.0)

    assert made.view.board.selected == "id-2"


def test_who_was_started_and_is_hidden_by_the_filter_is_told() -> None:
    made, desk = hands(row(1, "idle"), row(2))
    press(made, "/", 0.0)
    write(made, desk, "state:idle")
    made.key("enter", None, 0.5)
    start(made, desk)
    made.finished(Done("started agent-9", new="id-9"))
    seen(made, row(1, "idle"), row(2), row(9), now_s=4.0)

    assert made.view.board.selected == "id-1"
    assert made.view.told[0] == "started agent-9; the filter hides it"


def test_what_takes_long_is_told() -> None:
    made, desk = hands(row(1))
    start(made, desk)
    made.late("starting an agent …")

    assert made.view.told[0].startswith("starting an agent: that takes long")
