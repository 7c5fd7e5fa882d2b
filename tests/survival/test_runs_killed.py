"""A run goes on as if nothing had been, whoever of those that carry it out is killed, and whenever."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.boundaries import Boundaries, Who, moments
from tests.support.fleet import PATIENCE_S, Fleet, eventually
from tests.support.messages_api import MessagesApi

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


def carried_out(fleet: Fleet, manifest: str = MANIFEST) -> Mapping[str, Any]:
    """The run, when it is over."""
    (fleet.work / "run.yaml").write_text(manifest)
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


LATER = ("counted", "revived", "reopened")


@pytest.mark.parametrize(
    "moment",
    [pytest.param(f"{before}{moment}", marks=pytest.mark.soak) for moment in LATER for before in ("-", "")],
)
def test_the_controller_killed_as_it_starts_again_what_was_lost_the_same_comes_of_it(fleet: Fleet, moment: str) -> None:
    killer = Boundaries(fleet, {moment: 2})
    left = 'kind: command, command: "sleep 3; echo left is there"'
    (fleet.work / "run.yaml").write_text(
        MANIFEST.replace('prompt: "think: 0.3\\nsay: left is there"', left).replace("think: 0.3", "think: 3")
    )
    looking = fleet.start("run", "--json", "run.yaml")
    both = {"run-1-left", "run-1-right"}
    eventually(lambda: both <= {agent["name"] for agent in fleet.agents() if agent["state"] == "working"})

    fleet.processes()[0].kill()
    out, _ = looking.communicate(timeout=2 * PATIENCE_S)

    assert {key: state for key, (state, _) in states(json.loads(out)["run"]).items()} == {
        key: state for key, (state, _) in RESULT.items()
    }
    # Both may have been on their way when the first was killed.
    assert f"{moment}.0" in killer.killed()
    assert spawned(fleet) == ONCE


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
        if moment.strip("-") not in LATER
    ],
)
def test_the_tmux_server_killed_between_steps_the_same_comes_of_it(fleet: Fleet, moment: str) -> None:
    run = servers(fleet, {moment: 1})

    assert {key: state for key, (state, _) in states(run).items()} == {key: state for key, (state, _) in RESULT.items()}
    assert all(answer for _, answer in states(run).values() if _ == "done")
    assert spawned(fleet) == ONCE


@pytest.mark.soak
@pytest.mark.parametrize("claude_version", ["newest"], indirect=True)
@pytest.mark.parametrize(
    ("who", "wishes"),
    [
        ("controller", moments(1)),
        *(("server", {moment: 1}) for moment in ("-asked", "recorded", "taken", "begun", "-signalled", "ended")),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value)[:20],
)
def test_the_real_program_is_asked_each_thing_once_whoever_is_killed(
    claude: Fleet, api: MessagesApi, who: Who, wishes: dict[str, int]
) -> None:
    killer = Boundaries(claude, wishes, who=who)

    run = carried_out(claude, MANIFEST.replace("defaults: {kind: demo}\n", ""))

    assert killer.killed()
    assert {key: state for key, (state, _) in states(run).items()} == {key: state for key, (state, _) in RESULT.items()}
    assert spawned(claude) == ONCE
    said = [line for request in api.requests for line in request.prompt.split("\n") if line.startswith("say:")]
    assert max(Counter(said).values()) == 1
    if who == "controller":
        assert states(run) == RESULT
