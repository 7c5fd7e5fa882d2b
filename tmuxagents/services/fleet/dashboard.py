"""What the dashboard shows: a row for each agent, made of one look, and what the window of one shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.kinds import tui
from tmuxagents.model import budget
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.notice import dialog_id
from tmuxagents.names import AgentId
from tmuxagents.output import columns
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet import listing, worked
from tmuxagents.services.fleet.now import Fleet, fleet_now
from tmuxagents.services.fleet.worked import Worked
from tmuxagents.store import marks, queue, spent
from tmuxagents.value import Value

RATE_NS = 1_800 * clock.SECOND
"""Tokens a second are of the last half hour."""

Takes = Callable[[Agent], bool]


class Picture(Value):
    """The rows at a moment, and what is wrong with how they were seen. `server` tells one life of the tmux server from
    the next: "" where none runs, None where it cannot be asked."""

    rows: tuple[Row, ...]
    trouble: str = ""
    server: str | None = None


class _Beside(Value):
    """What is told of the agents beside what they are, by id."""

    unread: Mapping[AgentId, int]
    worked: Mapping[AgentId, Worked]
    rates: Mapping[AgentId, float]
    places: Mapping[str, int]
    continued: frozenset[AgentId]
    limits: Mapping[AgentId, str]
    folders: Mapping[str, str]


def look(app: App, takes: Takes = lambda _: True) -> Picture:
    """The team now, those that `takes` takes."""
    team = fleet_now(app)
    known = [agent for agent in team.agents if takes(agent)]
    beside = _beside(app, known)
    trouble = f"{team.trouble}; states are unknown" if team.trouble else ""
    return Picture(
        tuple(_row(app, team, agent, beside) for agent in known),
        trouble,
        team.snapshot.server if team.snapshot is not None else None,
    )


def _beside(app: App, known: Sequence[Agent]) -> _Beside:
    places: dict[str, int] = {}
    if any(agent.phase == "queued" for agent in known):
        places = {one.agent_id: number for number, one in enumerate(queue.line(app.db), 1)}
    now = clock.now_ns()
    continued, limits = _limits(app, known, now)
    return _Beside(
        marks.unread(app.db),
        worked.of(app, known),
        spent.rates(app.db, now - RATE_NS),
        places,
        continued,
        limits,
        columns.tails({agent.dir for agent in known}),
    )


def _limits(app: App, known: Sequence[Agent], now: int) -> tuple[frozenset[AgentId], Mapping[AgentId, str]]:
    """Who goes on by itself when its limit ends, and what is said of each that has met one."""
    if not any(agent.condition.state == "limited" for agent in known):
        return frozenset(), {}
    from tmuxagents.services.fleet import limited

    planned = limited.continuations(app, known)
    told = {agent.id: limited.reason(agent, planned.get(agent.id), now) for agent in known}
    return frozenset(planned) | {agent.id for agent in known if agent.condition.goes_on}, told


def _row(app: App, team: Fleet, agent: Agent, beside: _Beside) -> Row:
    condition, work, pane = agent.condition, beside.worked.get(agent.id), team.pane(agent)
    found, mark, folder = work.figures if work is not None else None, agent.options.get("run") or {}, agent.dir
    bounds = budget.of(agent.options)
    return Row(
        id=agent.id,
        name=agent.name,
        kind=agent.kind,
        color=agent.color,
        state=condition.state,
        # Its dialog may be gone by now.
        words="unknown" if condition.state == "unknown" else condition.words,
        since_ns=condition.since_ns,
        created_ns=agent.created_ns,
        generation=agent.generation,
        said=_said(app, agent, beside),
        turn=condition.turn,
        rate=beside.rates.get(agent.id),
        cost=f"${condition.usage.microusd / 1e6:.2f}" if condition.usage.microusd is not None else "",
        microusd=condition.usage.microusd,
        budget=_bound(bounds),
        over_budget=budget.reached(bounds, condition.usage) is not None,
        context_left=condition.context_left,
        files=found.files if found is not None else None,
        conflicts=len(work.conflicts) if work is not None else 0,
        place=beside.places.get(agent.id, 0),
        folder=one_line(beside.folders[folder], 60),
        paths=_paths(folder),
        run=one_line(str(mark.get("name") or ""), 60),
        run_id=str(mark.get("id") or ""),
        pinned=agent.pinned,
        dismissed=agent.is_dismissed,
        unread=beside.unread.get(agent.id, 0),
        continues=agent.id in beside.continued,
        pane=pane.pane if pane is not None and not pane.dead else "",
        has_worktree=agent.worktree is not None,
        dialog=condition.dialog,
        dialog_id=dialog_id(agent.id, agent.generation, condition),
    )


def _paths(folder: str) -> tuple[str, ...]:
    """`/home/me/src/api/`, `~/src/api/`"""
    home, path = os.path.expanduser("~").rstrip("/") + "/", folder.rstrip("/") + "/"
    return (path, f"~/{path[len(home) :]}") if path.startswith(home) else (path,)


def _bound(bounds: budget.Budget) -> str:
    """`$2.50`, `100k`"""
    if bounds.microusd is not None:
        return f"${bounds.microusd / 1e6:g}"
    return f"{bounds.tokens / 1000:g}k" if bounds.tokens is not None else ""


def _said(app: App, agent: Agent, beside: _Beside) -> str:
    """What is asked or went wrong; else what it does, or said last where it does nothing any more."""
    condition = agent.condition
    if condition.dialog is not None:
        return condition.dialog.what
    spent_ = listing.spent_words(agent) if condition.state not in OVER else None
    about = "; ".join(
        part
        for part in (spent_, beside.limits.get(agent.id), app.advised(condition.reason))
        if part is not None and part
    )
    if about:
        return about
    rests = condition.state in ("idle", "ended") and condition.last_text
    return (condition.last_text if rests else condition.doing) or agent.purpose


def window(app: App, agent_id: str, pane: str) -> list[Line]:
    """What its window shows now, or showed last where it has none any more; safe to be shown."""
    try:
        rows = keyboard.screen(app.server, pane) if pane else _kept(app, agent_id)
    except TmuxUnreachable:
        rows = _kept(app, agent_id)
    while rows and not tui.plain(rows[-1:])[0]:
        rows.pop()
    return [_line(cells) for cells in tui.cells(rows)]


def _line(cells: Sequence[tui.Cell]) -> Line:
    """The cells in pieces of one look each, their trailing blanks left out."""
    end = len(cells)
    while end and cells[end - 1].char == " " and not cells[end - 1].inverse and not cells[end - 1].ground:
        end -= 1
    runs = groupby(cells[:end], key=lambda cell: (cell.dim, cell.inverse, cell.colour, cell.ground))
    return tuple((clean("".join(cell.char for cell in run)), _style(*look)) for look, run in runs)


def _style(dim: bool, inverse: bool, colour: str, ground: str) -> str:
    return f"cell:{dim:d}{inverse:d}:{colour}:{ground}" if dim or inverse or colour or ground else ""


def _kept(app: App, agent_id: str) -> list[str]:
    try:
        raw = files.read_whole(app.folder(AgentId(agent_id)) / "last-screen.txt")
    except OSError:
        return []
    return [clean(row) for row in raw.decode(errors="replace").splitlines()]
