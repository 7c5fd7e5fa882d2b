"""A paste as a terminal sends it: what it may hold, and cut wherever a read may end."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from hypothesis import strategies as st

from tmuxagents.tui.pasting import BEGIN, END

_MARKS_AND_KEYS = (END, BEGIN, "\r", "\x1by", "\x1b[19~", "\x1b", "\x1b[2", "\x03")


def hostile(*more: str) -> st.SearchStrategy[str]:
    """Texts of marks and keys, and of these."""
    return st.lists(st.sampled_from([*_MARKS_AND_KEYS, *more]), max_size=9).map("".join)


cuts = st.lists(st.integers(1, 5), min_size=1)
"""How much is read at once, again and again."""


def reads(pasted: str, sizes: Sequence[int]) -> Iterator[str]:
    """The paste with its marks, as it is read in pieces of these sizes."""
    data = f"{BEGIN}{pasted}{END}"
    for size in itertools.cycle(sizes):
        if not data:
            return
        yield data[:size]
        data = data[size:]
