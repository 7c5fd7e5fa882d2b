"""The question whether a dialog is still there, asked of a real tmux that shows the recorded screens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import golden
from tests.support.fleet import eventually
from tmuxagents.kinds import claude, guard
from tmuxagents.model.condition import Dialog

# At the size in which a dialog fits and little else.
SIZED = [path for path in golden.SCREENS if path.stem.endswith(".80x24") and "panel-" not in path.stem]


class Shows:
    """One tmux server; a window of each size shows one screen after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.windows: set[str] = set()

    def tmux(self, *args: str) -> str:
        """Ask it."""
        argv = ["tmux", "-u", "-S", str(self.root / "s"), "-f", "/dev/null", *args]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30).stdout

    def show(self, path: Path) -> str:
        """Show a screen, and where."""
        size = path.stem.rpartition(".")[2]
        columns, rows = size.split("x")
        file = self.root / "screen"
        # A line break behind the last row would scroll.
        file.write_text("\r\n".join(golden.rows(path)))
        program = f"cat {file}; exec sleep 600"
        if size in self.windows:
            self.tmux("respawn-window", "-k", "-t", f"={size}:", program)
        else:
            self.windows.add(size)
            self.tmux("new-session", "-d", "-s", size, "-x", columns, "-y", rows, program)
            self.tmux("set-option", "-g", "status", "off")
            self.tmux("resize-window", "-t", f"={size}:", "-x", columns, "-y", rows)
            self.tmux("respawn-window", "-k", "-t", f"={size}:", program)
        wanted = [_plain(row) for row in golden.rows(path)]
        eventually(lambda: self._rows(size) == wanted, explain=lambda: "\n".join(self._rows(size)))
        return f"={size}:"

    def _rows(self, size: str) -> list[str]:
        return [_plain(row) for row in self.tmux("capture-pane", "-p", "-t", f"={size}:").split("\n")[:-1]]

    def says(self, where: str, question: str) -> bool:
        """As a key is guarded."""
        return self.tmux("if-shell", "-F", "-t", where, question, "display-message -p yes") == "yes\n"


@pytest.fixture(scope="module")
def shows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shows]:
    made = Shows(tmp_path_factory.mktemp("shows"))
    yield made
    made.tmux("kill-server")


@pytest.mark.parametrize("path", SIZED, ids=golden.name)
def test_tmux_sees_a_dialog_as_it_was_read_and_not_where_a_box_is(shows: Shows, path: Path) -> None:
    dialog = claude.KIND.read_screen(golden.rows(path)).dialog
    where = shows.show(path)

    if dialog is not None and dialog.anchors:
        assert shows.says(where, guard.shown(guard.guard(dialog, pointed=dialog.preselected), unless=claude.KIND.BOX))
    else:
        permission = Dialog("permission", "", anchors=(" Do you want to proceed?", "   1. Yes", "   2. No"))
        assert not shows.says(where, guard.shown(guard.guard(permission), unless=claude.KIND.BOX))


def test_any_character_of_a_command_can_be_asked_for(shows: Shows) -> None:
    path = next(path for path in SIZED if path.stem == "permission-bash-pipe.80x24")
    where = shows.show(path)
    command = next(row for row in golden.rows(path) if "tee {a,b} #1" in _plain(row) and "❯" not in row)

    def ask(row: str) -> bool:
        return shows.says(where, guard.shown(guard.guard(Dialog("permission", "", anchors=(row,)))))

    assert ask(_plain(command))
    assert not ask(_plain(command).replace("./x", "./y"))
    assert not ask(_plain(command).replace("a,b", "a;b"))
    for character in "\\.[]()*+?^$|#{}%,;:'\"`~&<>=!@-":
        assert not ask(f"no such row {character}")


def _plain(row: str) -> str:
    return re.sub(r"\x1b\[[0-9;:]*m", "", row).rstrip()
