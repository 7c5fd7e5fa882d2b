"""What is wrong with a manifest, found one beside another."""

from __future__ import annotations

from types import TracebackType

from tmuxagents.runs.nodes import Fault

MOST = 100
"""Nobody reads more, and what was meant by a word is looked for among all others."""


class Faults:
    """`with faults:` keeps the `Fault` that ends it, and what is behind it is looked at all the same."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Fault):
            return False
        self._found += [error, *error.also]
        if len(self._found) >= MOST:
            self.tell()
        return True

    def tell(self) -> None:
        """Raise the first, with the others in it; nothing where there are none."""
        if self._found:
            first, *others = self._found[:MOST]
            first.also = tuple(others)
            raise first
