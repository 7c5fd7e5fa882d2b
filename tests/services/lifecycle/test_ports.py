"""Each agent with a worktree has a port that nobody else has."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.services.worktrees.conftest import fleet as fleet
from tests.support.fleet import Fleet, eventually
from tmuxagents.drivers import ports as free_ports
from tmuxagents.services.lifecycle import ports

TELLS = ("--kind", "command", "--", "sh", "-c", 'echo "port $TMUXAGENTS_PORT"')


def port_of(fleet: Fleet, name: str) -> int | None:
    shown = fleet.ok("show", name, "--json").json["agents"][0]["port"]
    return None if shown is None else int(shown)


@pytest.mark.soak
@pytest.mark.slow
def test_twenty_agents_have_twenty_ports(fleet: Fleet) -> None:
    fleet.ok("spawn", "-w", "--count", "20", *TELLS)

    eventually(lambda: [agent["state"] for agent in fleet.agents()] == ["ended"] * 20)
    told = {fleet.printed(agent["name"])[0] for agent in fleet.agents()}
    assert len(told) == 20
    assert told == {f"port {port_of(fleet, agent['name'])}" for agent in fleet.agents()}


def test_it_is_kept_over_a_resume_and_given_up_where_somebody_listens_there(fleet: Fleet) -> None:
    fleet.ok("spawn", "-w", "--name", "api", *TELLS)
    fleet.wait_state("api", "ended")
    port = port_of(fleet, "api")
    fleet.ok("resume", "api")
    fleet.wait_for("api", lambda agent: agent["generation"] == 2 and agent["state"] == "ended")
    assert port_of(fleet, "api") == port

    with socket.create_server(("127.0.0.1", port or 0)):
        fleet.ok("resume", "api")

    fleet.wait_for("api", lambda agent: agent["generation"] == 3 and agent["state"] == "ended")
    assert fleet.printed("api") == [f"port {port}", f"port {port}", f"port {port_of(fleet, 'api')}"]
    assert port_of(fleet, "api") != port


def test_who_has_no_worktree_has_none_also_where_its_caller_has(fleet: Fleet) -> None:
    fleet.ok("spawn", "--name", "api", *TELLS, TMUXAGENTS_PORT="20001")

    fleet.wait_state("api", "ended")
    assert (port_of(fleet, "api"), fleet.printed("api")) == (None, ["port "])


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_a_port_is_free_where_nobody_listens(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((address, 0))
        server.listen()
        port = server.getsockname()[1]
        assert not free_ports.is_free(port)

    assert free_ports.is_free(port)


def test_two_fleets_begin_at_other_places() -> None:
    assert ports.give(Path("/a"), ()) != ports.give(Path("/b"), ())
