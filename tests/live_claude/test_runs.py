"""Runs on the real program: order, limits, partial failure and one answer at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.conftest import either_version
from tests.support.fleet import PATIENCE_S, Fleet, Ran, eventually
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
    """How many turns ran at one moment, by the times in the journal: the end of a turn is told some moments later, when
    its last text and its cost are."""
    at_work: set[str] = set()
    most = 0
    told = fleet.entries("--only", "prompt,turn,exit")
    for entry in sorted(told, key=lambda entry: (entry["at"], entry["kind"] == "prompt")):
        if entry["kind"] == "prompt" and entry["text"].startswith("/"):
            # Its own word for leaving, typed by `stop`, begins no turn.
            continue
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


MENDED = """
tasks:
  - {id: well, prompt: "say: well is there"}
  - {id: broken, prompt: "say: broken is there", check: "test -e mended"}
  - {id: end, prompt: "say: {{ tasks.well.answer }} and {{ tasks.broken.answer }}"}
"""


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_what_has_failed_is_tried_again_when_it_is_mended_and_nothing_else(claude: Fleet, api: MessagesApi) -> None:
    first = carry_out(claude, MENDED)
    assert first.code == 5
    assert states(first.json["run"]) == {"well": "done", "broken": "failed", "end": "skipped"}
    (claude.work / "mended").touch()

    again = claude("run", "--retry-failed", "run-1", "--json", within=3 * PATIENCE_S)

    assert again.code == 0, again
    assert set(states(again.json["run"]).values()) == {"done"}
    asked = Counter(request.prompt for request in api.requests)
    assert asked["say: well is there"] == 1
    assert asked["say: well is there and broken is there"] == 1


LIVE = """
tasks:
  - {id: held, prompt: "slow: 600 held is there"}
"""

ADDED = """
tasks:
  - {id: added, prompt: "say: after {{ tasks.held.answer }}"}
"""


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_a_task_that_is_added_to_a_live_run_waits_for_those_that_are_there(claude: Fleet, api: MessagesApi) -> None:
    (claude.work / "live.yaml").write_text(LIVE)
    (claude.work / "added.yaml").write_text(ADDED)
    claude.ok("run", "--detach", "live.yaml")
    eventually(lambda: api.requests)

    claude.ok("run", "add", "run-1", "added.yaml")
    api.release()

    eventually(lambda: claude.ok("runs", "--json").json["runs"][0]["state"] == "done", pause=lambda: time.sleep(0.5))
    assert "say: after held is there" in api.prompts


MAPPED = """
max_parallel: 3
tasks:
  - {id: map, model: haiku, for_each: {glob: "notes/*.txt"}, prompt: "say: read {{ item }}"}
  - {id: reduce, model: opus, prompt: "Sum it up.\\n{{ tasks.map.answer }}\\nsay: all is read"}
"""


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_fifteen_files_are_read_with_a_cheap_model_and_summed_up_with_a_strong_one(
    claude: Fleet, api: MessagesApi
) -> None:
    (claude.work / "notes").mkdir()
    for number in range(15):
        (claude.work / "notes" / f"{number:02}.txt").write_text("a note")

    ran = carry_out(claude, MAPPED)

    assert ran.code == 0, ran
    models = {request.prompt.split("\n")[0]: str(request.body["model"]) for request in api.requests}
    cheap = [model for prompt, model in models.items() if prompt.startswith("say: read")]
    assert len(cheap) == 15
    assert all("haiku" in model for model in cheap)
    assert "opus" in models["Sum it up."]
    [told] = [request.prompt for request in api.requests if request.prompt.startswith("Sum it up.")]
    assert all(f"{number:02}.txt" in told for number in range(15))
    assert most_at_once(claude) <= 3


HEADLESS = """
tasks:
  - id: count
    mode: print
    retries: 1
    json_schema: {type: object, properties: {n: {type: integer}}, required: [n]}
    prompt: "say: many"
  - {id: tell, prompt: "say: {{ tasks.count.answer }}"}
"""


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_a_headless_task_whose_answer_is_of_another_shape_is_tried_again(claude: Fleet, api: MessagesApi) -> None:
    api.orders["That did not succeed"] = 'call: StructuredOutput {"n": 7}'

    ran = carry_out(claude, HEADLESS)

    assert ran.code == 0, ran
    [count, tell] = ran.json["run"]["tasks"]
    assert (count["state"], count["attempts"]) == ("done", 2)
    assert "7" in tell["answer"]


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_a_limit_that_ends_a_headless_task_is_waited_out_and_counts_as_no_failure(
    claude: Fleet, api: MessagesApi
) -> None:
    api.limits = [8.0]
    api.orders["A usage limit ended your work"] = "say: done after all"

    ran = carry_out(claude, 'tasks:\n  - {id: one, prompt: "say: never", mode: print, permission_mode: default}\n')

    assert ran.code == 0, ran
    [one] = ran.json["run"]["tasks"]
    assert (one["state"], one["attempts"], one["answer"]) == ("done", 1, "done after all")
    assert claude.agent("run-1-one")["generation"] == 2


LOST = """
tasks:
  - {id: well, prompt: "say: well is there"}
  - {id: shaped, mode: print, permission_mode: default, prompt: "say: printed"}
  - {id: held, prompt: "slow: 600 held is there"}
  - {id: later, prompt: "say: after {{ tasks.held.answer }}"}
"""


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
def test_a_run_whose_database_is_lost_knows_what_was_answered_and_asks_nothing_twice(
    claude: Fleet, api: MessagesApi
) -> None:
    (claude.work / "run.yaml").write_text(LOST)
    claude.ok("run", "--detach", "run.yaml")
    eventually(lambda: _tasks(claude)["well"] == _tasks(claude)["shaped"] == "done", pause=lambda: time.sleep(0.5))
    eventually(lambda: "slow: 600 held is there" in api.prompts)
    claude.ok("controller", "stop")
    for path in claude.state.glob("tmuxagents.db*"):
        path.unlink(missing_ok=True)

    told = claude.ok("runs").err

    assert "run-1: what became of held, later" in told
    assert _tasks(claude) == {"well": "done", "shaped": "done", "held": "failed", "later": "failed"}
    api.release()
    again = claude("run", "--retry-failed", "run-1", "--json", within=3 * PATIENCE_S)
    assert (again.code, set(_tasks(claude).values())) == (0, {"done"})
    asked = Counter(request.prompt for request in api.requests)
    assert (asked["say: well is there"], asked["say: printed"], asked["say: after held is there"]) == (1, 1, 1)


def _tasks(claude: Fleet) -> dict[str, str]:
    [run] = claude.ok("show", "run-1", "--json").json["runs"]
    return states(run)


@pytest.mark.soak
@either_version
def test_a_person_at_the_window_of_a_task_asks_in_between_and_stops_it_and_neither_is_held_against_it(
    claude: Fleet, api: MessagesApi
) -> None:
    (claude.work / "run.yaml").write_text(
        'tasks:\n  - {id: asked, prompt: "slow: 600 the answer"}\n'
        '  - {id: stopped, prompt: "slow: 600 never", retries: 1}\n'
    )
    claude.ok("run", "--detach", "run.yaml")
    names = ("run-1-asked", "run-1-stopped")
    eventually(lambda: [a["state"] for a in claude.agents() if a["name"] in names] == ["working"] * 2)
    claude.tmux("send-keys", "-t", claude.pane("run-1-asked"), "say: halfway", "Enter")
    claude.tmux("send-keys", "-t", claude.pane("run-1-stopped"), "Escape")

    eventually(lambda: "waits to be told how it goes on" in claude.ok("show", "run-1").out)
    eventually(lambda: "halfway" in claude.screen("run-1-asked"))
    api.release()
    claude.ok("say", "run-1-stopped", "say: then this")
    run = eventually(lambda: (now := claude.ok("show", "run-1", "--json").json["runs"][0])["ended"] and now)

    assert [(task["state"], task["answer"], task["attempts"]) for task in run["tasks"]] == [
        ("done", "the answer", 1),
        ("done", "then this", 1),
    ]
    assert "say: halfway" in api.prompts
