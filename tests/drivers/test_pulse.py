"""What a process tells of its next turn, as another process sees it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tmuxagents.drivers import pulse

SPEAKER = """
import sys
from pathlib import Path
from tmuxagents.drivers.pulse import Turns
told = Turns()
told.open(Path(sys.argv[1]))
for line in sys.stdin:
    word, moment = line.split()
    getattr(told, word)(None if moment == "None" else float(moment))
    print("told", flush=True)
"""


class Speaker:
    """Another process that tells what it is told to tell."""

    def __init__(self, path: Path) -> None:
        argv = [sys.executable, "-P", "-c", SPEAKER, str(path)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, word: str, moment: float | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word} {moment}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "told\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "turn"


@pytest.fixture
def speaker(path: Path) -> Iterator[Speaker]:
    made = Speaker(path)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


def test_where_nobody_tells_anything_nothing_is_told(path: Path) -> None:
    assert pulse.look(path) == pulse.Look()


def test_the_last_word_is_told_with_who_said_it(path: Path, speaker: Speaker) -> None:
    for moment in (0.0, 12.5, 12.5, 3.25, 1e9):
        speaker.tell("due", moment)

        assert pulse.look(path) == pulse.Look(due=moment, pid=speaker.process.pid)


def test_the_two_words_do_not_disturb_each_other(path: Path, speaker: Speaker) -> None:
    speaker.tell("answered", 7.0)
    speaker.tell("due", 9.0)
    assert pulse.look(path) == pulse.Look(due=9.0, answered=7.0, pid=speaker.process.pid)

    speaker.tell("due", None)

    assert pulse.look(path) == pulse.Look(answered=7.0, pid=speaker.process.pid)


def test_the_words_of_a_dead_process_are_gone(path: Path, speaker: Speaker) -> None:
    speaker.tell("due", 9.0)

    speaker.process.kill()
    speaker.process.wait()

    assert pulse.look(path) == pulse.Look()


def test_nothing_is_written(path: Path, speaker: Speaker) -> None:
    speaker.tell("due", 9.0)
    before = path.stat()

    speaker.tell("due", 10.0)

    assert path.stat() == before
