"""Carry out commands inside a program that goes on: what each says is caught, by the thread that carries it out."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Sequence
from typing import Any

from tmuxagents.cli import boundary

_caught = threading.local()


class _Routed:
    """A standard stream that is another one in a thread that carries out a command."""

    def __init__(self, which: str, usual: Any) -> None:
        self.__dict__["_which"], self.__dict__["_usual"] = which, usual

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(_caught, self._which, None) or self._usual, name)

    def __iter__(self) -> Any:
        return iter(getattr(_caught, self._which, None) or self._usual)


def route() -> None:
    """From now on `run` catches what is said."""
    for which in ("stdin", "stdout", "stderr"):
        setattr(sys, which, _Routed(which, getattr(sys, which)))


def run(argv: Sequence[str]) -> tuple[int, str, str]:
    """The exit code and what was said. Nobody sits at its terminal: nothing is asked, drawn or read."""
    said = {which: io.TextIOWrapper(io.BytesIO(), "utf-8", "replace") for which in ("stdin", "stdout", "stderr")}
    try:
        for which, stream in said.items():
            setattr(_caught, which, stream)
        code = boundary.carry_out(argv)
    finally:
        _caught.__dict__.clear()
    return code, _held(said["stdout"]), _held(said["stderr"])


def _held(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
