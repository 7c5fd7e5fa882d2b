"""States of the real `claude`: `ls` tells the truth, and `show` names what says so."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import either_version
from tests.support.chair import Seat
from tests.support.fleet import Fleet, eventually
from tests.support.messages_api import MessagesApi

pytestmark = pytest.mark.claude

LONG_COMMAND = "tail -f log"

# What the shared agent is spawned with: it asks before it writes, and not before the long command.
OPTIONS = (
    *("--permission-mode", "default", "--env", "CLAUDE_CODE_MAX_RETRIES=3"),
    *("--", "--allowedTools", f"Bash({LONG_COMMAND})"),
)


@pytest.mark.soak
def test_it_is_starting_until_it_waits_for_a_prompt(claude: Fleet) -> None:
    agent = _spawn(claude)

    claude.wait_state(agent, "idle")
    assert _evidence(claude, agent) == "hook SessionStart (startup)"
    changes = claude.entries("--only", "state")
    assert [(entry["detail"]["from"], entry["text"]) for entry in changes] == [("starting", "idle")]


def test_it_is_working_until_its_turn_ends(seat: Seat) -> None:
    claude, api, agent = seat
    before = claude.agent(agent)["turns"]
    claude.ok("say", agent, "slow: 60 the end")

    claude.wait_state(agent, "working")
    # The session file says so some milliseconds before, and is believed when the hook is late.
    assert _evidence(claude, agent).startswith(("hook UserPromptSubmit", "sessions/"))
    api.release()
    done = claude.wait_for(agent, lambda a: a["turns"] == before + 1)

    assert (done["state"], done["last_text"]) == ("idle", "the end")
    assert _evidence(claude, agent) == "hook Stop"


def test_a_permission_is_waited_for_and_given(seat: Seat) -> None:
    claude, _, agent = seat
    claude.ok("say", agent, f"write: {claude.work / 'made.txt'}")

    asked = _waits_for(claude, agent, "permission")
    assert asked["reason"] == "Write(made.txt)"
    assert _evidence(claude, agent) == "hook PermissionRequest Write"
    assert "Write(made.txt)" in claude.ok("approve", agent).out
    claude.wait_state(agent, "idle")

    assert (claude.work / "made.txt").read_text() == "scripted\n"


def test_a_permission_is_denied_with_a_reason(seat: Seat) -> None:
    claude, api, agent = seat
    claude.ok("say", agent, f"write: {claude.work / 'made.txt'}")
    _waits_for(claude, agent, "permission")

    claude.ok("deny", agent, "use another name")

    # The reason is the call's own result, so that the turn goes on with it.
    eventually(lambda: "use another name" in str(api.requests[-1].results), 20, lambda: claude.screen(agent))
    claude.wait_state(agent, "idle")
    assert not (claude.work / "made.txt").exists()


def test_an_untrusted_folder_is_approved_and_the_task_carried_out(claude: Fleet) -> None:
    agent = _spawn(claude, "say: it was carried out", "-C", _untrusted(claude))

    _waits_for(claude, agent, "trust")
    assert _evidence(claude, agent) == "screen: a dialog is open"
    claude.ok("approve", agent)

    assert claude.wait_for(agent, lambda a: a["turns"] == 1)["last_text"] == "it was carried out"


@either_version
def test_a_dialog_that_opened_while_no_controller_ran_is_seen_by_the_next(claude: Fleet) -> None:
    agent = _spawn(claude, "say: hello", "-C", _untrusted(claude))
    claude.ok("controller", "stop")
    eventually(lambda: "trust this folder" in claude.screen(agent), 20, lambda: claude.screen(agent))

    claude.ok("controller", "start")

    assert _waits_for(claude, agent, "trust")["state"] == "waiting"


@pytest.mark.soak
def test_an_untrusted_folder_is_denied_and_the_agent_ends(claude: Fleet, api: MessagesApi) -> None:
    agent = _spawn(claude, "say: never", "-C", _untrusted(claude))
    _waits_for(claude, agent, "trust")

    claude.ok("deny", agent)

    over = claude.wait_for(agent, lambda a: a["state"] in ("ended", "failed"))
    assert over["exit_code"] is not None
    assert api.requests == []


def test_a_dialog_that_no_hook_announces_is_seen_and_refuses(seat: Seat) -> None:
    claude, _, agent = seat

    _keys(claude, agent, "/model")
    eventually(lambda: "/model" in claude.screen(agent))
    _keys(claude, agent, "Enter")
    _waits_for(claude, agent, "dialog")
    refused = claude("say", agent, "not into the menu")
    _keys(claude, agent, "Escape")

    assert refused.code == 3
    assert f"tmuxagents answer {agent} CHOICE" in refused.err
    claude.wait_state(agent, "idle")


def test_the_list_that_a_text_opens_and_that_is_closed_again_calls_nobody(seat: Seat) -> None:
    claude, _, agent = seat

    claude.ok("say", agent, "/model")
    claude.ok("say", agent, "say: after")
    claude.ok("wait", agent)

    assert claude.entries("--only", "needs", agent) == []


def test_a_question_of_several_parts_is_needed_once(seat: Seat) -> None:
    claude, _, agent = seat
    options = {word: [{"label": f"{word}{n}", "description": "any"} for n in (1, 2)] for word in ("A", "B")}
    asked = [{"question": f"{w}?", "header": w, "multiSelect": False, "options": options[w]} for w in options]
    claude.ok("say", agent, f"call: AskUserQuestion {json.dumps({'questions': asked})}")
    _waits_for(claude, agent, "question")

    for shown in ("2. A2", "2. B2", "1. Submit answers"):
        eventually(lambda shown=shown: shown in claude.screen(agent))  # type: ignore[misc]
        eventually(lambda shown=shown: _pressed(claude, agent, "1", shown))  # type: ignore[misc]
    claude.ok("wait", agent)

    assert [entry["text"] for entry in claude.entries("--only", "needs", agent)] == ["A?"]


def test_a_question_is_answered_by_its_words(seat: Seat) -> None:
    claude, api, agent = seat
    claude.ok("say", agent, "ask: Red|Green|Blue")

    asked = _waits_for(claude, agent, "question")
    assert asked["reason"] == "Which one?"
    assert _evidence(claude, agent) == "hook PermissionRequest AskUserQuestion"
    claude.ok("answer", agent, "Green")
    claude.wait_state(agent, "idle")

    assert "Green" in str(api.requests[-1].results)


def test_a_question_is_answered_by_free_text(seat: Seat) -> None:
    claude, api, agent = seat
    claude.ok("say", agent, "ask: Red|Green|Blue")
    _waits_for(claude, agent, "question")

    ran = claude.ok("answer", agent, "--text", "a colour of my own:\n\n  teal")
    claude.wait_state(agent, "idle")

    assert "a colour of my own:\n\n  teal" in api.requests[-1].results[0]["content"]
    assert ran.out == f"answered: {agent}: Which one? (a colour of my own: ⏎ teal)\n"
    [told] = claude.entries("--only", "decision", agent)
    assert told["detail"]["chosen"] == "a colour of my own:\n\n  teal"
    assert "answered: Which one? (a colour of my own: ⏎ teal), by you" in told["text"]


def test_a_plan_is_waited_for_and_answered(claude: Fleet, api: MessagesApi) -> None:
    agent = _spawn(claude, "plan: first this, then that", "--permission-mode", "plan")

    _waits_for(claude, agent, "plan")
    # Not `approve`: the only yes of 2.1.330 changes the mode as well.
    claude.ok("answer", agent, "1")
    claude.wait_state(agent, "idle")

    assert "has approved" in str(api.requests[-1].results)


@pytest.mark.soak
def test_escape_before_any_output_is_an_interruption(seat: Seat) -> None:
    claude, api, agent = seat
    claude.ok("say", agent, "slow: 60 never")
    claude.wait_state(agent, "working")
    eventually(lambda: api.requests)

    _keys(claude, agent, "Escape")

    stopped = claude.wait_state(agent, "idle")
    assert stopped["reason"] == "interrupted"
    assert re.match(r"sessions/\d+\.json says idle|transcript: \[Request interrupted", _evidence(claude, agent))


def test_escape_during_a_tool_is_an_interruption(seat: Seat) -> None:
    claude, _, agent = seat
    (claude.work / "log").touch()
    claude.ok("say", agent, f"bash: {LONG_COMMAND}")
    _runs_the_command(claude)
    assert claude.agent(agent)["state"] == "working"

    _keys(claude, agent, "Escape")

    stopped = claude.wait_state(agent, "idle")
    assert stopped["reason"] == "interrupted"
    # Whichever is written first.
    assert _evidence(claude, agent).startswith(("transcript: [Request interrupted by user", "sessions/"))


def test_the_interrupt_command_says_what_it_did(seat: Seat) -> None:
    claude, _, agent = seat
    (claude.work / "log").touch()
    claude.ok("say", agent, f"bash: {LONG_COMMAND}")
    _runs_the_command(claude)

    assert claude.ok("interrupt", agent).out == f"interrupted: {agent}\n"
    assert claude("interrupt", agent).code == 3
    assert claude.agent(agent)["reason"] == "interrupted"


@pytest.mark.soak
@either_version
def test_a_program_that_ends_by_itself_has_ended_with_its_code(claude: Fleet) -> None:
    agent = _idle(claude)

    _keys(claude, agent, "/exit")
    eventually(lambda: "/exit" in claude.screen(agent))
    _keys(claude, agent, "Enter")

    over = claude.wait_state(agent, "ended")
    assert over["exit_code"] == 0
    assert _evidence(claude, agent) == "exit record: 0"


@pytest.mark.soak
@either_version
def test_a_program_that_is_killed_has_failed(claude: Fleet) -> None:
    agent = _spawn(claude, "slow: 60 never")
    claude.wait_state(agent, "working")

    os.kill(_pid(claude, agent), signal.SIGKILL)

    over = claude.wait_state(agent, "failed")
    assert over["exit_code"] == 128 + signal.SIGKILL
    assert _evidence(claude, agent) == "exit record: killed by SIGKILL"


@pytest.mark.soak
@either_version
def test_a_server_that_is_killed_has_lost_its_agents(claude: Fleet) -> None:
    agent = _idle(claude)

    claude.tmux("kill-server")

    claude.wait_for(agent, lambda a: a["state"] == "lost")
    assert "gone" in _evidence(claude, agent) or "hung up" in _evidence(claude, agent)


@pytest.mark.parametrize(
    ("chair", "status", "state", "needs"),
    [
        pytest.param("newest", 401, "waiting", "login", marks=pytest.mark.soak),
        ("newest", 429, "limited", None),
        ("oldest", 529, "limited", None),
        pytest.param("oldest", 401, "waiting", "login", marks=pytest.mark.soak),
        pytest.param("oldest", 429, "limited", None, marks=pytest.mark.soak),
        pytest.param("newest", 529, "limited", None, marks=pytest.mark.soak),
    ],
    indirect=["chair"],
    scope="module",
)
def test_an_api_that_refuses_is_told_and_never_idle(seat: Seat, status: int, state: str, needs: str | None) -> None:
    claude, api, agent = seat
    claude.ok("say", agent, f"err: {status}")

    retrying = claude.wait_for(agent, lambda a: a["state"] != "working" or "attempt" in (a["reason"] or ""))
    assert retrying["state"] == "working", retrying
    over = claude.wait_for(agent, lambda a: a["state"] != "working")

    assert (over["state"], over["needs"]) == (state, needs)
    assert str(status) in over["reason"]
    assert _evidence(claude, agent).startswith("hook StopFailure")
    api.heal()
    assert claude.ok("say", "--wait", agent, "say: well again").out == "well again\n"
    assert claude.agent(agent)["state"] == "idle"


def _spawn(claude: Fleet, *args: str) -> str:
    return claude.ok("spawn", "-q", *args).out.strip()


def _idle(claude: Fleet) -> str:
    agent = _spawn(claude)
    claude.wait_state(agent, "idle")
    return agent


def _untrusted(claude: Fleet) -> str:
    folder = claude.root / "untrusted"
    folder.mkdir()
    return str(folder)


def _waits_for(claude: Fleet, agent: str, needs: str) -> dict[str, Any]:
    waiting = claude.wait_for(agent, lambda a: a["needs"] is not None)
    assert (waiting["state"], waiting["needs"]) == ("waiting", needs), waiting
    return waiting


def _pressed(claude: Fleet, agent: str, key: str, shown: str) -> bool:
    """Whether a key was taken by what shows that: a dialog takes none in its first moments."""
    _keys(claude, agent, key)
    time.sleep(0.5)
    return shown not in claude.screen(agent)


def _keys(claude: Fleet, agent: str, *keys: str) -> None:
    """Press keys, as a person in the attached window does."""
    claude.tmux("send-keys", "-t", claude.pane(agent), *keys)


def _runs_the_command(claude: Fleet) -> None:
    def runs() -> bool:
        return any(_name(process) == LONG_COMMAND.split()[0] for process in claude.processes())

    eventually(runs, 30, lambda: claude.screen("agent-1"))


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _evidence(claude: Fleet, agent: str) -> str:
    """What `show` says that the state is known by."""
    found = re.search(r"(?m)^evidence +(.*)$", claude.ok("show", agent).out)
    assert found is not None
    return found[1]


def _pid(claude: Fleet, agent: str) -> int:
    folder: Path = claude.state / "agents" / claude.agent(agent)["id"]
    return int((folder / "pid.1").read_text())
