"""A run as a person sees it: its tasks in a table, its news in lines."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tmuxagents import clock
from tmuxagents.cli.render.stream import command_for
from tmuxagents.cli.terminal import put, terminal_width, wants_color
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import TaskRow, Why
from tmuxagents.output import hues
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.output.widths import cut, width_of
from tmuxagents.runs import report, telling
from tmuxagents.services.runs import drawing
from tmuxagents.services.runs.viewing import View
from tmuxagents.settings.shown import duration

_HEAD = ("TASK", "STATE", "TIME", "COST", "AGENT", "NOW")


def table(now: View, *, width: int | None, color: bool = False, graph: bool = False) -> list[str]:
    """The tasks in columns, the groups of repeated ones without; as a `graph` each below what it waits for."""
    shown = [(row.key, row) for row in now.rows if telling.is_shown(row)]
    cells = [_HEAD, *(_cells(now, name, row) for name, row in (_drawn(now) if graph else shown))]
    widths = [max(width_of(row[column]) for row in cells) for column in range(len(_HEAD) - 1)]
    rows = ["  ".join([*(_padded(c, w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in cells]
    rows = rows if width is None else [cut(row, width) for row in rows]
    if not color:
        return rows
    at = widths[0] + 2
    return [rows[0], *(_painted(text, at, state[1]) for text, state in zip(rows[1:], cells[1:], strict=True))]


def _painted(text: str, at: int, state: str) -> str:
    """The state in its colour; one that calls nobody is as it is."""
    hue = next((hue for word, hue in _HUES.items() if state.startswith(word)), None)
    if hue is None or text[at : at + len(state)] != state:
        return text
    return f"{text[:at]}\x1b[{hue}m{state}\x1b[0m{text[at + len(state) :]}"


_HUES = {
    "needs": hues.CALLS,
    "failed": hues.FAILS,
    "timed-out": hues.FAILS,
    "stopp": hues.STALLS,
    "limited": hues.STALLS,
    "lost": hues.FAILS,
    "skipped": hues.FADES,
    "waiting": hues.FADES,
    "working": hues.WORKS,
    "checking": hues.WORKS,
}


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def _drawn(now: View) -> list[tuple[str, TaskRow]]:
    """Each with its place in the graph, and what else it waits for than what it stands below."""
    rows = {row.key: row for row in now.rows}
    return [
        (f"{each.before}{each.node.key}{''.join(f' + {one}' for one in each.also)}", rows[each.node.key])
        for each in drawing.branches(now.rows)
    ]


def _cells(now: View, name: str, row: TaskRow) -> tuple[str, ...]:
    agent = now.agent(row)
    return (
        name,
        telling.state(now.run, row, agent),
        drawing.took(row) or "-",
        f"${row.cost_usd:.2f}" if row.cost_usd is not None else "-",
        str(agent.name) if agent is not None else "-",
        one_line(now.waits.get(row.key) or _now(row, agent), 200),
    )


def _now(row: TaskRow, agent: Agent | None) -> str:
    if row.state in telling.FAILED:
        return telling.once(row.error or "")
    if row.state == "done":
        return row.answer or ""
    if row.state == "waiting" or agent is None:
        return ""
    return agent.condition.doing or agent.purpose


def tell(views: Iterable[View]) -> View | None:
    """Tell the news of a run as they come, a line each on standard error; the last look."""
    before: dict[str, TaskRow] = {}
    needy: set[tuple[str, str]] = set()
    held: set[str] = set()
    last = None
    for now in views:
        names = {str(agent.id): str(agent.name) for agent in now.agents.values()}
        # Who is queued has not begun.
        rows = [row for row in now.rows if not _is_queued(now, row)]
        for line in telling.news(before, rows, names, clock.now_ns()):
            _say(line)
        for line in _needs(now, needy):
            _say(line)
        for line in _waits(now, held):
            _say(line)
        before |= {row.key: row for row in rows}
        last = now
    return last


def _is_queued(now: View, row: TaskRow) -> bool:
    agent = now.agent(row)
    return row.state in ("begun", "checking") and agent is not None and agent.phase == "queued"


def _needs(now: View, told: set[tuple[str, str]]) -> Iterator[str]:
    for agent in now.needy:
        dialog = agent.condition.dialog
        assert dialog is not None, "who needs somebody has a dialog"
        mark = (str(agent.id), dialog.text or dialog.what)
        if mark not in told:
            told.add(mark)
            yield f"{agent.name} needs {dialog.needs}: {one_line(dialog.what, 120)}   {command_for(agent.name, dialog)}"


def _waits(now: View, told: set[str]) -> Iterator[str]:
    """What holds tasks back, once for each cause: whoever is queued stands behind the same."""
    for why in dict.fromkeys(now.waits.values()):
        if why not in told:
            told.add(why)
            keys = [row.key for row in now.rows if now.waits.get(row.key) == why]
            agent = next(agent for row in now.rows if row.key == keys[0] and (agent := now.agent(row)) is not None)
            who = ", ".join(keys[:5]) + (" …" if len(keys) > 5 else "")
            verb = "queue" if agent.phase == "queued" else f"attach {agent.name}"
            held = f"waits: {why}" if agent.phase == "queued" else why
            yield f"{who} {held}; tmuxagents {verb}"


def _say(line: str) -> None:
    print(one_line(line, 400), file=sys.stderr, flush=True)


def answers(now: View, *, but: Collection[str] = ()) -> Sequence[str]:
    """The answers of the tasks that no other waits for: what the run was for. Those in `but` are told elsewhere,
    and the rest is told apart from them."""
    used = {name for row in now.rows for name in (*row.task.depends_on, *(row.task.join.of if row.task.join else ()))}
    last = [row for row in now.rows if row.key not in used and row.of not in used and not row.group and row.answer]
    last = [row for row in last if row.key not in but]
    if len(last) == 1 and not but:
        return clean(last[0].answer or "").splitlines()
    found: list[str] = []
    for row in last:
        found += [f"## {row.key}", "", *clean(row.answer or "").splitlines(), ""]
    return found[:-1] if found else found


def put_table(now: View) -> None:
    """The table and how it stands, on standard output."""
    for row in table(now, width=terminal_width(), color=wants_color()):
        put(row)
    put(one_line(telling.summary(now.run, now.rows), 400))


def ending(now: View) -> list[str]:
    """How quick it was, and what held it back."""
    speed = report.speed(now.run, now.rows, now.spans, clock.now_ns())
    times = f"{_time(speed.wall_s)} in all, {_time(speed.tasks_s)} of work"
    if speed.speed_up is not None and speed.tasks_s:
        times += f": {speed.speed_up:.1f} times as quick as one after the other"
    found = [times]
    if len(speed.path) > 1:
        found.append(f"longest path: {' -> '.join(speed.path)} ({_time(speed.path_s)})")
    held = [f"{_HELD[one.why]} {_time(one.wall_s)} ({_tasks(one.tasks)})" for one in speed.held if one.wall_s >= 0.1]
    return [*found, *([f"held back by: {', '.join(held)}"] if held else [])]


_HELD: Mapping[Why, str] = {
    "limit": "max_parallel",
    "locks": "locks",
    "alone": "tasks that run alone",
    "paused": "a pause",
    "queue": "the queue",
    "needs-you": "your answers",
    "window": "drafts and pages at a window",
    "limited": "usage limits",
}


def _tasks(count: int) -> str:
    return f"{count} task" if count == 1 else f"{count} tasks"


def _time(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds < 60 else duration(round(seconds))
