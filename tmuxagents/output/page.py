"""Lay out a page of our own Markdown for whoever reads it: paragraphs and bullets filled, code as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from tmuxagents.output import hues, markdown, rendering
from tmuxagents.value import Value

_CODE = "    "
_BULLET = "- "


class _Block(Value):
    """A paragraph or a bullet on one line, a heading, an empty line, or a line of code."""

    text: str
    mark: str = ""
    is_code: bool = False


def rows(text: str, *, width: int | None, color: bool) -> list[str]:
    """The rows, none wider than `width`: but for code, which is there to be copied and not broken."""
    return [row for block in _blocks(text) for row in _laid(block, width, color)]


def _blocks(text: str) -> Iterator[_Block]:
    held: list[str] = []

    def filled() -> Iterator[_Block]:
        if held:
            joined = " ".join(held)
            is_item = joined.startswith(_BULLET)
            yield _Block(joined.removeprefix(_BULLET), "• " if is_item else "")
            held.clear()

    for line in text.strip("\n").split("\n"):
        alone = not line.strip() or line.startswith((_CODE, "#"))
        if alone or line.startswith(_BULLET):
            yield from filled()
        if alone:
            yield _Block(line, is_code=line.startswith(_CODE))
        else:
            held.append(line.strip())
    yield from filled()


def _laid(block: _Block, width: int | None, color: bool) -> list[str]:
    if block.is_code:
        return [f"\x1b[{hues.QUOTES}m{block.text}\x1b[0m" if color else block.text]
    (read,) = markdown.read(block.text)
    plain = rendering.hang("", read.text, None if width is None else width - len(block.mark))
    found = markdown.paint(plain, read) if color else plain
    under = " " * len(block.mark)
    return [f"{block.mark if at == 0 else under}{row}".rstrip() for at, row in enumerate(found)]
