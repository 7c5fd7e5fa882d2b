"""A run goes on as if nothing had been, whoever of those that carry it out is killed, and whenever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.boundaries import Boundaries, moments
from tests.support.fleet import PATIENCE_S, Fleet

MANIFEST = """
max_parallel: 2
defaults: {kind: demo}
tasks:
  - {id: top, prompt: "say: top is there"}
  - {id: wrong, kind: command, command: "exit 3", depends_on: [top]}
  - {id: left, prompt: "think: 0.3\\nsay: left is there", depends_on: [top], check: "true"}
  - {id: right, prompt: "think: 0.3\\nsay: right is there", depends_on: [top]}
  - {id: slow, kind: command, command: "sleep 600", depends_on: [top], timeout: 3s}
  - {id: end, prompt: "say: all is there", join: {of: [left, right, wrong], need: 2, late: keep}}
"""

RESULT = {
    "top": ("done", "top is there"),
    "wrong": ("failed", None),
    "left": ("done", "left is there"),
    "right": ("done", "right is there"),
    "slow": ("timed-out", None),
    "end": ("done", "all is there"),
}


def carried_out(fleet: Fleet) -> Mapping[str, Any]:
    """The run, when it is over."""
    (fleet.work / "run.yaml").write_text(MANIFEST)
    ran = fleet("run", "--json", "run.yaml", within=3 * PATIENCE_S)
    assert ran.code == 5, ran
    found: Mapping[str, Any] = ran.json["run"]
    return found


def states(run: Mapping[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {task["key"]: (task["state"], task["answer"]) for task in run["tasks"]}


def spawned(fleet: Fleet) -> Counter[str]:
    return Counter(entry["agent"] for entry in fleet.entries("--only", "spawned") if "check" not in entry["agent"])


def told_at_the_end(fleet: Fleet) -> str:
    [prompt] = [entry["text"] for entry in fleet.entries("--only", "prompt") if entry["agent"] == "run-1-end"]
    return str(prompt)


ONCE = Counter({f"run-1-{key}": 1 for key in RESULT})

A_FEW = {"asked": 1, "recorded": 2, "taken": 1, "opened": 1, "ending": 1}


@pytest.mark.parametrize(
    "wishes",
    [pytest.param(A_FEW, id="a-few"), pytest.param(moments(3), id="everywhere", marks=pytest.mark.soak)],
)
def test_the_controller_killed_between_steps_nothing_is_begun_twice_and_no_answer_lost(
    fleet: Fleet, wishes: dict[str, int]
) -> None:
    killer = Boundaries(fleet, wishes)

    run = carried_out(fleet)

    assert states(run) == RESULT
    assert spawned(fleet) == ONCE
    prompts = Counter(entry["agent"] for entry in fleet.entries("--only", "prompt"))
    assert prompts == ONCE - Counter({"run-1-slow": 1, "run-1-wrong": 1})
    # It gets exactly what has been answered: both, and each once.
    assert [told_at_the_end(fleet).count(f"{side} is there") for side in ("left", "right")] == [1, 1]
    assert len(killer.killed()) >= len(A_FEW)
    # Nobody has left anything behind.
    assert not list((fleet.state / "agents").glob("*/asked.json"))


def servers(fleet: Fleet, wishes: Mapping[str, int]) -> Mapping[str, Any]:
    killer = Boundaries(fleet, wishes, who="server")
    run = carried_out(fleet)
    assert killer.killed() == sorted(f"{moment}.{n}" for moment, most in wishes.items() for n in range(most))
    return run


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(moment, marks=() if moment == "begun" else pytest.mark.soak)
        for moment in moments(1)
        # These come about only where something was lost before.
        if moment.strip("-") not in ("counted", "revived")
    ],
)
def test_the_tmux_server_killed_between_steps_the_same_comes_of_it(fleet: Fleet, moment: str) -> None:
    run = servers(fleet, {moment: 1})

    assert {key: state for key, (state, _) in states(run).items()} == {key: state for key, (state, _) in RESULT.items()}
    assert all(answer for _, answer in states(run).values() if _ == "done")
    assert spawned(fleet) == ONCE
