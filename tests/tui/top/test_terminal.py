"""The dashboard in a real terminal, driven by keys alone."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import termios
import time

import psutil
import pytest

from tests.support import fleet as fleets
from tests.support.desk import Desk, desk
from tests.support.fleet import Fleet, eventually
from tmuxagents.drivers import pulse


@pytest.fixture
def three(fleet: Fleet) -> Fleet:
    """One that is idle, one that waits and one that was stopped, for each test its own."""
    fleets.three(fleet)
    return fleet


def process_of(fleet: Fleet) -> psutil.Process:
    """The dashboard's own."""
    wanted = fleet.argv("top")[1:]
    for process in psutil.process_iter(["cmdline"]):
        if (process.info["cmdline"] or [])[1:] == wanted and process.environ().get("HOME") == str(fleet.home):
            return process
    raise AssertionError("it does not run")


def stty(shown: str) -> list[str]:
    """How the terminal was before and after."""
    return re.findall(r"^[0-9a-f:]{40,}", shown, re.MULTILINE)


def say_yes(at: Desk) -> None:
    """Press F8 until it counts: not within a second of another key, nor before the dialog was there to be read."""

    def settled() -> bool:
        if "needs permission" not in at.shown():
            return True
        at.keys("F8")
        return False

    eventually(settled, explain=at.shown, pause=lambda: time.sleep(1.3))


def press_until(at: Desk, key: str, words: str) -> None:
    """Press it until those stand there: not within a second of another key."""

    def pressed() -> None:
        time.sleep(1.3)
        at.keys(key)

    eventually(lambda: words in at.shown(), explain=at.shown, pause=pressed)


def test_a_reply_a_yes_a_look_at_the_real_tmux_and_out_again(three: Fleet) -> None:
    with desk(three, three.argv("top")) as at:
        at.until("needs permission: Write(a.rs)")
        say_yes(at)
        three.wait_state("needy-1", "idle")

        at.keys("/")
        at.type("name:idle")
        at.keys("Enter")
        at.keys("Space")
        at.until("say to idle-1")
        at.type("say: from the dashboard")
        at.keys("Enter")
        at.until("submitted: idle-1")
        at.until("● from the dashboard")

        at.keys("Escape")
        at.until("space peek")
        at.keys("Enter")
        at.until("leave: ")
        at.keys("C-]", "d")
        at.until("the agents go on")

        at.keys("q")
        at.until("ended 0")


def test_what_comes_with_a_paste_attaches_sends_starts_and_settles_nothing(three: Fleet) -> None:
    with desk(three, three.argv("top", "name:needy")) as at:
        at.until("q quit")
        at.paste(f"x \x1b[201~\r{'y' * 60000}\r\r1\r\x1b[19~\x1by+--kind demo x\r")
        at.until("the paste went on behind its end")

        # Then keys are keys.
        press_until(at, "t", "say to needy-1")
        at.paste("say: in1 \x1b[201~\rrest")
        at.until("say: in1 ␊rest")
        at.until("the paste went on behind its end")

    assert three.agent("needy-1")["state"] == "waiting"
    assert len(three.agents()) == 3
    assert not [entry for entry in three.entries("needy-1") if entry["kind"] == "prompt" and "in1" in entry["text"]]


def test_it_ends_with_its_terminal_without_a_signal(three: Fleet) -> None:
    # Of whose session it is not: whoever was started with `setsid` is sent none.
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (30, 100))
    process = subprocess.Popen(
        three.argv("top"), stdin=its, stdout=its, stderr=its, env=three.env, cwd=three.work, start_new_session=True
    )
    os.close(its)
    try:
        shown = b""
        while b"\x1b[?2004h" not in shown:
            shown += os.read(ours, 4096)
        os.close(ours)
        eventually(lambda: process.poll() is not None)
    finally:
        process.kill()
        process.wait()


def test_a_signal_ends_it_while_its_terminal_is_lent(three: Fleet) -> None:
    with desk(three, three.argv("top")) as at:
        at.until("q quit")
        process = process_of(three)
        at.keys("1")
        press_until(at, "Enter", "leave: ")
        process.send_signal(signal.SIGTERM)
        at.until(f"ended {128 + signal.SIGTERM}")
        settings = eventually(lambda: found if len(found := stty(at.shown())) == 2 else None, explain=at.shown)

    assert settings[0] == settings[1]


def test_it_says_what_befell_the_fleet_and_goes_on(three: Fleet) -> None:
    with desk(three, three.argv("top")) as at:
        at.until("q quit")
        three.ok("dismiss", "over-1")
        at.until("1 dismissed")
        os.kill(pulse.look(three.state / "controller.turn").pid or 0, signal.SIGKILL)
        at.until("the controller was gone; another one runs")

        three.tmux("kill-server")
        at.until("the tmux server is gone")
        at.until("lost")

        for file in three.state.glob("tmuxagents.db*"):
            file.unlink()
        at.until("is rebuilt")
        three.ok("dismiss", "--off", "over-1")
        at.until("over-1")

        taken = three.state.rename(three.state.with_name("taken"))
        at.until("the state directory '")
        taken.rename(three.state)
        eventually(lambda: "the state directory '" not in at.shown(), explain=at.shown)
        at.keys("q")
        at.until("ended 0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["term", "hup"])
def test_a_signal_ends_it_and_leaves_the_terminal_as_it_was(three: Fleet, number: signal.Signals) -> None:
    with desk(three, three.argv("top")) as at:
        at.until("q quit")
        process_of(three).send_signal(number)
        at.until(f"ended {128 + number}")
        settings = eventually(lambda: found if len(found := stty(at.shown())) == 2 else None, explain=at.shown)
        mode = at.ask("display-message", "-p", "-t", "desk:0", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}")

    assert settings[0] == settings[1]
    assert mode.split() == ["0", "0", "1"]
