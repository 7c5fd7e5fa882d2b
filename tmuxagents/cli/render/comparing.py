"""The tasks of a run side by side, for a person to pick one: figures in a table, and what each has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.cli import pager
from tmuxagents.cli.render import differing
from tmuxagents.cli.render import run as rendering
from tmuxagents.cli.terminal import tell, terminal_width
from tmuxagents.model.run import SETTLED
from tmuxagents.output.columns import table
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.output.side_by_side import laid
from tmuxagents.runs import comparing, results
from tmuxagents.services.app import App
from tmuxagents.services.runs.comparing import Compared
from tmuxagents.services.runs.viewing import View
from tmuxagents.settings.shown import duration

LINES, FILES = 60, 12
"""So many lines of an answer, and so many files, are shown of each."""

_COLUMNS = ("TASK", "STATE", "TIME", "COST", "CHECK", "LINES", "MERGES")

Plain = Mapping[str, Any]
"""One as `--json` tells of it."""


def as_json(one: Compared) -> dict[str, Any]:
    """Every key, whether it is known or not."""
    names = {str(one.agent.id): str(one.agent.name)} if one.agent is not None else {}
    (told,) = results.table([one.row], names, clock.now_ns())
    work = differing.as_json(one.agent, one.work) if one.agent is not None and one.work is not None else None
    return {**told, "check": comparing.check(one.row), "picked": one.picked, "work": work}


def put(app: App, now: View, found: Sequence[Compared]) -> None:
    """On standard output, and how one of them is picked on standard error."""
    plain = [as_json(one) for one in found]
    compared = {one.row.key for one in found}
    rest = rendering.answers(now, but=compared)
    pager.put_long([*rows(plain, terminal_width()), *(["", *rest] if rest else [])])
    if any(one["picked"] for one in plain):
        return
    if any(one["state"] in SETTLED and one["work"] is not None and one["work"]["branch"] is not None for one in plain):
        tell(f"pick one: {app.addressed(f'tmuxagents pick {now.run.name} TASK')}")


def rows(found: Sequence[Plain], width: int | None) -> list[str]:
    """The figures a row each, and below what each has answered and changed."""
    told = [_row(one) for one in found]
    # What is known of none takes no room.
    columns = [name for name in _COLUMNS if name in ("TASK", "STATE") or any(row[name] != "-" for row in told)]
    figures = table([{name: name for name in _COLUMNS}, *told], columns, going=("COST", "TIME", "LINES"), width=width)
    return [*figures, "", *laid([_text(one) for one in found], width)]


def _row(one: Plain) -> dict[str, str]:
    took, cost, work = one["duration_s"], one["cost_usd"], one["work"]
    return {
        "TASK": one["key"],
        "STATE": "picked" if one["picked"] else one["state"],
        "TIME": duration(round(took, 1)) if took is not None else "-",
        "COST": f"${cost:.4f}" if cost is not None else "-",
        "CHECK": one["check"] or "-",
        "LINES": _lines(work),
        "MERGES": "-" if work is None else one_line(_merges(work), 200),
    }


def _lines(work: Plain | None) -> str:
    if work is None or work["files"] is None:
        return "-"
    count = len(work["files"])
    return f"+{work['insertions']} -{work['deletions']} in {count} file{'' if count == 1 else 's'}"


def _merges(work: Plain) -> str:
    if work["trouble"] is not None:
        return str(work["trouble"])
    if work["merges"] is None:
        return "nowhere"
    if not (work["files"] or work["commits"]):
        return f"nothing for {work['into']}"
    return f"into {work['into']}" if work["merges"] else f"conflicts: {', '.join(work['conflicts'])}"


def _text(one: Plain) -> str:
    """Its answer, or why there is none, and the files that it has changed."""
    said = clean(one["answer"] or "").strip("\n").split("\n") if one["answer"] else [f"({_without(one)})"]
    more = len(said) - LINES
    if more > 0:
        again = f": tmuxagents last {one['agent']}" if one["agent"] is not None else ""
        said = [*said[:LINES], f"… {more} more lines{again}"]
    files = _files(one["work"]["files"] or ()) if one["work"] is not None else []
    return "\n".join([f"## {one['key']}", "", *said, *(["", *files] if files else [])])


def _without(one: Plain) -> str:
    error = one_line(one["error"] or "", 1000)
    return f"{one['state']}: {error}" if error else f"no answer: {one['state']}"


def _files(files: Sequence[Plain]) -> list[str]:
    shown = [f"{_counted(file)} {one_line(file['path'], 300)}" for file in files[:FILES]]
    return [*shown, *([f"… {len(files) - FILES} more files"] if len(files) > FILES else [])]


def _counted(file: Plain) -> str:
    """A binary file has no lines."""
    if file["insertions"] is None:
        return f"{file['status']} binary"
    return f"{file['status']} +{file['insertions']} -{file['deletions']}"
