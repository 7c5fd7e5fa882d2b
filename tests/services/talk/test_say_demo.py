"""`say` and the dialogs, on the scripted agent told to misbehave."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.fleet import PATIENCE_S, Fleet, Keyboard, eventually, person, terminal


def start(fleet: Fleet, task: str | None = None, *, speed: str = "0") -> None:
    fleet.ok("spawn", "--kind", "demo", *([task] if task is not None else []), "--", "--speed", speed)
    if task is None:
        fleet.wait_state("agent-1", "idle")


def turns(fleet: Fleet, count: int) -> None:
    fleet.wait_for("agent-1", lambda agent: agent["turns"] >= count and agent["state"] == "idle")


def prompts(fleet: Fleet) -> list[str]:
    return [entry["text"] for entry in fleet.entries("--only", "prompt")]


def test_an_idle_agent_takes_it_as_a_prompt(fleet: Fleet) -> None:
    start(fleet)

    ran = fleet.ok("say", "agent-1", "say: hello")

    assert ran.out.startswith("submitted: agent-1 (")
    assert prompts(fleet) == ["say: hello"]


TEXTS = [";", "ends;", "-x --y", "Enter", "C-c", "$(touch owned) `id`", "#{pane_id} #S", "'\"", "tab\there", "🎉 宽 é"]
TEXTS += ["a\nb\nc", "Esc to cancel", "x" * 20_000, "/tmp", "!ls"]


def test_any_text_is_one_prompt_as_it_is(fleet: Fleet) -> None:
    start(fleet)

    for text in TEXTS:
        fleet.ok("say", "agent-1", "--interrupt", "-", stdin=text)

    assert prompts(fleet) == TEXTS


def test_control_characters_are_taken_out(fleet: Fleet) -> None:
    start(fleet)

    fleet.ok("say", "agent-1", "-", stdin="a\x1b[201~\rb\x1b[Ac\x03d\r\ne")

    assert prompts(fleet) == ["a[201~\nb[Acd\ne"]


def test_a_text_too_long_to_paste_goes_by_file(fleet: Fleet) -> None:
    start(fleet)
    text = "word " * 40_000

    fleet.ok("say", "agent-1", "-", stdin=text)

    (prompt,) = prompts(fleet)
    path = next(word for word in prompt.split() if word.endswith(".md"))
    with open(path) as file:
        assert file.read() == text


def test_a_busy_agent_queues_it_and_takes_it_later(fleet: Fleet) -> None:
    start(fleet, "think: 1000", speed="1")
    fleet.wait_state("agent-1", "working")

    assert fleet.ok("say", "agent-1", "say: second").out.startswith("queued: agent-1")

    fleet.ok("interrupt", "agent-1")
    fleet.wait_for("agent-1", lambda agent: agent["last_text"] == "second")
    assert prompts(fleet) == ["think: 1000", "say: second"]


def test_a_swallowed_enter_is_pressed_again_and_the_prompt_comes_once(fleet: Fleet) -> None:
    start(fleet, "swallow: 2")
    turns(fleet, 1)

    assert fleet.ok("say", "agent-1", "say: hello").out.startswith("submitted")

    turns(fleet, 2)
    assert prompts(fleet) == ["swallow: 2", "say: hello"]


def test_a_dialog_that_nobody_announced_refuses_and_is_left_alone(fleet: Fleet) -> None:
    start(fleet, "dialog: Beware")
    eventually(lambda: "Beware" in fleet.screen("agent-1"))

    ran = fleet("say", "agent-1", "say: hello")

    assert ran.code == 3
    assert "tmuxagents answer agent-1 CHOICE" in ran.err
    assert "Beware" in fleet.screen("agent-1")
    assert prompts(fleet) == ["dialog: Beware"]


def test_a_dialog_that_nobody_announced_is_seen_within_seconds(fleet: Fleet) -> None:
    start(fleet, "dialog: Beware")

    assert fleet.wait_state("agent-1", "waiting")["needs"] == "dialog"
    fleet.ok("approve", "agent-1")
    turns(fleet, 1)


def test_an_agent_that_hangs_ends_unconfirmed(fleet: Fleet) -> None:
    (fleet.home / "config.toml").write_text("confirm_s = 2.0\n")
    start(fleet, "hang:")
    fleet.wait_state("agent-1", "working")

    ran = fleet("say", "agent-1", "say: hello")

    assert ran.code == 5
    assert "unconfirmed" in ran.out


@pytest.mark.parametrize(("order", "state"), [("die: 3", "failed"), ("die: 0", "ended"), ("kill:", "failed")])
def test_an_agent_that_has_ended_is_gone(fleet: Fleet, order: str, state: str) -> None:
    start(fleet, order)
    fleet.wait_state("agent-1", state)

    ran = fleet("say", "agent-1", "hello")

    assert ran.code == 3
    assert ran.out.startswith("gone: agent-1")
    assert "tmuxagents resume agent-1" in ran.err


def test_ten_senders_at_once_are_ten_whole_prompts(fleet: Fleet) -> None:
    start(fleet)
    texts = [f"say: {number} " + "x" * 300 for number in range(10)]

    with ThreadPoolExecutor(10) as pool:
        verdicts = list(pool.map(lambda text: fleet("say", "agent-1", text), texts))

    assert [ran.code for ran in verdicts] == [0] * 10
    turns(fleet, 10)
    assert sorted(prompts(fleet)) == sorted(texts)


def test_a_window_that_a_small_terminal_has_left_has_its_room_back(fleet: Fleet) -> None:
    start(fleet)

    def size() -> str:
        return fleet.tmux("display-message", "-p", "-t", fleet.pane("agent-1"), "#{pane_width}x#{pane_height}").strip()

    with person(fleet, "agent-1", columns=40, rows=10):
        eventually(lambda: size() == "40x9")

    eventually(lambda: size() == "200x50")


def test_a_text_that_was_begun_for_an_agent_is_not_said_to_the_next_one_of_its_name(fleet: Fleet) -> None:
    start(fleet)
    process = fleet.start("say", "agent-1", stdin=subprocess.PIPE)
    eventually(lambda: _waits_for_input(process.pid))
    fleet.ok("stop", "agent-1")
    fleet.ok("rm", "agent-1")
    fleet.ok("spawn", "--kind", "demo", "--name", "agent-1", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")

    out, err = process.communicate("say: for the old one", timeout=PATIENCE_S)

    assert (process.returncode, out) == (3, "")
    assert err.splitlines() == [
        "tmuxagents: nothing was said: agent-1 is another agent than when the text was begun",
        "hint: tmuxagents show agent-1",
    ]
    assert prompts(fleet) == []


def _waits_for_input(pid: int) -> bool:
    """Whether it reads a pipe that nobody has written to, which an interpreter that starts does not."""
    return "pipe" in Path(f"/proc/{pid}/wchan").read_text()


def test_a_stranded_draft_is_kept_in_the_journal_and_not_sent(fleet: Fleet) -> None:
    start(fleet)
    fleet.tmux("send-keys", "-t", fleet.pane("agent-1"), "-l", "half typed")
    eventually(lambda: "half typed" in fleet.screen("agent-1"))

    fleet.ok("say", "agent-1", "say: hello")

    assert prompts(fleet) == ["say: hello"]
    assert any("half typed" in entry["text"] for entry in fleet.entries("--only", "note"))


@contextlib.contextmanager
def typed(fleet: Fleet, *argv: str) -> Iterator[Keyboard]:
    """Somebody who has attached with the command and typed a draft at agent-1."""
    with terminal(fleet.argv(*argv), {**fleet.env, "TERM": "xterm-256color"}) as (ours, drawn):
        eventually(lambda: fleet.tmux("list-clients"))
        keyboard = Keyboard(ours, drawn)
        keyboard.type("second draft")
        eventually(lambda: "second draft" in fleet.screen("agent-1"))
        yield keyboard


def held_back(fleet: Fleet) -> None:
    out = fleet.ok("say", "agent-1", "say: hello").out
    assert out.startswith(
        "held: agent-1 (a person is typing there, or has just left; message 1 waits until they are done, "
    )
    assert "second draft" in fleet.screen("agent-1")
    assert fleet.entries("--only", "note") == []


def test_the_draft_of_somebody_who_has_just_detached_is_left_alone(fleet: Fleet) -> None:
    start(fleet)
    with typed(fleet, "attach", "agent-1") as keyboard:
        keyboard.type("\x02d")
        eventually(lambda: not fleet.tmux("list-clients"))

        held_back(fleet)


def test_the_draft_of_somebody_whose_connection_has_just_dropped_is_left_alone(fleet: Fleet) -> None:
    start(fleet)
    with typed(fleet, "attach", "agent-1"):
        os.kill(int(fleet.tmux("list-clients", "-F", "#{client_pid}")), signal.SIGHUP)
        eventually(lambda: not fleet.tmux("list-clients"))

        held_back(fleet)


@pytest.mark.soak
def test_the_draft_of_somebody_who_has_just_gone_to_another_window_is_left_alone(fleet: Fleet) -> None:
    start(fleet)
    with typed(fleet, "attach", "agent-1") as keyboard:
        here = fleet.tmux("list-clients", "-F", "#{window_id}")
        keyboard.type("\x020")
        eventually(lambda: fleet.tmux("list-clients", "-F", "#{window_id}") != here)

        held_back(fleet)


def test_copy_mode_is_left_for_it(fleet: Fleet) -> None:
    start(fleet)
    fleet.tmux("copy-mode", "-t", fleet.pane("agent-1"))

    fleet.ok("say", "agent-1", "say: hello")

    assert prompts(fleet) == ["say: hello"]


def test_the_answer_is_what_it_said_last(fleet: Fleet) -> None:
    start(fleet)

    assert fleet.ok("say", "agent-1", "--wait", "say: first\nsay: the answer").out == "the answer\n"


def test_waiting_for_an_answer_ends_in_time(fleet: Fleet) -> None:
    start(fleet, speed="1")

    ran = fleet("say", "agent-1", "--wait", "--timeout", "0.3s", "think: 100")

    assert ran.code == 4
    assert "time limit has passed: after 0.3 s" in ran.err


def test_held_messages_are_delivered_in_order_each_after_its_turn(fleet: Fleet) -> None:
    start(fleet, "think: 1000", speed="1")
    fleet.wait_state("agent-1", "working")

    for text in ("say: one", "say: two", "say: three"):
        assert fleet.ok("say", "agent-1", "--when-idle", text).out.startswith("held: agent-1")

    fleet.ok("interrupt", "agent-1")
    turns(fleet, 4)
    assert prompts(fleet) == ["think: 1000", "say: one", "say: two", "say: three"]
    assert fleet.ok("show", "agent-1", "--json").json["agents"][0]["held"] == []


def test_interrupt_stops_the_turn_and_keeps_the_agent(fleet: Fleet) -> None:
    start(fleet, "think: 1000", speed="1")
    fleet.wait_state("agent-1", "working")

    assert fleet.ok("interrupt", "agent-1").out == "interrupted: agent-1\n"

    agent = fleet.agent("agent-1")
    assert (agent["state"], agent["reason"]) == ("idle", "interrupted")


def test_interrupting_first_says_the_new_text_alone(fleet: Fleet) -> None:
    start(fleet, "putback:\nthink: 1000", speed="1")
    fleet.wait_state("agent-1", "working")

    assert fleet.ok("say", "agent-1", "--interrupt", "say: instead").out.startswith("submitted")

    turns(fleet, 2)
    assert prompts(fleet) == ["putback:\nthink: 1000", "say: instead"]


# Dialogs


def test_approve_lets_the_tool_run(fleet: Fleet) -> None:
    start(fleet, "permission: Write src/a.rs")
    fleet.wait_state("agent-1", "waiting")

    assert fleet.ok("approve", "agent-1").out == "approved: agent-1: Write(src/a.rs) (Yes)\n"

    turns(fleet, 1)
    assert [entry["text"] for entry in fleet.entries("--only", "tool")] == ["Write: src/a.rs"]


def test_deny_does_not_let_the_tool_run_and_tells_why(fleet: Fleet) -> None:
    start(fleet, "permission: Write src/a.rs")
    fleet.wait_state("agent-1", "waiting")

    assert fleet.ok("deny", "agent-1", "say: elsewhere").out.startswith("denied: agent-1: Write(src/a.rs)")

    turns(fleet, 2)
    assert fleet.entries("--only", "tool") == []
    assert prompts(fleet)[-1] == "say: elsewhere"


def test_answer_chooses_by_number_or_words(fleet: Fleet) -> None:
    choices = ["2", "Blue", "blue", "bl"]
    start(fleet, "\n".join(f"question: Round {number}? | Red | Blue | Green" for number in range(len(choices))))

    for number, choice in enumerate(choices):
        asked = f"Round {number}?"
        agent = eventually(lambda asked=asked: a if (a := fleet.agent("agent-1"))["reason"] == asked else None)  # type: ignore[misc]
        assert agent["needs"] == "question"
        fleet.ok("answer", "agent-1", choice)

    turns(fleet, 1)
    assert [entry["text"] for entry in fleet.entries("--only", "text")] == ["you chose Blue"] * 4


def test_a_question_cannot_be_approved(fleet: Fleet) -> None:
    start(fleet, "question: Which? | Red | Blue")
    fleet.wait_state("agent-1", "waiting")

    ran = fleet("approve", "agent-1")

    assert ran.code == 3
    assert "Which? (1 Red · 2 Blue)" in ran.err
    assert fleet.agent("agent-1")["state"] == "waiting"


def test_of_two_that_approve_at_once_one_does(fleet: Fleet) -> None:
    start(fleet, "permission: Write a\npermission: Write b")
    fleet.wait_state("agent-1", "waiting")

    both = [fleet.start("approve", "agent-1") for _ in range(2)]
    said = [one.communicate()[0] for one in both]

    approved = [line for out in said for line in out.splitlines()]
    assert approved != []
    eventually(lambda: [entry["text"] for entry in fleet.entries("--only", "tool")][:1] == ["Write: a"])
    assert len(approved) == len(set(approved))


def test_a_held_message_can_be_waited_for(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "think: 1.0", "--", "--speed", "1")
    fleet.wait_state("agent-1", "working")

    ran = fleet.ok("say", "agent-1", "--when-idle", "--wait", "--timeout", "200", "say: at last")

    assert ran.out.strip() == "at last"


def test_what_is_asked_next_is_named_by_the_agents_own_word(fleet: Fleet) -> None:
    start(fleet, "permission: Write a.rs\npermission: Bash make\nquestion: Which? | Red | Green")
    fleet.wait_state("agent-1", "waiting")

    first = fleet.ok("approve", "agent-1", "--json").json["results"][0]
    second = fleet.ok("approve", "agent-1").err

    assert first["next"] == {"needs": "permission", "what": "Bash(make)"}
    assert second.splitlines()[0] == "agent-1 needs question now: Which?"
    assert [entry["text"] for entry in fleet.entries("--only", "needs")] == ["Write(a.rs)", "Bash(make)", "Which?"]


def test_what_no_event_tells_of_is_named_by_its_screen(fleet: Fleet) -> None:
    start(fleet, "permission: Write a.rs\ndialog: Beware")
    fleet.wait_state("agent-1", "waiting")

    told = fleet.ok("approve", "agent-1", "--json").json["results"][0]

    assert told["next"] == {"needs": "dialog", "what": "Do you want to proceed?"}
