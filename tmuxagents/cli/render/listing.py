"""The team at a glance, as text or JSON. Imports no click: see `cli/fast_ls.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tmuxagents import clock
from tmuxagents.cli.terminal import print_json, put, tell, tell_nobody, terminal_height, terminal_width, wants_color
from tmuxagents.errors import advised
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.names import AgentId
from tmuxagents.output import columns, hues
from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import cut
from tmuxagents.services.app import App
from tmuxagents.services.fleet import listing, pulled, worked
from tmuxagents.services.fleet.now import Fleet, fleet_now
from tmuxagents.services.fleet.worked import Worked
from tmuxagents.services.locks import looking
from tmuxagents.store import marks
from tmuxagents.value import Value, fresh

if TYPE_CHECKING:
    from tmuxagents.model.pull import Pull

_COLORS = {
    "waiting": hues.CALLS,
    "failed": hues.FAILS,
    "lost": hues.FAILS,
    "limited": hues.STALLS,
    "unknown": hues.UNSURE,
    "working": hues.WORKS,
    "ended": hues.FADES,
}

_COLUMNS = ("NAME", "STATE", "FOR", "COST", "TOKENS", "FOLDER", "BRANCH", "WORK", "NOW")
_GOING = ("TOKENS", "BRANCH", "COST", "FOLDER", "WORK")
"""Columns that a narrow terminal has no room for, the first to go first. Then NOW is cut, and goes before
FOR does: who, what it needs and for how long decide whether a person looks at it."""


_Takes = Callable[[Agent], bool]


def show(
    app: App, names: Sequence[str], *, as_json: bool, quiet: bool, summary: bool, takes: _Takes = lambda _: True
) -> None:
    """Print the agents that the names mean, all without names, that `takes` takes."""
    team = fleet_now(app)
    chosen = _chosen(team, names, takes)
    if as_json:
        print_json({"agents": listing.team_json(app, chosen)})
    elif summary:
        put(_summary(chosen))
    elif quiet:
        for agent in chosen:
            put(agent.name)
    elif chosen:
        width, height = terminal_width(), terminal_height()
        put("\n".join(_rows(app, chosen, width=width, height=height)))
    elif team.agents:
        tell_nobody()
    else:
        words = "no agents yet; tmuxagents spawn --edit starts one, tmuxagents demo shows how it goes"
        tell(one_line(app.addressed(words), 600))
    if team.trouble:
        tell(f"tmuxagents: {one_line(team.trouble, 300)}; states are unknown")
        if team.hint:
            tell(f"hint: {one_line(app.addressed(team.hint), 300)}")


def _chosen(team: Fleet, names: Sequence[str], takes: _Takes) -> list[Agent]:
    return listing.in_order([one for one in (team.select(names) if names else team.agents) if takes(one)])


def team_json(app: App, names: Sequence[str], takes: _Takes) -> list[dict[str, Any]]:
    """The same agents as data, by the contract."""
    return listing.team_json(app, _chosen(fleet_now(app), names, takes))


def screenful(app: App, names: Sequence[str], takes: _Takes) -> list[str]:
    """The same as rows of which all stand on the screen: what has no room is counted."""
    team = fleet_now(app)
    chosen = _chosen(team, names, takes)
    height = terminal_height() or 24
    width = terminal_width()
    rows = _rows(app, chosen, width=width, height=None) if chosen else ["no agents"]
    if team.trouble:
        rows.append(cut(f"tmuxagents: {one_line(team.trouble, 300)}", terminal_width() or 80))
    if len(rows) <= height:
        return rows
    kept = max(1, height - 2)
    return [*rows[:kept], f"… {len(rows) - kept - 1} more", rows[-1]][-height:]


def _summary(known: Sequence[Agent]) -> str:
    needy = sum(1 for a in known if a.condition.state == "waiting")
    counts = {
        _need_you(needy): needy,
        "failed": sum(1 for a in known if a.condition.state in ("failed", "lost")),
        "working": sum(1 for a in known if a.condition.state in ("working", "starting")),
        "idle": sum(1 for a in known if a.condition.state in ("idle", "limited")),
        "queued": sum(1 for a in known if a.condition.state == "queued"),
    }
    return " · ".join(f"{number} {word}" for word, number in counts.items() if number)


def _need_you(count: int) -> str:
    return "needs you" if count == 1 else "need you"


def _rows(app: App, known: Sequence[Agent], *, width: int | None, height: int | None) -> list[str]:
    locked = looking.by_agent(app)
    limits, told = _limits(app, known)
    pulls = pulled.of(app, known)
    beside = _Beside(marks.unread(app.db), worked.of(app, known), pulls, app.named, locked, limits, told)
    return _table(known, beside, width=width, height=height, color=wants_color())


def _limits(app: App, known: Sequence[Agent]) -> tuple[Mapping[AgentId, str], Sequence[str]]:
    """What stands beside each that is limited, and a line for each limit that has stopped several."""
    if not any(agent.condition.is_limited for agent in known):
        return {}, ()
    from tmuxagents.services.fleet import limited

    now, planned = clock.now_ns(), limited.continuations(app, known)
    beside = {agent.id: limited.reason(agent, planned.get(agent.id), now) for agent in known}
    return beside, [limited.words(one, now) for one in limited.groups(known) if len(one.agents) > 1]


class _Beside(Value):
    """What is told of the agents beside what they are: by id what nobody has read, what they have done,
    their pull requests, and the locks that they hold or wait for."""

    unread: Mapping[AgentId, int] = fresh(default_factory=dict)
    worked: Mapping[AgentId, Worked] = fresh(default_factory=dict)
    pulled: Mapping[AgentId, Pull] = fresh(default_factory=dict)
    fleet: str | None = None
    locked: Mapping[AgentId, Sequence[tuple[str, bool]]] = fresh(default_factory=dict)
    limits: Mapping[AgentId, str] = fresh(default_factory=dict)
    limited: Sequence[str] = ()


def _table(known: Sequence[Agent], beside: _Beside, *, width: int | None, height: int | None, color: bool) -> list[str]:
    """The rows and the totals. Where they scroll off the screen, who needs you is repeated in the last lines."""
    now, done = clock.now_ns(), beside.worked
    branches, folders = listing.branches(known), columns.tails({agent.dir for agent in known})
    cells = [{name: name for name in _COLUMNS}]
    for agent in known:
        row = _row(agent, branches[agent.dir], folders[agent.dir], now)
        its = done.get(agent.id)
        name = agent.name + _kept(agent) + _conflict_mark(its) + _mark(beside.unread.get(agent.id, 0))
        held, limit = beside.locked.get(agent.id, ()), beside.limits.get(agent.id, "")
        doing = _now(agent, beside.fleet, beside.pulled.get(agent.id), held, limit)
        cells.append({**row, "NAME": name, "WORK": _work(its, now), "NOW": doing})
    # Where all work in one folder, or on no branch, it says nothing.
    silent = {"FOLDER"} if len(folders) == 1 else set()
    silent |= set() if any(branches.values()) else {"BRANCH"}
    silent |= set() if done else {"WORK"}
    shown = [name for name in _COLUMNS if name not in silent]
    styles = [{}, *(_style(agent) if color else {} for agent in known)]
    rows = columns.table(cells, shown, going=_GOING, width=width, styles=styles)
    told = [_total(known, sum(bool(one.conflicts) for one in done.values())), *beside.limited, *_overlapping(known)]
    total = [cut(row, width) if width is not None else row for row in told]
    if height is None or len(rows) + len(total) < height:
        return rows + total
    return [*rows, *_again(known, rows[1:], height), *total]


def _style(agent: Agent) -> dict[str, str]:
    """The name as in the stream, and what calls a person."""
    state = _COLORS.get(agent.condition.state)
    return {"NAME": hues.name(agent.color), **({"STATE": state} if state is not None else {})}


def _again(known: Sequence[Agent], rows: Sequence[str], height: int) -> list[str]:
    calling = [row for agent, row in zip(known, rows, strict=True) if agent.condition.state in _CALLING]
    room = max(1, height - 4)
    more = [f"… {len(calling) - room} more need you"] if len(calling) > room else []
    return ["", *calling[:room], *more] if calling else []


_CALLING = frozenset({"waiting", "failed", "lost"})


def _total(known: Sequence[Agent], conflicting: int) -> str:
    """`5 agents · 1 needs you · ≠ 2 conflict · $0.42`"""
    needy = sum(agent.condition.state == "waiting" for agent in known)
    states = ("failed", "lost", "queued")
    failed, lost, queued = (sum(agent.condition.state == state for agent in known) for state in states)
    spent = [agent.condition.usage.microusd for agent in known if agent.condition.usage.microusd is not None]
    parts = [
        f"{len(known)} {'agent' if len(known) == 1 else 'agents'}",
        f"{needy} {_need_you(needy)}" if needy else "",
        f"{failed} failed" if failed else "",
        f"{lost} lost" if lost else "",
        f"{queued} queued" if queued else "",
        f"{_CONFLICTS} {conflicting} {'conflicts' if conflicting == 1 else 'conflict'}" if conflicting else "",
        f"${sum(spent) / 1e6:.2f}" if spent else "",
    ]
    return " · ".join(part for part in parts if part)


def _overlapping(known: Sequence[Agent]) -> list[str]:
    """`scopes overlap: api with web`, each pair once."""
    if not any(agent.scope for agent in known):
        return []
    from tmuxagents.services.fleet import overlaps

    found = overlaps.of(known)
    before: set[str] = set()
    rows = []
    for agent in known:
        before.add(agent.name)
        others = [name for name in found.get(agent.id, ()) if name not in before]
        rows += [f"scopes overlap: {agent.name} with {', '.join(others)}"] if others else []
    return rows[:_PAIRS]


_PAIRS = 5
"""So many rows of overlaps are shown; `show` says all of one."""


def _row(agent: Agent, branch: str | None, folder: str, now: int) -> dict[str, str]:
    condition, usage = agent.condition, agent.condition.usage
    tokens = usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "STATE": condition.words,
        "FOR": clock.ago(condition.since_ns, now),
        "COST": f"${usage.microusd / 1e6:.4f}" if usage.microusd is not None else "-",
        "TOKENS": _short(tokens),
        "FOLDER": cut(one_line(folder, 200), 24),
        "BRANCH": one_line(branch or "-", 24),
    }


def _now(
    agent: Agent,
    fleet: str | None,
    pull: Pull | None,
    locked: Sequence[tuple[str, bool]] = (),
    limit: str = "",
) -> str:
    """What is needed or went wrong; else what it does, or said last where it does nothing any more. How its pull
    request is stands before what is not urgent, its locks before that."""
    condition = agent.condition
    about = condition.dialog.what if condition.dialog is not None else advised(condition.reason or "", fleet)
    spent = listing.spent_words(agent) if condition.state not in OVER else None
    about = "; ".join(part for part in (spent, limit, about) if part)
    rests = condition.state in ("idle", "ended") and condition.last_text
    if condition.outside and condition.state not in OVER:
        about = f"changed outside its scope: {', '.join(condition.outside)}" + (f"; {about}" if about else "")
    told = (condition.last_text if rests else condition.doing) or agent.purpose
    locks = (f"{'holds' if held else 'waits for'} lock {name}" for name, held in locked)
    asked = "; ".join(part for part in (*locks, pulled.summary(pull)) if part)
    parts = (about, asked) if about else (asked, told)
    return one_line("; ".join(part for part in parts if part), 200 + len(fleet or ""))


def _kept(agent: Agent) -> str:
    """`*` beside one that is pinned, `-` beside one that was dismissed."""
    return " *" if agent.pinned else " -" if agent.is_dismissed else ""


_CONFLICTS = "≠"
"""Beside the name of one whose work conflicts with another's or with its branch, and before their number."""


def _conflict_mark(work: Worked | None) -> str:
    return f" {_CONFLICTS}" if work is not None and work.conflicts else ""


def _work(work: Worked | None, now: int) -> str:
    """`5 files ↑2 ↓1 3m`: what it has changed, the commits that its branch lacks and those that it lacks, as git's own
    prompt shows them, and how old that is. `?`: it could not be looked at since."""
    if work is None:
        return "-"
    if not work.is_there:
        return "gone"
    found = work.figures
    if found is None or not found.at_ns:
        return "-" if found is None else "?"
    parts = [
        f"{found.files} {'file' if found.files == 1 else 'files'}" if found.files else "",
        f"↑{found.ahead}" if found.ahead else "",
        f"↓{found.behind}" if found.behind else "",
    ]
    told = " ".join(part for part in parts if part) or "nothing"
    return f"{told} {clock.ago(found.at_ns, now)}{'?' if found.trouble else ''}"


def _mark(unread: int) -> str:
    return f" •{unread if unread < marks.MOST else f'{marks.MOST - 1}+'}" if unread else ""


def _short(count: int) -> str:
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return str(count) if count else "-"
