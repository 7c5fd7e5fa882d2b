"""`tmuxagents show`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tmuxagents import clock
from tmuxagents.cli import pager, run_names
from tmuxagents.cli.options import compare_option, json_option, names_argument, with_app
from tmuxagents.cli.render.stream import as_told, command_for
from tmuxagents.cli.scope import narrowed
from tmuxagents.cli.terminal import print_json, put, tell_nobody, terminal_width
from tmuxagents.kinds import choices, registry
from tmuxagents.model import budget, scope
from tmuxagents.model.agent import Agent
from tmuxagents.model.run import Run
from tmuxagents.output import needing, pull_words, rendering
from tmuxagents.output.keyed import keyed
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.output.widths import cut
from tmuxagents.services.app import App
from tmuxagents.services.fleet import details
from tmuxagents.services.fleet.details import Dossier
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.fleet.selection import Narrowing


@click.command()
@names_argument()
@narrowed
@compare_option
@json_option
@with_app
def command(app: App, names: tuple[str, ...], narrow: Narrowing, compare: bool, as_json: bool) -> None:
    """Everything known of each NAME, with the evidence for its state; of a run its tasks and what became of each."""
    if not names and narrow.is_empty:
        raise click.UsageError("missing argument 'NAME'")
    named, left = run_names.split(app, names)
    if compare:
        _compare(app, named, left, as_json=as_json)
        return
    if named:
        _show_runs(app, named, as_json=as_json)
        if not left:
            return
        names = tuple(left)
    team = fleet_now(app)
    known = {agent.id for agent in team.agents}
    found = [details.of(app, team, agent) for agent in team.find(names or ["all"]) if narrow.takes(agent)]
    if as_json:
        print_json({"agents": [{**details.as_json(app, one), "removed": one.agent.id not in known} for one in found]})
        return
    if not found:
        tell_nobody()
        return
    told = ["\n".join(_rows(one, removed=one.agent.id not in known)) for one in found]
    pager.put_long("\n\n".join(told).split("\n"))


def _compare(app: App, named: Sequence[Run], left: Sequence[str], *, as_json: bool) -> None:
    from tmuxagents.cli import looking_on
    from tmuxagents.services.runs import starting, viewing

    if left:
        # It says that there is no such run.
        starting.named(app, left[0])
    if len(named) != 1:
        raise click.UsageError("--compare is for one run")
    view = viewing.view(app, named[0].id)
    if view is not None:
        looking_on.put_compared(app, view, as_json=as_json)


def _show_runs(app: App, named: Sequence[Run], *, as_json: bool) -> None:
    from tmuxagents.cli.render import run as rendering
    from tmuxagents.services.runs import viewing

    viewing.see_to(app, named)
    views = [view for run in named if (view := viewing.view(app, run.id)) is not None]
    if as_json:
        print_json({"runs": [viewing.as_json(view) for view in views]})
        return
    for view in views:
        rendering.put_table(view)
        for line in rendering.ending(view) if view.run.ended_ns is not None else ():
            put(line)


def _rows(one: Dossier, *, removed: bool) -> list[str]:
    agent, condition, usage = one.agent, one.agent.condition, one.agent.condition.usage
    now = clock.now_ns()
    pairs = [
        ("name", f"{agent.name} ({agent.kind}){' (removed)' if removed else ''}"),
        ("state", f"{condition.state}, for {clock.ago(condition.since_ns, now)}"),
        ("evidence", condition.evidence),
        ("reason", as_told(condition.reason or "")),
        ("task", agent.task),
        ("folder", agent.dir),
        ("role", agent.role),
        ("mode", "without a terminal (--print)" if agent.is_headless else None),
        ("labels", " ".join(sorted(agent.labels)) or None),
        ("branch", one.branch),
        ("worktree", _worktree(one)),
        ("port", agent.options.get("port")),
        ("branched off", details.branched_off(agent)),
        ("scope", _scope(one)),
        ("outside it", ", ".join(condition.outside) or None),
        ("work", _work(one, now)),
        ("conflicts", _conflicts(one, now)),
        ("pr", _pull(one, now)),
        ("locks", ", ".join(f"{'holds' if held else 'waits for'} {name}" for name, held in one.locked) or None),
        ("id", agent.id),
        ("conversation", condition.conversation),
        ("generation", str(agent.generation)),
        ("window", f"{agent.place.window} {agent.place.pane}, pid {agent.place.pid}" if agent.place else None),
        ("memory", f"{one.resident_mb:.0f} MB" if one.resident_mb else None),
        ("turns", str(condition.turns)),
        (
            "tokens",
            f"{usage.input_tokens} in, {usage.output_tokens} out, {usage.cache_read_tokens} cache read, "
            f"{usage.cache_write_tokens} cache write",
        ),
        ("cost", f"${usage.microusd / 1e6:.4f} (the program's own estimate)" if usage.microusd is not None else None),
        ("budget", budget.words(budget.of(agent.options), usage)),
        ("held", f"{len(one.held)} messages" if one.held else None),
        ("last text", one_line(condition.last_text or "", 300) or None),
    ]
    width = terminal_width()
    told = [(f"{key:<13} ", one_line(str(value), 400)) for key, value in pairs if value]
    rows = [row for key, text in told for row in keyed(key, text, width)]
    return [*rows, *_dialog(agent, width), *_history(one, width), *_screen(one.screen, width)]


def _worktree(one: Dossier) -> str | None:
    worktree = one.agent.worktree
    if worktree is None:
        return None
    begun = f", begun at {worktree.base[:8]}" if worktree.base is not None else ""
    wrong = f"; it is {one.worktree_trouble}" if one.worktree_trouble is not None else ""
    return f"{worktree.path} on {worktree.branch}{begun}{wrong}"


def _scope(one: Dossier) -> str | None:
    """With how far it holds."""
    if not one.agent.scope:
        return None
    holds = registry.kind(one.agent.kind).guards(one.agent.condition)
    how = "its tools are refused the rest; what else changes is noticed" if holds else "what else changes is noticed"
    shared = f"; overlaps with that of {', '.join(one.overlaps)}" if one.overlaps else ""
    return f"{scope.told(one.agent.scope)} ({how}){shared}"


def _work(one: Dossier, now: int) -> str | None:
    """Its figures, with what they are measured against and how old they are."""
    found = one.worked.figures if one.worked is not None else None
    if found is None:
        return None
    told = []
    if found.at_ns:
        into = found.into or "where it began"
        behind = f", {found.behind} behind" if found.behind is not None else ""
        lines = f"{found.files} files changed, +{found.insertions} -{found.deletions}"
        told = [f"{found.ahead} ahead of {into}{behind}; {lines}; {found.uncommitted} files not committed"]
        told.append(f"measured {clock.ago(found.at_ns, now)} ago on {found.branch or 'no branch'}")
    return "; ".join([*told, *([f"not looked at since: {found.trouble}"] if found.trouble else [])])


def _conflicts(one: Dossier, now: int) -> str | None:
    found = one.worked.conflicts if one.worked is not None else ()
    told = [
        f"with {each.name or each.into} for {clock.ago(each.since_ns, now)}: {', '.join(each.files)}" for each in found
    ]
    return "; ".join(told) or None


def _pull(one: Dossier, now: int) -> str | None:
    pull = one.pull
    if pull is None:
        return None
    looked = f"looked at {clock.ago(pull.looked_ns, now)} ago" if pull.looked_ns is not None else ""
    told = (pull.url, pull_words.summary(pull), looked, pull.trouble or "", pull_words.left_out(pull))
    return "; ".join(part for part in told if part)


def _dialog(agent: Agent, width: int | None) -> list[str]:
    dialog = agent.condition.dialog
    if dialog is None:
        return []
    said = f"{dialog.needs}: {one_line(dialog.what, 300)}"
    beneath = needing.beneath(choices.needed(dialog), show=None)
    rows = [wrapped for row in beneath for wrapped in _indented(row, width)]
    # It is there to be copied, and not broken.
    return ["", *rendering.hang("needs ", said, width), *rows, f"  {command_for(agent.name, dialog)}"]


def _indented(row: str, width: int | None) -> list[str]:
    text = row.lstrip(" ")
    return rendering.hang(row[: len(row) - len(text)], text, width)


def _history(one: Dossier, width: int | None) -> list[str]:
    told = [
        (f"  {clock.local_hms(e.at_ns)}  {e.text:<9} ", one_line(str(e.detail.get("evidence", "")), 120))
        for e in one.states
    ]
    rows = [row for prefix, text in told for row in rendering.hang(prefix, text, width)]
    return ["", "states:", *rows] if rows else []


def _screen(rows: Sequence[str], width: int | None) -> list[str]:
    # A picture: a rule goes from edge to edge of a terminal that is wider than most.
    told = [clean(row) if width is None else cut(clean(row), max(1, width - 4)) for row in rows]
    return ["", "screen:", *(f"  | {row}" for row in told)] if rows else []
