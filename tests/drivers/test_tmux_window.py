"""Windows of the real tmux: what is started, named, captured and recorded."""

from __future__ import annotations

import json
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.support.fleet import eventually, named
from tests.support.tmux import Tmux, running
from tmuxagents.drivers.tmux import call, snapshot, window
from tmuxagents.errors import TmuxUnreachable

ARGV = "import json,sys;print(json.dumps(sys.argv[1:]))"
HOSTILE = [
    "ends in;",
    ";",
    "\\;",
    "a;b",
    "#{pane_id}",
    "#S %d",
    "$(touch owned)",
    "`id`",
    "two\nlines\n",
    "tab\there",
    'it\'s "quoted"',
    "-flag",
    "",
    "back\\slash\\",
    "émoji 🎉 宽",
    "~/x $HOME ${HOME}",
    "{a}",
    "%0",
]


def test_a_second_window_opens_and_the_server_lives(tmux: Tmux) -> None:
    first = tmux.open("sleep", "1000")
    second = tmux.open("sleep", "1000", name="agent-2")

    assert {first.pane, second.pane} <= set(snapshot.take(tmux.server).panes)


def test_window_size_is_not_manual_for_all(tmux: Tmux) -> None:
    assert call.ask(tmux.server, "show-options", "-gv", "window-size").strip() == "latest"


def test_arguments_arrive_unchanged(tmux: Tmux) -> None:
    started = tmux.start(sys.executable, "-c", ARGV, *HOSTILE)

    assert json.loads(started.raw()) == HOSTILE


@pytest.mark.parametrize(
    "name", ["#S #{pane_id}", "100%d", "it's", 'a "b"', "two words", "$(x)", "ends;", "-dash", "ü"]
)
def test_the_capture_is_written_to_a_path_with_any_characters(tmux: Tmux, name: str) -> None:
    folder = tmux.folder / name
    folder.mkdir()
    raw = folder / "pane.raw"

    # One that stays: what a program prints right before its end is the starter's to keep.
    tmux.open("sh", "-c", "printf captured; sleep 1000", raw=raw)

    eventually(lambda: raw.exists() and raw.read_bytes() == b"captured")


@pytest.mark.parametrize("name", ["a#b", "#{pane_id}", "ends;", "two words", "100%", "it's", "$HOME"])
def test_the_program_starts_in_a_folder_with_any_name(tmux: Tmux, name: str) -> None:
    folder = tmux.folder / name
    folder.mkdir()
    raw = tmux.folder / "raw"

    tmux.open("sh", "-c", "pwd -P; sleep 1000", folder=folder, raw=raw)

    eventually(lambda: raw.exists() and raw.read_text().strip() == str(folder.resolve()))


def test_a_program_that_prints_and_exits_at_once_loses_no_byte_and_its_code_is_recorded(tmux: Tmux) -> None:
    text = "first " + "x" * 4000 + " last"
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda n: tmux.start("sh", "-c", 'printf %s "$0"; exit "$1"', text, str(n)), range(30)))

    assert [one.code() for one in started] == list(range(30))
    assert [one.raw().decode() for one in started] == [text] * 30


def test_a_program_killed_by_a_signal_is_recorded_as_a_shell_does(tmux: Tmux) -> None:
    assert tmux.start("sh", "-c", "kill -KILL $$").code() == 137


def test_a_program_that_is_missing_is_recorded_with_127(tmux: Tmux) -> None:
    assert tmux.start("/no/such/program").code() == 127


def test_a_folder_that_went_away_is_recorded_with_126_and_nothing_is_started(tmux: Tmux) -> None:
    started = tmux.start("sh", "-c", "echo ran", folder=tmux.folder / "gone")

    assert started.code() == 126
    assert b"ran" not in started.raw()


def test_of_two_names_that_begin_alike_only_the_meant_window_is_closed(tmux: Tmux) -> None:
    one = tmux.open("sleep", "1000", name="agent-1")
    ten = tmux.open("sleep", "1000", name="agent-10")

    window.close(tmux.server, one.window)

    assert one.pane not in snapshot.take(tmux.server).panes
    assert ten.pane in snapshot.take(tmux.server).panes
    window.close(tmux.server, one.window)
    assert ten.pane in snapshot.take(tmux.server).panes


def test_closing_a_window_that_is_gone_is_no_error(tmux: Tmux) -> None:
    window.close(tmux.server, "@99")


def test_two_windows_of_one_name_are_told_apart_by_their_identity(tmux: Tmux) -> None:
    first = tmux.open("sleep", "1000", name="same")
    second = tmux.open("sleep", "1000", name="same")

    panes = snapshot.take(tmux.server)

    assert {panes.panes[first.pane].agent_id, panes.panes[second.pane].agent_id} == {"id1", "id2"}


def test_a_live_pane_is_not_respawned(tmux: Tmux) -> None:
    opened = tmux.open("sleep", "1000")
    pid = tmux.pane(opened).pid

    window.respawn(tmux.server, opened.pane, ["sleep", "1001"], over=1)

    assert tmux.pane(opened).pid == pid


def test_a_dead_pane_is_respawned_with_arguments_as_they_are(tmux: Tmux) -> None:
    opened = tmux.open("true", raw=tmux.folder / "raw")
    tmux.wait_dead(opened)
    hostile = [word for word in HOSTILE if "\n" not in word]

    # One that stays: what a program prints right before its end is the starter's to keep.
    stays = f"{ARGV};import time;sys.stdout.flush();time.sleep(1000)"
    window.respawn(tmux.server, opened.pane, [sys.executable, "-c", stays, *hostile], over=1)

    raw = tmux.folder / "raw"
    eventually(lambda: raw.read_bytes().endswith(b"\n"))
    assert json.loads(raw.read_text()) == hostile


def test_a_capture_whose_file_is_missing_makes_a_private_one(tmux: Tmux) -> None:
    raw = tmux.folder / "raw"
    assert not raw.exists()

    tmux.open("sh", "-c", "printf captured; sleep 1000", raw=raw)

    eventually(lambda: raw.exists() and raw.read_bytes() == b"captured")
    assert stat.S_IMODE(raw.stat().st_mode) == 0o600


def test_a_capture_whose_reader_was_killed_can_be_started_again(tmux: Tmux) -> None:
    raw = tmux.folder / "raw"
    opened = tmux.open("sh", "-c", 'while read -r word; do echo "got $word"; done', raw=raw)
    server = psutil.Process(tmux.pid)
    cat = eventually(lambda: named("cat", server.children()))[0]
    cat.kill()
    # tmux notices when it next has something to write.
    call.ask(tmux.server, "send-keys", "-t", opened.pane, "lost", "Enter")
    eventually(lambda: not tmux.pane(opened).piped)

    window.capture(tmux.server, opened.pane, raw)
    call.ask(tmux.server, "send-keys", "-t", opened.pane, "again", "Enter")

    assert tmux.pane(opened).piped
    eventually(lambda: b"got again" in raw.read_bytes())


def test_a_capture_that_runs_is_not_toggled_off(tmux: Tmux) -> None:
    opened = tmux.open("sleep", "1000", raw=tmux.folder / "raw")

    window.capture(tmux.server, opened.pane, tmux.folder / "raw")

    assert tmux.pane(opened).piped


def test_two_starters_make_one_session(root: Path) -> None:
    with running(root) as tmux:
        pid = tmux.pid

        window.open_session(tmux.server, argv=["sleep", "1000"], folder=root, env={"PATH": "/usr/bin:/bin"})

        assert tmux.pid == pid
        assert len(snapshot.take(tmux.server).panes) == 1


def test_a_new_controller_window_takes_the_place_of_a_closed_one(tmux: Tmux) -> None:
    tmux.open("sleep", "1000")
    controller = snapshot.take(tmux.server).controller
    assert controller is not None
    window.close(tmux.server, controller.window)

    window.open_controller(tmux.server, argv=["sleep", "1000"], folder=tmux.folder)

    again = snapshot.take(tmux.server).controller
    assert again is not None
    assert again.pane != controller.pane


def test_opening_a_window_without_a_server_says_so(root: Path) -> None:
    server = call.Server(root / "sock", root / "tmux.conf")

    with pytest.raises(TmuxUnreachable):
        window.open_window(server, name="a", agent_id="i", generation=1, argv=["true"], folder=root, raw=root / "raw")
    assert snapshot.take(server) is snapshot.EMPTY
