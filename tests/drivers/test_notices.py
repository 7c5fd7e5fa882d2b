"""Each channel sends once, within its time, and says what became of it."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fleet import eventually
from tests.support.inbox import inbox
from tmuxagents.drivers import process
from tmuxagents.drivers.notices import child, desktop, http, osc
from tmuxagents.drivers.notices.desktop import Told
from tmuxagents.drivers.notices.osc import Said
from tmuxagents.drivers.tmux import clients
from tmuxagents.drivers.tmux.clients import Client
from tmuxagents.output.safe_text import one_line

HOSTILE = '"; do shell script "rm x"; -- $(id) `id` ; <b>&'
TOLD = Told("n1", "api needs permission", HOSTILE, urgent=True, agent="api", dialog="d1", state="/s")


def client(program: str = "", terminal: str = "xterm-256color") -> Client:
    return Client("4.2", "/dev/pts/1", "/dev/pts/1", "@1", 0, terminal, program)


# The desktop


def test_osascript_is_given_the_words_as_arguments() -> None:
    argv = desktop.by_osascript(TOLD)

    assert argv == [
        "osascript", "-e", "on run {words, heading}", "-e", "display notification words with title heading",
        "-e", "end run", "--", HOSTILE, "api needs permission",
    ]  # fmt: skip


def test_notify_send_has_buttons_only_where_it_takes_them() -> None:
    told = Told("n1", "t", "b", urgent=False, buttons=(("approve", "Approve"), ("deny", "Deny")))

    assert [a for a in desktop.by_notify_send(told, actions=True) if "action" in a] == [
        "--action=approve=Approve",
        "--action=deny=Deny",
    ]
    assert not [a for a in desktop.by_notify_send(told, actions=False) if "action" in a]
    assert "--urgency=normal" in desktop.by_notify_send(told, actions=False)
    assert desktop.by_notify_send(TOLD, actions=False)[-1].endswith("&lt;b&gt;&amp;")


def test_the_desktops_bus_is_found_where_the_controller_was_not_told_of_it(tmp_path: Path) -> None:
    given_env = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert desktop.environment(given_env, 1000) == given_env
    (tmp_path / "bus").touch()

    assert desktop.environment(given_env, 1000)["DBUS_SESSION_BUS_ADDRESS"] == f"unix:path={tmp_path}/bus"
    known = {**given_env, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/mine"}
    assert desktop.environment(known, 1000) == known


@pytest.mark.parametrize(("said", "runs"), [("approve", True), ("deny", True), ("", False), ("rm -rf", False)])
def test_only_a_button_that_is_there_is_carried_out(tmp_path: Path, said: str, runs: bool) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/ran"\n')
    python.chmod(0o755)
    argv = desktop.pressed(TOLD, ["echo", said])
    argv[argv.index("/s") - 1] = str(python)

    assert child.run(argv).sent
    assert (tmp_path / "ran").exists() == runs
    if runs:
        words = (tmp_path / "ran").read_text().splitlines()
        assert words == ["-P", "-m", "tmuxagents", "--state-dir", "/s", said, "--dialog", "d1", "api"]


# A terminal's own sequence


@pytest.mark.parametrize(
    ("program", "terminal", "number"),
    [
        ("iTerm2 3.5.0", "xterm-256color", "9"),
        ("WezTerm 20240203", "xterm-256color", "777"),
        ("ghostty 1.0", "xterm-ghostty", "777"),
        ("VTE(7600)", "xterm-256color", "777"),
        ("", "xterm-kitty", "99"),
        ("kitty(0.36)", "xterm-kitty", "99"),
        ("XTerm(390)", "xterm-256color", None),
        ("tmux 3.4", "tmux-256color", None),
    ],
)
def test_auto_goes_by_what_a_terminal_calls_itself(program: str, terminal: str, number: str | None) -> None:
    assert osc.chosen(client(program, terminal), "auto") == number
    assert osc.chosen(client(program, terminal), "9") == "9"


@given(st.sampled_from(["9", "777", "99"]), st.text(), st.text())
def test_no_text_ends_a_sequence_or_begins_another(number: str, title: str, body: str) -> None:
    said = Said("0a1b", one_line(title), one_line(body))

    raw = osc.sequence(number, said)

    sequences = re.findall(rb"\x1b\][^\x1b\x07]*\x1b\\", raw)
    assert b"".join(sequences) == raw
    assert len(sequences) == (2 if number == "99" else 1)
    if number == "777":
        assert raw.count(b";") == 3 + said.body.count(";")


@given(st.binary())
def test_what_goes_through_the_users_own_tmux_comes_out_as_it_was(raw: bytes) -> None:
    wrapped = osc.through_tmux(raw)

    inner = wrapped.removeprefix(b"\x1bPtmux;").removesuffix(b"\x1b\\")
    assert inner.replace(b"\x1b\x1b", b"\x1b") == raw or b"\x1b\x1b" in raw
    assert inner.count(b"\x1b") == 2 * raw.count(b"\x1b")


def test_clients_in_control_mode_are_nobody() -> None:
    rows = [
        ("4.2", "/dev/pts/1", "/dev/pts/1", "@3", "17", "xterm-kitty", "kitty(0.36)", "100", "0"),
        ("4.2", "client-9", "", "@1", "17", "", "", "80", "1"),
    ]

    found = clients.parse("\n".join("\x1f".join(row) for row in rows))

    assert found == [Client("4.2", "/dev/pts/1", "/dev/pts/1", "@3", 17, "xterm-kitty", "kitty(0.36)", 100)]


def test_what_is_no_terminal_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    link = tmp_path / "link"
    link.symlink_to("/dev/null")

    for path in (tmp_path / "file", link, tmp_path / "missing"):
        assert not clients.write(Client("4.2", "c", str(path), "@1", 0, "xterm", ""), b"\a")
    assert (tmp_path / "file").read_text() == "mine"


# A program of the user's


def test_a_program_is_given_its_input_and_judged_by_its_end(tmp_path: Path) -> None:
    done = child.run(["sh", "-c", f'cat > "{tmp_path}/in"'], b'{"id": 1}\n')

    assert done.sent
    assert json.loads((tmp_path / "in").read_text()) == {"id": 1}


def test_a_program_that_fails_says_its_last_words() -> None:
    failed = child.run(["sh", "-c", "echo first >&2; echo no bus >&2; exit 4"])

    assert (failed.sent, failed.said, failed.again) == (False, "'sh' ended with 4: no bus", True)


def test_a_program_that_is_missing_is_not_tried_again() -> None:
    missing = child.run(["/nonexistent/program"])

    assert (missing.sent, missing.again) == (False, False)
    assert missing.said == "'/nonexistent/program' cannot be run: No such file or directory"


def test_a_program_that_does_not_end_is_killed_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tmuxagents.drivers.notices.child.LIMIT_S", 0.5)

    late = child.run(["sh", "-c", f'sleep 1000 & echo $! > "{tmp_path}/pid"; wait'])

    assert (late.sent, late.said, late.again) == (False, "'sh' did not end within 0.5 s", True)
    eventually(lambda: process.known(int((tmp_path / "pid").read_text())) is None)


# An address


def test_what_is_posted_is_what_was_given_and_the_password_is_a_header() -> None:
    with inbox() as theirs:
        address = f"{theirs.url.replace('//', '//me:p%40ss@')}/hook"

        done = http.post(address, b"{}", {"Title": "api"})

        [posted] = theirs.posted
        assert (done.sent, done.said) == (True, "answered 200")
        assert (posted.path, posted.body, posted.headers["title"]) == ("/hook", b"{}", "api")
        assert posted.headers["authorization"] == "Basic bWU6cEBzcw=="
        assert "me" not in posted.headers["host"]


@pytest.mark.parametrize(("status", "again"), [(500, True), (503, True), (429, True), (400, False), (404, False)])
def test_what_may_be_taken_later_is_tried_again(status: int, again: bool) -> None:
    with inbox() as theirs:
        theirs.statuses = [status]

        done = http.post(theirs.url, b"", {})

        assert (done.sent, done.said, done.again) == (False, f"answered {status}", again)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with inbox() as theirs:
        theirs.statuses, theirs.location = [status], f"{theirs.url}/elsewhere"

        done = http.post(f"{theirs.url}/hook", b"x", {})

        assert (done.sent, done.said, len(theirs.posted)) == (False, f"answered {status}", 1)


@pytest.mark.parametrize("how", ["hangs", "trickles"])
def test_an_endpoint_that_takes_its_time_is_given_up(how: str) -> None:
    with inbox() as theirs:
        setattr(theirs, how, True)

        done = http.post(theirs.url, b"x", {}, within=1.0)

        assert (done.sent, done.again) == (False, True)
        # Nor is anybody left who waits for it.
        eventually(lambda: not [one for one in threading.enumerate() if "lambda" in one.name])


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/secret-topic", "http://name.invalid/secret-topic"])
def test_what_cannot_be_reached_is_told_without_the_address(address: str) -> None:
    done = http.post(address, b"x", {})

    assert (done.sent, done.again) == (False, True)
    assert "secret" not in done.said
