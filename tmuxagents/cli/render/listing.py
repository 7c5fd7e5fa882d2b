"""The team at a glance, as text or JSON. Imports no click: see `cli/fast_ls.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tmuxagents import clock
from tmuxagents.cli.terminal import print_json, put, tell, terminal_width, wants_color
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import cut, padded, width_of
from tmuxagents.services.app import App
from tmuxagents.services.fleet import listing
from tmuxagents.services.fleet.now import fleet_now

_COLORS = {
    "waiting": "33;1",
    "failed": "31",
    "lost": "31",
    "limited": "33",
    "unknown": "35",
    "working": "32",
    "ended": "2",
}


_HEAD = ("NAME", "STATE", "FOR", "COST", "TOKENS", "BRANCH", "TASK")


_Takes = Callable[[Agent], bool]


def show(
    app: App, names: Sequence[str], *, as_json: bool, quiet: bool, summary: bool, takes: _Takes = lambda _: True
) -> None:
    """Print the agents that the names mean, all without names, that `takes` takes."""
    team = fleet_now(app)
    chosen = listing.in_order([one for one in (team.select(names) if names else team.agents) if takes(one)])
    if as_json:
        print_json({"agents": listing.team_json(chosen)})
    elif summary:
        put(_summary(chosen))
    elif quiet:
        for agent in chosen:
            put(agent.name)
    elif chosen:
        put("\n".join(_table(chosen)))
    elif team.agents:
        tell("none of the agents is meant")
    else:
        tell("no agents; write a task for the first: tmuxagents spawn --edit")
    if team.trouble:
        tell(f"tmuxagents: {one_line(team.trouble, 300)}; states are unknown")
        if team.hint:
            tell(f"hint: {one_line(team.hint, 300)}")


def _summary(known: Sequence[Agent]) -> str:
    counts = {
        "need you": sum(1 for a in known if a.condition.state == "waiting"),
        "failed": sum(1 for a in known if a.condition.state in ("failed", "lost")),
        "working": sum(1 for a in known if a.condition.state in ("working", "starting")),
        "idle": sum(1 for a in known if a.condition.state in ("idle", "limited")),
    }
    return " · ".join(f"{number} {word}" for word, number in counts.items() if number)


def _table(known: Sequence[Agent]) -> list[str]:
    now = clock.now_ns()
    branches = listing.branches(known)
    rows = [_HEAD, *(_row(agent, branches[agent.dir], now) for agent in known)]
    widths = [max(width_of(row[column]) for row in rows) for column in range(6)]
    width, color = terminal_width(), wants_color()
    return [_line(row, widths, width, _color(known, index) if color else None) for index, row in enumerate(rows)]


def _row(agent: Agent, branch: str | None, now: int) -> tuple[str, ...]:
    condition, usage = agent.condition, agent.condition.usage
    state = condition.words
    cost = f"${usage.microusd / 1e6:.4f}" if usage.microusd is not None else "-"
    tokens = usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    about = condition.dialog.what if condition.dialog is not None else condition.reason
    task = one_line(agent.purpose, 200)
    return (
        agent.name,
        state,
        clock.ago(condition.since_ns, now),
        cost,
        _short(tokens),
        one_line(branch or "-", 24),
        f"{one_line(about, 80)} | {task}" if about else task,
    )


def _short(count: int) -> str:
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return str(count) if count else "-"


def _line(row: tuple[str, ...], widths: Sequence[int], width: int | None, sgr: str | None) -> str:
    cells = [padded(cell, size) for cell, size in zip(row, widths, strict=False)]
    line = "  ".join([*cells, row[6]]).rstrip()
    line = cut(line, width) if width is not None else line
    if sgr is None:
        return line
    # Name and state are ASCII: a character there is a cell.
    start = widths[0] + 2
    state = line[start : start + widths[1]]
    return f"{line[:start]}\x1b[{sgr}m{state}\x1b[0m{line[start + widths[1] :]}"


def _color(known: Sequence[Agent], index: int) -> str | None:
    return _COLORS.get(known[index - 1].condition.state, "0") if index else None
