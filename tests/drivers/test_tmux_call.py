"""Asking a tmux that is not there, that hangs, that refuses."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.fleet import eventually, wait_ended
from tests.support.tmux import Tmux
from tmuxagents.drivers.tmux import call, snapshot, window
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.errors import TmuxMissing, TmuxUnreachable


@pytest.fixture
def nothing(root: Path) -> Server:
    """A server that was never started."""
    return Server(root / "sock", root / "tmux.conf")


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def end(tmux: Tmux) -> None:
    server = psutil.Process(tmux.pid)
    window.kill_server(tmux.server)
    assert wait_ended([server]) == []


def started(tmux: Tmux, env: dict[str, str]) -> bool:
    """Whether a server could be started; one that has just ended refuses for some milliseconds."""
    try:
        window.open_session(tmux.server, argv=["sleep", "1000"], folder=tmux.folder, env=env)
    except TmuxUnreachable:
        return False
    return True


@pytest.fixture
def hanging(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `tmux` on the PATH that never answers; the file says which process it is."""
    program = root / "path" / "tmux"
    program.parent.mkdir()
    note = root / "hanging.pid"
    program.write_text(
        f"#!{sys.executable} -I\nimport os,signal\nopen({str(note)!r},'w').write(str(os.getpid()))\nsignal.pause()\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return note


def ended(note: Path) -> bool:
    process = int(note.read_text())
    return not psutil.pid_exists(process) or psutil.Process(process).status() == psutil.STATUS_ZOMBIE


def test_without_a_socket_there_is_nothing(nothing: Server) -> None:
    assert snapshot.take(nothing) is snapshot.EMPTY


def test_with_a_socket_that_nobody_listens_on_there_is_nothing(tmux: Tmux) -> None:
    server = psutil.Process(tmux.pid)
    server.kill()
    assert wait_ended([server]) == []
    assert tmux.server.socket.exists()

    assert snapshot.take(tmux.server) is snapshot.EMPTY


def test_a_question_starts_no_server(nothing: Server) -> None:
    with pytest.raises(call.NoServer):
        call.ask(nothing, "list-sessions")

    assert not nothing.socket.exists()


def test_a_tmux_that_hangs_is_unreachable_within_the_limit(hanging: Path, nothing: Server) -> None:
    began = time.monotonic()

    with pytest.raises(TmuxUnreachable):
        call.ask(nothing, "list-sessions", within=0.5)

    assert time.monotonic() - began < 30
    assert ended(hanging)


def test_a_server_that_does_not_answer_is_unreachable_and_not_empty(tmux: Tmux) -> None:
    with stopped(tmux.pid), pytest.raises(TmuxUnreachable) as caught:
        call.ask(tmux.server, "list-panes", "-a", within=0.5)

    assert not isinstance(caught.value, call.NoServer)


def test_without_the_program_tmux_is_missing(nothing: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))

    with pytest.raises(TmuxMissing) as caught:
        call.ask(nothing, "list-sessions")

    assert "install" in str(caught.value.hint)


def test_what_tmux_refuses_says_why(tmux: Tmux) -> None:
    with pytest.raises(TmuxUnreachable, match="unknown command"):
        call.ask(tmux.server, "no-such-command")


def test_a_snapshot_knows_one_life_of_the_server_from_the_next(tmux: Tmux) -> None:
    first = snapshot.take(tmux.server).server
    end(tmux)

    window.open_session(tmux.server, argv=["sleep", "1000"], folder=tmux.folder, env=dict(os.environ))

    assert snapshot.take(tmux.server).server not in ("", first)


def test_killing_a_server_that_is_gone_is_no_error(nothing: Server) -> None:
    window.kill_server(nothing)


def test_the_configuration_of_the_user_is_not_read(tmux: Tmux) -> None:
    (tmux.folder / ".tmux.conf").write_text("set -g history-limit 77\n")
    end(tmux)

    env = {**os.environ, "HOME": str(tmux.folder)}
    eventually(lambda: started(tmux, env))

    assert call.ask(tmux.server, "show-options", "-gv", "history-limit").strip() == "5000"


def test_the_configuration_is_understood_whole(tmux: Tmux) -> None:
    assert call.ask(tmux.server, "source-file", str(tmux.server.config)) == ""
