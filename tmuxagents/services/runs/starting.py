"""Begin a run, add to it, and say what is wanted of it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping, Sequence

from tmuxagents import clock, names
from tmuxagents.errors import Refused, TmuxagentsError, TmuxUnreachable
from tmuxagents.model.agent import Agent
from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.model.run import SETTLED, Run, RunState
from tmuxagents.names import AgentId
from tmuxagents.runs import apply, report, shares
from tmuxagents.services.app import App
from tmuxagents.services.ingest import budgeting
from tmuxagents.services.runs import filling, fitting, run_file
from tmuxagents.services.server import controller_alive, startup
from tmuxagents.store import agents, runs
from tmuxagents.value import replace

LONGEST_NAME = 30
"""Of a run: its agents have its name in front of theirs."""


def begin(
    app: App, manifest: Manifest, *, name: str | None = None, folder: str = ".", caller: Mapping[str, str] | None = None
) -> Run:
    """Record the run and have it carried out. `NameTaken`, `NameInvalid`; nothing is left then."""
    wanted = names.parse(name) if name is not None else None
    if wanted is not None and len(wanted) > LONGEST_NAME:
        raise TmuxagentsError(
            f"'{wanted}' is too long for a run: its agents have its name in front of theirs",
            hint="tmuxagents run --help",
        )
    fitting.refuse_unfit(app, manifest, folder)
    run_id = uuid.uuid4().hex
    filling.keep_environment(app, run_id, dict(os.environ) if caller is None else caller)
    try:
        run = _recorded(app, run_id, wanted, manifest, folder)
    except BaseException:
        shutil.rmtree(filling.folder(app, run_id), ignore_errors=True)
        raise
    wake(app)
    return run


def _recorded(app: App, run_id: str, name: str | None, manifest: Manifest, folder: str) -> Run:
    with app.db.write() as tx:
        run = Run(
            id=run_id,
            name=name or runs.next_name(tx),
            manifest=manifest,
            state="running",
            created_ns=clock.now_ns(),
            dir=os.path.abspath(folder),
        )
        runs.create(tx, run, apply.first(manifest))
        # There before the row is: from it a rebuild has the run, should the database be lost.
        run_file.keep(app, run)
    return run


def wake(app: App) -> None:
    """Have a controller there that carries runs out, and tell it that there is something to do. What is wanted is
    recorded by now: that tmux does not answer is told, and is no reason to want it again."""
    keep_going(app)
    startup.nudge(app)


def keep_going(app: App) -> None:
    """Have a controller there, and a server, where they are gone: whoever looks on has the run go on."""
    if controller_alive.runs(app):
        return
    try:
        startup.ensure(app)
    except TmuxUnreachable as error:
        app.remark(f"{error.message}: runs go on when it does", error.hint or "tmuxagents doctor")


def named(app: App, name: str) -> Run:
    """The run of that name."""
    run = runs.by_name(app.db, name)
    if run is None:
        known = [each.name for each in runs.known(app.db)]
        meant = names.did_you_mean(names.nearest(name, known), f": {', '.join(known[-5:])}" if known else "")
        raise TmuxagentsError(f"there is no run '{name[:60]}'{meant}", hint="tmuxagents runs")
    return run


def whole(app: App, run: Run) -> Run:
    """The run with its tasks."""
    found = runs.by_id(app.db, run.id)
    if found is None:
        raise TmuxagentsError(f"{run.name} was removed", hint="tmuxagents runs")
    return found


def pause(app: App, run: Run) -> None:
    """Begin nothing more; what runs goes on."""
    _change(app, run, "paused", among=("running",))


def go_on(app: App, run: Run) -> None:
    """Begin again what is due. `Refused` where it was not paused."""
    if run.state == "running":
        raise Refused(f"{run.name} is not paused: it runs", hint=f"tmuxagents show {run.name}")
    _change(app, run, "running", among=("paused",))


def stop(app: App, run: Run) -> None:
    """Begin nothing more, and stop what runs."""
    _change(app, run, "stopping", among=("running", "paused"))


def _change(app: App, run: Run, state: RunState, *, among: Sequence[RunState]) -> None:
    with app.db.write() as tx:
        now = runs.state_in(tx, run.id)
        if now != state and now not in among:
            raise Refused(f"{run.name} is {now}", hint=f"tmuxagents show {run.name}")
        if now != state:
            runs.touch(tx, run.id)
            runs.set_state(tx, run.id, state, ended_ns=None)
    # Also where nothing has changed: with the machine the controller may have gone.
    wake(app)


def retry(app: App, run: Run) -> int:
    """Try again what did not succeed, and what waited for it; how many tasks that are."""
    rows = runs.rows(app.db, run)
    version = runs.version(app.db, run.id)
    now = clock.now_ns()
    worked = report.worked(rows, runs.spans(app.db, run.id), run.ended_ns or now)
    fresh = apply.retried(rows, worked)
    changed = [after for before, after in zip(rows, fresh, strict=True) if before != after]
    if run.ended_ns is None:
        raise Refused(
            f"{run.name} is not over: what has failed is tried again when it is", hint=f"tmuxagents show {run.name}"
        )
    if not changed:
        raise Refused(f"nothing of {run.name} has failed", hint=f"tmuxagents show {run.name}")
    with app.db.write() as tx:
        if not runs.advance(tx, run.id, version):
            raise Refused(f"{run.name} has changed just now", hint=f"tmuxagents show {run.name}")
        runs.put(tx, run.id, changed)
        runs.set_retried(tx, run.id, now)
        runs.set_option(tx, run.id, report.RESTED, {"ns": report.rested_ns(run) + now - run.ended_ns})
    wake(app)
    return len(changed)


def add(app: App, run: Run, tasks: Sequence[Task], *, source: str | None = None) -> Run:
    """Take these tasks into a run that is not over; the manifest with them has been checked. `source` is where they
    were written."""
    while True:
        version = runs.version(app.db, run.id)
        now = runs.by_id(app.db, run.id)
        if now is None or now.ended_ns is not None:
            raise Refused(f"{run.name} is over: nothing is added to it", hint=f"tmuxagents show {run.name}")
        twice = {task.id for task in now.manifest.tasks} & {task.id for task in tasks}
        if twice:
            # Somebody else has added it since it was checked.
            raise Refused(f"{run.name} has a task '{min(twice)}' already", hint=f"tmuxagents show {run.name}")
        fitting.refuse_unfit(app, replace(now.manifest, tasks=tuple(tasks), source=source), now.dir)
        after = replace(now, manifest=replace(now.manifest, tasks=(*now.manifest.tasks, *tasks)))
        with app.db.write() as tx:
            # A live run changes all the time: then it is read again.
            if runs.advance(tx, run.id, version):
                runs.set_manifest(tx, run.id, after.manifest)
                runs.put(tx, run.id, apply.first(replace(now.manifest, tasks=tasks)))
                break
    run_file.keep_changed(app, after)
    wake(app)
    return after


def set_budget(app: App, run: Run, *, usd: float | None, tokens: int | None) -> Run:
    """Change what the whole run may spend, 0 for no bound, and with it the shares that its tasks have of that; what it
    has failed of is not tried again by that."""
    while True:
        version = runs.version(app.db, run.id)
        now = whole(app, run)
        manifest = now.manifest
        if usd is not None:
            manifest = replace(manifest, budget_usd=usd or None)
        if tokens is not None:
            manifest = replace(manifest, budget_tokens=tokens or None)
        after = replace(now, manifest=shares.anew(manifest))
        changed = _with_other_shares(app, now, after)
        with app.db.write() as tx:
            # A live run changes all the time: then it is read again.
            if runs.advance(tx, run.id, version):
                runs.set_manifest(tx, run.id, after.manifest)
                for agent, parts in changed:
                    budgeting.change_in(tx, agent, parts, clock.now_ns())
                break
    run_file.keep_changed(app, after)
    if run.ended_ns is None:
        wake(app)
    return after


def _with_other_shares(app: App, before: Run, after: Run) -> list[tuple[Agent, Mapping[str, float | None]]]:
    """The agents whose budget is the share that their task had, each with the parts that have changed. Who was given
    another one has it still."""
    was = {task.id: task for task in before.manifest.tasks}
    tasks = {task.id: task for task in after.manifest.tasks if task != was[task.id]}
    if not tasks:
        return []
    rows = [row for row in runs.rows(app.db, before) if row.task.id in tasks and row.agent_id is not None]
    known = {agent.id: agent for agent in agents.among(app.db, [row.agent_id for row in rows if row.agent_id])}
    found: list[tuple[Agent, Mapping[str, float | None]]] = []
    for row in rows:
        agent, old, new = known.get(AgentId(row.agent_id or "")), was[row.task.id], tasks[row.task.id]
        if agent is None:
            continue
        own = [key for key in new.shared if agent.options.get(key) == getattr(old, key)]
        found.append((agent, {key: getattr(new, key) or 0 for key in own}))
    return found


def refuse_running(run: Run) -> None:
    """`Refused` while it is not over."""
    if run.ended_ns is None:
        raise Refused(f"{run.name} is {run.state}", hint=f"tmuxagents stop {run.name}")


def kept(app: App, run: Run) -> list[Agent]:
    """Its agents whose tasks are over."""
    now = whole(app, run)
    ids = [row.agent_id for row in runs.rows(app.db, now) if row.state in SETTLED and row.agent_id is not None]
    return agents.among(app.db, ids)


def is_of(agent: Agent, run: Run) -> bool:
    """Whether it was begun for that run."""
    return bool((agent.options.get("run") or {}).get("id") == run.id)


def forget(app: App, run: Run) -> bool:
    """Take a run that is over off every list; False, and nothing done, while one of its agents is there."""
    refuse_running(run)
    if any(is_of(agent, run) for agent in agents.known(app.db)):
        return False
    with app.db.write() as tx:
        runs.forget(tx, run.id)
    shutil.rmtree(filling.folder(app, run.id), ignore_errors=True)
    return True
