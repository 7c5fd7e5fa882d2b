"""Repeated tasks: which elements they have, when they are over, and what they answer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from tmuxagents.model.manifest import ForEach
from tmuxagents.model.run import Expand, TaskRow
from tmuxagents.runs import words
from tmuxagents.runs.table import Table


def expansion(table: Table, row: TaskRow) -> Expand | None:
    """The elements of a repeated task; None while the task is not over whose lines they are."""
    assert row.task.for_each is not None, "only a repeated task is a group"
    source = row.task.for_each.lines_of
    if source is not None and table.state(source) != "done":
        return None
    lines = _lines(table, source) if source is not None else row.task.for_each.items
    return Expand(row.key, elements(row.task.for_each, lines))


def elements(each: ForEach, items: Sequence[str]) -> Sequence[Any]:
    """One for each task: a text, a tuple of `chunk` texts, or a combination of the matrix by its names."""
    if each.matrix:
        combinations = itertools.product(*each.matrix.values())
        return tuple(dict(zip(each.matrix, values, strict=True)) for values in combinations)
    if each.chunk == 1:
        return tuple(items)
    return tuple(tuple(items[at : at + each.chunk]) for at in range(0, len(items), each.chunk))


def _lines(table: Table, key: str) -> list[str]:
    """The lines of a task's answer that are not empty; of a repeated one those of its elements, without headings."""
    keys = table.elements.get(key, ()) if table.rows[key].group else (key,)
    return [line.strip() for each in keys for line in (table.answer(each) or "").splitlines() if line.strip()]


def settle(table: Table, key: str) -> None:
    """Decide how a repeated task has ended whose elements have: `stopped` where nothing but that befell them."""
    rows = [table.rows[each] for each in table.elements.get(key, ())]
    bad = [(row.key, state, table.error(row.key)) for row in rows if (state := _ended(table, row)) != "done"]
    answer = "\n\n".join(_section(table, row) for row in rows if table.state(row.key) == "done")
    if not bad:
        table.settle(key, "done", answer=answer)
        return
    error = f"{len(bad)} of {len(rows)} did not succeed: {words.listed(bad)}"
    table.settle(key, "stopped" if all(state == "stopped" for _, state, _ in bad) else "failed", error, answer)


def _ended(table: Table, row: TaskRow) -> Any:
    return table.state(row.key)


def _section(table: Table, row: TaskRow) -> str:
    return f"## {row.key}: {words.element(row.item)}\n\n{(table.answer(row.key) or '').strip()}".rstrip()
