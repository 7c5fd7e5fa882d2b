"""Where several branches have left another one, found in one look at the commits that it has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tmuxagents.drivers.git import call
from tmuxagents.value import Value


class History(Value):
    """`base` is the best commit that both have; `count` those that only the one has, the newest made at `newest_s`."""

    base: str
    count: int
    newest_s: int | None


def since(common: str, target: str, heads: Sequence[str]) -> dict[str, History]:
    """By head. One is left out where this does not tell: it has nothing in common with the target, or left it in more
    than one place, as where both were merged into each other."""
    stdin = "\n".join([*heads, f"^{target}", ""]).encode()
    raw = call.unasked(common, "rev-list", "--parents", "--timestamp", "--stdin", stdin=stdin).decode()
    rows = [row.split() for row in raw.splitlines()]
    parents = {commit: tuple(above) for _, commit, *above in rows}
    times = {commit: int(at) for at, commit, *_ in rows}
    found = {head: _since(head, parents, times) for head in dict.fromkeys(heads)}
    return {head: one for head, one in found.items() if one is not None}


def _since(head: str, parents: Mapping[str, Sequence[str]], times: Mapping[str, int]) -> History | None:
    own, left, todo = set[str](), set[str](), [head]
    while todo:
        commit = todo.pop()
        if commit not in parents:
            left.add(commit)
        elif commit not in own:
            own.add(commit)
            todo += parents[commit]
    # Every way from the head to what both have leads through that one commit.
    return History(left.pop(), len(own), max(map(times.__getitem__, own), default=None)) if len(left) == 1 else None
