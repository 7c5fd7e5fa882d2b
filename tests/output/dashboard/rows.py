"""Rows of a dashboard, as they are made for a test."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from tmuxagents.model.condition import Dialog, State
from tmuxagents.output.dashboard.row import Row

SECOND = 1_000_000_000
NOW = 1_795_000_000 * SECOND


def row(number: int, state: State = "working", **more: Any) -> Row:
    """An agent by its number."""
    given: dict[str, Any] = {
        "id": f"id-{number}",
        "name": f"agent-{number}",
        "kind": "claude",
        "color": number,
        "state": state,
        "words": state,
        "since_ns": NOW - number * 37 * SECOND,
        "created_ns": number,
    }
    return Row(**{**given, **more})


def asking(number: int, about: str = "rm -rf build", **more: Any) -> Row:
    """One that waits for leave."""
    dialog = Dialog("permission", f"Bash: {about.splitlines()[0]}", ("Yes", "No"), about=about)
    given: dict[str, Any] = {"words": "needs permission", "dialog": dialog, "dialog_id": f"dialog-{number}"}
    return row(number, **{"state": "waiting", "said": dialog.what, **given, **more})


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)

STATES = st.sampled_from(get_args(State))

ROWS = st.lists(
    st.builds(
        row,
        st.integers(0, 40),
        STATES,
        pinned=st.booleans(),
        dismissed=st.booleans(),
        said=TEXTS,
        folder=TEXTS,
        run=st.sampled_from(["", "night", "day"]),
        kind=st.sampled_from(["claude", "command"]),
        conflicts=st.integers(0, 2),
        unread=st.integers(0, 120),
        place=st.integers(0, 9),
        continues=st.booleans(),
        since_ns=st.integers(NOW - 10**15, NOW + SECOND),
    ),
    max_size=15,
    unique_by=lambda one: one.id,
)
