"""The set-up of a worktree: commands that run in its agent's own window before the agent's program.

`python -P -m tmuxagents.drivers.setting_up AGENT GENERATION UMASK`, run by the starter. At most as many are carried
out at once as the plan says; each holds one of so many locks, which the kernel frees when it dies. What the commands
print is on the terminal, and how far they are in a file beside the plan. Ends with the code of the command that failed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.drivers import files, wrapper

END = b"\x1b]7717;tmuxagents: the set-up is done\x1b\\"
"""Behind the last that the set-up printed. A terminal shows nothing of it."""

_GIVEN_UP = 1
_AGAIN_S = 0.1


def plan_file(agent: Path, generation: int) -> Path:
    """What is to be done."""
    return agent / f"setup.{generation}.json"


def progress_file(agent: Path, generation: int) -> Path:
    """How far it is: a JSON object a line."""
    return agent / f"setup.{generation}.log"


def write(agent: Path, generation: int, plan: Mapping[str, Any]) -> None:
    """Have the starter carry the plan out: `commands`, the folder `dir`, the locks `slots` and how many run `at_once`,
    and the file `done`, which is made when all have."""
    files.write_whole(plan_file(agent, generation), json.dumps(plan))
    files.write_whole(agent / f"setup.{generation}", f'exec {shlex.quote(sys.executable)} -P -m {__name__} "$@"\n')


def main(agent: Path, generation: int, umask: int) -> int:
    """Carry the plan out."""
    # As any program: ^C at the window ends it while it waits.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    plan = json.loads(files.read_whole(plan_file(agent, generation)))
    try:
        text = files.read_whole(agent / f"env.{generation}").decode(errors="surrogateescape")
    except FileNotFoundError:
        # The start was given up.
        return _GIVEN_UP
    env, progress = wrapper.parse_environment(text), _Progress(progress_file(agent, generation))
    with _turn(Path(plan["slots"]), plan["at_once"], lambda: progress.tell("waits", plan["commands"][0])):
        for command in plan["commands"]:
            # On a full disk what the command says of it is told.
            with contextlib.suppress(OSError):
                progress.tell("runs", command)
            print(f"$ {''.join(c if c.isprintable() else '?' for c in command)}", flush=True)
            code = _run(command, plan["dir"], env, umask)
            if code != 0:
                return code
    _surely(lambda: files.write_whole(Path(plan["done"]), ""))
    _surely(lambda: progress.tell("done", ""))
    sys.stdout.buffer.write(END)
    sys.stdout.buffer.flush()
    return 0


class _Progress:
    """Written anew each time: a rename wakes whoever looks at the folder."""

    def __init__(self, path: Path) -> None:
        self._path, self._lines = path, list[str]()

    def tell(self, how: str, command: str) -> None:
        lines = [*self._lines, json.dumps({"at": time.time_ns(), "how": how, "command": command})]
        files.write_whole(self._path, "\n".join([*lines, ""]))
        self._lines = lines


def _surely(write: Callable[[], None]) -> None:
    """A full disk is waited out: without these words nobody knows that the program has been started."""
    while True:
        try:
            return write()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                return None
        time.sleep(1)


def _run(command: str, folder: str, env: Mapping[str, str], umask: int) -> int:
    """Its exit code, as a shell gives it. It reads nothing: nobody may be there to answer."""
    with _terminal_kept(), _signals_caught():
        child = subprocess.Popen(["/bin/sh", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, umask=umask)
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextlib.contextmanager
def _signals_caught() -> Iterator[None]:
    """^C is the command's to obey. Caught, not ignored: what is ignored the command would ignore too."""
    before = {one: signal.signal(one, lambda *_: None) for one in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for one, was in before.items():
            signal.signal(one, was)


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """A command may leave the terminal as no other program wants to find it. What was typed meanwhile was meant for
    nobody, and would be read by the program that comes next."""
    was = None
    with contextlib.suppress(termios.error, OSError):
        was = termios.tcgetattr(1)
    try:
        yield
    finally:
        if was is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(1, termios.TCSAFLUSH, was)


@contextlib.contextmanager
def _turn(slots: Path, at_once: int, waits: Callable[[], None]) -> Iterator[None]:
    """Hold one of the locks. Of those that wait one looks again and again, and the others wait for that one's turn."""
    files.private_folder(slots)
    opened = [
        files.private(slots / f"slot-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC) for number in range(at_once)
    ]
    if not _one_of(opened):
        with contextlib.suppress(OSError):
            waits()
        turn = files.private(slots / "turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        fcntl.flock(turn, fcntl.LOCK_EX)
        while not _one_of(opened):
            time.sleep(_AGAIN_S)
        os.close(turn)
    yield


def _one_of(opened: Sequence[int]) -> bool:
    for descriptor in opened:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3], 8)))
