"""The merged stream, as rows on a terminal."""

import itertools
import re
import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.output import hues
from tmuxagents.output.hues import PALETTE
from tmuxagents.output.rendering import Line, Speaker, choose_color, render
from tmuxagents.output.widths import width_of

SGR = re.compile(r"\x1b\[[0-9;]*m")
SPOKEN = ["spawned", "prompt", "text", "tool", "output", "needs", "decision", "turn", "exit"]
KINDS = [*SPOKEN, "state", "conflict", "note", "gap", "error", "verdict"]

HOSTILE = st.lists(
    st.sampled_from(
        ["\x1b[2J", "\x1b]0;", "\x07", "\r", "\n", "\t", " ", "界", "e\u0301", "👩\u200d💻", "❤\ufe0f", "\u202e"]
    )
    | st.text(max_size=12)
    | st.characters(categories=["Cs", "Cc", "Cf", "Mn"]),
    max_size=25,
).map("".join)

MARKED = st.text(st.sampled_from("ab `*#-\n_é界"), max_size=60)
"""Something like Markdown."""


def entry(kind: str, text: str = "", *, agent: str = "agent-1", color: int = 0, **detail: object) -> Line:
    return Line(seq=1, at_ns=0, agent=agent, color=color, kind=kind, text=text, detail=detail)


def plainly(line: Line, width: int | None = None) -> list[str]:
    return render(line, width=width, color=False)


def cells(text: str) -> int:
    """Widths as wcwidth has them, apart from what it takes as zero."""
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me"} else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
        if c not in "\u200b\u200c\u200d\u2060"
    )


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (entry("spawned", "add auth to the REST API"), "  Spawned agent-1: add auth to the REST API"),
        (entry("spawned"), "  Spawned agent-1"),
        (entry("text", "I'll start"), "[agent-1] I'll start"),
        (entry("output", "ok 12 tests"), "[agent-1] ok 12 tests"),
        (entry("tool", "Read: src/routes/api.rs"), "[agent-1] Read: src/routes/api.rs"),
        (entry("tool", "Bash: cat <<EOF\n  a\nEOF"), "[agent-1] Bash: cat <<EOF a EOF"),
        (
            entry("needs", "Write(src/auth.rs)", needs="permission", command="tmuxagents approve agent-1"),
            "[agent-1] needs permission: Write(src/auth.rs)   tmuxagents approve agent-1",
        ),
        (entry("needs", needs="login"), "[agent-1] needs login"),
        (entry("turn", how="done", cost_usd=0.0312), "  -- agent-1 done ($0.0312) --"),
        (entry("turn", how="done", cost_usd=0.0312, cost_turns=2), "  -- agent-1 done ($0.0312, 2 turns) --"),
        (
            entry("decision", "approved: Write(a), by agent-2", what="Write(a)"),
            "  -- agent-1 approved: Write(a), by agent-2 --",
        ),
        (entry("turn", how="interrupted", cost_usd=None), "  -- agent-1 interrupted --"),
        (entry("turn"), "  -- agent-1 done --"),
        (entry("prompt", "also add a test"), "> @agent-1 also add a test"),
        (entry("exit", "ended (0)"), "  -- agent-1 ended (0) --"),
        (entry("exit", "failed (killed by SIGKILL)"), "  -- agent-1 failed (killed by SIGKILL) --"),
        (entry("note", "resumed"), "[agent-1] (resumed)"),
        (entry("error", "out of credit"), "[agent-1] (out of credit)"),
        (entry("a kind to come", "text"), "[agent-1] (text)"),
    ],
)
def test_each_kind_has_its_row(line: Line, row: str) -> None:
    assert plainly(line) == [row]
    assert [SGR.sub("", painted) for painted in render(line, width=None, color=True)] == [row]
    assert plainly(line, 200) == [row]


def test_lines_of_one_message_stand_under_its_beginning() -> None:
    assert plainly(entry("text", "one\n\n  two\nthree\n")) == [
        "[agent-1] one",
        "",
        "            two",
        "          three",
    ]
    assert plainly(entry("prompt", "one\ntwo")) == ["> @agent-1 one", "           two"]


def test_long_text_wraps_under_the_name() -> None:
    assert plainly(entry("text", "the quick brown fox jumps"), 22) == [
        "[agent-1] the quick",
        "          brown fox",
        "          jumps",
    ]
    assert plainly(entry("text", "abcdefghijklmnopq xy"), 22) == ["[agent-1] abcdefghijkl", "          mnopq xy"]


def test_wide_characters_take_two_cells() -> None:
    assert plainly(entry("text", "界" * 7), 22) == ["[agent-1] 界界界界界界", "          界"]
    assert width_of("e\u0301界") == 3


def test_a_combining_mark_is_never_parted_from_its_letter() -> None:
    rows = plainly(entry("text", "e\u0301" * 40), 22)

    assert not any(row.lstrip().startswith("\u0301") for row in rows)
    assert rows[0] == "[agent-1] " + "e\u0301" * 12


def test_joined_emoji_stay_joined() -> None:
    rows = plainly(entry("text", "👩\u200d💻" * 10), 22)

    assert all(row.split()[-1] == "👩\u200d💻" * 3 for row in rows[:3])


def test_a_tool_call_is_one_row_cut_to_the_width() -> None:
    assert plainly(entry("tool", "Bash: cargo test --workspace"), 26) == ["[agent-1] Bash: cargo tes…"]


def test_the_command_that_settles_a_dialog_is_not_broken_while_it_fits() -> None:
    line = entry("needs", "Write(src/auth.rs)", needs="permission", command="tmuxagents approve agent-1")

    assert plainly(line, 50) == [
        "[agent-1] needs permission: Write(src/auth.rs)",
        "          tmuxagents approve agent-1",
    ]


def test_only_the_name_and_the_tool_are_coloured() -> None:
    (row,) = render(entry("tool", "Read: a.rs", color=1), width=80, color=True)
    (said,) = render(entry("text", "hello", color=len(PALETTE)), width=80, color=True)

    assert row == f"\x1b[1;38;5;{PALETTE[1]}m[agent-1]\x1b[0m \x1b[38;5;{PALETTE[1]}mRead\x1b[0m: a.rs"
    assert said == f"\x1b[1;38;5;{PALETTE[0]}m[agent-1]\x1b[0m hello"


def test_notes_are_dim_and_errors_red_on_every_row() -> None:
    dim = render(entry("gap", "one\ntwo"), width=80, color=True)
    red = render(entry("error", "three"), width=80, color=True)

    assert [row.split("]\x1b[0m ")[-1] for row in dim] == ["\x1b[2m(one\x1b[0m", "          \x1b[2mtwo)\x1b[0m"]
    assert red[0].endswith(f"\x1b[{hues.FAILS}m(three)\x1b[0m")


def test_a_conflict_calls_when_it_begins_and_is_dim_when_it_ceases() -> None:
    began = render(entry("conflict", "conflicts with b: text", began=True), width=80, color=True)
    ceased = render(entry("conflict", "no longer conflicts with b", began=False), width=80, color=True)

    assert began[0].endswith(f"\x1b[{hues.CALLS}mconflicts with b: text\x1b[0m")
    assert ceased[0].endswith("\x1b[2mno longer conflicts with b\x1b[0m")


def test_the_clock_stands_before_the_entry() -> None:
    rows = render(entry("text", "one\ntwo"), width=60, color=False, clock=lambda at_ns: f"12:34:5{at_ns}")

    assert rows == ["12:34:50 [agent-1] one", "                   two"]


SPEAKERS = st.sampled_from(get_args(Speaker))


@given(st.sampled_from(KINDS), HOSTILE | MARKED, HOSTILE, st.integers(20, 90), st.booleans(), st.booleans(), SPEAKERS)
def test_no_row_is_too_wide_or_holds_a_control_but_our_colours(
    kind: str, text: str, agent: str, width: int, color: bool, timed: bool, speaker: Speaker
) -> None:
    line = entry(kind, text, agent=agent, needs=text, command=agent, how=text, cost_usd=1.5)
    tell = (lambda _: "12:34:56") if timed else None
    rows = render(line, width=width, color=color, clock=tell, speaker=speaker, formatted=True)

    assert rows
    for row in rows:
        shown = SGR.sub("", row) if color else row
        assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in shown)
        assert cells(shown) <= width


@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "Mn"]), min_size=1), min_size=1),
    st.integers(20, 80),
)
def test_the_wrapped_rows_hold_the_words_again(words: list[str], width: int) -> None:
    rows = plainly(entry("text", " ".join(words), agent="a"), width)

    assert "".join(row[4:].replace(" ", "") for row in rows) == "".join(words)


@given(st.lists(st.text("ab", min_size=1, max_size=9), min_size=1), st.integers(20, 80))
def test_short_words_are_never_broken(words: list[str], width: int) -> None:
    rows = plainly(entry("text", " ".join(words), agent="a"), width)

    assert " ".join(row[4:] for row in rows).split() == words


def test_how_a_program_ended_is_wrapped_and_not_cut() -> None:
    line = entry("exit", "failed (exit 2): error: no rule for it", agent="build")

    assert plainly(line, 40) == ["  -- build failed (exit 2): error: no", "           rule for it --"]
    assert render(line, width=40, color=False, speaker="every") == [
        "  -- build failed (exit 2): error: no",
        "  -- build rule for it --",
    ]


def test_every_row_carries_its_speaker_where_that_is_asked_for() -> None:
    line = entry("text", "one\n\n  two")

    assert render(line, width=None, color=False, speaker="every") == ["[agent-1] one", "[agent-1]", "[agent-1]   two"]
    assert render(line, width=None, color=False, speaker="never") == ["one", "", "  two"]
    assert render(entry("prompt", "a\nb"), width=None, color=False, speaker="every") == ["> @agent-1 a", "> @agent-1 b"]
    assert render(entry("tool", "Read: a"), width=None, color=False, speaker="never") == ["Read: a"]


def test_what_calls_you_is_emphasised() -> None:
    need, *_ = render(entry("needs", "Write(a)", needs="permission"), width=80, color=True)
    (failed,) = render(entry("exit", "failed (exit 1)"), width=80, color=True)
    (ended,) = render(entry("exit", "ended (0)"), width=80, color=True)

    assert f"\x1b[{hues.CALLS}mneeds permission: Write(a)\x1b[0m" in need
    assert failed == f"\x1b[{hues.FAILS}m  -- agent-1 failed (exit 1) --\x1b[0m"
    assert "\x1b" not in ended


def test_markdown_is_shown_as_it_is_meant_only_where_there_are_colours() -> None:
    line = entry("text", "## Plan\n- run `make` **now**")

    (head, item) = render(line, width=80, color=True, formatted=True)
    assert head.endswith("\x1b[1mPlan\x1b[0m")
    assert item == f"          • run \x1b[{hues.QUOTES}mmake\x1b[0m \x1b[1mnow\x1b[0m"
    assert render(line, width=80, color=False, formatted=True) == plainly(line, 80)
    assert render(entry("output", "**x**"), width=80, color=True, formatted=True)[0].endswith("**x**")


def luminance(color: int) -> float:
    levels = [0, 95, 135, 175, 215, 255]
    parts = [levels[(color - 16) // step % 6] / 255 for step in (36, 6, 1)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_colour_can_be_read_on_black_and_on_white() -> None:
    assert len(set(PALETTE)) == len(PALETTE) >= 12
    for color in PALETTE:
        assert (luminance(color) + 0.05) / 0.05 >= 3
        assert 1.05 / (luminance(color) + 0.05) >= 3


def test_a_new_agent_gets_the_lowest_free_colour() -> None:
    assert choose_color([]) == 0
    assert choose_color([0, 1, 3]) == 2


def test_when_all_colours_are_had_the_one_had_least_is_next() -> None:
    everyone = list(range(len(PALETTE)))

    assert choose_color(everyone) == 0
    assert choose_color([*everyone, 0, 1, len(PALETTE) + 2]) == 3


@given(st.integers(0, 60))
def test_colours_are_shared_out_evenly(agents: int) -> None:
    used: list[int] = []
    for _ in range(agents):
        used.append(choose_color(used))

    times = [len(list(group)) for _, group in itertools.groupby(sorted(used))]
    assert not times or max(times) - min(times) <= 1


def test_of_a_long_decision_what_it_is_about_is_cut_and_not_who_decided() -> None:
    what = f"Bash({'x' * 200})"
    line = entry("decision", f"approved: {what}, by you on pts/3", what=what)

    (row,) = plainly(line, 60)

    assert len(row) == 60
    assert row.endswith("…, by you on pts/3 --")
