"""Typing into panes of the real tmux."""

from __future__ import annotations

import pytest

from tests.support.fleet import eventually
from tests.support.tmux import Tmux
from tmuxagents.drivers.tmux import call, keyboard, window


def test_a_paste_into_a_dead_pane_is_refused_and_the_server_lives(tmux: Tmux) -> None:
    opened = tmux.open("true")
    tmux.wait_dead(opened)
    pid = tmux.pid

    assert keyboard.paste_unless(tmux.server, opened.pane, "text") == "ended"

    assert tmux.pid == pid


def test_a_paste_that_was_refused_leaves_no_buffer(tmux: Tmux) -> None:
    opened = tmux.open("true")
    tmux.wait_dead(opened)

    keyboard.paste_unless(tmux.server, opened.pane, "a secret")

    assert call.ask(tmux.server, "list-buffers") == ""


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "ends;",
        ";",
        "-leading",
        "Enter",
        "C-c",
        "$(x) `y`",
        "#{pane_id}",
        "a\nb\n",
        "tab\t",
        "🎉 宽 é",
        "x" * 200_000,
    ],
    ids=lambda text: repr(text)[:20],
)
def test_a_paste_arrives_byte_for_byte(tmux: Tmux, text: str) -> None:
    opened, got = tmux.reader()

    assert keyboard.paste_unless(tmux.server, opened.pane, text) == "done"

    eventually(lambda: got.exists() and got.read_bytes() == text.encode())


def test_a_text_that_says_dead_is_pasted(tmux: Tmux) -> None:
    opened, got = tmux.reader()

    assert keyboard.paste_unless(tmux.server, opened.pane, "the dead pane is dead") == "done"

    eventually(lambda: got.exists() and got.read_bytes() == b"the dead pane is dead")


def in_mode(tmux: Tmux, pane: str) -> bool:
    return call.ask(tmux.server, "display-message", "-p", "-t", pane, "#{pane_in_mode}").strip() == "1"


def test_copy_mode_is_left_before_a_paste(tmux: Tmux) -> None:
    opened, got = tmux.reader()
    call.ask(tmux.server, "copy-mode", "-t", opened.pane)
    assert in_mode(tmux, opened.pane)

    keyboard.paste_unless(tmux.server, opened.pane, "text")

    eventually(lambda: got.exists() and got.read_bytes() == b"text")
    assert not in_mode(tmux, opened.pane)


def test_copy_mode_is_left_before_a_key(tmux: Tmux) -> None:
    opened, got = tmux.reader()
    call.ask(tmux.server, "copy-mode", "-t", opened.pane)

    keyboard.press_if(tmux.server, opened.pane, ["Enter"])

    eventually(lambda: got.exists() and got.read_bytes() == b"\r")


def test_copy_mode_is_left_before_a_guarded_key(tmux: Tmux) -> None:
    opened, got = tmux.reader()
    call.ask(tmux.server, "copy-mode", "-t", opened.pane)

    assert keyboard.press_if(tmux.server, opened.pane, ["Enter"], unless="Esc to cancel") == "done"

    eventually(lambda: got.exists() and got.read_bytes() == b"\r")


def test_a_guarded_key_is_not_pressed_while_the_words_show(tmux: Tmux) -> None:
    opened = tmux.open("sh", "-c", "echo 'Esc to cancel'; cat > got")
    eventually(lambda: "Esc to cancel" in tmux.shown(opened.pane))

    assert keyboard.press_if(tmux.server, opened.pane, ["Enter"], unless="Esc to cancel") == "held back"

    keyboard.press_if(tmux.server, opened.pane, ["C-d"])
    eventually(lambda: tmux.pane(opened).dead)
    assert (tmux.folder / "got").read_bytes() == b""


def test_a_guarded_key_is_not_pressed_in_a_dead_pane(tmux: Tmux) -> None:
    opened = tmux.open("true")
    tmux.wait_dead(opened)

    assert keyboard.press_if(tmux.server, opened.pane, ["Enter"], unless="Esc to cancel") == "ended"


def test_a_paste_goes_to_the_pane_and_not_to_one_that_begins_alike(tmux: Tmux) -> None:
    _, ten_got = tmux.reader("agent-10")
    one, one_got = tmux.reader("agent-1")

    keyboard.paste_unless(tmux.server, one.pane, "for one")

    eventually(lambda: one_got.exists() and one_got.read_bytes() == b"for one")
    assert not ten_got.exists()


@pytest.mark.parametrize("gone", [0, 2, 4], ids=["first", "middle", "last"])
def test_screens_of_many_panes_leave_out_one_that_is_gone(tmux: Tmux, gone: int) -> None:
    opened = [tmux.open("sh", "-c", f"echo screen {n}; sleep 1000") for n in range(5)]
    eventually(lambda: all(f"screen {n}" in tmux.shown(one.pane) for n, one in enumerate(opened)))
    window.close(tmux.server, opened[gone].window)

    found = keyboard.screens(tmux.server, [one.pane for one in opened])

    assert {pane: rows[0] for pane, rows in found.items()} == {
        one.pane: f"screen {n}" for n, one in enumerate(opened) if n != gone
    }


def test_screens_of_no_pane_are_none(tmux: Tmux) -> None:
    assert keyboard.screens(tmux.server, []) == {}


def test_a_look_without_a_history_has_no_scrolled_rows(tmux: Tmux) -> None:
    opened = tmux.open("sh", "-c", "echo only; sleep 1000")
    eventually(lambda: "only" in tmux.shown(opened.pane))

    taken = keyboard.look(tmux.server, opened.pane, 1000)

    assert (taken.scrolled, taken.visible[0]) == ((), "only")


def test_a_look_takes_the_last_rows_of_the_history(tmux: Tmux) -> None:
    opened = tmux.open("sh", "-c", "seq 100; sleep 1000")
    eventually(lambda: "100" in tmux.shown(opened.pane))

    taken = keyboard.look(tmux.server, opened.pane, 3)

    shown = int(taken.visible[0])
    assert taken.scrolled == tuple(str(number) for number in range(shown - 3, shown))
    everything = keyboard.look(tmux.server, opened.pane, 10_000)
    assert everything.scrolled == tuple(str(number) for number in range(1, shown))


def test_the_end_of_a_program_does_not_change_its_screen(tmux: Tmux) -> None:
    opened = tmux.open("sh", "-c", "echo last words; read -r go")
    eventually(lambda: "last words" in tmux.shown(opened.pane))
    call.ask(tmux.server, "send-keys", "-t", opened.pane, "Enter")
    tmux.wait_dead(opened)

    assert tmux.shown(opened.pane).split("\n")[0] == "last words"
    assert "dead" not in tmux.shown(opened.pane)


def test_nobody_has_typed_in_a_window_without_a_client(tmux: Tmux) -> None:
    opened = tmux.open("sleep", "1000")

    view = keyboard.view(tmux.server, opened.pane)

    assert view is not None
    assert view.person_ns is None


ROWS = ["Esc to cancel", " ❯ 1. Yes, and (a) [x],y} #z #{pane_id} 100%", "$HOME 'it' \"is\" `a` \\ ~"]


@pytest.mark.parametrize("row", ROWS)
def test_words_are_found_on_the_screen_as_they_stand(tmux: Tmux, row: str) -> None:
    opened = tmux.open("sh", "-c", 'printf "%s\\n" "$1"; exec cat', "sh", row)
    eventually(lambda: row in tmux.shown(opened.pane))
    shown = keyboard.literal(row)

    held = keyboard.press_if(tmux.server, opened.pane, ["x"], unless=shown)
    pasted = keyboard.paste_unless(tmux.server, opened.pane, "text", shown)
    missing = keyboard.press_if(tmux.server, opened.pane, ["x"], only=(keyboard.literal(row + "?"),))
    pressed = keyboard.press_if(tmux.server, opened.pane, ["y"], only=(shown,))

    assert (held, pasted, missing, pressed) == ("held back", "held back", "held back", "done")
    eventually(lambda: tmux.shown(opened.pane).split("\n")[:2] == [row, "y"])
    assert call.ask(tmux.server, "list-buffers") == ""


def test_where_the_program_has_ended_keys_and_paste_say_so(tmux: Tmux) -> None:
    opened = tmux.open("true")
    tmux.wait_dead(opened)

    assert keyboard.press_if(tmux.server, opened.pane, ["x"]) == "ended"
    assert keyboard.paste_unless(tmux.server, opened.pane, "text", "") == "ended"
    view = keyboard.view(tmux.server, opened.pane)
    assert view is not None
    assert view.dead


def test_a_pane_that_is_gone_is_no_error(tmux: Tmux) -> None:
    opened = tmux.open("sleep", "60")
    window.close(tmux.server, opened.window)

    assert keyboard.view(tmux.server, opened.pane) is None
    assert keyboard.press_if(tmux.server, opened.pane, ["x"]) == "ended"
    assert keyboard.paste_unless(tmux.server, opened.pane, "text", "") == "ended"
