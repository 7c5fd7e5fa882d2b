"""The set-up of a worktree: commands that run in its agent's own window before its program."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.services.worktrees.conftest import git
from tests.support.fleet import Fleet, eventually, terminal
from tests.survival.test_damage import cut, head

SAYS = ("--kind", "command", "--name", "api", "--", "sh", "-c", "echo program; cat node_modules/made .env")


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """A Node project with a secret, a folder of packages and a script that builds something of both."""
    script = "cp .env node_modules/made && echo built with $TMUXAGENTS_PORT"
    (fleet.work / "package.json").write_text(json.dumps({"scripts": {"prepare": script}}))
    (fleet.work / ".gitignore").write_text(".env\nnode_modules\n")
    git(fleet.work, "add", ".")
    git(fleet.work, "commit", "-q", "-m", "a project")
    (fleet.work / ".env").write_text("SECRET=1\n")
    (fleet.work / "node_modules").mkdir()
    return fleet


def sets(fleet: Fleet, text: str) -> Path:
    """What the repository wants."""
    file = fleet.work / ".tmuxagents.toml"
    file.write_text(f"[worktree]\n{text}\n")
    return file


def consent(fleet: Fleet) -> None:
    digest = fleet.ok("trust", "--json").json["digest"]
    fleet.ok("trust", "--digest", digest)


def notes(fleet: Fleet) -> list[str]:
    return [entry["text"] for entry in fleet.entries("--only", "note")]


NPM = pytest.param("npm run prepare", marks=pytest.mark.slow)


@pytest.mark.parametrize("command", [NPM, "cp .env node_modules/made && echo built with $TMUXAGENTS_PORT"])
def test_a_project_is_ready_before_its_agent_starts(fleet: Fleet, command: str) -> None:
    sets(fleet, f'copy = [".env"]\nlink = ["node_modules"]\nsetup = [{json.dumps(command)}, "true"]')
    consent(fleet)

    fleet.ok("spawn", "-w", *SAYS)

    fleet.wait_state("api", "ended")
    said = fleet.printed("api")
    port = fleet.ok("show", "api", "--json").json["agents"][0]["port"]
    assert said[0] == f"$ {command}"
    assert f"built with {port}" in said
    assert said[-4:] == ["$ true", "program", "SECRET=1", "SECRET=1"]
    assert notes(fleet) == [f"set-up: {command}", "set-up: true", "set-up done"]
    fleet.ok("resume", "api")
    fleet.wait_for("api", lambda agent: agent["generation"] == 2 and agent["state"] == "ended")
    assert fleet.printed("api")[len(said) :] == ["program", "SECRET=1", "SECRET=1"]


def test_one_that_fails_is_told_with_its_last_words_and_runs_again(fleet: Fleet) -> None:
    sets(fleet, 'setup = ["test -e /tmp", "echo no such package >&2; test -e ready"]')
    consent(fleet)

    fleet.ok("spawn", "-w", *SAYS[:-1], "echo program")

    agent = fleet.wait_state("api", "failed")
    assert agent["reason"] == "set-up: echo no such package >&2; test -e ready: exit 1: no such package"
    assert "program" not in fleet.printed("api")
    (Path(agent["worktree"]["path"]) / "ready").write_text("")
    fleet.ok("resume", "api")
    fleet.wait_for("api", lambda agent: agent["generation"] == 2 and agent["state"] == "ended")
    assert fleet.printed("api")[-1] == "program"


def test_one_without_consent_is_not_run(fleet: Fleet) -> None:
    sets(fleet, 'copy = [".env"]\nlink = ["node_modules"]\nsetup = ["touch ran"]')

    ran = fleet.ok("spawn", "-w", *SAYS[:-1], "ls -A1")

    file = fleet.work / ".tmuxagents.toml"
    assert ran.err.splitlines() == [
        f"tmuxagents: '{file}' needs your consent, not applied: worktree.link, worktree.setup",
        "hint: tmuxagents trust",
    ]
    fleet.wait_state("api", "ended")
    assert ".env" in fleet.printed("api")
    assert not {"node_modules", "ran"} & set(fleet.printed("api"))


def test_one_whose_text_changed_after_the_consent_is_not_run(fleet: Fleet) -> None:
    sets(fleet, 'setup = ["touch ran"]')
    consent(fleet)
    sets(fleet, 'setup = ["touch ran; touch more"]')

    ran = fleet.ok("spawn", "-w", *SAYS[:-1], "ls -A1")

    assert "has changed and needs your consent again, not applied: worktree.setup" in ran.err
    fleet.wait_state("api", "ended")
    assert not {"ran", "more"} & set(fleet.printed("api"))


def test_one_that_was_mended_runs_as_it_is_then_and_never_without_consent(fleet: Fleet) -> None:
    sets(fleet, 'setup = ["echo first; false"]')
    consent(fleet)
    fleet.ok("spawn", "-w", *SAYS[:-1], "echo program")
    fleet.wait_state("api", "failed")

    fleet.ok("trust", "--revoke")
    revoked = fleet("resume", "api")
    file = sets(fleet, 'setup = ["echo second"]')
    changed = fleet("resume", "api")
    for ran in (revoked, changed):
        assert (ran.code, ran.out) == (3, "")
        assert ran.err == (
            f"tmuxagents: the set-up of api in '{file}' needs your consent\nhint: tmuxagents trust '{file.parent}'\n"
        )
    assert fleet.agent("api")["state"] == "failed"
    assert fleet.printed("api") == ["$ echo first; false", "first"]

    consent(fleet)
    fleet.ok("resume", "api")
    fleet.wait_state("api", "ended")
    assert fleet.printed("api")[2:] == ["$ echo second", "second", "program"]


def held(fleet: Fleet, name: str = "api", kind: str = "demo") -> Path:
    """An agent whose set-up goes on until the file that is returned is there."""
    go = fleet.root / "go"
    program = ("--", "--speed", "0") if kind == "demo" else ("--", "true")
    (fleet.home / "config.toml").write_text(
        f'[worktree]\nsetup = ["echo begun; until [ -e {go} ]; do sleep 0.05; done"]\n'
    )
    task = ("say: hello",) if kind == "demo" else ()
    fleet.ok("spawn", "-w", "--kind", kind, "--name", name, *task, *program)
    return go


def under_way(agent: dict[str, Any]) -> bool:
    return str(agent["reason"]).startswith("set-up: echo begun") and agent["state"] == "starting"


def test_while_it_runs_the_agent_is_starting_and_nothing_is_typed(fleet: Fleet) -> None:
    go = held(fleet)
    fleet.wait_for("api", under_way)
    eventually(lambda: "begun" in fleet.printed("api"))
    assert fleet.ok("show", "api", "--json").json["agents"][0]["evidence"] == "its set-up runs"

    said = fleet("say", "api", "say: second")
    fleet.ok("controller", "stop")
    assert under_way(fleet.agent("api"))
    go.touch()

    assert said.out.startswith("held: api (message 1 waits for its program to be ready")
    fleet.wait_for("api", lambda agent: agent["state"] == "idle" and agent["turns"] >= 1)
    fleet.ok("controller", "start")
    fleet.wait_for("api", lambda agent: agent["turns"] == 2)
    assert [e["text"] for e in fleet.entries("--only", "prompt")] == ["say: hello", "say: second"]


def test_a_program_that_takes_no_prompts_is_not_typed_at_either(fleet: Fleet) -> None:
    held(fleet, kind="command")
    fleet.wait_for("api", under_way)

    ran = fleet("say", "api", "text")

    assert (ran.code, "refused" in ran.out) == (3, True)
    fleet.ok("stop", "api")
    assert fleet.agent("api")["state"] == "ended"


def test_as_many_at_once_as_there_are_cores_and_a_killed_one_gives_its_place_up(fleet: Fleet) -> None:
    cores = os.cpu_count() or 1
    [go] = {held(fleet, f"n{number}", "command") for number in range(cores + 1)}
    waits = "when others are set up"

    def reasons() -> list[str]:
        return [str(agent["reason"]) for agent in fleet.agents()]

    eventually(lambda: sorted(reason.endswith(waits) for reason in reasons()) == [False] * cores + [True])
    first = next(agent for agent in fleet.agents() if not agent["reason"].endswith(waits))
    os.killpg(os.getpgid(first["pid"]), signal.SIGKILL)

    eventually(lambda: not any(reason.endswith(waits) for reason in reasons()))
    go.touch()
    eventually(lambda: sum(agent["state"] == "ended" for agent in fleet.agents()) == cores)


def test_at_a_terminal_spawn_follows_and_may_be_cut_off(fleet: Fleet) -> None:
    go = fleet.root / "go"
    (fleet.home / "config.toml").write_text(f'[worktree]\nsetup = ["until [ -e {go} ]; do sleep 0.05; done"]\n')
    words = ("spawn", "-w", "-C", str(fleet.work), "--kind", "command", "--name")

    # A leader of a session that opens a terminal has its ^C.
    # Who was started in the background of a shell ignores it, and so would whom he starts.
    leader = [
        "env",
        "--default-signal=INT",
        "sh",
        "-c",
        ': < "$(tty)"; exec "$@"',
        "sh",
        *fleet.argv(*words, "api", "--", "true"),
    ]
    with terminal(leader, fleet.env, columns=40) as (ours, drawn):
        eventually(lambda: b"api: set-up: until [ -e " in drawn)
        os.write(ours, b"\x03")
        eventually(lambda: b"the set-up goes on" in drawn)
    assert fleet.agent("api")["state"] == "starting"
    rows = [row for row in re.split(rb"[\r\n]|\x1b\[K", bytes(drawn)) if row.startswith(b"api: set-up")]
    assert {len(row.removesuffix(b"^C").decode()) for row in rows} == {39}

    with terminal(fleet.argv(*words, "more", "--", "false"), fleet.env) as (_, drawn):
        eventually(lambda: b"more: set-up: until" in drawn)
        go.touch()
        eventually(lambda: b"hint: tmuxagents show more" in drawn or fleet.agent("more")["state"] == "failed")
    assert fleet.wait_state("api", "ended")["exit_code"] == 0


@pytest.mark.slow
def test_one_that_the_machine_went_down_in_runs_again(fleet: Fleet) -> None:
    go = held(fleet)
    eventually(lambda: "begun" in fleet.printed("api"))
    fleet.tmux("kill-server")
    fleet.wait_state("api", "lost")

    fleet.ok("resume", "--all")
    fleet.wait_for("api", under_way)
    go.touch()

    fleet.wait_for("api", lambda agent: agent["state"] == "idle" and agent["turns"] == 1)
    assert fleet.printed("api").count("begun") == 2


def test_what_a_set_up_drew_is_told_as_lines(fleet: Fleet) -> None:
    draws = r"printf '#1 build\n#2 wait\n\033[1A\033[2K#2 done\n\033[31mred\033[0m\n'"
    (fleet.home / "config.toml").write_text(f"[worktree]\nsetup = ['''{draws}''']\n")

    fleet.ok("spawn", "-w", "--kind", "demo", "--name", "api", "--wait", "say: hello", "--", "--speed", "0")

    assert fleet.printed("api")[1:] == ["#1 build", "#2 wait", "#2 done", "red"]


def told(fleet: Fleet) -> list[tuple[str, str]]:
    """What the journal has, less how far a set-up was, which is told while it is. Which lines were read at once is
    chance."""
    apart = ("gap", "note", "output")
    others = [(entry["kind"], entry["text"]) for entry in fleet.entries() if entry["kind"] not in apart]
    return [*sorted(others), *(("output", line) for line in fleet.printed("api"))]


@pytest.mark.slow
@pytest.mark.parametrize("damage", [head, cut])
def test_a_database_that_is_rebuilt_has_what_it_printed_once(fleet: Fleet, damage: Callable[[Fleet], None]) -> None:
    (fleet.home / "config.toml").write_text('[worktree]\nsetup = ["echo begun"]\n')
    fleet.ok("spawn", "-w", "--kind", "demo", "--name", "api", "say: hello", "--", "--speed", "0")
    fleet.wait_for("api", lambda agent: agent["state"] == "idle" and agent["turns"] == 1)
    before = told(fleet)
    fleet.ok("controller", "stop")
    damage(fleet)

    ran = fleet("ls")

    assert "is rebuilt" in ran.err
    assert told(fleet) == before
    assert fleet.agent("api")["state"] == "idle"
