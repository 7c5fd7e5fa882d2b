"""Which choice of a dialog is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import golden
from tmuxagents.kinds import choices
from tmuxagents.kinds.choices import ChoiceWrong, Question
from tmuxagents.model.codec import decode
from tmuxagents.model.condition import Dialog, Need
from tmuxagents.value import replace

# The yes that allows this once, by screen; where there is none, approving is refused.
ONCE = {
    "dialog-plan-file": "Yes, manually approve edits",
    "dialog-trust": "Yes, I trust this folder",
    "permission-bash": "Yes",
    "permission-bash-60": "Yes",
    "permission-write": "Yes",
}


def _dialog(path: Path) -> Dialog:
    dialog = golden.read(path).dialog
    assert dialog is not None
    return dialog


DIALOGS = st.sampled_from(golden.SHOWN).map(_dialog)
REQUESTS = st.sampled_from(["permission", "plan", "question"])


def test_approve_is_only_named_where_there_is_a_plain_yes() -> None:
    named = [dialog for dialog in map(_dialog, golden.SHOWN) if choices.verb(dialog) == "approve"]

    assert named
    assert all(choices.starting_with(d.choices, "yes") is not None for d in named)
    assert all(d.form not in ("unknown", "panel") for d in named)


def test_answer_is_only_named_where_one_question_is_understood() -> None:
    named = [dialog for dialog in map(_dialog, golden.SHOWN) if choices.verb(dialog) == "answer"]

    assert named
    assert all(d.choices and len(d.tabs) <= 1 and d.form not in ("unknown", "panel") for d in named)


@given(DIALOGS, REQUESTS)
def test_a_request_that_is_open_is_settled_whatever_its_dialog_shows(dialog: Dialog, needs: Need) -> None:
    assert choices.verb(replace(dialog, needs=needs, request="1")) == ("answer" if needs == "question" else "approve")


@given(DIALOGS)
def test_an_entry_names_the_command_that_its_dialog_does(dialog: Dialog) -> None:
    told = choices.needed(dialog)

    assert told.get("verb", choices.USUAL[told["needs"]]) == choices.verb(dialog)


def test_of_a_repositorys_servers_what_can_be_chosen_is_shown() -> None:
    shown = {choices.verb(d) for d in map(_dialog, golden.SHOWN) if d.needs == "trust" and "MCP" in d.what}

    assert shown == {"answer"}


@pytest.mark.parametrize("path", [p for p in golden.SCREENS if p.stem in ONCE], ids=golden.name)
def test_approving_grants_no_more_than_was_asked(path: Path) -> None:
    dialog = decode(Dialog, golden.expected(path)["dialog"])

    index = choices.starting_with(dialog.choices, "yes")

    assert index is not None
    assert dialog.choices[index] == ONCE[path.stem]


@pytest.mark.parametrize(
    "wider",
    [
        "Yes, and always allow access to /home/user/project from this project",
        "Yes, and switch to auto mode · auto mode handles these prompts for you",
        "Yes, and use auto mode",
        "Yes, allow all edits during this session (shift+tab)",
        "Yes, and switch to accept edits (auto-approve file edits) for this session (shift+tab)",
        "Yes, and don't ask again for touch commands",
    ],
)
def test_a_yes_that_grants_more_is_never_taken_by_itself(wider: str) -> None:
    assert choices.starting_with((wider, "No"), "yes") is None
    assert choices.starting_with((wider, "Yes", "No"), "yes") == 1


@pytest.mark.parametrize("label", ["No", "No, exit", "No, and tell Claude what to do differently (esc)"])
def test_a_no_is_a_no(label: str) -> None:
    assert choices.starting_with(("Yes", label), "no") == 1


RED = Question("Which one?", ("Red", "Blue, dark", "7"))
PIZZA = Question("Toppings?", ("Ham", "Oil", "Ham, cooked"), several=True)


def test_each_question_takes_an_argument_in_order() -> None:
    assert choices.answers([RED, PIZZA], ["Red", "ham,oil"], []) == ("Red", "Ham, Oil")
    assert choices.answers([PIZZA, RED], ["1,2", "2"], []) == ("Ham, Oil", "Blue, dark")


def test_unquoted_words_are_joined_where_one_question_is_open() -> None:
    assert choices.answers([RED], ["Blue,", "dark"], []) == ("Blue, dark",)


def test_a_bare_number_is_the_position_whatever_the_labels_are() -> None:
    assert choices.answers([RED], ["3"], []) == ("7",)
    with pytest.raises(ChoiceWrong, match="'7' is not among"):
        choices.answers([RED], ["7"], [])


def test_words_that_are_there_twice_ask_for_the_number() -> None:
    with pytest.raises(ChoiceWrong, match="'A' is there twice: use its number, 1 or 3"):
        choices.positions(Question("?", ("A", "B", "A")), "A")


def test_a_number_that_is_also_the_words_of_another_choice_chooses_neither() -> None:
    with pytest.raises(
        ChoiceWrong, match="'1' is the number of one choice and the words of another: 1 2 · 2 1"
    ) as told:
        choices.positions(Question("?", ("2", "1")), "1")

    assert told.value.verb == "attach"
    assert choices.positions(Question("?", ("1", "2")), "1") == [0]


def test_a_part_of_several_that_is_also_the_words_of_another_chooses_none() -> None:
    with pytest.raises(ChoiceWrong, match="'1' is the number"):
        choices.positions(Question("?", ("2", "1", "x"), several=True), "1,3")


def test_a_label_that_matches_whole_wins_over_a_comma() -> None:
    assert choices.answers([PIZZA], ["Ham, cooked"], []) == ("Ham, cooked",)


def test_a_comma_divides_only_where_several_may_be_chosen() -> None:
    with pytest.raises(ChoiceWrong, match="'1,2' is not among"):
        choices.answers([RED], ["1,2"], [])


@pytest.mark.parametrize("words", [["Red"], ["Red", "1", "2"]])
def test_a_wrong_number_of_answers_is_refused(words: list[str]) -> None:
    with pytest.raises(ChoiceWrong, match="2 questions are open"):
        choices.answers([RED, PIZZA], words, [])


def test_free_text_is_taken_as_it_is_for_the_last_questions() -> None:
    assert choices.answers([RED], [], ["7, or \\"]) == ("7, or \\",)
    assert choices.answers([RED, PIZZA], ["1"], ["no pizza"]) == ("Red", "no pizza")


LABELS = st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=6, unique_by=str.casefold)


@given(labels=LABELS, at=st.integers(0, 5))
def test_a_choices_number_means_that_choice(labels: list[str], at: int) -> None:
    wanted = at if at < len(labels) else None

    assert choices.position(labels, str(at + 1)) == wanted


@given(labels=LABELS, several=st.booleans(), words=st.text(max_size=20))
def test_whatever_is_typed_means_choices_that_are_there_or_none(labels: list[str], several: bool, words: str) -> None:
    try:
        found = choices.positions(Question("?", tuple(labels), several), words)
    except ChoiceWrong:
        return
    assert found
    assert all(0 <= at < len(labels) for at in found)
    assert several or len(found) == 1
