"""`budget`: what agents and runs may spend is read, changed and shown, a person's to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fleet import Fleet, make
from tests.support.rows import claim
from tmuxagents.cli.render import budgets
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import Run
from tmuxagents.services.app import open_app
from tmuxagents.store import runs


@pytest.fixture
def alone(tmp_path: Path) -> Fleet:
    """An agent and a run that is over; nothing of this needs a tmux server."""
    made = make(tmp_path)
    with open_app(str(made.state)) as app:
        claim(app.db, "api", options={"budget_usd": 1})
        with app.db.write() as tx:
            runs.create(tx, Run("r1", "run-1", Manifest("m", (), budget_usd=2), "failed", 1, ended_ns=2), ())
    return made


@pytest.mark.parametrize(
    ("manifest", "spent", "said"),
    [
        (Manifest("m", ()), (0.5, 7), "no budget"),
        (Manifest("m", (), budget_usd=2), (0.03125, None), "$0.0312 of $2"),
        (Manifest("m", (), budget_usd=2.5, budget_tokens=100_000), (None, 7), "- of $2.5; 7 of 100,000 tokens"),
        (Manifest("m", (), budget_tokens=1_000), (0.5, None), "- of 1,000 tokens"),
    ],
)  # fmt: skip
def test_of_a_run_it_says_what_is_spent_of_what_is_limited(
    manifest: Manifest, spent: tuple[float | None, int | None], said: str
) -> None:
    assert budgets.of_run(Run("r1", "run-1", manifest, "running", 1), *spent) == said


def test_a_run_and_an_agent_that_are_named_together_are_one_answer(alone: Fleet) -> None:
    told = alone.ok("budget", "run-1,api", "--json").json["results"]
    changed = alone.ok("budget", "api,run-1", "3")

    assert [(row["run"], row["agent"], row["budget_usd"]) for row in told] == [
        ("run-1", None, 2.0),
        (None, "api", 1.0),
    ]
    assert changed.out.splitlines()[0] == "run-1: - of $3"
    assert changed.out.splitlines()[1].startswith("api: ")
    assert changed.err == "hint: tmuxagents run --retry-failed run-1\n"


@pytest.mark.parametrize("name", ["run-1", "api", "run-1,api"])
def test_an_agent_changes_no_budget(alone: Fleet, name: str) -> None:
    before = alone.ok("budget", name, "--json").json

    refused = alone("budget", name, "9", TMUXAGENTS_NAME="api")

    assert (refused.code, refused.out) == (3, "")
    assert refused.err.splitlines()[0].endswith("an agent does not change what agents may spend")
    assert refused.err.splitlines()[1] == f"hint: tmuxagents budget '{name}'"
    assert alone.ok("budget", name, "--json").json == before


def test_where_one_of_the_names_is_unknown_nothing_is_changed(alone: Fleet) -> None:
    assert alone("budget", "run-1,nobody", "9").code == 1
    assert alone.ok("budget", "run-1").out == "run-1: - of $2\n"
