"""Who is asked for where there is no room begins when there is, once, whatever is killed meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from tests.support import gate as gates
from tests.support.dying_starts import STEPS, DyingStarts
from tests.support.fleet import Fleet, eventually
from tests.support.repository import repository
from tests.support.worktrees import git
from tmuxagents.errors import NameTaken
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import open_app
from tmuxagents.services.lifecycle import queued
from tmuxagents.services.lifecycle.spawn import SpawnRequest
from tmuxagents.store import agents, queue

TELLS = ("--", "sh", "-c", 'echo "$TMUXAGENTS_NAME $ASKED" >> "$OUT"')
"""A program that tells that it was started, by whom it is called and what it was given."""


@pytest.fixture
def full(fleet: Fleet) -> Fleet:
    """A fleet in which there is room for one, and `busy` has it."""
    return fill(fleet)


def fill(fleet: Fleet) -> Fleet:
    (fleet.home / "config.toml").write_text("max_agents = 1\n")
    fleet.env["OUT"] = str(fleet.root / "started")
    fleet.ok("spawn", "--name", "busy", "--kind", "command", "--", "sleep", "1000")
    return fleet


def free(fleet: Fleet) -> None:
    fleet.ok("stop", "--grace", "0.1s", "busy")


def line_up(fleet: Fleet, *names: str, asked: str = "") -> None:
    for name in names:
        fleet.ok("spawn", "--name", name, "--kind", "command", "--env", f"ASKED={asked}", *TELLS)


def started(fleet: Fleet) -> list[str]:
    """Who was started so far, in order."""
    path = Path(fleet.env["OUT"])
    return [row.strip() for row in path.read_text().splitlines()] if path.exists() else []


def states(fleet: Fleet) -> Mapping[str, str]:
    return {agent["name"]: agent["state"] for agent in fleet.agents()}


def test_beyond_the_room_it_is_queued_with_its_place_and_begins_when_there_is_room(full: Fleet) -> None:
    told = full.ok("spawn", "--name", "one", "--kind", "command", "--env", "ASKED=s3cret", "do it", *TELLS)

    assert told.out == "Queued one: do it (1st; max_agents = 1)\n"
    one = full.agent("one")
    assert (one["state"], one["reason"]) == ("queued", "1st in the queue: max_agents = 1")
    (waits,) = full.ok("queue", "--json").json["queue"]
    assert (waits["place"], waits["agent"], waits["owner"], waits["task"]) == (1, "one", "you", "do it")
    assert not any(b"s3cret" in path.read_bytes() for path in full.state.glob("tmuxagents.db*"))

    free(full)
    eventually(lambda: started(full) == ["one s3cret"])
    full.wait_state("one", "ended")
    assert full.ok("queue").err == "nobody is queued\n"


def test_a_name_that_is_taken_is_refused_and_leaves_nothing(full: Fleet) -> None:
    refused = full("spawn", "--name", "busy", "--kind", "command", *TELLS)

    assert (refused.code, refused.err.splitlines()[0][:40]) == (1, "tmuxagents: 'busy' is taken by an agent ")
    assert len(list((full.state / "agents").iterdir())) == 1


def test_now_waits_for_nobody(full: Fleet) -> None:
    line_up(full, "one")

    assert full.ok("spawn", "--now", "--name", "two", "--kind", "command", *TELLS).out.startswith("Spawned two")
    eventually(lambda: started(full) == ["two"])
    assert states(full)["one"] == "queued"


def test_the_order_is_as_it_was_arranged_and_who_is_dropped_is_not_started(full: Fleet) -> None:
    line_up(full, "one", "two", "three", "four")
    assert full.ok("queue", "move", "three", "first").out == "three is 1st in the queue\n"
    assert full.ok("queue", "drop", "one").out == "dropped one\n"
    assert full.ok("stop", "two").out == "stopped two (it was queued)\n"
    refused = full("queue", "move", "busy", "first")
    assert (refused.code, refused.err.splitlines()[0]) == (3, "tmuxagents: busy is working, not queued")

    free(full)
    eventually(lambda: started(full) == ["three", "four"])
    full.ok("resume", "one")
    eventually(lambda: started(full) == ["three", "four", "one"])


def test_what_is_said_to_it_is_held_and_it_can_be_waited_for(full: Fleet) -> None:
    full.ok("spawn", "--name", "one", "--kind", "demo", "say: first", "--", "--speed", "0")

    assert "waits for its turn in the queue" in full.ok("say", "one", "say: second").out
    waits = full.start("wait", "one")
    free(full)
    out, err = waits.communicate(timeout=100)
    assert waits.returncode == 0, out + err
    assert [entry["text"] for entry in full.entries("one", "--only", "text")] == ["first", "second"]


def test_its_worktree_begins_with_the_commit_that_was_meant(full: Fleet) -> None:
    repository(full.work)
    meant = git(full.work, "rev-parse", "HEAD").strip()
    full.ok("spawn", "-w", "--name", "one", "--kind", "command", *TELLS)
    git(full.work, "commit", "--allow-empty", "-m", "later")
    assert "one is queued: it has no worktree yet" in full("diff", "one").err

    free(full)
    one = full.wait_state("one", "ended")
    assert git(Path(one["dir"]), "rev-parse", "HEAD").strip() == meant


def test_who_cannot_be_started_has_failed_with_the_reason_and_the_next_one_begins(full: Fleet) -> None:
    gone = full.root / "gone"
    gone.mkdir()
    full.ok("spawn", "-C", str(gone), "--name", "one", "--kind", "command", *TELLS)
    line_up(full, "two")
    shutil.rmtree(gone)

    free(full)
    one = full.wait_state("one", "failed")
    assert one["reason"] == f"'{gone}' does not exist"
    eventually(lambda: started(full) == ["two"])
    gone.mkdir()
    full.ok("resume", "one")
    eventually(lambda: started(full) == ["two", "one"])


def test_it_survives_the_server_and_begins_when_somebody_comes_back(full: Fleet) -> None:
    line_up(full, "one")
    full.tmux("kill-server")
    eventually(lambda: "no controller runs that begins them" in full.ok("ls").err)

    full.ok("resume", "--all")
    full.wait_state("busy", "working")
    assert states(full)["one"] == "queued"
    free(full)
    eventually(lambda: started(full) == ["one"])


def test_who_is_stopped_while_it_is_begun_does_not_run_on(fleet: Fleet) -> None:
    gate = gates.put(fleet)
    fleet.env = gate.env
    gate.open()
    fill(fleet)
    fleet.ok("spawn", "--name", "one", "--kind", "command", "--", "sleep", "1000")
    gate.path.unlink()
    before = len(gate.held_back())
    free(fleet)
    eventually(lambda: len(gate.held_back()) > before)

    stops = fleet.start("stop", "--grace", "0.1s", "one")
    database = str(fleet.state / "tmuxagents.db")
    eventually(lambda: any(file.path == database for file in psutil.Process(stops.pid).open_files()))
    # It has seen who is claimed long before these have.
    assert [fleet.agent("one")["pane"] for _ in range(5)] == [None] * 5
    gate.open()

    out, err = stops.communicate(timeout=100)
    assert (stops.returncode, out) == (0, "stopped one (terminated)\n"), err
    assert states(fleet)["one"] == "ended"


def survives(fleet: Fleet, step: str) -> None:
    # The server hands on to its controllers what it was started with.
    dying = DyingStarts(fleet)
    full = fill(fleet)
    repository(full.work)
    full.ok("spawn", "-w", "--name", "one", "--kind", "command", *TELLS)
    line_up(full, "two")
    dying.at(step)

    free(full)
    eventually(dying.has_died)
    eventually(lambda: len(started(full)) == 2)
    full.wait_state("one", "ended")
    full.wait_state("two", "ended")
    assert started(full) == ["one", "two"]
    assert not list(full.state.glob("agents/*/asked.json"))


@pytest.mark.parametrize("step", ["opened"])
def test_a_controller_that_is_killed_while_it_begins_one_starts_each_once(fleet: Fleet, step: str) -> None:
    survives(fleet, step)


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
def test_a_controller_that_is_killed_anywhere_while_it_begins_one_starts_each_once(fleet: Fleet, step: str) -> None:
    survives(fleet, step)


def test_agents_are_claimed_in_a_transaction_with_whatever_else_it_records(full: Fleet) -> None:
    request = SpawnRequest(kind="command", folder=str(full.work), options={"args": list(TELLS[1:])})
    mine: list[Agent] = []
    with open_app(str(full.state)) as app:
        asked = [queued.ask(app, named(request, f"run-1-{n}"), caller=full.env) for n in range(2)]
        with app.db.write() as tx:
            mine += [queued.claim(app, tx, one, owner="run-1") for one in asked]
        lost = queued.ask(app, named(request, "run-1-0"), caller=full.env)
        with pytest.raises(NameTaken), app.db.write() as tx:
            queued.claim(app, tx, lost, owner="run-1")
        queued.forgo(app, lost)

        assert [agent.phase for agent in mine] == ["queued", "queued"]
        assert not app.folder(lost.agent_id).exists()
    full.ok("spawn", "--name", "own", "--kind", "command", *TELLS)

    free(full)
    eventually(lambda: started(full) == ["run-1-0", "own", "run-1-1"])


def named(request: SpawnRequest, name: str) -> SpawnRequest:
    from tmuxagents.value import replace

    return replace(request, name=name)


def test_what_was_asked_for_and_never_claimed_is_swept_away_when_nobody_is_at_it(fleet: Fleet) -> None:
    request = SpawnRequest(kind="command", folder=str(fleet.root), options={"args": ["true"]})
    fleet.ok("spawn", "--name", "over", "--kind", "command", "--", "true")
    with open_app(str(fleet.state)) as app:
        ours = queued.ask(app, request)
        child = os.fork()
        if child == 0:
            try:
                queued.ask(app, named(request, "killed"))
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        assert len(list(fleet.state.glob("agents/*/asked.json"))) == 2

        queued.sweep(app)

        assert [path.parent.name for path in fleet.state.glob("agents/*/asked.json")] == [ours.agent_id]
        assert queue.line(app.db) == []
        assert [agent.name for agent in agents.known(app.db)] == ["over"]


def test_of_several_that_come_at_once_no_more_begin_than_there_is_room_for(fleet: Fleet) -> None:
    (fleet.home / "config.toml").write_text("max_agents = 2\n")
    fleet.ok("controller", "start")
    spawns = [fleet.start("spawn", "--kind", "command", "--", "sleep", "1000") for _ in range(5)]
    told = [spawn.communicate(timeout=100)[0].split()[0] for spawn in spawns]

    assert sorted(told) == ["Queued"] * 3 + ["Spawned"] * 2
    assert sorted(agent["reason"] or "" for agent in fleet.agents()) == [
        "",
        "",
        *(f"{place} in the queue: max_agents = 2" for place in ("1st", "2nd", "3rd")),
    ]


def test_a_bound_that_is_raised_counts_at_once_and_one_that_is_wrong_changes_nothing(full: Fleet) -> None:
    line_up(full, "one")
    # In one step: an empty file, which a look between two would see, has no bound.
    (full.home / "new.toml").write_text("max_agents = 'many'\n")
    (full.home / "new.toml").replace(full.home / "config.toml")
    # A controller that has not looked before knows of no bound at all.
    held_by = {"max_agents = 1", "the configuration cannot be read"}
    assert full.ok("queue", "--json").json["queue"][0]["reason"] in held_by
    (full.home / "config.toml").write_text("max_agents = 2\n")

    eventually(lambda: started(full) == ["one"])


def test_a_controller_that_finds_a_wrong_bound_when_it_begins_begins_nobody_until_it_is_mended(full: Fleet) -> None:
    line_up(full, "one")
    full.ok("controller", "stop")
    (full.home / "config.toml").write_text("max_agents = 'many'\n")
    full.ok("controller", "start")

    eventually(lambda: full.ok("queue", "--json").json["queue"][0]["reason"] == "the configuration cannot be read")
    assert started(full) == []
    (full.home / "config.toml").write_text("max_agents = 2\n")
    eventually(lambda: started(full) == ["one"])


def test_spawn_wait_waits_through_the_queue(full: Fleet) -> None:
    waits = full.start("spawn", "--wait", "--name", "one", "--kind", "command", *TELLS)
    eventually(lambda: states(full).get("one") == "queued")
    free(full)

    out, err = waits.communicate(timeout=100)
    assert waits.returncode == 0, out + err
    assert out.endswith("(1st; max_agents = 1)\n")
    assert started(full) == ["one"]
