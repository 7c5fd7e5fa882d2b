"""The hook that waits for an answer, and who answers it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fleet import eventually
from tmuxagents.drivers import hook_pipe, wrapper

PAYLOAD = '{"tool_name": "Bash"}'


class Hook:
    """The real script, started as the program starts it."""

    def __init__(self, root: Path, program: int | None = None) -> None:
        for name in ("spool", "asks"):
            (root / name).mkdir(exist_ok=True)
        wrapper.write_scripts(root / "bin")
        self.root = root
        (root / "pid.1").write_text(str(os.getpid() if program is None else program))
        argv = [str(root / "bin" / "ask.sh"), str(root / "spool"), "1", str(root / "asks")]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        self.process.stdin.write(PAYLOAD)
        self.process.stdin.close()
        self.process.stdin = None

    def pipe(self) -> Path:
        """Its pipe, once its payload is there."""
        found = eventually(lambda: next(iter((self.root / "spool").glob(f"*.{self.process.pid}.json")), None))
        time, _, _, pid, _ = found.name.split(".")
        return self.root / "asks" / f"{time}.{pid}"

    def end(self) -> tuple[str, int]:
        """What it printed and how it ended."""
        out, _ = self.process.communicate(timeout=20)
        return out, self.process.returncode


@pytest.fixture
def hook(root: Path) -> Iterator[Hook]:
    made = Hook(root)
    yield made
    made.process.kill()
    made.process.wait()


def test_it_prints_the_answer_it_is_given_and_leaves_its_payload(hook: Hook, root: Path) -> None:
    line = json.dumps({"decision": 'with "quotes", \\n and \\ and  blanks '})

    assert hook_pipe.send(hook.pipe(), line)

    assert hook.end() == (line + "\n", 0)
    assert [path.read_text() for path in (root / "spool").iterdir()] == [PAYLOAD]
    assert list((root / "asks").iterdir()) == []


def test_of_two_answers_one_is_taken(hook: Hook) -> None:
    pipe = hook.pipe()

    sent = [hook_pipe.send(pipe, "first"), hook_pipe.send(pipe, "second")]

    assert sent == [True, False]
    assert hook.end() == ("first\n", 0)


def test_a_long_answer_arrives_whole(hook: Hook) -> None:
    line = "x" * 300_000

    assert hook_pipe.send(hook.pipe(), line)

    assert hook.end() == (line + "\n", 0)


def test_a_hook_that_has_gone_takes_no_answer(hook: Hook) -> None:
    pipe = hook.pipe()
    hook.process.kill()
    hook.process.wait()

    # What it was about to start in that moment has the pipe open for an instant.
    eventually(lambda: not hook_pipe.send(pipe, "too late"))
    assert not pipe.exists()


def test_one_that_is_released_prints_nothing(hook: Hook, root: Path) -> None:
    hook.pipe()

    hook_pipe.release(root / "asks")

    assert hook.end() == ("", 0)


def test_the_others_wait_on(hook: Hook, root: Path) -> None:
    other = Hook(root)
    other.pipe()
    hook_pipe.release(root / "asks", keep=frozenset({hook.pipe().name}))

    assert other.end() == ("", 0)
    assert hook.process.poll() is None


def test_it_ends_when_it_is_told_to(hook: Hook) -> None:
    pipe = hook.pipe()

    hook.process.terminate()

    assert hook.end() == ("", 0)
    assert not pipe.exists()


def test_it_ends_by_itself_when_its_program_has_gone(root: Path) -> None:
    program = subprocess.Popen(["sleep", "1000"])
    hook = Hook(root, program.pid)
    hook.pipe()

    program.kill()
    program.wait()

    assert hook.end() == ("", 0)


def test_where_no_pipe_can_be_made_it_leaves_its_payload_and_ends(root: Path) -> None:
    (root / "asks").write_text("in its place")
    (root / "spool").mkdir()
    wrapper.write_scripts(root / "bin")
    argv = [str(root / "bin" / "ask.sh"), str(root / "spool"), "1", str(root / "asks")]

    done = subprocess.run(argv, input=PAYLOAD, capture_output=True, text=True, timeout=20, check=False)

    assert (done.returncode, done.stdout) == (0, "")
    assert [path.read_text() for path in (root / "spool").iterdir()] == [PAYLOAD]


def test_what_is_no_pipe_is_not_written_to(root: Path) -> None:
    (root / "file").write_text("kept")
    (root / "link").symlink_to(root / "file")

    assert not hook_pipe.send(root / "link", "x")
    assert (root / "file").read_text() == "kept"


@pytest.mark.parametrize("gone", ["program", "folder"])
def test_it_ends_when_its_program_is_gone_and_the_folder_with_it(root: Path, gone: str) -> None:
    program = subprocess.Popen(["sleep", "1000"])
    hook = Hook(root, program.pid)
    hook.pipe()

    shutil.rmtree(root / "asks")
    if gone == "program":
        program.kill()
        program.wait()

    assert hook.end() == ("", 0)
    program.kill()
    program.wait()
