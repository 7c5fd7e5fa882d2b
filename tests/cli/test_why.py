"""A failure says why, where it is seen first."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.fleet import Fleet

FAILS = "echo starting; echo 'error: no such option --frob' >&2; exit 7"


def test_a_failure_carries_its_last_words_in_ls_and_in_the_stream(fleet: Fleet) -> None:
    fleet("spawn", "--kind", "command", "--", "sh", "-c", FAILS)
    agent = fleet.wait_state("agent-1", "failed")

    assert agent["reason"] == "exit 7: error: no such option --frob"
    assert "exit 7: error: no such option --frob" in fleet.ok("ls").out
    assert "failed (exit 7): error: no such option --frob" in fleet.ok("tail", "--no-follow").out


def test_words_of_the_inside_are_in_show_alone(fleet: Fleet) -> None:
    fleet("spawn", "--kind", "command", "--", "sh", "-c", "exit 0")
    fleet.wait_state("agent-1", "ended")

    assert "exit record" not in fleet.ok("ls").out + fleet.ok("tail", "--no-follow").out
    assert "exit record: 0" in fleet.ok("show", "agent-1").out


def test_a_time_limit_says_that_it_was_one(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--timeout", "1s", "--", "sh", "-c", "sleep 1000")
    agent = fleet.wait_state("agent-1", "failed")

    assert agent["reason"] == "timed out after 1 s"
    assert "failed (timed out after 1 s)" in fleet.ok("tail", "--no-follow").out
    assert fleet.ok("catchup", "--json").json["agents"][0]["failures"] == ["failed (timed out after 1 s)"]


def test_lost_names_what_brings_it_back(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000")
    fleet.tmux("kill-server")

    agent = fleet.wait_state("agent-1", "lost")

    assert agent["reason"] == "its window is gone; tmuxagents resume --all"


def test_a_program_that_has_failed_when_spawn_returns_fails_it(fleet: Fleet, tmp_path: Path) -> None:
    # A tmux whose answer to `new-window` comes when the program has ended.
    slow = tmp_path / "tmux"
    slow.write_text(
        "#!/bin/sh\n"
        'case "$*" in *new-window*) ;; *) exec "$REAL" "$@" ;; esac\n'
        '"$REAL" "$@" || exit\n'
        f"while ! ls {fleet.state}/agents/*/exit.1.json >/dev/null 2>&1; do sleep 0.01; done\n"
    )
    slow.chmod(0o755)
    real = next(f"{folder}/tmux" for folder in os.environ["PATH"].split(":") if os.access(f"{folder}/tmux", os.X_OK))
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000")
    path = f"{tmp_path}:{fleet.env['PATH']}"

    ran = fleet("spawn", "--kind", "command", "--name", "wrong", "--", "sh", "-c", FAILS, REAL=real, PATH=path)

    assert ran.code == 5
    assert "tmuxagents: wrong failed: exit 7: error: no such option --frob" in ran.err
    assert "hint: tmuxagents show wrong" in ran.err


def test_tail_and_wait_say_that_there_is_nobody(fleet: Fleet) -> None:
    assert fleet.ok("tail", "--no-follow").err == "no agents yet\n"
    assert fleet.ok("wait").err == "no agent runs; there is nothing to wait for\n"


def test_of_several_answers_each_row_carries_its_speaker(fleet: Fleet) -> None:
    for name in ("one", "two"):
        fleet.ok("spawn", "--kind", "demo", "--name", name, "say: hello", "--", "--speed", "0")
        fleet.wait_for(name, lambda agent: agent["turns"] == 1)

    ran = fleet.ok("say", "one,two", "--wait", "say: again")

    assert sorted(ran.out.splitlines()) == ["[one] again", "[two] again"]
    assert "submitted: one" in ran.err


def test_after_a_wait_the_one_document_has_the_state(fleet: Fleet) -> None:
    spawned = fleet.ok("spawn", "--kind", "demo", "--json", "--wait", "say: hello", "--", "--speed", "0")
    said = fleet.ok("say", "agent-1", "--json", "--wait", "say: again")

    assert [agent["state"] for agent in spawned.json["agents"]] == ["idle"]
    (result,) = said.json["results"]
    assert (result["answer"], result["state"], result["needs"]) == ("again", "idle", None)


def test_a_hint_names_the_fleet_that_the_command_line_named(fleet: Fleet) -> None:
    other = str(fleet.root / "another fleet")
    del fleet.env["TMUXAGENTS_STATE_DIR"]
    fleet.ok("--state-dir", other, "spawn", "--kind", "demo", "permission: Write a", "--", "--speed", "0")
    named = f"tmuxagents --state-dir '{other}'"
    try:
        fleet.ok("--state-dir", other, "wait", "agent-1", "--for", "waiting")

        assert f"hint: {named} approve agent-1" in fleet("--state-dir", other, "say", "agent-1", "hello").err
        assert f"{named} approve agent-1" in fleet.ok("--state-dir", other, "tail", "--no-follow").out
        assert f"hint: {named} ls" in fleet("--state-dir", other, "show", "nobody-at-all").err
    finally:
        fleet.env["TMUXAGENTS_STATE_DIR"] = other


def test_a_relative_state_directory_of_the_environment_is_refused_and_nothing_is_made(fleet: Fleet) -> None:
    for argv in (["ls"], ["ls", "--json"], ["spawn", "--kind", "demo"], ["config"]):
        ran = fleet(*argv, TMUXAGENTS_STATE_DIR="mine/state")

        assert (ran.code, ran.out) == (1, "")
        assert ran.err.splitlines() == [
            "tmuxagents: TMUXAGENTS_STATE_DIR is relative: 'mine/state' would be another fleet in every folder",
            f"hint: export TMUXAGENTS_STATE_DIR='{fleet.work}/mine/state'",
        ]
    assert list(fleet.work.iterdir()) == []


def test_at_home_all_means_nobody_without_the_option_that_says_so(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000")

    for folder in (fleet.home, fleet.root):
        refused = fleet("stop", "all", folder=folder)
        assert (refused.code, refused.out) == (1, "")
        assert "is no project: every agent below it would be meant" in refused.err
    assert fleet.agent("agent-1")["state"] == "working"
    fleet.ok("stop", "-A", "all", folder=fleet.home)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["stop", "all"], "tmuxagents stop -A all"),
        (["approve", "api-*", "db"], "tmuxagents approve -A 'api-*' db"),
        (["rm", "--trash", "all"], "tmuxagents rm --trash -A all"),
        (["stop", "a*';ls"], "tmuxagents stop -A 'a*'\\'';ls'"),
        (["say", "all", "go on"], "tmuxagents ls"),
    ],
)
def test_at_home_the_hint_is_the_command_that_means_everybody_and_carries_no_text(
    fleet: Fleet, words: list[str], hint: str
) -> None:
    ran = fleet(*words, folder=Path("/"))

    assert ran.err.splitlines()[-1] == f"hint: {hint}"


def test_in_a_folder_that_is_gone_the_hint_leads_out_of_it(fleet: Fleet) -> None:
    gone = fleet.root / "gone"
    gone.mkdir()
    script = 'rmdir "$PWD"; exec "$@"'
    argv = ["sh", "-c", script, "sh", *fleet.argv("spawn", "--kind", "demo", "x")]

    ran = subprocess.run(argv, env=fleet.env, cwd=gone, capture_output=True, text=True, check=False)

    assert ran.stderr == "tmuxagents: the folder that you stand in does not exist any more\nhint: cd\n"


@pytest.mark.parametrize("place", ["each.txt", "each.txt/below"])
def test_where_a_file_stands_no_folder_is_to_be_made(fleet: Fleet, place: str) -> None:
    (fleet.work / "each.txt").touch()

    ran = fleet("spawn", "--kind", "demo", "-C", place, "x")

    assert (ran.code, ran.err.splitlines()[1]) == (2, f"hint: ls -l '{fleet.work}/each.txt'")


def test_what_a_command_said_is_shown_before_it_is_carried_out_again(fleet: Fleet) -> None:
    fleet("spawn", "--kind", "command", "--name", "build", "--", "sh", "-c", FAILS)
    fleet.wait_state("build", "failed")

    for words in (["say", "build", "again"], ["interrupt", "build"]):
        ran = fleet(*words)
        assert ran.code == 3
        assert ran.err.endswith("hint: tmuxagents tail --no-follow build\n")


def test_nothing_is_held_for_one_that_has_ended(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    fleet.ok("stop", "agent-1")

    ran = fleet("say", "agent-1", "--when-idle", "later")

    assert ran.code == 3
    assert "hint: tmuxagents resume agent-1" in ran.err
    assert fleet.ok("rm", "agent-1").code == 0


def test_a_time_limit_of_say_without_a_wait_is_a_usage_error(fleet: Fleet) -> None:
    assert fleet("say", "agent-1", "--timeout", "3s", "hello").code == 2


def test_any_number_of_entries_may_be_asked_for(fleet: Fleet) -> None:
    assert fleet.ok("tail", "--no-follow", "-n", "9" * 30).out == ""


def test_a_time_limit_that_a_repository_sets_is_said(fleet: Fleet) -> None:
    (fleet.work / ".git").mkdir()
    (fleet.work / ".tmuxagents.toml").write_text('timeout = "1h"\n')

    assert "ends it after 1h" in fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000").err
