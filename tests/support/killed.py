"""A command that is killed (SIGKILL) right before its Nth step: each is one that changes something outside of it."""

from __future__ import annotations

import os
import signal
import subprocess

from tests.support.fleet import Fleet

_INSTALL = """
import os, signal, sys

if os.environ.get("KILLED_BEFORE") and "tmuxagents" in sys.orig_argv:
    del sys.modules["sitecustomize"]
    import shutil

    from tmuxagents.drivers import files
    from tmuxagents.drivers.gh import call as gh
    from tmuxagents.drivers.git import call
    from tmuxagents.store.database import Database

    left = int(os.environ.pop("KILLED_BEFORE"))
    READS = {"rev-parse", "for-each-ref", "ls-files", "status", "config", "symbolic-ref", "merge-base", "cat-file"}
    READS |= {"rev-list", "check-ref-format", "list", "log", "remote", "ls-remote"}

    def step():
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(real, counts=lambda *args: True):
        def act(*args, **more):
            if counts(*args):
                step()
            return real(*args, **more)
        return act

    os.rename = counted(os.rename)
    shutil.rmtree = counted(shutil.rmtree)
    files.write_whole = counted(files.write_whole)
    Database.write = counted(Database.write)
    call._run = counted(call._run, lambda argv, *_: not READS & {w for w in argv if isinstance(w, str)})
    gh.asked = counted(gh.asked, lambda program, folder, *words: "create" in words)
"""


def before(fleet: Fleet, step: int, *args: str) -> bool:
    """Run a command that is killed there; False when it ended before."""
    folder = fleet.root / "killing"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_INSTALL)
    argv = [word for word in fleet.argv(*args) if word != "-P"]
    path = os.pathsep.join([str(folder), *filter(None, [fleet.env.get("PYTHONPATH")])])
    env = {**fleet.env, "PYTHONPATH": path, "KILLED_BEFORE": str(step)}
    ran = subprocess.run(
        argv, env=env, cwd=fleet.work, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert ran.returncode in (0, -signal.SIGKILL), ran
    return ran.returncode != 0
