"""Make the real claude show each of its dialogs, and keep what the terminal shows.

    python -m tests.support.record                        everything, every version and size
    python -m tests.support.record --only permissions     one act (see `scenes.ACTS`), written anew
    python -m tests.support.record --version newest --size 80x24 --into /tmp/screens

Each screen becomes `tests/data/claude/VERSION/screens/NAME.COLUMNSxROWS.ansi`, as `capture-pane -p -e`
gives it. `python -m tests.support.golden` then writes what it is taken for beside it: read that and
correct it by eye. For a new version of claude, install it beside the others, record, and look at
what differs. A screen that a version does not have is written by no one; the run says which were.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import claude_program
from tests.support.fleet import KEY
from tests.support.golden import DATA
from tests.support.messages_api import MessagesApi, Usage
from tmuxagents.kinds import tui

SIZES = ((200, 50), (80, 24), (40, 12))

# The same in every recording, so that a recording made anew differs only where claude does.
ROOT = Path(os.environ.get("TMUXAGENTS_RECORD_ROOT", "/tmp/recorded"))

_ENV = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION": "false",
    "CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN": "1",
    "CLAUDE_CODE_DISABLE_MOUSE": "1",
    "CLAUDE_CODE_DISABLE_AGENT_VIEW": "1",
    "CLAUDE_CODE_FORCE_SESSION_PERSISTENCE": "1",
    "DISABLE_AUTOUPDATER": "1",
    "IS_SANDBOX": "1",
    "LANG": "C.UTF-8",
    "TERM": "tmux-256color",
}


@dataclass(slots=True)
class Stage:
    """One claude in a terminal of one size, and where its screens are kept."""

    program: Path
    size: tuple[int, int]
    screens: Path
    api: MessagesApi
    root: Path = ROOT
    taken: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """HOME of the claude."""
        return self.root / "home"

    @property
    def work(self) -> Path:
        """Its working folder."""
        return self.root / "project"

    def empty(self) -> None:
        """A new HOME, whose configuration knows the folder, and an empty folder."""
        self.end()
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in (self.home / ".claude", self.work):
            folder.mkdir(parents=True)
        (self.root / "tmux.conf").write_text(
            'set -g default-terminal "tmux-256color"\nset -g status off\nset -g remain-on-exit on\n'
        )
        self.configure()

    def configure(self, *, trusted: bool = True, known: bool = True, key: bool = True) -> None:
        """Write `.claude.json`: whether the folder is trusted, the onboarding done, the API key approved."""
        config = {
            **({"hasCompletedOnboarding": True, "theme": "dark"} if known else {}),
            **({"customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []}} if key else {}),
            "projects": {str(self.work): {"hasTrustDialogAccepted": True}} if trusted else {},
        }
        (self.home / ".claude.json").write_text(json.dumps(config))

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> None:
        """Start claude and wait for its first screen."""
        self.end()
        own = {
            **_ENV,
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "ANTHROPIC_BASE_URL": self.api.url,
            "ANTHROPIC_API_KEY": KEY,
            **(env or {}),
        }
        pairs = [f"{key}={value}" for key, value in own.items() if value]
        where = ["-x", str(self.size[0]), "-y", str(self.size[1]), "-c", str(self.work)]
        argv = ["env", "-i", *pairs, str(self.program), *args]
        self._tmux("-f", str(self.root / "tmux.conf"), "new-session", "-d", *where, *argv)
        _until(lambda: any(self.rows()), 15)
        self.settle(0.8)

    def end(self) -> None:
        """End it, with its terminal."""
        pid = self._tmux("display-message", "-p", "#{pid}").strip() if (self.root / "s").exists() else ""
        if pid:
            self._tmux("kill-server")
            _until(lambda: not Path(f"/proc/{pid}").exists(), 10)

    def keys(self, *keys: str) -> None:
        """Press keys one after another, each with time to be drawn."""
        for key in keys:
            shown = self.rows()
            self._tmux("send-keys", key)
            with contextlib.suppress(TimeoutError):
                _until(lambda shown=shown: self.rows() != shown, 2)  # type: ignore[misc]
            self.settle()

    def together(self, *keys: str) -> None:
        """Press keys at once."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Paste a text."""
        shown = self.rows()
        subprocess.run(self._argv("load-buffer", "-"), input=text, text=True, check=True)
        self._tmux("paste-buffer", "-p", "-r")
        with contextlib.suppress(TimeoutError):
            _until(lambda: self.rows() != shown, 4)
        self.settle(0.2)

    def say(self, text: str) -> None:
        """Paste a text and submit it; wait until nothing moves."""
        if self.has_box():
            # An interrupted prompt may have been put back.
            self._tmux("send-keys", "C-u", "C-u", "C-k", "C-k")
            self.settle(0.1)
        before = self._report()
        self.type(text)
        self._tmux("send-keys", "Enter")
        with contextlib.suppress(TimeoutError):
            _until(lambda: self._report() != before or not self.has_draft(), 6)
        with contextlib.suppress(TimeoutError):
            _until(lambda: self._report().get("status") != "idle" or not self.has_box(), 2)
        with contextlib.suppress(TimeoutError):
            _until(lambda: self._report().get("status") != "busy", 8)
        self.settle(0.5)

    def ends_turn(self) -> None:
        """Wait until the late answer stands on the screen."""
        _until(lambda: any(row.startswith("● a late answer") for row in self.rows()), 60)
        self.settle(0.8)

    def call(self, tool: str, arguments: object) -> None:
        """Let the model call a tool."""
        self.opens(f"call: {tool} {json.dumps(arguments)}")

    def opens(self, text: str) -> None:
        """Say what opens a dialog, and wait for it as long as a busy machine takes."""
        self.say(text)
        with contextlib.suppress(TimeoutError):
            _until(lambda: not self.has_box(), 10)
        self.settle(0.5)

    def settle(self, quiet: float = 0.3, within: float = 4.0) -> None:
        """Wait until the screen has not changed for `quiet` seconds; a clock on it goes on."""
        end = time.monotonic() + within
        seen, since = self.rows(), time.monotonic()
        while time.monotonic() < min(end, since + quiet):
            time.sleep(0.04)
            if (now := self.rows()) != seen:
                seen, since = now, time.monotonic()

    def has_box(self) -> bool:
        """Whether the input box is shown; its mark has a blank of its own behind it."""
        return any(row.startswith("❯\xa0") for row in self.rows())

    def has_draft(self) -> bool:
        """Whether something stands in the input box."""
        return any(row.startswith("❯\xa0") and row[2:].strip() for row in self.rows())

    def _report(self) -> dict[str, Any]:
        """What it says of itself."""
        reports = sorted((self.home / ".claude" / "sessions").glob("*.json"), key=lambda path: path.stat().st_mtime)
        report: dict[str, Any] = json.loads(reports[-1].read_text() or "{}") if reports else {}
        return report

    def rows(self) -> list[str]:
        """The screen without attributes."""
        return tui.plain(self._tmux("capture-pane", "-p").split("\n"))

    def shot(self, name: str) -> None:
        """Keep the screen."""
        columns, rows = self.size
        shown = self._tmux("capture-pane", "-p", "-e")
        (self.screens / f"{name}.{columns}x{rows}.ansi").write_text(shown)
        self.taken.append(name)

    def _tmux(self, *args: str) -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.root), "LANG": "C.UTF-8"}
        return subprocess.run(self._argv(*args), capture_output=True, text=True, check=False, env=env).stdout

    def _argv(self, *args: str) -> Sequence[str]:
        return ["tmux", "-u", "-S", str(self.root / "s"), *args]


def _until(is_so: Callable[[], bool], within: float) -> None:
    end = time.monotonic() + within
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within:g} s")
        time.sleep(0.05)


def record(version: str, size: tuple[int, int], acts: Sequence[str], into: Path) -> None:
    """Play the acts with one version in a terminal of one size; the screens go below `into`."""
    from tests.support.scenes import ACTS

    program = claude_program(version)
    name = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    screens = into / name / "screens"
    screens.mkdir(parents=True, exist_ok=True)
    for act in acts:
        with MessagesApi(usage=ACTS[act].usage or Usage()) as api:
            stage = Stage(program, size, screens, api)
            try:
                stage.empty()
                ACTS[act].play(stage)
            except (TimeoutError, OSError) as error:
                print(f"{name} {size[0]}x{size[1]} {act}: {error}")
            finally:
                stage.end()
            print(f"{name} {size[0]}x{size[1]} {act}: {' '.join(stage.taken)}", flush=True)
    shutil.rmtree(ROOT, ignore_errors=True)


def main() -> None:
    """Record what was asked for."""
    from tests.support.scenes import ACTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=sorted(ACTS))
    parser.add_argument("--version", action="append", choices=["oldest", "newest"])
    parser.add_argument("--size", action="append")
    parser.add_argument("--into", type=Path, default=DATA / "claude")
    given = parser.parse_args()
    sizes = [(int(c), int(r)) for c, r in (s.split("x") for s in given.size)] if given.size else SIZES
    for version in given.version or ["oldest", "newest"]:
        for size in sizes:
            record(version, size, given.only or list(ACTS), given.into)


if __name__ == "__main__":
    main()
