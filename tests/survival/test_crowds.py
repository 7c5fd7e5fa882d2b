"""Many at once: every one is served, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.services.controller.test_controller import controller
from tests.support import beside
from tests.support.fleet import Fleet, eventually
from tmuxagents.drivers import files
from tmuxagents.errors import TimedOut
from tmuxagents.services.app import open_app
from tmuxagents.services.lifecycle import spawn as spawning
from tmuxagents.services.server import startup

FAST = ["--", "--speed", "0"]
WAITS = "tmuxagents: somebody else is talking to that agent; this command waits\nhint: tmuxagents ls\n"


def at_once(fleet: Fleet, commands: Sequence[Sequence[str]], within: float = 100) -> list[tuple[int, str, str]]:
    """Start all, then wait for all: exit code, stdout and stderr of each."""
    started = [fleet.start(*argv) for argv in commands]
    try:
        ended = [one.communicate(timeout=within) for one in started]
    finally:
        for one in started:
            one.kill()
    return [(one.returncode, out, err) for one, (out, err) in zip(started, ended, strict=True)]


@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.soak)])
def test_many_spawns_at_once_are_as_many_agents(fleet: Fleet, count: int) -> None:
    ran = at_once(fleet, [["spawn", "--kind", "command", "--", "sleep", "1000"]] * count)

    assert Counter((code, err) for code, _, err in ran) == {(0, ""): count}
    agents = fleet.agents()
    assert {agent["name"] for agent in agents} == {f"agent-{number}" for number in range(1, count + 1)}
    assert {out.split(":")[0].removeprefix("Spawned ") for _, out, _ in ran} == {agent["name"] for agent in agents}
    for key in ("id", "pane", "pid"):
        assert len({agent[key] for agent in agents}) == count
    eventually(lambda: {agent["state"] for agent in fleet.agents()} == {"working"})
    panes = fleet.tmux("list-panes", "-a", "-F", "#{pane_dead} #{@tmuxagents_id}").splitlines()
    assert sorted(panes) == sorted(["0 ", *(f"0 {agent['id']}" for agent in agents)])
    controllers = [
        words for words in fleet.command_lines().values() if words[:1] != ["sh"] and words[-2:] == ["controller", "run"]
    ]
    assert len(controllers) == 1


@pytest.mark.parametrize("count", [8, pytest.param(50, marks=pytest.mark.soak)])
def test_many_says_at_once_are_as_many_prompts_each_once(fleet: Fleet, count: int) -> None:
    names = ["agent-1", "agent-2"]
    fleet.ok("spawn", "--kind", "demo", "--count", "2", *FAST)
    for name in names:
        fleet.wait_state(name, "idle")
    told = [(names[number % 2], f"say: word {number}") for number in range(count)]

    ran = at_once(fleet, [["say", name, text] for name, text in told])

    assert Counter(code for code, _, _ in ran) == {0: count}
    # On a slow machine some wait longer than a moment for their turn, and say so.
    assert {err for _, _, err in ran} <= {"", WAITS}
    for name in names:
        fleet.wait_for(name, lambda agent: agent["turns"] == count // 2)
    heard = [(entry["agent"], entry["text"]) for entry in fleet.entries("--only", "prompt")]
    assert Counter(heard) == Counter(told)
    said = [(entry["agent"], f"say: {entry['text']}") for entry in fleet.entries("--only", "text")]
    assert Counter(said) == Counter(told)
    for name in names:
        wanted = Counter(text for to, text in told if to == name)
        assert Counter(_transcript(fleet, name)) == wanted


def _transcript(fleet: Fleet, name: str) -> list[str]:
    """The prompts that the agent itself has written down."""
    folder = fleet.state / "agents" / str(fleet.agent(name)["id"])
    records = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [str(record["text"]) for record in records if record["event"] == "prompt"]


def test_five_tails_see_the_same_lines_in_the_same_order(fleet: Fleet) -> None:
    tails = [fleet.start("tail", "--json", "--only", "text", "-n", "1000") for _ in range(5)]
    try:
        script = "\n".join(f"say: {number}" for number in range(100))
        fleet.ok("spawn", "--kind", "demo", "--count", "3", script, *FAST)
        # Also while the controller is being replaced.
        controller(fleet).kill()
        fleet.ok("controller", "start")
        for name in ("agent-1", "agent-2", "agent-3"):
            fleet.wait_for(name, lambda agent: agent["turns"] == 1)

        seen = [[json.loads(beside.line(tail)) for _ in range(300)] for tail in tails]
    finally:
        for tail in tails:
            beside.kill(tail)

    journal = [(entry["seq"], entry["agent"], entry["text"]) for entry in fleet.entries("--only", "text", "-n", "1000")]
    for one in seen:
        assert [(entry["seq"], entry["agent"], entry["text"]) for entry in one] == journal
    assert Counter(name for _, name, _ in journal) == {f"agent-{number}": 100 for number in (1, 2, 3)}
    assert len({seq for seq, _, _ in journal}) == 300


def test_a_start_that_never_gets_its_turn_is_told_and_starts_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "TURN_S", 0.3)
    with (
        open_app(str(fleet.state)) as app,
        files.locked(fleet.state / "server.lock"),
        pytest.raises(TimedOut, match="somebody else has been starting the server"),
    ):
        spawning.spawn(app, spawning.SpawnRequest(kind="command", options={"args": ["sleep", "1000"]}))

    assert fleet.agents() == []
    assert list((fleet.state / "agents").iterdir()) == []
    assert fleet.processes() == []
