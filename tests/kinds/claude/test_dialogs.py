"""Dialogs of the real claude: what is cut off, what imitates them, what stays equal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support import golden
from tmuxagents.kinds import claude, guard, tui
from tmuxagents.model.condition import Dialog

STATED = {path: golden.expected(path) for path in golden.SCREENS}
DIALOGS = golden.SHOWN
BOXES = [path for path, stated in STATED.items() if stated["draft"] is not None]
PRESSED = [p for p in DIALOGS if (d := STATED[p]["dialog"]).get("form") not in ("unknown", "panel") and d["choices"]]

# What an agent says and what a tool prints stands behind a mark or two blanks.
IMITATIONS = st.lists(
    st.sampled_from(
        [
            *["● Do you want to proceed?", "  Do you want to proceed?", "  ❯ 1. Yes", "    2. No", "", "❯ a prompt"],
            *[
                "  Esc to cancel · Tab to amend",
                f"  {'─' * 60}",
                "  ❯ Submit",
                "  ⎿  ❯ 1. Yes",
                "  [ ] Ham",
                "  search prompts:",
            ],
            *["  Review your answers", "  Which one?", "  Enter to select · ↑/↓ to navigate · Esc to cancel"],
        ]
    ),
    max_size=12,
)


NAMED = {
    "permission-bash": "Bash(touch a b c)",
    "queued-subagents-second": "Bash(touch ",
    "permission-read": "Read(/etc/hostname)",
    "permission-websearch": 'Web Search("tmux formats")',
    "permission-mcp": "probe ",
}


@pytest.mark.parametrize(
    "path", [p for p in DIALOGS if p.name.split(".")[0] in NAMED and "40x12" not in p.name], ids=golden.name
)
def test_a_permission_is_named_after_the_call_that_its_dialog_shows(path: Path) -> None:
    dialog = golden.read(path).dialog
    assert dialog is not None

    assert dialog.what.startswith(NAMED[path.name.split(".")[0]])


@pytest.mark.parametrize("faked", [" Read(/etc/hosts)", " ╌╌╌╌", "   ╌╌╌╌"])
def test_what_a_command_or_its_description_says_names_no_other_call(faked: str) -> None:
    rule = "─" * 60
    asked = [" Do you want to proceed?", " ❯ 1. Yes", "   2. No", "", " Esc to cancel · Tab to amend"]
    old = [rule, " Bash command", "", "   rm -rf x", f"  {faked}", "   ls", "", *asked]
    new = [rule, " Bash command", "", " tidy", faked, " ls", "╌" * 60, " rm -rf x", "╌" * 60, *asked]

    for rows in (old, new):
        dialog = claude.KIND.read_screen(rows).dialog
        assert dialog is not None
        assert dialog.what.startswith("Bash(rm -rf x")


def _size(path: Path) -> str:
    """`80x24`; the first ones that were recorded do not say."""
    return path.name.split(".")[1]


@pytest.mark.slow
@pytest.mark.parametrize("nth", [4, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("size", sorted({_size(path) for path in DIALOGS}))
def test_a_dialog_that_is_cut_off_anywhere_is_never_an_input_box(size: str, nth: int) -> None:
    for number, path in enumerate(path for path in DIALOGS if _size(path) == size):
        rows = golden.rows(path)
        bare = tui.plain(rows)
        # A cut at a blank row shows what the cut beside it shows. The same dialog is there several times: of two
        # recordings of it other rows are tried.
        for cut in (cut for cut in range(number % nth, len(rows), nth) if bare[cut] or bare[cut - 1]):
            for shown in (rows[:cut], rows[cut:]):
                if not any("❯\xa0" in row for row in shown):
                    assert claude.KIND.read_screen(shown).draft is None, "\n".join(tui.plain(shown))


@pytest.mark.slow
@given(path=st.sampled_from(PRESSED), cut=st.integers(1, 60))
def test_a_dialog_whose_end_is_cut_off_offers_nothing_that_it_does_not(path: Path, cut: int) -> None:
    whole = golden.read(path).dialog
    rows = golden.rows(path)
    seen = claude.KIND.read_screen(rows[: max(0, len(rows) - cut)]).dialog
    assert whole is not None
    assume(seen is not None and seen.form not in ("unknown", "panel"))
    assert seen is not None

    assert seen.choices == whole.choices[: len(seen.choices)]


@given(path=st.sampled_from(PRESSED), imitation=IMITATIONS)
def test_a_dialog_is_itself_whatever_was_said_before(path: Path, imitation: list[str]) -> None:
    whole = golden.read(path).dialog
    assert whole is not None
    assume(not whole.cut)

    assert claude.KIND.read_screen([*imitation, "\x1b[0m", *golden.rows(path)]).dialog == whole


@given(path=st.sampled_from(BOXES), imitation=IMITATIONS)
def test_a_box_is_a_box_whatever_was_said_before(path: Path, imitation: list[str]) -> None:
    seen = claude.KIND.read_screen([*imitation, "\x1b[0m", *golden.rows(path)])

    assert (seen.draft, seen.dialog) == (golden.read(path).draft, None)


# The same dialog with the pointer elsewhere, other ticks, another text in its field.
SAME = [
    *[("permission-pointer-2", "permission-amend-empty"), ("permission-amend-empty", "permission-amend")],
    *[("question-one", "question-one-free-empty"), ("question-one", "question-one-free")],
    *[("question-ticks", "question-ticks-ticked"), ("question-ticks", "question-ticks-free")],
    *[("question-ticks", "question-ticks-submit"), ("mcp-three", "mcp-three-ticked"), ("trust", "trust-pointer-2")],
    *[
        ("plan-file", "plan-file-pointer-3"),
        ("plan-file", "plan-file-feedback"),
        ("theme-first", "theme-first-pointer"),
    ],
    *[("dialog-question", "dialog-question-chat"), ("question-preview", "question-preview-notes")],
]


def _pairs() -> list[tuple[Path, Path]]:
    by_name = {(p.parts[-3], p.stem.partition(".")[0], p.stem.partition(".")[2]): p for p in golden.SCREENS}
    pairs = [
        (path, by_name[version, other, size])
        for (version, stem, size), path in by_name.items()
        for one, other in SAME
        if stem == one and (version, other, size) in by_name
    ]
    return [pair for pair in pairs if all(path in PRESSED for path in pair)]


@pytest.mark.parametrize("pair", _pairs(), ids=lambda pair: f"{golden.name(pair[0])}-{pair[1].stem}")
def test_pointing_ticking_and_typing_make_no_other_dialog(pair: tuple[Path, Path]) -> None:
    one, other = (golden.read(path).dialog for path in pair)
    assert one is not None
    assert other is not None

    assert one.text == other.text
    if one.typed is None and other.typed is None:
        assert one.anchors == other.anchors


def test_dialogs_that_ask_for_something_else_have_other_texts() -> None:
    asked: dict[str, str] = {}
    for path in PRESSED:
        dialog = golden.read(path).dialog
        version, _, name = golden.name(path).partition("-")
        if name.startswith(("queued-bash", "permission-bash", "permission-read")) and "80x24" in name:
            assert dialog is not None
            told = f"{version} {dialog.text}"
            assert asked.setdefault(told, name).split("-second")[0] == name.split("-second")[0], name


def test_what_identifies_a_dialog_is_seen_where_it_is_and_beside_no_input_box() -> None:
    for path in PRESSED:
        dialog = golden.read(path).dialog
        assert dialog is not None
        patterns = guard.guard(dialog)

        assert patterns, path
        assert _all_found(patterns, path), path
        assert not re.search(claude.KIND.BOX, _shown(path), re.MULTILINE), path
    for box in BOXES:
        assert re.search(claude.KIND.BOX, _shown(box), re.MULTILINE), box


def test_what_is_not_understood_offers_nothing_to_press() -> None:
    for path in DIALOGS:
        dialog = golden.read(path).dialog
        assert dialog is not None
        if dialog.form in ("unknown", "panel") and guard.guard(dialog):
            # Escape leaves it, and that its last row says so is asked of tmux too.
            assert not dialog.choices
            assert re.search(claude.KIND.LEAVE, _shown(path), re.MULTILINE), path


def _shown(path: Path) -> str:
    return "\n".join(re.sub(r"\x1b\[[0-9;:]*m", "", row).rstrip(" ") for row in golden.rows(path))


def _all_found(patterns: tuple[str, ...], path: Path) -> bool:
    return all(re.search(pattern, _shown(path), re.MULTILINE) for pattern in patterns)


def test_the_pointed_choice_is_part_of_the_question_to_tmux() -> None:
    dialog = Dialog(
        "question", "Which?", ("Ham", "Oil"), 0, True, form="ticks", ticks=(True, False), anchors=("Which?",)
    )

    pattern = guard.guard(dialog, pointed=1)[-1]

    assert re.search(pattern, "❯ 2. [ ] Oil")
    assert re.search(pattern, "❯ 2. [✔] Oil")
    assert not re.search(pattern, "  2. [ ] Oil")
    assert not re.search(pattern, "❯ 1. [ ] Ham")


@pytest.mark.parametrize("long", [False, True])
def test_a_title_that_is_cut_stands_whole_beneath(long: bool) -> None:
    """In a window of 220 columns one row holds more than a title does."""
    title = "Which of these " + "files " * (28 if long else 3) + "is to go, and is precious among them?"
    rows = ["─" * 220, title, "", "❯ 1. Yes", "  2. No", "", "Enter to select · Esc to cancel"]
    dialog = claude.KIND.read_screen(rows).dialog
    assert dialog is not None

    assert ("precious" in dialog.what) is not long
    assert dialog.about == (title if long else "")
