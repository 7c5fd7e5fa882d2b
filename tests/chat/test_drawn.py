"""What stands around the line fits, whatever the terminal is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.chat.made import asked, member, roster
from tmuxagents.chat import panel, prompt, sending, shown
from tmuxagents.chat.sending import Sending
from tmuxagents.chat.shown import Signs, text_of
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import is_clean
from tmuxagents.output.widths import width_of

columns = st.integers(20, 120)
texts = st.text(max_size=200)


def test_the_prompt_says_who_their_state_and_their_cost() -> None:
    assert text_of(prompt.prompt(member("agent-2"), 80)) == "agent-2 idle $0.0312> "
    assert text_of(prompt.prompt(member("agent-2"), 40)) == "agent-2 idle> "
    assert text_of(prompt.prompt(member("a-name-of-forty-characters-is-quite-long"), 40)) == "a-name-of-forty-c…> "
    assert text_of(prompt.prompt(member("agent-2", dialog=asked()), 80)) == "agent-2 needs permission $0.0312> "
    assert text_of(prompt.prompt(None, 80)) == "nobody> "


@given(
    st.sampled_from(["a", "agent-17", "a-name-of-forty-characters-is-quite-long"]),
    columns,
    st.sampled_from(["", " quiet"]),
)
def test_the_prompt_leaves_half_of_the_columns(name: str, width: int, only: str) -> None:
    assert width_of(text_of(prompt.prompt(member(name), width, only=only))) <= max(10, width // 2)


@given(texts, st.lists(texts, max_size=30), columns, st.integers(3, 40), st.booleans())
def test_a_dialog_fits_and_nothing_in_it_acts_on_the_terminal(
    what: str, beneath: list[str], width: int, height: int, unfolded: bool
) -> None:
    one = member("agent-3", dialog=asked(what=what, beneath=tuple(beneath)))
    rows = panel.rows(one, width, height, unfolded=unfolded)

    assert len(rows) <= height
    assert all(width_of(text_of(row)) <= width for row in rows)
    assert all(is_clean(text_of(row)) and "\n" not in text_of(row) for row in rows)


def test_a_dialog_shows_the_command_itself_and_the_keys() -> None:
    one = member("agent-3", dialog=asked(what="Bash(rm -rf build)", beneath=("  rm -rf build &&", "    make")))

    assert [text_of(row) for row in panel.rows(one, 80, 10, unfolded=False)] == [
        "agent-3 needs permission: Bash(rm -rf build)",
        "  rm -rf build &&",
        "    make",
        "  F8 yes  F9 no  F2 all   or /approve, /deny agent-3 WHY",
    ]


def test_a_long_one_is_folded_and_says_how_much_is_left_out() -> None:
    one = member("agent-3", dialog=asked(beneath=tuple(f"  row {n}" for n in range(20))))
    folded = [text_of(row) for row in panel.rows(one, 80, 20, unfolded=False)]

    assert folded[1:6] == [f"  row {n}" for n in range(5)]
    assert folded[6] == "  … 15 more rows: F2"
    assert "  row 15" in [text_of(row) for row in panel.rows(one, 80, 22, unfolded=True)]


@given(st.integers(0, 30), st.integers(3, 40), st.booleans())
def test_it_fits_where_no_row_of_it_is_left_out(count: int, height: int, unfolded: bool) -> None:
    one = member("agent-3", dialog=asked(beneath=tuple(f"  row {n}" for n in range(count))))
    drawn = [text_of(row) for row in panel.rows(one, 80, height, unfolded=unfolded)]

    assert panel.fits(one, 80, height, unfolded=unfolded) is not any("more rows: F2" in row for row in drawn)
    assert [text_of(row) for row in panel.whole(one, 80)][1:] == [f"  row {n}" for n in range(count)]


def test_the_focused_agents_dialog_is_shown_before_that_of_who_has_waited_longest() -> None:
    team = roster(member("a", since=5, dialog=asked("a")), member("b", since=3, dialog=asked("b")), member("c"))

    assert getattr(panel.shown(team, AgentId("a")), "name", None) == "a"
    assert getattr(panel.shown(team, AgentId("c")), "name", None) == "b"
    assert text_of(prompt.calls(team, "b", 80)) == "1 more need you: a"


@given(st.lists(texts, max_size=9), columns)
def test_what_is_on_its_way_takes_a_few_rows(given_: list[str], width: int) -> None:
    rows = sending.rows([Sending(AgentId("a"), "a", text) for text in given_], width)

    assert len(rows) <= sending.MOST
    assert all(width_of(text_of(row)) <= width and is_clean(text_of(row)) for row in rows)


def test_a_verdict_that_is_not_submitted_is_told_with_its_text() -> None:
    told = sending.verdict("api", "refused", "it needs permission", "add\na test", always=False)

    assert told is not None
    assert text_of(told) == "  refused: api (it needs permission): add a test"
    assert sending.verdict("api", "submitted", "", "x", always=False) is None


@given(texts)
def test_a_terminal_without_unicode_gets_ascii(text: str) -> None:
    assert Signs(unicode=False).safe(text).isascii()


def test_a_row_is_painted_with_our_colours_alone() -> None:
    assert shown.painted([("dim", "x"), ("", "y")], color=True) == "\x1b[2mx\x1b[0my"
    assert shown.painted([("fail", "x"), ("name:1", "y")], color=False) == "xy"
