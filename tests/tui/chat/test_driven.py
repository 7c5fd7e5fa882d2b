"""The chat in a real terminal, driven by keys alone, with demo agents."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.support import conversation
from tests.support.conversation import Cast
from tests.support.fleet import Fleet, eventually
from tests.support.keyboard import Window, window

DEMO = ("--kind", "demo")
AT_ONCE = ("--", "--speed", "0")


@pytest.fixture
def chat(fleet: Fleet) -> Iterator[Window]:
    """A chat with one agent that is idle."""
    fleet.ok("spawn", *DEMO, "say: hello", *AT_ONCE)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    with window(fleet, fleet.argv("chat")) as made:
        made.shows("-- agent-1 done")
        eventually(lambda: made.line.startswith("agent-1 idle"), explain=made.screen)
        yield made


def prompts(fleet: Fleet, name: str) -> list[str]:
    return [entry["text"] for entry in fleet.entries("--only", "prompt") if entry["agent"] == name]


def test_the_conversation_of_the_readme(fleet: Fleet) -> None:
    def asks(commands: tuple[str, ...]) -> str:
        return "\n".join(f"permission: Bash {command}" for command in commands)

    with window(fleet, fleet.argv("chat"), columns=110, rows=40) as chat:
        cast = Cast(fleet, chat, "--kind demo", asks)
        conversation.three_are_started_and_talked_to(cast)
        conversation.a_reply_typed_while_a_dialog_opens_is_not_lost_and_approves_nothing(cast)
        conversation.a_key_that_comes_as_the_dialog_changes_answers_nothing(cast)
        chat.press("C-c")
        eventually(lambda: chat.line.endswith(">"), explain=chat.screen)
        chat.enter("@agent-1,agent-3 say: both")
        chat.shows("[agent-1] both")
        chat.shows("[agent-3] both")


def test_what_is_neither_a_text_for_somebody_nor_a_command_stays_in_the_line(fleet: Fleet, chat: Window) -> None:
    for text, why in (("/aprove agent-1", "did you mean '/approve'?"), ("@nobody hello", "no agent is named 'nobody'")):
        chat.enter(text)
        chat.shows(why)
        assert chat.line.endswith(f"> {text}")
        chat.press("C-c")
        eventually(lambda: chat.line.endswith(">"), explain=chat.screen)
    chat.press("Up")
    eventually(lambda: chat.line.endswith("> @nobody hello"), explain=chat.screen)

    assert prompts(fleet, "agent-1") == ["say: hello"]
    kept = fleet.state / "chat-history"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "@nobody hello" in kept.read_text()


def test_a_search_shows_what_enter_takes_an_arrow_leaves_it_and_ctrl_c_or_esc_gives_the_line_back(
    fleet: Fleet, chat: Window
) -> None:
    for text in ("@nobody first", "@nobody second"):
        chat.enter(text)
        chat.shows("no agent is named 'nobody'")
        chat.press("C-c")
        eventually(lambda: chat.line.endswith(">"), explain=chat.screen)
    chat.press("C-r")
    chat.type("fir")
    eventually(lambda: "> @nobody first" in chat.screen(), explain=chat.screen)
    chat.press("Right", "End")
    chat.type("!")
    eventually(lambda: chat.line.endswith("> @nobody first!"), explain=chat.screen)
    chat.press("C-c")
    chat.type("draft")
    chat.press("C-r")
    chat.type("nobody")
    eventually(lambda: "> @nobody first!" in chat.screen(), explain=chat.screen)
    chat.press("C-r")
    eventually(lambda: "> @nobody second" in chat.screen(), explain=chat.screen)
    chat.press("C-c")
    chat.type("!")
    eventually(lambda: chat.line.endswith("> draft!"), explain=chat.screen)
    chat.press("C-r")
    chat.type("nobody")
    eventually(lambda: "> @nobody first!" in chat.screen(), explain=chat.screen)
    chat.press("Escape")
    eventually(lambda: chat.line.endswith("> draft!"), explain=chat.screen)


def test_a_text_of_several_lines_is_one_prompt(fleet: Fleet, chat: Window) -> None:
    chat.type("say: one")
    chat.press("M-Enter")
    chat.type("two")
    chat.press("C-j")
    chat.type("three")
    eventually(lambda: chat.line.endswith("three"), explain=chat.screen)
    chat.press("Enter")
    chat.shows("-- agent-1 done")
    eventually(lambda: len(prompts(fleet, "agent-1")) == 2)

    assert prompts(fleet, "agent-1")[1] == "say: one\ntwo\nthree"


def test_what_comes_with_a_paste_sends_nothing_and_approves_nothing(fleet: Fleet, chat: Window) -> None:
    fleet.ok("spawn", *DEMO, "permission: Bash make", *AT_ONCE)
    chat.shows("agent-2 needs permission: Bash(make)\n  F8 yes")
    wait(1.2)
    chat.paste("\x1b[201~\x1b[19~\x1by/approve agent-2\n@agent-1 say: pasted\n/s --kind demo x\n\x04")
    chat.shows("the paste went on behind its end")
    chat.shows("/s --kind demo x")

    # Then Enter is Enter, and a key is a key.
    wait(1.2)
    chat.press("C-c")
    eventually(lambda: chat.line.endswith(">"), explain=chat.screen)
    chat.paste("say: one\ntwo")
    chat.shows("> say: one\n    two")
    wait(0.2)
    chat.press("Enter")
    chat.shows("[agent-1] one")
    assert prompts(fleet, "agent-1")[1] == "say: one\ntwo"
    assert len(fleet.agents()) == 2
    assert fleet.agent("agent-2")["needs"] == "permission"


def wait(seconds: float) -> None:
    """What is claimed is that so much time has to pass: there is no fact to wait for."""
    time.sleep(seconds)


def test_a_key_approves_what_did_not_fit_only_once_it_was_printed(fleet: Fleet, chat: Window) -> None:
    chat.resize(40, 8)
    fleet.ok("spawn", *DEMO, f"permission: Bash {'echo aaaa; ' * 40}rm -rf precious", *AT_ONCE)
    eventually(lambda: "more rows: F2" in chat.screen(), explain=chat.screen)

    def pressed(key: str, wanted: str) -> None:
        def told() -> bool:
            chat.press(key)
            return wanted in chat.everything()

        eventually(told, explain=chat.everything, pause=lambda: wait(1.2))

    pressed("F8", "not all of it was on the screen: F2")
    assert fleet.agent("agent-2")["needs"] == "permission"
    chat.press("F2")
    pressed("F8", "agent-2 approved:")
    assert "\nagent-2 needs permission" in chat.everything().partition("agent-2 approved:")[0]


def test_a_line_approves_no_dialog_that_came_after_its_first_key(fleet: Fleet, chat: Window) -> None:
    fleet.ok("spawn", *DEMO, "permission: Bash first\npermission: Bash second", *AT_ONCE)
    chat.shows("agent-2 needs permission: Bash(first)\n  F8 yes")
    chat.type("/approve")
    eventually(lambda: chat.line.endswith("> /approve"), explain=chat.screen)
    fleet.ok("approve", "agent-2")
    chat.shows("agent-2 needs permission: Bash(second)\n  F8 yes")
    wait(0.6)
    chat.press("Enter")
    chat.shows("came up after this line was begun")

    assert fleet.agent("agent-2")["needs"] == "permission"


def test_no_line_is_torn_and_no_key_lost_while_agents_talk(fleet: Fleet, chat: Window) -> None:
    events = fleet.state / "agents" / fleet.agent("agent-1")["id"] / "events.jsonl"
    typed, count = "THE QUICK BROWN FOX", 600
    with events.open("a") as file:
        for number in range(count):
            said = {"at": time.time_ns(), "event": "text", "text": f"\x1b]0;x\x07line {number} \x1b[2Jof many"}
            file.write(json.dumps(said) + "\n")
            file.flush()
            if number % 30 == 0 and number // 30 < len(typed):
                chat.type(typed[number // 30])
    chat.shows(f"line {count - 1} of many")

    chat.press("End")
    eventually(lambda: chat.line.endswith(f"> {typed}"), explain=chat.screen)
    told = re.findall(r"^\[agent-1\] line (\d+) of many$", chat.everything(), re.MULTILINE)
    assert told == [str(number) for number in range(count)]


def test_attach_has_the_terminal_and_gives_it_back(fleet: Fleet, chat: Window) -> None:
    chat.enter("/attach agent-1")
    eventually(lambda: "leave: C-b d" in chat.screen(), explain=chat.screen)
    chat.press("C-b", "d")
    chat.shows("the agents go on")
    eventually(lambda: chat.line.startswith("agent-1 idle"), explain=chat.screen)
    chat.enter("say: back again")

    chat.shows("[agent-1] back again")


def test_what_runs_under_it_may_be_killed_and_nothing_is_told_twice_or_lost(fleet: Fleet, chat: Window) -> None:
    def controller() -> int:
        return int((fleet.state / "controller.lock").read_text().split()[0])

    chat.enter("say: one")
    chat.shows("[agent-1] one")
    before = controller()
    os.kill(before, signal.SIGKILL)
    chat.enter("say: two")
    chat.shows("[agent-1] two")
    eventually(lambda: controller() != before)
    database = fleet.state / "tmuxagents.db"
    with database.open("r+b") as file:
        file.write(b"\0" * 4096)
    fleet("ls")
    chat.shows("the chat goes on")
    chat.enter("say: three")
    chat.shows("[agent-1] three")
    fleet.tmux("kill-server")
    chat.shows("lost")
    chat.enter("/resume --all")
    # What is said to one that is lost is refused, and the chat may see later than a command that it is not any more.
    chat.shows("all is well again")
    eventually(lambda: chat.line.startswith("agent-1 idle"), explain=chat.screen)
    chat.enter("say: four")
    chat.shows("[agent-1] four")

    told = re.findall(r"^\[agent-1\] (\w+)", chat.everything(), re.MULTILINE)
    assert told == ["hello", "one", "two", "three", "four"]


def test_what_is_stuck_is_not_called_gone(fleet: Fleet, chat: Window) -> None:
    controller = int((fleet.state / "controller.lock").read_text().split()[0])
    os.kill(controller, signal.SIGSTOP)
    try:
        # Whom nobody answers is stuck.
        fleet.ok("say", "agent-1", "say: unheard")
        chat.shows("the controller is stuck")
        chat.shows("tmuxagents controller stop)")
    finally:
        os.kill(controller, signal.SIGCONT)
    chat.shows("(all is well again)")
    server = int(fleet.tmux("display-message", "-p", "#{pid}").strip())
    os.kill(server, signal.SIGSTOP)
    try:
        chat.shows("tmux cannot be asked")
    finally:
        os.kill(server, signal.SIGCONT)
    eventually(lambda: chat.everything().count("(all is well again)") == 2, explain=chat.everything)

    assert "is gone" not in chat.everything()


def test_a_database_that_was_taken_away_is_read_on_where_it_is_built_anew(fleet: Fleet, chat: Window) -> None:
    for number in range(3):
        fleet.ok("say", "--wait", "agent-1", f"say: before {number}")
    chat.shows("[agent-1] before 2")
    database = fleet.state / "tmuxagents.db"
    database.rename(fleet.state / "old.db")
    for beside in fleet.state.glob("tmuxagents.db-*"):
        beside.unlink()
    # The chat looks before anybody has built it anew, but for a controller that is faster.
    eventually(lambda: re.search("trying again|goes on", chat.everything()), explain=chat.everything)
    fleet("ls")
    chat.shows("the chat goes on")
    chat.enter("say: behind")
    chat.shows("[agent-1] behind")

    told = re.findall(r"^\[agent-1\] ([^(].*)", chat.everything(), re.MULTILINE)
    assert told == ["hello", "before 0", "before 1", "before 2", "behind"]


def test_leaving_stops_nothing_and_what_was_missed_is_marked(fleet: Fleet, chat: Window) -> None:
    chat.press("C-d")
    assert chat.code() == 0
    fleet.ok("say", "agent-1", "say: while you were away")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 2)

    with window(fleet, fleet.argv("chat")) as again:
        shown = again.shows("[agent-1] while you were away")
        again.shows("agent-1 idle")
        seen = shown.splitlines()
        mark = next(row for row in seen if "new since you looked" in row)
        assert seen.index(mark) == seen.index("> @agent-1 say: while you were away") + 1
        # It counts as read once it was shown.
        eventually(lambda: "•" not in fleet.look("ls").out)
        again.press("Up")
    assert fleet.agent("agent-1")["state"] == "idle"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(fleet: Fleet, number: signal.Signals) -> None:
    run = 'before=$(stty -g); "$@"; code=$?; test "$before" = "$(stty -g)" && echo "same after $code"; exec sleep 100'
    note = ["sh", "-c", 'echo $$ > note; exec "$@"', "sh"]
    with window(fleet, ["sh", "-c", run, "sh", *note, *fleet.argv("chat")]) as chat:
        eventually(lambda: chat.line == "nobody>", explain=chat.screen)
        os.kill(int((fleet.work / "note").read_text()), number)

        chat.shows(f"same after {128 + number}")


def test_at_40_columns_plain_writes_lines_and_draws_nothing_anew(fleet: Fleet) -> None:
    fleet.ok("spawn", *DEMO, "say: hello", *AT_ONCE)
    fleet.ok("spawn", *DEMO, "permission: Bash make", *AT_ONCE)
    fleet.wait_state("agent-2", "waiting")
    raw = fleet.root / "raw"
    with window(fleet, fleet.argv("chat", "--plain"), columns=40, TERM="dumb") as chat:
        subprocess.run([*chat.tmux, "pipe-pane", f"cat >> {raw}"], check=True)
        chat.shows("(what you type goes to agent-1; /to\n    NAME changes that)")
        chat.enter("say: bare")
        chat.shows("submitted: agent-1")
        chat.enter("/nope")
        chat.shows("(nothing was\n    sent)")
        # It must have stood there for as long as the line may have been typed.
        wait(3.1)
        chat.enter("/approve agent-2")
        chat.shows("approved: agent-2: Bash(make) (Yes)")
        chat.press("C-d")
        assert chat.code() == 0
    assert b"\x1b" not in raw.read_bytes()
    assert prompts(fleet, "agent-1") == ["say: hello", "say: bare"]
