"""Programs that run beside a test: started, heard and ended."""

from __future__ import annotations

import subprocess
import sys


def python(program: str, *args: object) -> subprocess.Popen[str]:
    """Start a Python program in an interpreter of its own; its output is to be read, and its input is open."""
    argv = [sys.executable, "-c", program, *map(str, args)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line(process: subprocess.Popen[str]) -> str:
    """The next line that it prints, once it is there; empty where it has ended."""
    assert process.stdout is not None
    return process.stdout.readline()


def go(process: subprocess.Popen[str], text: str = "") -> None:
    """Give it that, and the end of its input."""
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.close()


def kill(process: subprocess.Popen[str]) -> None:
    """Have it gone."""
    process.kill()
    process.wait()
