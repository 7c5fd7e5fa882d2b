"""A stand-in for `git-lfs`, configured as `git lfs install` does it: long-running, and required.

It keeps what it has cleaned beside itself and notes each of its runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.worktrees import git

_PROGRAM = """#!{python}
import hashlib, os, sys

HOME = {home!r}
with open(HOME + "/ran", "a") as ran:
    ran.write(" ".join(sys.argv[1:]) + chr(10))

def clean(data):
    if data.startswith(b"version fake "):
        return data
    name = hashlib.sha256(data).hexdigest()
    with open(HOME + "/" + name, "wb") as kept:
        kept.write(data)
    return b"version fake " + name.encode() + chr(10).encode()

def smudge(data):
    if not data.startswith(b"version fake "):
        return data
    with open(HOME + "/" + data.split()[2].decode(), "rb") as kept:
        return kept.read()

DOES = {{"clean": clean, "smudge": smudge}}

def get():
    size = sys.stdin.buffer.read(4)
    return None if not size or size == b"0000" else sys.stdin.buffer.read(int(size, 16) - 4)

def lines():
    return [line.decode().strip() for line in iter(get, None)]

def put(*packets):
    for packet in packets:
        sys.stdout.buffer.write(b"%04x" % (len(packet) + 4) + packet)
    sys.stdout.buffer.write(b"0000")
    sys.stdout.buffer.flush()

if sys.argv[1] != "filter-process":
    sys.stdout.buffer.write(DOES[sys.argv[1]](sys.stdin.buffer.read()))
    sys.exit()
lines()
put(b"git-filter-server", b"version=2")
lines()
put(b"capability=clean", b"capability=smudge")
while request := lines():
    verb = dict(line.split("=", 1) for line in request)["command"]
    made = DOES[verb](b"".join(iter(get, None)))
    put(b"status=success")
    put(*(made[at:at + 60000] for at in range(0, len(made), 60000)))
    put()
"""


def install(main: Path, folder: Path, *patterns: str) -> Path:
    """Have files of these patterns filtered in that repository; the file in which each run is noted."""
    folder.mkdir()
    program = folder / "git-lfs"
    program.write_text(_PROGRAM.format(python=sys.executable, home=str(folder)))
    program.chmod(0o755)
    for key, words in (("clean", "clean -- %f"), ("smudge", "smudge -- %f"), ("process", "filter-process")):
        git(main, "config", f"filter.lfs.{key}", f"{program} {words}")
    git(main, "config", "filter.lfs.required", "true")
    attributes = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in patterns)
    (main / ".gitattributes").write_text(attributes)
    return folder / "ran"
