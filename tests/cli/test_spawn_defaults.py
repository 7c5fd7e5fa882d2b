"""`spawn` with settings from files and profiles."""

from __future__ import annotations

import json

import pytest

from tests.support.fleet import Fleet, eventually
from tests.support.repository import repository

SLOW = '["--speed", "0"]'


def users(fleet: Fleet, text: str) -> None:
    (fleet.home / "config.toml").write_text(text)


def test_the_users_file_says_what_is_started(fleet: Fleet) -> None:
    users(fleet, f'kind = "demo"\nargs = {SLOW}\ntimeout = "2h"\n')

    fleet.ok("spawn", "say: x")

    agent = fleet.agent("agent-1")
    assert (agent["kind"], agent["timeout_s"]) == ("demo", 7200.0)


def test_what_is_typed_wins_also_where_it_says_none(fleet: Fleet) -> None:
    users(fleet, f'kind = "demo"\nargs = {SLOW}\ntimeout = "2h"\n')

    fleet.ok("spawn", "say: x", "--timeout", "1h")
    fleet.ok("spawn", "say: x", "--timeout", "0")

    assert [fleet.agent(name)["timeout_s"] for name in ("agent-1", "agent-2")] == [3600.0, None]


def test_variables_reach_the_program_and_no_place_where_they_can_be_seen(fleet: Fleet) -> None:
    users(fleet, '[env]\nCOLOUR = "s3cret-red"\nSHAPE = "s3cret-round"\n')

    program = ["sh", "-c", 'printf %s "$COLOUR/$SHAPE" > seen; exec sleep 1000']
    fleet.ok("spawn", "--kind", "command", "--env", "SHAPE=square", "--", *program)

    seen = fleet.work / "seen"
    eventually(lambda: seen.exists() and seen.read_text() == "s3cret-red/square")
    assert "s3cret" not in json.dumps(fleet.ok("show", "agent-1", "--json").json)
    assert b"s3cret" not in (fleet.state / "tmuxagents.db").read_bytes()


def test_a_profile_is_a_set_of_settings_by_name(fleet: Fleet) -> None:
    users(fleet, 'timeout = "2h"\n[profile.sleeper]\nkind = "command"\nargs = ["sleep", "1000"]\ntimeout = "1h"\n')

    fleet.ok("spawn", "--profile", "sleeper")

    agent = fleet.agent("agent-1")
    assert (agent["kind"], agent["timeout_s"]) == ("command", 3600.0)


def test_the_words_of_one_program_are_not_given_to_another(fleet: Fleet) -> None:
    users(fleet, 'kind = "claude"\nmodel = "opus"\nargs = ["--add-dir", "x"]\n')

    fleet.ok("spawn", "--kind", "demo", "--wait", "say: x", "--", "--speed", "0")
    assert fleet("spawn", "--kind", "command").code == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("reviw", "there is no profile 'reviw'; did you mean 'review'?"),
        ("zzz", "there is no profile 'zzz': review"),
    ],
)
def test_a_profile_that_is_not_there_is_an_error(fleet: Fleet, given: str, message: str) -> None:
    users(fleet, '[profile.review]\nmodel = "x"\n')

    ran = fleet("spawn", "--profile", given, "say: x")

    assert (ran.code, ran.out, ran.err) == (2, "", f"tmuxagents: {message}\nhint: tmuxagents help config\n")
    assert fleet.agents() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('kind = "cluade"', "line 1: there is no kind 'cluade'; did you mean 'claude'?"),
        ('\n\ntimeout = "soon"', "line 3: 'timeout' must be a duration, as in: timeout = \"2h\""),
        ('[profile.p]\nmodle = "x"', "line 2: there is no setting 'modle'; did you mean 'model'?"),
    ],
)
def test_a_wrong_setting_is_one_line_and_a_hint_and_starts_nothing(fleet: Fleet, text: str, said: str) -> None:
    users(fleet, text)

    ran = fleet("spawn", "say: x")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[0] == f"tmuxagents: '{fleet.home}/config.toml' {said}"
    assert len(ran.err.splitlines()) == 2
    assert fleet.agents() == []


def test_a_wrong_file_of_a_repository_holds_nobody_up(fleet: Fleet) -> None:
    repository(fleet.work, 'timeout = "1h"\nmodle = "x"\n')

    ran = fleet.ok("spawn", "--kind", "demo", "say: x", "--", "--speed", "0")

    assert ran.err.splitlines() == [
        f"tmuxagents: not applied: '{fleet.work}/.tmuxagents.toml' line 2: "
        "there is no setting 'modle'; did you mean 'model'?",
        f"hint: vi '{fleet.work}/.tmuxagents.toml'",
    ]
    assert fleet.agent("agent-1")["timeout_s"] is None


def test_a_repositorys_way_of_naming_and_its_labels_count_unasked(fleet: Fleet) -> None:
    repository(fleet.work, 'naming = "task"\nlabels = ["frontend"]\n')

    ran = fleet.ok("spawn", "--kind", "demo", "-q", "say: parser tests", "--", "--speed", "0")

    assert ran.err == ""
    assert ran.out != "agent-1\n"
    assert [agent["labels"] for agent in fleet.agents()] == [["frontend"]]


def test_a_lower_time_limit_of_a_repository_counts_unasked(fleet: Fleet) -> None:
    users(fleet, 'timeout = "2h"')
    repository(fleet.work, 'timeout = "1h"')

    ran = fleet.ok("spawn", "--kind", "demo", "say: x", "--", "--speed", "0")

    assert ran.err == f"tmuxagents: '{fleet.work}/.tmuxagents.toml' ends it after 1h\n"
    assert fleet.agent("agent-1")["timeout_s"] == 3600.0


ROLES = f"""
[role.sleeper]
kind = "command"
args = ["sleep", "1000"]
[role.reviewer]
instructions = "Change nothing."
max_turns = 3
[profile.quick]
kind = "demo"
args = {SLOW}
"""


def test_a_role_is_a_profile_that_the_agent_is_known_by(fleet: Fleet) -> None:
    users(fleet, ROLES)

    fleet.ok("spawn", "--role", "sleeper")
    fleet.ok("spawn", "--role", "quick", "say: x")
    fleet.ok("spawn", "--profile", "sleeper")

    found = [(agent["kind"], agent["role"]) for agent in sorted(fleet.agents(), key=lambda agent: agent["name"])]
    assert found == [("command", "sleeper"), ("demo", "quick"), ("command", None)]
    assert "role" in fleet.ok("show", "agent-1").out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--role", "reviewer", "--kind", "demo"], "the role 'reviewer' has instructions, max_turns for another kind"),
        (["--role", "reviewre"], "there is no profile 'reviewre'; did you mean 'reviewer'?"),
        (["--role", "reviewer", "--profile", "quick"], "--role and --profile: choose one"),
        (["--role", "teller"], "--kind demo: it takes no instructions"),
        (["--kind", "demo", "--print"], "--kind demo: it has no way without a terminal (--print)"),
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_started(fleet: Fleet, argv: list[str], said: str) -> None:
    users(fleet, f'{ROLES}[role.teller]\nkind = "demo"\ninstructions = "x"\n')

    ran = fleet("spawn", *argv, "say: x")

    assert (ran.code, ran.err.count("hint: ")) == (2, 1)
    assert said in ran.err
    assert fleet.agents() == []


def test_what_an_agent_was_given_it_has_again_whoever_resumes_it(fleet: Fleet) -> None:
    users(
        fleet,
        '[role.second]\nkind = "command"\nargs = ["sh", "-c", "echo account $ACCOUNT"]\nenv = { ACCOUNT = "b" }\n',
    )
    fleet.ok("spawn", "--role", "second")
    fleet.wait_state("agent-1", "ended")

    fleet.ok("resume", "agent-1", ACCOUNT="a")
    fleet.wait_for("agent-1", lambda agent: agent["generation"] == 2 and agent["state"] == "ended")

    assert fleet.printed("agent-1") == ["account b", "account b"]
