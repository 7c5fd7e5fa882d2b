"""The columns as one table: medians, with the least and the most in brackets."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from tests.bench.peers.corpus import CORPUS
from tests.bench.peers.measure import CROWD, Column

NOTHING = "-"


def text(columns: Sequence[Column]) -> str:
    """Markdown, one column per tool."""
    lines = [_line("", [f"{c.peer} {c.version}" for c in columns]), _line("---", ["---"] * len(columns))]
    lines += [_line(name, [cell(c) for c in columns]) for name, cell in ROWS.items()]
    notes = [f"- {c.peer}: {note}" for c in columns for note in [*c.notes, *_about_texts(c)]]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def _line(first: str, cells: Sequence[str]) -> str:
    return f"| {first} | {' | '.join(cells)} |"


def _about_texts(column: Column) -> list[str]:
    told = {"not exact, exit code 0": column.false_success, "not exact, exit code not 0": column.lost}
    return [f"{how}: {', '.join(map(repr, texts))}" for how, texts in told.items() if texts]


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return NOTHING
    middle = f"{short(statistics.median(values))} {unit}"
    return f"{middle} ({short(min(values))}–{short(max(values))})"


def short(value: float) -> str:
    """Two digits mean something."""
    return f"{float(f'{value:.2g}'):g}"


def _command(column: Column) -> str:
    if not column.command_ms:
        return NOTHING
    ratio = statistics.median(column.command_ms) / statistics.median(column.interpreter_ms)
    return f"{_spread(column.command_ms, 'ms')}, {short(ratio)} x"


def _exact(column: Column) -> str:
    return NOTHING if column.exact is None else f"{column.exact}/{len(CORPUS)}"


def _false(column: Column) -> str:
    return NOTHING if column.exact is None else str(len(column.false_success))


def _mb(value: float | None) -> str:
    return NOTHING if value is None else f"{short(value)} MB"


def _mb_each(value: float | None) -> str:
    return NOTHING if value is None else f"{short(value)} MB, {short(value / CROWD)} each"


ROWS: dict[str, Callable[[Column], str]] = {
    "cheapest command; x bare interpreter": _command,
    "list, 1 agent": lambda c: _spread(c.list_1_ms, "ms"),
    f"list, {CROWD} agents": lambda c: _spread(c.list_20_ms, "ms"),
    "start a program, until it runs": lambda c: _spread(c.program_s, "s"),
    "start claude with a task, until the model is asked": lambda c: _spread(c.claude_s, "s"),
    "send a text to an idle claude, whole command": lambda c: _spread(c.send_s, "s"),
    "texts that arrive exactly": _exact,
    "texts that do not, with exit code 0": _false,
    f"resident beside {CROWD} idle agents": lambda c: _mb_each(c.memory_mb),
    "installed": lambda c: _mb(c.disk_mb),
    "load of the machine meanwhile": lambda c: f"{short(min(c.loads))}–{short(max(c.loads))}" if c.loads else NOTHING,
}
