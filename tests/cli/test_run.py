"""`run`: whole runs of small programs, as they are typed and told."""

from __future__ import annotations

import hashlib
import re

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


def run(fleet: Fleet) -> dict[str, object]:
    """The first run as `show --json` tells it."""
    found: dict[str, object] = fleet.ok("show", "run-1", "--json").json["runs"][0]
    return found


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


def test_all_that_is_wrong_with_a_manifest_is_told_with_one_hint_and_nothing_is_done(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text("tasks:\n  a: {comand: ls}\n  b: {command: ls, depends_on: [c]}\n")

    ran = fleet("run", "m.yaml")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "tmuxagents: m.yaml:2:7: task 'a' has no key 'comand'; did you mean 'command'?",
        "tmuxagents: m.yaml:3:33: there is no task 'c': a, b",
        "hint: tmuxagents help manifest",
    ]
    assert not fleet.agents()


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
    removed = ordered.ok("rm", "run-1", "-y", "--json").json["forgotten"]

    assert "run-1" in removed
    assert ordered.ok("runs", "--json").json["runs"] == []
    assert ordered.agents() == []


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--retry-failed", "run-1", "--plan"),
        ("run", "add", "run-1", "m.yaml", "--name", "x"),
        ("rename", "run-1", "other"),
        ("stop", "run-1", "nobody"),
        ("run", "print.yaml"),
        ("run", "role.yaml"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_changes_nothing(ordered: Fleet, words: tuple[str, ...]) -> None:
    (ordered.work / "print.yaml").write_text("tasks:\n  a: {kind: demo, mode: print, prompt: x}\n")
    (ordered.work / "role.yaml").write_text("tasks:\n  a: {kind: demo, role: nobody, prompt: x}\n")
    (ordered.work / "one.yaml").write_text("tasks:\n  a: {command: sleep 50}\n")
    ordered.ok("run", "one.yaml", "--detach")
    ran = ordered(*words)

    assert ran.code in (1, 2)
    assert ran.err.count("hint: ") == 1
    assert [(run["name"], run["state"]) for run in ordered.ok("runs", "--json").json["runs"]] == [("run-1", "running")]
    assert {agent["name"] for agent in ordered.agents()} <= {"run-1-a"}


def test_an_answer_that_is_not_as_asked_is_a_failure(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text(
        "tasks:\n  a: {kind: demo, prompt: 'say: no json', json_schema: {type: object}}\n"
        "  b: {command: 'echo {{ tasks.a.answer }}'}\n"
    )
    ran = fleet("run", "m.yaml", "--json")

    assert ran.code == 5
    assert ran.json["run"]["tasks"][0]["error"].startswith("its answer is not as asked: ")


LONG_ANSWER = """
tasks:
  c: {command: seq 30000 | sed 's/$/ it is/'}
  line: {command: "printf '%s\\n' {{ tasks.c.answer }} | md5sum"}
  beside: {command: "echo {{ tasks.c.answer | truncate(40000) }} | wc -l"}
  args: {kind: command, args: [wc, -c, "{{ tasks.c.answer }}"]}
  env: {command: env, env: {DATA: "{{ tasks.c.answer }}"}}
"""


def test_a_long_answer_goes_into_a_shell_line_whole_and_is_refused_where_no_program_takes_it(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text(LONG_ANSWER)
    answer = "".join(f"{number} it is\n" for number in range(1, 30001)).encode()

    ran = fleet("run", "m.yaml", "--json")

    tasks = {task["key"]: task for task in ran.json["run"]["tasks"]}
    assert tasks["line"]["answer"].split()[0] == hashlib.md5(answer).hexdigest()
    assert tasks["beside"]["state"] == "done"
    limit = "a program takes at most 131,071"
    size = len(answer) - 1
    assert f"its argument 2 has {size:,} bytes, and {limit}" in tasks["args"]["error"]
    assert f"its variable 'DATA' has {size + 5:,} bytes, and {limit}" in tasks["env"]["error"]
    assert ran.code == 5


def test_a_run_is_waited_for_until_it_is_over(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text("tasks:\n  a: {command: sleep 1000}\n")
    fleet.ok("run", "m.yaml", "--detach")
    eventually(fleet.agents)

    early = fleet("wait", "run-1", "--timeout", "0.01", "--json")
    assert (early.code, [run["state"] for run in early.json["runs"]]) == (4, ["running"])
    fleet.ok("stop", "run-1")
    late = fleet("wait", "run-1", "--json")
    assert (late.code, set(late.json), late.json["runs"]) == (5, {"v", "runs"}, [run(fleet)])
    both = fleet("wait", "run-1", "run-1-a", "--json")
    assert (both.code, [agent["name"] for agent in both.json["agents"]]) == (5, ["run-1-a"])
    assert fleet.ok("runs", "--json").json["runs"][0]["state"] == "stopped"


THREE = """
max_parallel: 1
budget_usd: 0.05
split: none
defaults: {kind: demo}
tasks:
  a: {prompt: "spend: 0.03 100"}
  b: {prompt: "spend: 0.03 100"}
  c: {prompt: "spend: 0.03 100"}
"""
FOUR = """
max_parallel: 1
budget_tokens: 100000
split: none
defaults: {kind: demo}
tasks:
  a: {prompt: "spend: 0.01 57617"}
  b: {prompt: "spend: 0.01 57617"}
  c: {prompt: "spend: 0.01 57617"}
  d: {prompt: "spend: 0.01 57617"}
"""


@pytest.mark.parametrize(
    ("manifest", "spent", "raise_"),
    [
        (THREE, r"spent: \$0\.06\d* of \$0\.05, passed by \$0\.01", ["1"]),
        (FOUR, r"spent: 115,\d+ of 100,000 tokens, passed by 15,\d+ tokens", ["--tokens", "1M"]),
    ],
    ids=["dollars", "tokens"],
)
def test_no_turn_begins_past_the_budget_of_a_run_and_raising_it_goes_on(
    fleet: Fleet, manifest: str, spent: str, raise_: list[str]
) -> None:
    (fleet.work / "m.yaml").write_text(manifest)
    ran = fleet("run", "m.yaml", "--json")
    tasks = ran.json["run"]["tasks"]

    assert ran.code == 5
    assert [task["state"] for task in tasks] == ["done", "done", *["failed"] * (len(tasks) - 2)]
    assert re.search(spent, tasks[2]["error"])
    assert tasks[2]["agent"] is None

    notes = [entry["text"] for entry in fleet.entries("--only", "note")]
    assert len([note for note in notes if note.startswith("run-1 has spent ")]) == 1, notes

    fleet.ok("budget", "run-1", *raise_)
    again = fleet.ok("run", "--retry-failed", "run-1", "--json")
    assert {task["state"] for task in again.json["run"]["tasks"]} == {"done"}
    assert [task["attempts"] for task in again.json["run"]["tasks"]] == [1] * len(tasks)


SHARED = """
max_parallel: 1
budget_usd: 0.02
defaults: {kind: demo}
tasks:
  a: {prompt: "spend: 0.03 100", retries: 1, check: "test -e mended"}
  b: {prompt: "say: x", budget_usd: 0.01}
"""


def test_a_task_that_has_spent_its_share_goes_on_when_the_budget_of_the_run_is_raised(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text(SHARED)
    first = fleet("run", "m.yaml", "--json").json["run"]["tasks"]
    assert "not tried again: its budget is spent: $0.03" in first[0]["error"]

    fleet.ok("budget", "run-1", "1")
    (fleet.work / "mended").touch()
    again = fleet.ok("run", "--retry-failed", "run-1", "--json").json["run"]["tasks"]

    assert {task["state"] for task in again} == {"done"}
    assert [fleet.agent(name)["budget_usd"] for name in ("run-1-a", "run-1-b")] == [0.99, 0.01]
