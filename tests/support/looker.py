"""A command in a process that is forked from one which has imported already, as `multiprocessing`'s
forkserver does.

Three quarters of an `ls` are the interpreter and its imports, 0.2 s of a core, and a test looks ten times
and runs five others. Everything else is as if the command had been typed: its own process, words, input,
environment, folder and mask (tests/cli/test_whole.py compares them). What a test claims of the start of a
command it claims of a whole one, `fleet.whole(...)`; the soak runs tests/cli with whole ones alone.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

ANSWER_S = 100.0


class Looker:
    """The process that is forked from; it ends when the other end of its socket is closed."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        argv = [sys.executable, "-P", "-m", __name__, str(theirs.fileno())]
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()

    def run(
        self, words: Sequence[str], env: Mapping[str, str], folder: Path, stdin: str = "", within: float = ANSWER_S
    ) -> tuple[int, str, str]:
        """Run one command: its exit code, standard output and standard error."""
        mask = os.umask(0o077)
        os.umask(mask)
        wish = json.dumps({"words": words, "env": dict(env), "folder": str(folder), "mask": mask}).encode()
        self._ours.settimeout(within)
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            os.pwrite(given.fileno(), stdin.encode(errors="surrogateescape"), 0)
            files = [given.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._ours, [len(wish).to_bytes(4, "big")], files)
            self._ours.sendall(wish)
            code = int.from_bytes(_exactly(self._ours, 4), "big", signed=True)
            return code, _whole(out.fileno()), _whole(err.fileno())


@cache
def _looker() -> Looker:
    """This process's."""
    return Looker()


def run(
    words: Sequence[str], env: Mapping[str, str], folder: Path, *, stdin: str = "", within: float = ANSWER_S
) -> tuple[int, str, str]:
    """Run one command, forked; TimeoutError after `within` seconds."""
    try:
        return _looker().run(words, env, folder, stdin, within)
    except OSError:
        # It is still behind that command: whoever comes next has another.
        _looker.cache_clear()
        raise


def _whole(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode()


def _exactly(peer: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = peer.recv(size - len(got))
        if not more:
            raise EOFError
        got += more
    return got


def _serve(peer: socket.socket) -> None:
    """Import the program, then fork for each wish."""
    import tmuxagents

    for module in pkgutil.walk_packages(tmuxagents.__path__, "tmuxagents."):
        if not module.name.endswith(("__main__", ".program")):
            importlib.import_module(module.name)
    while True:
        head, files, _, _ = socket.recv_fds(peer, 4, 3)
        if not head:
            return
        wish = json.loads(_exactly(peer, int.from_bytes(head, "big")))
        child = os.fork()
        if child == 0:
            _become(wish["words"], wish["env"], wish["folder"], wish["mask"], files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        peer.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _become(words: list[str], env: dict[str, str], folder: str, mask: int, files: list[int]) -> NoReturn:
    code = 70
    try:
        for ours, given in enumerate(files):
            os.dup2(given, ours)
        # Whatever else was open here is not the command's, and not that of what it starts.
        os.closerange(3, 256)
        os.environ.clear()
        os.environ.update(env)
        os.umask(mask)
        os.chdir(folder)
        time.tzset()
        sys.argv = ["tmuxagents", *words]
        from tmuxagents.__main__ import main

        code = main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    with contextlib.suppress(EOFError, ConnectionError), socket.socket(fileno=int(sys.argv[1])) as given:
        _serve(given)
