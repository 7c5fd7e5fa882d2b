"""`spawn` on the demo kind: how many, from where, for how long."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

from tests.support.fleet import Fleet, below, eventually, holding
from tmuxagents.cli.commands import spawn

FAST = ["--", "--speed", "0"]


def test_it_says_what_it_spawned(fleet: Fleet) -> None:
    assert fleet.ok("spawn", "--kind", "demo", "say: add auth", *FAST).out == "Spawned agent-1: say: add auth\n"


def test_quiet_is_the_bare_name(fleet: Fleet) -> None:
    assert fleet.ok("spawn", "--kind", "demo", "-q", "say: x", *FAST).out == "agent-1\n"


def test_each_task_is_an_agent(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", "say: two", *FAST)

    assert sorted((agent["name"], agent["task"]) for agent in fleet.agents()) == [
        ("agent-1", "say: one"),
        ("agent-2", "say: two"),
    ]


def test_each_line_of_a_file_is_an_agent(fleet: Fleet) -> None:
    (fleet.work / "tasks").write_text("say: one\n\n  say: two  \n")

    assert fleet.ok("spawn", "--kind", "demo", "-q", "--each", "tasks", *FAST).out.split() == ["agent-1", "agent-2"]

    assert {agent["task"] for agent in fleet.agents()} == {"say: one", "say: two"}


def test_each_line_of_standard_input_is_an_agent(fleet: Fleet) -> None:
    out = fleet.ok("spawn", "--kind", "demo", "-q", "--each", "-", *FAST, stdin="say: one\nsay: two\n").out

    assert out.split() == ["agent-1", "agent-2"]


def test_a_dash_reads_the_task_from_standard_input(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "-", *FAST, stdin="say: from\nsay: stdin")

    assert fleet.agent("agent-1")["task"] == "say: from\nsay: stdin"


def test_count_makes_as_many_with_one_task(fleet: Fleet) -> None:
    assert len(fleet.ok("spawn", "--kind", "demo", "-q", "--count", "3", "say: x", *FAST).out.split()) == 3


def test_json_is_what_ls_says_of_them(fleet: Fleet) -> None:
    answer = fleet.ok("spawn", "--kind", "demo", "--json", "--count", "2", "say: x", *FAST).json

    assert [agent["name"] for agent in answer["agents"]] == ["agent-1", "agent-2"]
    assert set(answer["agents"][0]) == set(fleet.agents()[0])


def test_wait_is_until_the_first_turn_has_ended(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--wait", "think: 0.3\nsay: there", "--", "--speed", "1")

    agent = fleet.agent("agent-1")
    assert (agent["state"], agent["turns"], agent["last_text"]) == ("idle", 1, "there")


def test_without_a_task_it_is_idle(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)

    assert fleet.wait_state("agent-1", "idle")["task"] is None


def test_a_timeout_stops_it_and_says_why(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--timeout", "1s", "think: 1000", "--", "--speed", "1")

    fleet.wait_state("agent-1", "failed")
    assert [entry["text"] for entry in fleet.entries("--only", "error")] == ["stopped: its timeout of 1 s has passed"]


def test_it_works_in_the_folder_that_was_given(fleet: Fleet) -> None:
    folder = fleet.work / "a #{b} ; 'c'"
    folder.mkdir()

    fleet.ok("spawn", "--kind", "command", "-C", folder.name, "--", "pwd")

    fleet.wait_state("agent-1", "ended")
    assert [entry["text"] for entry in fleet.entries("--only", "output")] == [str(folder)]


def test_it_gets_the_callers_environment_and_what_env_gives(fleet: Fleet) -> None:
    fleet.ok(
        "spawn", "--kind", "command", "--env", "GIVEN=a=b c", "--", "sh", "-c", 'echo "$MINE|$GIVEN"', MINE="x ' y"
    )

    fleet.wait_state("agent-1", "ended")
    assert [entry["text"] for entry in fleet.entries("--only", "output")] == ["x ' y|a=b c"]


def test_no_value_of_the_environment_is_in_the_database(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--env", "API_KEY=very-secret-4711", "say: x", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)

    assert not [name for name in holding(fleet.state, b"very-secret-4711") if name.startswith("tmuxagents.db")]


def test_everything_in_the_state_directory_is_private_under_any_umask(fleet: Fleet) -> None:
    argv = fleet.argv("spawn", "--kind", "demo", "say: x\npermission: Write f", *FAST)
    subprocess.run(argv, env=fleet.env, cwd=fleet.work, umask=0, check=True, capture_output=True)
    fleet.wait_state("agent-1", "waiting")

    open_to_others = {
        str(path.relative_to(fleet.state)): oct(status.st_mode)
        for path, status in {fleet.state: fleet.state.lstat(), **below(fleet.state)}.items()
        if status.st_mode & 0o077 and not stat.S_ISSOCK(status.st_mode)
    }
    assert open_to_others == {}


def test_a_program_that_went_between_leaves_no_agent_behind(fleet: Fleet) -> None:
    ran = fleet("spawn", "--kind", "demo", "x", PATH="/nowhere")

    assert ran.code == 1
    assert fleet.agents() == []
    assert fleet.entries() == []


def test_spawned_without_a_terminal_and_killed_with_its_group_it_goes_on(fleet: Fleet) -> None:
    argv = fleet.argv("spawn", "--kind", "demo", "--wait", "think: 0.5\nsay: survived", "--", "--speed", "1")
    shell = subprocess.Popen(
        argv, env=fleet.env, cwd=fleet.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True
    )
    assert shell.stdout is not None
    shell.stdout.readline()

    os.killpg(shell.pid, 9)
    shell.wait()

    assert fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)["last_text"] == "survived"


def test_a_task_of_a_megabyte_goes_by_file(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "-", *FAST, stdin="word " * 200_000)

    agent = fleet.agent("agent-1")
    path = next(word for word in agent["task"].split() if word.endswith(".md"))
    assert Path(path).read_text() == "word " * 200_000


def test_a_state_directory_with_any_characters_works(fleet: Fleet) -> None:
    state = fleet.root / "st $x 'q' \"d\" #{p} %d;"
    run = ["--state-dir", str(state)]
    fleet.ok(*run, "spawn", "--kind", "demo", "say: x", *FAST)
    try:
        eventually(lambda: fleet.ok(*run, "ls", "--json").json["agents"][0]["turns"] == 1)
        eventually(lambda: fleet(*run, "controller", "status").out == "the controller runs\n")
        texts = fleet.ok(*run, "tail", "--no-follow", "--json", "--only", "text").out
        assert json.loads(texts)["text"] == "x"
        fleet.ok(*run, "controller", "stop")
        eventually(lambda: fleet(*run, "controller", "start").code == 0)
        eventually(lambda: fleet(*run, "controller", "status").code == 0)
    finally:
        socket = (state / "socket").read_text().strip()
        subprocess.run(["tmux", "-S", socket, "kill-server"], check=False, capture_output=True)


def test_without_a_login_it_is_told_who_will_ask_and_that_nobody_can_without_a_terminal() -> None:
    asks = spawn._without_login("claude", "api", headless=False)
    fails = spawn._without_login("claude", "api", headless=True)

    assert asks == ("nobody is logged in to claude: it will ask first", "tmuxagents attach api")
    assert fails == ("nobody is logged in to claude: without a terminal it cannot ask, and will fail", "claude")
