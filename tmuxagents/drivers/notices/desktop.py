"""A notification on the desktop of this machine: `notify-send`, on macOS `osascript`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tmuxagents.drivers.notices import child
from tmuxagents.drivers.notices.outcome import Outcome
from tmuxagents.value import Value

STANDS_S = 2.0
"""A notification with buttons that is there after so long stands, and waits for the person."""

# `notify-send` prints the name of the button that was pressed. Nothing here is read as shell: all are arguments.
_PRESSED = """
agent=$1 dialog=$2 python=$3 state=$4
shift 4
pressed=$("$@") || exit
case $pressed in
approve | deny) exec "$python" -P -m tmuxagents --state-dir "$state" "$pressed" --dialog "$dialog" "$agent" ;;
esac
"""
_SCRIPT = (
    "on run {words, heading}",
    "display notification words with title heading",
    "end run",
)


class Told(Value):
    """What it says. `buttons` (a verb and its label) settle the dialog of that id, in the fleet of that
    state directory."""

    id: str
    title: str
    body: str
    urgent: bool
    agent: str = ""
    dialog: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    state: str = ""


def send(told: Told) -> Outcome:
    """Have it shown; where it has buttons somebody else waits for the press, and carries it out."""
    program = "osascript" if sys.platform == "darwin" else "notify-send"
    if shutil.which(program) is None:
        return Outcome(False, f"'{program}' is not installed")
    env = environment(os.environ, os.getuid())
    if program == "osascript":
        return child.run(by_osascript(told), env=env)
    if not told.buttons or not _takes_actions():
        return child.run(by_notify_send(told, actions=False), env=env)
    return child.start(pressed(told, by_notify_send(told, actions=True)), env=env, within=STANDS_S)


def by_osascript(told: Told) -> list[str]:
    """The words come as arguments: nothing in them is AppleScript."""
    lines = [word for line in _SCRIPT for word in ("-e", line)]
    return ["osascript", *lines, "--", told.body, told.title]


def by_notify_send(told: Told, *, actions: bool) -> list[str]:
    """A repetition replaces the first, where the desktop knows the hint."""
    argv = ["notify-send", "--app-name=tmuxagents", f"--urgency={'critical' if told.urgent else 'normal'}"]
    argv += [f"--hint=string:x-canonical-private-synchronous:{told.id}"]
    argv += [f"--action={verb}={label}" for verb, label in told.buttons] if actions else []
    return [*argv, "--", told.title, _plain(told.body)]


def pressed(told: Told, shows: Sequence[str]) -> list[str]:
    """The command line that shows it, waits, and carries out what was pressed."""
    return ["sh", "-c", _PRESSED, "sh", told.agent, told.dialog, sys.executable, told.state, *shows]


def environment(given: Mapping[str, str], uid: int) -> dict[str, str]:
    """With the way to the desktop's bus, which the controller was not given: it is at a fixed place."""
    runtime = given.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}"
    bus = Path(runtime) / "bus"
    known = "DBUS_SESSION_BUS_ADDRESS" in given or not bus.exists()
    return dict(given) if known else {**given, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"}


def _takes_actions() -> bool:
    """`--action` came with libnotify 0.8."""
    try:
        said = subprocess.run(["notify-send", "--help"], capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"--action" in said.stdout


def _plain(text: str) -> str:
    """The body is read as markup by some desktops."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
