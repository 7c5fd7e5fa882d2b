"""Several agents at once: each is tried, each is told, `all` means those that the verb applies to."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator

import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots


@pytest.fixture
def team(roots: Roots) -> Iterator[Fleet]:
    """One that is idle, one that waits, two that have ended."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            for name, task in (
                ("idle-1", "say: hello"),
                ("needy-1", "permission: Write src/a.rs"),
                ("over-1", "die: 0"),
                ("over-2", "die: 0"),
            ):
                made.ok("spawn", "--kind", "demo", "--name", name, task, "--", "--speed", "0")
            made.wait_for("idle-1", lambda a: a["turns"] == 1)
            made.wait_state("needy-1", "waiting")
            made.wait_state("over-1", "ended")
            made.wait_state("over-2", "ended")
            yield made
        finally:
            made.end()


def names(team: Fleet) -> list[str]:
    return sorted(agent["name"] for agent in team.agents())


def test_one_that_refuses_to_be_forgotten_stops_no_other(team: Fleet) -> None:
    ran = team("rm", "over-1,idle-1,over-2")

    assert ran.code == 3
    assert ran.out == "removed over-1; its record stays\nremoved over-2; its record stays\n"
    assert "idle-1 is idle" in ran.err
    assert names(team) == ["idle-1", "needy-1"]


def test_all_means_for_each_verb_those_that_it_applies_to(team: Fleet) -> None:
    assert team.ok("approve", "all").out.startswith("approved: needy-1")
    team.wait_state("needy-1", "idle")
    said = team.ok("say", "--json", "all", "say: again").json["results"]
    assert sorted(one["agent"] for one in said) == ["idle-1", "needy-1"]
    assert team.ok("rm", "all").out == "removed over-1; its record stays\nremoved over-2; its record stays\n"
    assert team.ok("approve", "all").err == "tmuxagents: nobody waits\n"
    assert sorted(one["agent"] for one in team.ok("stop", "--json", "all").json["results"]) == ["idle-1", "needy-1"]
    assert team.ok("stop", "all").err == "tmuxagents: nobody runs\n"


def test_one_that_refuses_to_be_interrupted_is_told_in_json_too(team: Fleet) -> None:
    ran = team("interrupt", "--json", "idle-1,over-1")

    assert ran.code == 3
    assert ran.json["results"] == [
        {"agent": "idle-1", "verdict": "not working"},
        {"agent": "over-1", "verdict": "refused"},
    ]


def test_an_answer_that_was_waited_for_is_in_the_json(team: Fleet) -> None:
    ran = team.ok("say", "--json", "--wait", "idle-1", "say: the answer")

    [result] = json.loads(ran.out)["results"]
    assert (result["agent"], result["verdict"], result["answer"]) == ("idle-1", "submitted", "the answer")


def test_a_command_that_ended_by_itself_is_run_again_by_its_name_alone(fleet: Fleet) -> None:
    for name, typed in (("good", "exit 0"), ("bad", "exit 3"), ("long", "sleep 1000")):
        fleet("spawn", "--kind", "command", "--name", name, "--", "sh", "-c", typed)
    fleet.wait_state("good", "ended")
    fleet.wait_state("bad", "failed")
    assert fleet.ok("stop", "good", "long").out.splitlines()[0] == "good was over"

    every = fleet.ok("resume", "all")

    assert [line.split()[1] for line in every.out.splitlines()] == ["long"]
    assert every.err == "tmuxagents: 2 ended commands are not run again by all (good, bad): name them\n"
    assert "1 ended command is not run again by g* (good)" in fleet.ok("resume", "g*").err
    assert fleet.ok("resume", "good").out.startswith("resumed good")


@pytest.mark.soak
def test_an_agent_that_its_time_limit_ended_is_resumed_by_its_name_alone(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "slow", "--timeout", "1s", "think: 100", "--", "--speed", "1")
    fleet.ok("spawn", "--kind", "demo", "--name", "other", "--", "--speed", "0")
    fleet.wait_state("slow", "failed")
    fleet.ok("stop", "other")

    every = fleet.ok("resume", "all")

    assert [line.split()[1] for line in every.out.splitlines()] == ["other"]
    assert every.err == "tmuxagents: 1 that its time limit ended is not run again by all (slow): name it\n"
    assert fleet.ok("resume", "slow").out.startswith("resumed slow")


def test_a_stuck_controller_is_not_told_to_run(team: Fleet) -> None:
    from tests.services.controller.test_controller import controller
    from tests.support.fleet import eventually

    process = controller(team)
    process.suspend()
    try:
        eventually(lambda: "stuck" in team("controller", "status").out)
        ran = team("controller", "start")
    finally:
        process.resume()

    assert ran.code == 1
    assert "the controller is stuck" in ran.err


@pytest.mark.soak
def test_who_was_stopped_comes_back_also_where_the_stop_was_killed_before_it_said_so(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "other", "--", "--speed", "0")
    fleet.ok("stop", "other")
    with contextlib.closing(sqlite3.connect(fleet.state / "tmuxagents.db")) as db, db:
        db.execute("UPDATE agents SET phase = 'stopping'")

    assert fleet.ok("resume", "all").out.startswith("resumed other")
