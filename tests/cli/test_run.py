"""`run`: whole runs of small programs, as they are typed and told."""

from __future__ import annotations

import pytest

from tests.support.fleet import Fleet, eventually

ORDERED = """
max_parallel: 2
tasks:
  a: {command: "echo A"}
  bad: {command: "echo B; exit 3", retries: 1}
  slow: {command: "sleep 100", timeout: 1s}
  checked: {command: "echo D {{ tasks.a.answer }}", check: "echo fine"}
  after: {command: "echo E", depends_on: [bad]}
"""


@pytest.fixture
def ordered(fleet: Fleet) -> Fleet:
    (fleet.work / "m.yaml").write_text(ORDERED)
    return fleet


def test_each_task_is_told_and_the_exit_code_says_that_one_failed(ordered: Fleet) -> None:
    ran = ordered("run", "m.yaml", "--json")

    assert ran.code == 5
    told = {task["key"]: (task["state"], task["answer"], task["attempts"]) for task in ran.json["run"]["tasks"]}
    assert told == {
        "a": ("done", "A", 1),
        "bad": ("failed", None, 2),
        "slow": ("timed-out", None, 1),
        "checked": ("done", "D A", 1),
        "after": ("skipped", None, 0),
    }
    assert "tmuxagents: run-1 failed: 2 of 5 done, 1 failed (bad), 1 timed out (slow), 1 skipped (after)" in ran.err
    # A check that has passed leaves nothing to look at.
    assert "run-1-checked-check" not in [agent["name"] for agent in ordered.agents()]


def test_those_that_want_one_lock_go_one_after_the_other_also_in_another_run(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text(
        'defaults: {locks: [db]}\ntasks:\n  a: {command: "mkdir x; sleep 0.3; rmdir x"}\n'
        '  b: {command: "mkdir x; sleep 0.3; rmdir x"}\n'
    )
    fleet.ok("run", "m.yaml", "--detach")

    assert fleet.ok("run", "m.yaml").code == 0
    eventually(lambda: fleet.ok("show", "run-1", "--json").json["runs"][0]["state"] == "done")
    assert fleet.ok("locks", "--json").json["locks"] == []


def test_a_run_and_its_agents_are_removed_by_its_name(ordered: Fleet) -> None:
    ordered("run", "m.yaml")
    ordered.ok("rm", "run-1", "-y")

    assert ordered.ok("runs", "--json").json["runs"] == []
    assert ordered.agents() == []
