"""Runs on the real program: order, limits, partial failure and one answer at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.conftest import either_version
from tests.support.fleet import PATIENCE_S, Fleet, Ran
from tests.support.messages_api import MessagesApi

DIAMOND = """
max_parallel: 2
tasks:
  - {id: top, prompt: "say: top is there"}
  - {id: wrong, prompt: "err: 400", depends_on: [top]}
  - {id: left, prompt: "say: left is there", depends_on: [top]}
  - {id: right, prompt: "say: right is there", depends_on: [top]}
  - {id: slow, prompt: "slow: 600 never", depends_on: [top], timeout: 8s}
  - {id: end, prompt: "say: all is there", join: {of: [left, right, wrong], need: 2, late: keep}}
"""


def carry_out(fleet: Fleet, manifest: str, *words: str) -> Ran:
    (fleet.work / "run.yaml").write_text(manifest)
    return fleet("run", "--json", "run.yaml", *words, within=3 * PATIENCE_S)


def states(run: Mapping[str, Any]) -> dict[str, str]:
    return {task["key"]: task["state"] for task in run["tasks"]}


def most_at_once(fleet: Fleet) -> int:
    """How many turns ran at one moment, by the journal."""
    at_work: set[str] = set()
    most = 0
    for entry in fleet.entries("--only", "prompt,turn,exit"):
        if entry["kind"] == "prompt":
            at_work.add(entry["agent"])
        else:
            at_work.discard(entry["agent"])
        most = max(most, len(at_work))
    return most


@either_version
def test_a_run_whose_tasks_fail_and_take_too_long_ends_with_one_answer(claude: Fleet, api: MessagesApi) -> None:
    ran = carry_out(claude, DIAMOND)

    assert ran.code == 5
    assert states(ran.json["run"]) == {
        "top": "done",
        "wrong": "failed",
        "left": "done",
        "right": "done",
        "slow": "timed-out",
        "end": "done",
    }
    assert most_at_once(claude) == 2
    [told] = [prompt for prompt in api.prompts if prompt.startswith("say: all is there")]
    assert [told.count(f"{key} is there") for key in ("left", "right", "top")] == [1, 1, 0]
    assert "wrong" in told
    spawned = Counter(entry["agent"] for entry in claude.entries("--only", "spawned"))
    assert spawned == Counter({f"run-1-{task['key']}": 1 for task in ran.json["run"]["tasks"]})
