"""The recipe for a phone (contrib/phone), through an SSH server of our own: what `README.md` there says was tried."""

from __future__ import annotations

import os
import re
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests.support.called import configure
from tests.support.fleet import Fleet, eventually, wait_ended
from tests.support.inbox import Posted, inbox
from tests.support.keyboard import Window, window
from tests.support.ssh import Phone, phone

# It needs an SSH server, which not every machine that runs the tests has.
pytestmark = pytest.mark.soak

DEMO = ("spawn", "--kind", "demo")
AT_ONCE = ("--", "--speed", "0")


@pytest.fixture
def ssh(fleet: Fleet) -> Iterator[Phone]:
    """A phone, and an agent that is idle."""
    with phone(fleet) as made:
        fleet.ok(*DEMO, "--name", "docs", "say: hello", *AT_ONCE)
        fleet.wait_state("docs", "idle")
        yield made


def chat(ssh: Phone, term: str = "xterm-256color") -> AbstractContextManager[Window]:
    """The phone's terminal, with the chat in it."""
    return window(ssh.fleet, ssh.argv("-tt", "HOST"), columns=40, rows=20, TERM=term)


def ready(shown: Window) -> None:
    shown.shows("(what you type goes to")


def prompts(fleet: Fleet) -> list[str]:
    return [entry["text"] for entry in fleet.entries("--only", "prompt")]


def accepted(posted: Posted) -> str:
    """What an ntfy server makes of it by its published API, which would answer 400 to anything else or make a file of
    it: the message that the phone shows."""
    assert re.fullmatch(r"/[-_A-Za-z0-9]{1,64}", posted.path)
    assert re.fullmatch(r"[-_A-Za-z0-9]{1,64}", posted.headers["x-sequence-id"])
    assert posted.headers["priority"] in ("min", "low", "default", "high", "max", "urgent")
    assert posted.headers["title"].isascii()
    assert len(posted.body) <= 4096
    return posted.body.decode()


@pytest.mark.parametrize("more", [{}, {"include": "text"}], ids=["", "with text"])
def test_the_command_of_a_notice_settles_that_dialog_and_refuses_the_next(fleet: Fleet, more: dict[str, str]) -> None:
    with inbox() as ntfy, phone(fleet) as ssh:
        configure(fleet, channels=["ntfy"], ntfy=f"{ntfy.url}/a-topic", **more)
        fleet.ok(*DEMO, "--name", "docs", "permission: Bash first\npermission: Bash second\nsay: x", *AT_ONCE)
        eventually(lambda: ntfy.posted)
        first = accepted(ntfy.posted[0]).splitlines()[-1]

        ran = ssh(first)
        assert ran.out == "approved: docs: Bash(first) (Yes)\n", (first, ran)
        eventually(lambda: len(ntfy.posted) == 2, explain=lambda: str(ntfy.posted))
        stale = ssh(first)
        assert (stale.code, stale.out) == (3, "")
        assert "docs no longer waits on the dialog" in stale.err
        assert fleet.agent("docs")["needs"] == "permission"
        assert ssh(shlex.join(shlex.split(first)[:-1]) + " 0000000000").code == 3
        assert ssh(accepted(ntfy.posted[1]).splitlines()[-1]).out == "approved: docs: Bash(second) (Yes)\n"
        fleet.wait_state("docs", "idle")


def test_a_text_needs_no_quotes_and_arrives_as_it_was_typed(ssh: Phone) -> None:
    fleet = ssh.fleet
    texts = [
        'don\'t touch `src`; use $HOME/* "now" > x & y',
        "grüße 🎉 日本 \\n",
        "--when-idle is a word here",
        "a" * 900,
    ]

    for text in texts:
        ran = ssh(f"say docs -- {text}")
        assert ran.out.startswith("submitted: docs ("), ran
        fleet.wait_state("docs", "idle")
    long = ssh(f"say docs {'word ' * 20_000}")

    assert long.out.startswith("submitted: docs ("), long
    assert prompts(fleet)[1:-1] == texts
    assert prompts(fleet)[-1].startswith("Read the file ")
    assert ssh("last docs").code == 0
    assert ssh("").err == "phone.sh: this needs a terminal\nhint: ssh -t HOST\n"


@pytest.mark.parametrize("term", ["xterm-256color", "vt100", "dumb", "xterm-nobody-knows"])
def test_any_terminal_of_40_columns_will_do(ssh: Phone, term: str) -> None:
    fleet = ssh.fleet
    fleet.ok(*DEMO, "--name", "perm", "permission: Bash make", *AT_ONCE)
    with chat(ssh, term) as shown:
        ready(shown)
        shown.enter("@docs say: grüße")
        shown.shows("[docs] grüße")
        shown.shows("submitted: docs")

        def approved() -> bool:
            shown.enter("/approve perm")
            return "approved: perm: Bash(make) (Yes)" in shown.everything()

        # It must have stood there for as long as the line may have been typed.
        eventually(approved, explain=shown.everything, pause=lambda: time.sleep(3.1))
        shown.press("C-d")
        assert shown.code() == 0
    assert prompts(fleet).count("say: grüße") == 1


@pytest.mark.parametrize("end", ["client", "session"])
def test_a_line_that_is_cut_off_is_not_sent_and_what_was_missed_is_marked(ssh: Phone, end: str) -> None:
    fleet = ssh.fleet
    fleet.ok(*DEMO, "--name", "slow", "say: hello")
    fleet.wait_state("slow", "idle")
    with chat(ssh) as shown:
        ready(shown)
        shown.enter("@slow say: whole")
        shown.shows("[slow] whole")
        fleet.ok("say", "slow", "say: before\npermission: Bash make\nsay: behind")
        shown.shows("[slow] needs permission")
        shown.type("@docs say: half a li")
        eventually(lambda: shown.line.endswith("half a li"), explain=shown.screen)
        there = ssh.sessions()
        for pid in [shown.pid] if end == "client" else [one.pid for one in there if one.name() == "sshd"]:
            os.kill(pid, signal.SIGKILL)
        assert wait_ended(there) == []
    fleet.ok("approve", "slow")
    fleet.wait_for("slow", lambda agent: agent["turns"] == 3)

    with chat(ssh) as shown:
        ready(shown)
        before, _, behind = shown.everything().partition("new since you looked")
        assert "[slow] before" in before
        assert "[slow] behind" not in before
        assert "[slow] behind" in behind
        shown.enter("@docs say: again")
        shown.shows("[docs] again")
    assert [text for text in prompts(fleet) if "half" in text or "whole" in text] == ["say: whole"]
    assert prompts(fleet)[-1] == "say: again"


def test_a_phone_that_falls_silent_is_given_up_and_catchup_tells_again_what_it_was_sent(ssh: Phone) -> None:
    fleet = ssh.fleet
    with chat(ssh) as shown:
        ready(shown)
        os.kill(shown.pid, signal.SIGSTOP)
        fleet.ok("say", "docs", "say: into the void")
        # The server asks twice whether anybody is there.
        eventually(lambda: not ssh.sessions())
        os.kill(shown.pid, signal.SIGCONT)

    assert "into the void" in ssh("catchup --since 1h").out
