"""What agents are called, what stands for a name, and what a name means after `rm`."""

from __future__ import annotations

import json

import pytest

from tests.support.fleet import Fleet, eventually

FAST = ("--", "--speed", "0")


@pytest.fixture
def tasked(fleet: Fleet) -> Fleet:
    """A fleet that names its agents by their tasks."""
    (fleet.home / "config.toml").write_text('naming = "task"\n')
    return fleet


@pytest.fixture
def api(fleet: Fleet) -> Fleet:
    """One agent, `api`, that has said something."""
    fleet.ok("spawn", "--kind", "demo", "--name", "api", "say: the old one", *FAST)
    fleet.wait_for("api", lambda a: a["turns"] == 1)
    return fleet


def spawned(fleet: Fleet, *args: str) -> list[str]:
    return fleet.ok("spawn", "--kind", "demo", "-q", *args, *FAST).out.split()


def remove(fleet: Fleet, name: str) -> None:
    fleet.ok("stop", name)
    fleet.ok("rm", name)


def test_naming_by_task_makes_short_names_and_gives_none_again(tasked: Fleet) -> None:
    assert spawned(tasked, "add auth to the API", "write tests for the parser") == ["auth", "parser-tests"]
    assert spawned(tasked, "add auth to the API") == ["auth-2"]
    remove(tasked, "auth-2")
    assert spawned(tasked, "add auth to the API", "--count", "2") == ["auth-3", "auth-4"]
    assert spawned(tasked, "修正する") == ["agent-1"]
    assert spawned(tasked) == ["agent-2"]
    assert spawned(tasked, "--name", "mine", "add auth") == ["mine"]


def test_a_number_and_a_beginning_stand_for_the_one_name_they_fit(fleet: Fleet) -> None:
    assert spawned(fleet, "--count", "2", "say: x") == ["agent-1", "agent-2"]
    spawned(fleet, "--name", "parser-tests", "say: x")
    for name in ("agent-1", "agent-2", "parser-tests"):
        fleet.wait_for(name, lambda a: a["turns"] == 1)

    assert fleet.ok("say", "2", "say: two").out.startswith("submitted: agent-2")
    assert fleet.ok("say", "pars", "say: tests").out.startswith("submitted: parser-tests")
    assert fleet.ok("ls", "-q", "pa,1").out.split() == ["agent-1", "parser-tests"]
    several = fleet("say", "agent", "say: who?")
    assert (several.code, several.out) == (1, "")
    assert "'agent' could be agent-1, agent-2" in several.err
    assert fleet.ok("stop", "pars").out.startswith("stopped parser-tests")
    for short in ("pars", "2"):
        assert fleet("rm", short).code == 1
    assert fleet.ok("rm", "pars*").out == "removed parser-tests; its record stays\n"


def test_a_removed_name_stands_for_no_other_where_something_is_changed(api: Fleet) -> None:
    remove(api, "api")
    spawned(api, "--name", "api-2")

    ran = api("stop", "api")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "tmuxagents: 'api' was removed\nhint: tmuxagents show api\n"
    assert api.agent("api-2")["state"] != "ended"


def test_after_rm_the_record_is_read_by_name_and_says_so(api: Fleet) -> None:
    remove(api, "api")

    shown, told, found = (
        api.ok(*argv) for argv in (("show", "api"), ("tail", "api"), ("search", "--agent", "api", "old one"))
    )

    assert shown.out.startswith("name          api (demo) (removed)\n")
    assert "[api (removed)] the old one" in told.out
    assert "[api (removed)] the old one" in found.out
    assert told.err == found.err == "tmuxagents: api (removed)\n"
    assert [one["removed"] for one in api.ok("show", "--json", "api").json["agents"]] == [True]
    assert {entry["agent"] for entry in api.entries("api")} == {"api"}


def test_a_number_finds_the_record_of_a_removed_agent(fleet: Fleet) -> None:
    spawned(fleet, "--count", "2", "say: x")
    remove(fleet, "agent-1")

    assert fleet.ok("show", "1").out.startswith("name          agent-1 (demo) (removed)\n")
    assert fleet.ok("tail", "--no-follow", "1").err == "tmuxagents: agent-1 (removed)\n"
    ran = fleet("say", "1", "say: y")
    assert (ran.code, ran.err) == (1, "tmuxagents: 'agent-1' was removed\nhint: tmuxagents show agent-1\n")
    assert fleet.ok("show", "2").out.startswith("name          agent-2 (demo)\n")


def test_a_label_is_no_name_also_where_it_is_a_number(fleet: Fleet) -> None:
    spawned(fleet, "--count", "2", "--label", "1", "say: x")
    spawned(fleet, "--label", "7", "say: x")

    assert fleet.ok("ls", "-q", "1").out.split() == ["agent-1"]
    assert sorted(fleet.ok("ls", "-q", "-l", "1").out.split()) == ["agent-1", "agent-2"]
    assert "no agent is named '7'" in fleet("say", "7", "say: y").err


def test_a_label_with_a_comma_is_refused(fleet: Fleet) -> None:
    ran = fleet("spawn", "--kind", "demo", "--label", "a,b", "say: x")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == "tmuxagents: --label 'a,b' holds a comma: give --label once for each label"
    assert fleet.agents() == []


def test_a_name_means_who_has_it_before_who_had_it(api: Fleet) -> None:
    remove(api, "api")
    spawned(api, "--name", "api", "say: the new one")
    api.wait_for("api", lambda a: a["turns"] == 1)

    assert "removed" not in api.ok("show", "api").out
    assert "the old one" not in api.ok("tail", "--no-follow", "api").out
    everything = api.ok("search", "one").out
    assert "[api (removed)] the old one" in everything
    assert "[api] the new one" in everything


def test_rename_changes_the_listing_the_journal_the_window_and_the_copy(api: Fleet) -> None:
    ran = api.ok("rename", "api", "backend")

    assert ran.out == "renamed api to backend\n"
    assert ran.err == "tmuxagents: TMUXAGENTS_NAME of its program stays what it was started with, until it is resumed\n"
    agent = api.agent("backend")
    assert "backend" in api.tmux("list-windows", "-a", "-F", "#{window_name}").split()
    assert json.loads((api.state / "agents" / agent["id"] / "agent.json").read_text())["name"] == "backend"
    assert "[backend] the old one" in api.ok("tail", "--no-follow").out
    assert "(renamed, was api)" in api.ok("tail", "--no-follow").out
    assert api.ok("say", "backend", "say: still here").out.startswith("submitted: backend")
    assert api("say", "api", "say: x").code == 1
    assert spawned(api, "--name", "api") == ["api"]


def test_who_needs_you_is_called_by_the_new_name(api: Fleet) -> None:
    api.ok("say", "api", "permission: Write a.rs")
    api.wait_state("api", "waiting")
    eventually(lambda: "api" in api.tmux("show-options", "-gv", "@tmuxagents_needy"))

    api.ok("rename", "api", "backend")

    eventually(lambda: "backend" in api.tmux("show-options", "-gv", "@tmuxagents_needy"))


def test_a_renamed_agent_keeps_its_name_when_it_is_resumed(api: Fleet) -> None:
    api.ok("rename", "api", "backend")
    api.ok("stop", "backend")
    api.ok("resume", "backend")
    api.wait_state("backend", "idle")

    assert "backend" in api.tmux("list-windows", "-a", "-F", "#{window_name}").split()
    folder = api.state / "agents" / api.agent("backend")["id"]
    eventually(lambda: b"TMUXAGENTS_NAME='backend'" in (folder / "env.2").read_bytes() or None, explain=lambda: "env.2")


@pytest.mark.parametrize(
    ("old", "new", "code", "words", "hint"),
    [
        ("api", "other", 1, "'other' is taken by an agent", "tmuxagents show other"),
        ("api", "Bad Name", 2, "'Bad Name' cannot be a name", "tmuxagents rename api bad-name"),
        ("api", "all", 2, "'all' cannot be a name", "tmuxagents rename api all-1"),
        ("api", "api", 1, "api is its name already", "tmuxagents show api"),
        ("nobody", "x", 1, "no agent is named 'nobody'", "tmuxagents ls"),
        ("all", "x", 2, "'all' is not one agent", "tmuxagents ls"),
        ("api,other", "x", 2, "'api,other' is not one agent", "tmuxagents ls"),
    ],
)
def test_a_rename_that_cannot_be_changes_nothing(
    api: Fleet, old: str, new: str, code: int, words: str, hint: str
) -> None:
    spawned(api, "--name", "other")

    ran = api("rename", old, new)

    assert (ran.code, ran.out, len(ran.err.splitlines())) == (code, "", 2)
    assert words in ran.err
    assert hint in ran.err
    assert {agent["name"] for agent in api.agents()} == {"api", "other"}
