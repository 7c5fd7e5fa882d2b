"""What is drawn: exact in size, safe, in ASCII where that is all there is, and as it was looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.dashboard.rows import NOW, ROWS, TEXTS, asking, row
from tmuxagents.output.dashboard import graph as graphs
from tmuxagents.output.dashboard import looks
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.graph import Node
from tmuxagents.output.dashboard.pieces import Line, ascii_only, cropped, fitted, plain, wrapped
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import View, last_line, screen
from tmuxagents.output.safe_text import is_clean
from tmuxagents.output.widths import width_of

SIZES = st.sampled_from([(80, 24), (120, 40), (200, 60), (40, 10), (20, 5), (10, 3), (2, 2), (1, 1), (150, 8)])
DATA = Path(__file__).parents[2] / "data" / "dashboard"


@given(ROWS, SIZES, st.booleans(), st.booleans())
def test_every_line_has_the_width_of_the_terminal(
    rows: list[Row], size: tuple[int, int], peek: bool, keys: bool
) -> None:
    width, height = size
    view = View(Board(tuple(rows)), window=((("─" * 300, "dim"),),), peek=peek, keys=keys)

    made = screen(view, width, height, NOW)

    assert len(made.lines) == height - 1
    assert {width_of(plain(line)) for line in (*made.lines, last_line(view, width, made))} == {width}


@given(st.lists(st.tuples(TEXTS, st.just("")), max_size=5), st.integers(0, 40))
def test_a_line_is_cut_and_filled_to_a_width(pieces: list[tuple[str, str]], width: int) -> None:
    for made in (fitted(tuple(pieces), width), cropped(tuple(pieces), width)):
        assert width_of(plain(made)) == width


def test_a_window_that_goes_on_to_the_right_shows_it_at_the_edge() -> None:
    told = plain(cropped((("abc ", ""), ("rm -rf precious", "bold")), 10))
    assert told == "abc rm -r›"

    for whole in ("abc", "abcdefghij", "abcdefghij      ", "─" * 40):
        assert "›" not in plain(cropped(((whole, ""),), 10))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("state:bogus", ["states:", "waiting", "limited"]),
        ("kinf:demo", ["fields:", "kind:", "folder:"]),
        ("is:nice", ["is:", "pinned", "needy"]),
        ("-state:bogus name:xyz", ["states:"]),
    ],
)
def test_a_filter_that_nobody_can_fit_names_what_there_is(text: str, names: list[str]) -> None:
    made = screen(View(Board(team(), filter=text)), 100, 30, NOW)
    told = " ".join(plain(line) for line in made.lines)

    assert all(name in told for name in names)


def test_of_an_agent_that_is_unknown_no_dialog_is_offered() -> None:
    view = View(Board((asking(1, state="unknown", words="unknown"),), selected="id-1"))

    assert "yes" not in plain(last_line(view, 100, screen(view, 100, 30, NOW)))


@given(TEXTS)
def test_without_unicode_a_text_is_ascii_and_as_wide(text: str) -> None:
    assert ascii_only(text).isascii()
    assert width_of(ascii_only(text)) == width_of(text)


@given(st.text(max_size=200), st.integers(2, 30))
def test_wrapped_rows_fit(text: str, width: int) -> None:
    assert all(width_of(each) <= width for each in wrapped(text, width, 50))


def test_nothing_that_an_agent_says_reaches_the_terminal_as_an_order() -> None:
    evil = "\x1b]0;owned\x07 \x1b[2J \u202eHOSTILE"
    rows = (asking(1, about=f"rm {evil}\n{evil}"), row(2, said=evil, folder=evil, run=evil))

    for selected in ("id-1", "id-2"):
        made = screen(View(Board(rows, selected=selected), trouble=evil, told=(evil, "")), 120, 40, NOW)
        assert all(is_clean(plain(line)) for line in made.lines)


def test_a_dialog_counts_as_read_once_its_end_was_on_the_screen() -> None:
    view = View(Board((asking(1, about="\n".join(f"line {n}" for n in range(60))),), selected="id-1"))

    first = screen(view, 80, 24, NOW)
    end = screen(View(view.board, scroll=first.most), 80, 24, NOW)

    assert not first.whole
    assert end.whole
    assert any("2 No" in plain(line) for line in end.lines)
    assert not screen(View(view.board), 40, 10, NOW).whole


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (60, 14)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_yes_is_offered_only_where_it_counts(size: tuple[int, int]) -> None:
    board = Board((asking(1, about="\n".join(f"line {n}" for n in range(60))),), selected="id-1")
    for view in (View(board), View(board, peek=True), View(board, keys=True)):
        made = screen(view, *size, NOW)
        assert not made.whole
        assert "yes" not in plain(last_line(view, size[0], made))

    first = screen(View(board, peek=True), 60, 14, NOW)
    end = screen(View(board, peek=True, scroll=first.most), 60, 14, NOW)
    assert "PgDn read on" in plain(last_line(View(board, peek=True), 60, first))
    assert "F8 yes" in plain(last_line(View(board, peek=True), 60, end))


NODES = st.lists(
    st.builds(
        Node,
        st.sampled_from("abcdefgh"),
        st.lists(st.sampled_from("abcdefghz"), max_size=3).map(tuple),
        st.just("done"),
    ),
    unique_by=lambda node: node.key,
    max_size=8,
)


@given(NODES)
def test_every_task_of_a_run_stands_in_the_tree_once_and_names_whom_it_waits_for(nodes: list[Node]) -> None:
    branches = graphs.tree(nodes)

    assert sorted(one.node.key for one in branches) == sorted(node.key for node in nodes)
    above: list[str] = []
    for one in branches:
        depth = len(one.before) // 2
        above = [*above[:depth], one.node.key]
        parents = set(above[:-1][-1:])
        assert set(one.node.waits) & {node.key for node in nodes} <= {*one.also, *parents}


def team() -> tuple[Row, ...]:
    """A team in which everything is that a row can show."""
    return (
        asking(1, about="rm -rf build\nmake all", name="api", run="night", conflicts=1, unread=3, folder="src/api"),
        row(2, "failed", name="docs", said="exit 2: no such file", cost="$0.03", microusd=31_200, turn=1),
        row(
            3,
            name="tests",
            said="Bash: cargo test --all",
            turn=7,
            rate=61.4,
            cost="$2.31",
            microusd=2_310_000,
            budget="$2.50",
            context_left=38,
            files=5,
            pinned=True,
            run="night",
        ),
        row(4, "limited", name="long-name-of-an-agent", said="until 14:05, continues then", continues=True, turn=2),
        row(5, "queued", name="later", said="1st; max_agents = 4", place=1),
        row(6, "idle", name="web", said="All 14 tests pass. I have added three for expired tokens.", turn=3, files=2),
        row(7, "ended", name="old", dismissed=True),
        row(8, "ended", name="日本語の名前", said="完了しました", over_budget=True, cost="$5.10", budget="$5"),
    )


WINDOW: Sequence[Line] = (
    (("● ", "cell:00:32:"), ("Bash", "bold"), ("(cargo test --all)", "")),
    (("  ⎿  ", "dim"), ("running 14 tests …", "")),
    (("─" * 200, "cell:10::"),),
    (("❯ ", ""), ("and now?", "cell:01::")),
    (("─" * 200, "cell:10::"),),
)

GRAPH = (
    Node("lint", (), "done", "12s  night-lint"),
    Node("api", (), "needs permission", "4m  night-api"),
    Node("tests", ("api", "lint"), "waiting"),
    Node("docs", ("api",), "waiting"),
    Node("report", ("tests", "docs"), "waiting"),
)

VIEWS = {
    "list": View(Board(team(), selected="id-3"), window=tuple(WINDOW)),
    "dialog": View(Board(team(), selected="id-1"), window=tuple(WINDOW), told=("submitted: web (8 ms)", "works")),
    "peek": View(Board(team(), selected="id-1"), window=tuple(WINDOW), peek=True),
    "graph": View(Board(team(), selected="id-1"), graph=GRAPH),
    "keys": View(Board(team(), selected="id-3"), keys=True),
    "filtered": View(Board(team(), filter="run:night", selected="id-1"), trouble="tmux did not answer within 5 s"),
    "nobody": View(Board(team(), filter="xyz")),
}


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_screens_are_as_they_were_looked_at(size: tuple[int, int]) -> None:
    """`TMUXAGENTS_SCREENS=write` writes them anew, to be looked at."""
    width, height = size
    told = []
    for name, view in VIEWS.items():
        made = screen(view, width, height, NOW)
        rows = [plain(line).rstrip() for line in (*made.lines, last_line(view, width, made))]
        told += [f"=== {name}", *rows]
    text = "\n".join(told) + "\n"
    file = DATA / f"{width}x{height}.txt"
    if os.environ.get("TMUXAGENTS_SCREENS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    assert text == file.read_text()


@pytest.mark.parametrize("color", [True, False], ids=["colour", "plain"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_they_are_painted_as_they_were_looked_at(size: tuple[int, int], color: bool) -> None:
    """The same colours on a dark and on a light terminal: each can be read on both (`output.hues`)."""
    made = [screen(VIEWS[name], *size, NOW).lines for name in ("list", "dialog")]
    text = "\n".join(looks.painted(lines, color=color, unicode=True) for lines in made)
    file = DATA / f"{size[0]}x{size[1]}.{'colour' if color else 'plain'}.ansi"
    if os.environ.get("TMUXAGENTS_SCREENS") == "write":
        file.write_bytes(text.encode())

    assert text.encode() == file.read_bytes()
    assert color or "38;5" not in text
