"""Which choice of a dialog is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import golden
from tmuxagents.kinds import choices
from tmuxagents.model.condition import dialog_from_json

# The yes that allows this once, by screen; where there is none, approving is refused.
ONCE = {
    "dialog-plan-file": "Yes, manually approve edits",
    "dialog-trust": "Yes, I trust this folder",
    "permission-bash": "Yes",
    "permission-bash-60": "Yes",
    "permission-write": "Yes",
}


@pytest.mark.parametrize("path", [p for p in golden.SCREENS if p.stem in ONCE], ids=golden.name)
def test_approving_grants_no_more_than_was_asked(path: Path) -> None:
    dialog = dialog_from_json(golden.expected(path)["dialog"])

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
