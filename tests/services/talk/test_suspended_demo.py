"""A program that is suspended: what is told of it, and that no verb types at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.services.talk.test_delivery_races import EMPTY, SUSPENDED, UNREAD, World, box
from tests.support.fleet import Fleet
from tmuxagents.kinds import registry
from tmuxagents.model.reading import Reading
from tmuxagents.services.lifecycle import stop
from tmuxagents.services.talk.steps import Paste, Press, Seen, drive


@contextmanager
def suspended(fleet: Fleet) -> Iterator[int]:
    """While the only agent's program is."""
    [agent] = fleet.agents()
    program = psutil.Process(int((fleet.state / "agents" / agent["id"] / "pid.1").read_text()))
    program.suspend()
    yield program.pid
    program.resume()


def start(fleet: Fleet, task: str, state: str) -> None:
    fleet.ok("spawn", "--kind", "demo", task, "--", "--speed", "1")
    fleet.wait_state("agent-1", state)


def test_that_it_is_suspended_is_told_beside_its_state_while_it_is(fleet: Fleet) -> None:
    start(fleet, "say: hello", "idle")
    with suspended(fleet) as pid:
        agent = fleet.agent("agent-1")
        [shown] = fleet.look("show", "agent-1", "--json").json["agents"]

    assert (agent["state"], agent["reason"]) == ("idle", f"its program ({pid}) is suspended")
    assert shown["reason"] == agent["reason"]
    assert fleet.agent("agent-1")["reason"] is None


def test_a_message_that_is_held_for_it_waits_for_its_program(fleet: Fleet) -> None:
    start(fleet, "say: hello", "idle")
    with suspended(fleet) as pid:
        out = fleet.ok("say", "agent-1", "--when-idle", "say: x").out

    assert f"message 1 waits for its program ({pid}) to go on, which is suspended" in out


@pytest.mark.parametrize(
    ("task", "state", "verb"),
    [
        ("think: 1000", "working", ("interrupt", "agent-1")),
        ("think: 1000", "working", ("say", "agent-1", "--interrupt", "say: instead")),
        ("dialog: Beware", "waiting", ("approve", "agent-1")),
    ],
    ids=["interrupt", "say --interrupt", "approve"],
)
def test_no_verb_types_at_it(fleet: Fleet, task: str, state: str, verb: tuple[str, ...]) -> None:
    start(fleet, task, state)
    with suspended(fleet) as pid:
        ran = fleet(*verb)

    assert ran.code == 3
    assert f"its program ({pid}) is suspended" in ran.out + ran.err
    assert f"hint: kill -CONT {pid}" in ran.err
    assert fleet.agent("agent-1")["state"] == state


@pytest.mark.parametrize("after", [EMPTY, UNREAD, SUSPENDED, Seen(box("/exit"), unread=True)])
def test_what_is_to_end_and_does_not_draw_gets_no_enter(after: Reading | Seen) -> None:
    world = World([EMPTY, after])

    drive(stop._leaving(registry.kind("claude"), "/exit"), world.answer)

    assert [type(step) for step in world.steps] == [Paste]


def test_what_is_to_end_and_draws_gets_its_enter() -> None:
    world = World([EMPTY, box("/exit")])

    drive(stop._leaving(registry.kind("claude"), "/exit"), world.answer)

    assert [type(step) for step in world.steps] == [Paste, Press]
