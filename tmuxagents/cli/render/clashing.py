"""How conflicts are shown: who, in which files, and the lines that both changed; or as JSON."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tmuxagents.drivers.git.merging import Clash, Hunk
from tmuxagents.output.painted import seen
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.review.conflicts import Found, Pair

_LINES = 4
"""So many lines of each side are shown of a hunk."""


def rows(found: Found) -> list[str]:
    """A heading for each pair, and below it its files and hunks."""
    return [row for pair in found.pairs for row in _pair(pair)]


def _pair(pair: Pair) -> list[str]:
    names = (pair.one.name, pair.other.name if pair.other is not None else one_line(pair.into or ""))
    files = len({path for clash in pair.clashes for path in clash.paths[:1]})
    where = f"in {files} {'file' if files == 1 else 'files'}" if files else f"({pair.clashes[0].what})"
    return [f"{names[0]} conflicts with {names[1]} {where}", *_below(pair.clashes, names)]


def _below(clashes: Sequence[Clash], names: tuple[str, str]) -> list[str]:
    told, width = [], max(map(len, names))
    for clash in clashes:
        if clash.paths:
            told.append(f"  {', '.join(map(_name, clash.paths))}: {clash.what}")
        for hunk in clash.hunks:
            told += [*_side(names[0], hunk.ours, width), *_side(names[1], hunk.theirs, width)]
    return told


def _name(path: bytes) -> str:
    return seen(os.fsdecode(path)).replace("\n", "^J")


def _side(name: str, lines: bytes, width: int) -> list[str]:
    texts = [seen(line) for line in lines.decode("utf-8", "surrogateescape").split("\n")]
    if texts[-1] == "":
        texts.pop()
    more = [f"… {len(texts) - _LINES} more"] if len(texts) > _LINES else []
    shown = [*texts[:_LINES], *more] or ["(nothing)"]
    return [f"    {name if at == 0 else '':<{width}} | {text}" for at, text in enumerate(shown)]


def as_json(found: Found) -> dict[str, Any]:
    """Every key of every pair."""
    return {
        "tried": found.tried,
        "conflicts": [
            {
                "one": pair.one.name,
                "other": pair.other.name if pair.other is not None else None,
                "into": pair.into,
                "clashes": [_clash(clash) for clash in pair.clashes],
            }
            for pair in found.pairs
        ],
        "unseen": [{"agent": agent.name, "trouble": error.message} for agent, error in found.unseen],
    }


def _clash(clash: Clash) -> dict[str, Any]:
    paths = [os.fsdecode(path) for path in clash.paths]
    return {"what": clash.what, "paths": paths, "hunks": [_hunk(hunk) for hunk in clash.hunks]}


def _hunk(hunk: Hunk) -> dict[str, str]:
    return {"one": os.fsdecode(hunk.ours), "other": os.fsdecode(hunk.theirs)}
