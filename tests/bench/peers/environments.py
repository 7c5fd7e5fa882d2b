"""An environment of its own for each tool, at its pinned version, under `.peers`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers.bed import Failed
from tests.bench.peers.peer import Peer

FOLDER = Path(__file__).parents[3] / ".peers"


@dataclass(frozen=True, slots=True)
class Installed:
    """Where a tool is: the folder for the PATH, the Python it runs on, the bytes it takes."""

    programs: Path
    python: Path
    size: int


def install(peer: Peer) -> Installed:
    """Make the environment of a tool unless it is there; Failed says why it cannot be."""
    folder = FOLDER / f"{peer.name}-{peer.version}"
    stamp = folder / ".installed"
    here = any(Path(package).is_dir() for package in peer.packages)  # is always made anew
    if here or not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([str(_python(peer)), "-m", "venv", "--without-pip", str(folder)])
        # Without pip in it, what is measured is the tool and what it needs.
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
        _run([*pip, "install", "--quiet", "--disable-pip-version-check", *peer.packages])
        stamp.touch()
    return Installed(folder / "bin", folder / "bin" / "python", size(folder))


def size(folder: Path) -> int:
    """Bytes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise Failed(f"cannot be installed here: {done.stdout.strip().splitlines()[-1]}")


def _python(peer: Peer) -> Path:
    for candidate in _pythons():
        try:
            done = subprocess.run(
                [candidate, "-c", "import sys; print(*sys.version_info[:2])"],
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            continue
        if not done.returncode and tuple(map(int, done.stdout.split())) >= peer.python:
            return Path(candidate)
    raise Failed("needs Python {}.{}, not here".format(*peer.python))


def _pythons() -> Iterator[str]:
    yield str(Path(sys.executable).resolve())
    yield from ("python3", "python3.12", "python3.13", "python3.14")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob("versions/3.1[2-9]*/bin/python3")))
