"""Every kind through its whole life: started, seen, spoken to, ended, started again, known to `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import claude_program
from tests.support import fleet as fleets
from tests.support.echo import with_echo
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi


@dataclass(frozen=True, slots=True)
class Life:
    """A kind's fleet, how an agent of it is started, and what it is told and says then."""

    fleet: Fleet
    kind: str
    spawn: tuple[str, ...]
    said: str
    answer: str
    confirms: bool = True


CASES = [
    pytest.param("claude-oldest", marks=pytest.mark.claude),
    pytest.param("claude-newest", marks=pytest.mark.claude),
    "command",
    "demo",
    "echo",
]


@pytest.fixture(params=CASES)
def life(request: pytest.FixtureRequest, root: Path, api: MessagesApi) -> Iterator[Life]:
    kind, _, version = str(request.param).partition("-")
    if version:
        made = fleets.make_claude(root, program=claude_program(version), url=api.url)
        found = Life(made, kind, ("say: first",), "say: second", "second")
    elif kind == "echo":
        made = fleets.make(root, PYTHONPATH=str(with_echo(root)))
        found = Life(made, kind, ("first",), "second", "second")
    elif kind == "demo":
        made = fleets.make(root)
        found = Life(made, kind, ("say: first", "--", "--speed", "0"), "say: second", "second")
    else:
        made = fleets.make(root)
        loop = "echo first; while read -r line; do echo $line; done"
        found = Life(made, kind, ("--", "sh", "-c", loop), "second", "second", confirms=False)
    try:
        yield found
    finally:
        made.end()


def test_it_lives_through_everything_that_an_agent_lives_through(life: Life) -> None:
    fleet, name = life.fleet, f"{life.kind}-1"

    fleet.ok("spawn", "--kind", life.kind, "--name", name, *life.spawn)
    eventually(lambda: "first" in fleet.ok("tail", "--no-follow", "--only", "text,output").out)
    assert [agent["kind"] for agent in fleet.agents()] == [life.kind]
    assert name in fleet.ok("ls").out

    if life.confirms:
        fleet.wait_for(name, lambda agent: agent["turns"] == 1)
        assert fleet.ok("say", "--wait", name, life.said).out == f"{life.answer}\n"
    else:
        fleet("say", name, life.said)
    eventually(lambda: life.answer in fleet.ok("tail", "--no-follow", "--only", "text,output").out)

    fleet.ok("stop", name)
    assert fleet.agent(name)["state"] == "ended"
    fleet.ok("resume", name)
    fleet.wait_for(name, lambda agent: agent["state"] == ("idle" if life.confirms else "working"))
    assert [note["text"] for note in fleet.entries(name, "--only", "note")][-1] == "resumed"


def test_doctor_and_completion_know_it(life: Life) -> None:
    checks = life.fleet("doctor", "--json").json["findings"]
    words = f"tmuxagents spawn --kind {life.kind[:2]}"
    completed = life.fleet("", COMP_WORDS=words, COMP_CWORD="3", _TMUXAGENTS_COMPLETE="bash_complete")

    assert f"plain,{life.kind}" in completed.out.splitlines()
    if life.kind in ("claude", "echo"):
        assert [one["level"] for one in checks if one["about"] == life.kind] == ["ok"]
