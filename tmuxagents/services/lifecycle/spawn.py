"""Start a new agent."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tmuxagents import clock, names
from tmuxagents.config import DEFAULT_KIND
from tmuxagents.drivers import disk, files
from tmuxagents.errors import BadValue
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.output.rendering import choose_color
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.lifecycle import launch, naming, trust
from tmuxagents.store import agents, journal
from tmuxagents.value import Value, fresh, replace

if TYPE_CHECKING:
    from tmuxagents.services.lifecycle.branch_off import Origin
    from tmuxagents.services.worktrees import making

TASK_LIMIT = 100_000
"""Characters of a first prompt that fit into one argument of a program (128 KiB on Linux)."""


class WorktreeRequest(Value):
    """A worktree of its own: on a branch of one's own where one is named, beginning at `base`, else at HEAD. `copy` and
    `link` say what is brought into it from the main checkout; the commands of `setup` run in it before the program.
    `follow`: it is trusted where the main checkout is. `profile` is the one that said so."""

    branch: str | None = None
    base: str | None = None
    copy: Sequence[str] = ()
    link: Sequence[str] = ()
    setup: Sequence[str] = ()
    follow: bool = False
    profile: str | None = None


class SpawnRequest(Value):
    """What the user asked for. `given` holds `--env`; its values are kept in no database."""

    task: str | None = None
    name: str | None = None
    kind: str = DEFAULT_KIND
    folder: str = "."
    naming: str = "agent"
    options: Mapping[str, Any] = fresh(default_factory=dict)
    given: Mapping[str, str] = fresh(default_factory=dict)
    path: str | None = None
    worktree: WorktreeRequest | None = None
    branch_off: Agent | None = None


def spawn(app: App, request: SpawnRequest) -> Agent:
    """Start the agent; returns it as recorded. When anything is wrong nothing is left behind."""
    if request.branch_off is None:
        return _spawn(app, request, None)
    from tmuxagents.services.lifecycle import branch_off

    with branch_off.taken(app, request.branch_off) as origin:
        return _spawn(app, request, origin)


def _spawn(app: App, request: SpawnRequest, origin: Origin | None) -> Agent:
    folder = launch.check_folder(request.folder)
    name = names.parse(request.name) if request.name is not None else None
    kind = registry.kind(request.kind)
    launch.check_program(request.kind, request.options, request.given.get("PATH") or request.path)
    disk.need_room(app.state)
    if request.options.get("scope"):
        from tmuxagents.services.worktrees import scoped

        scoped.refuse_useless(str(folder), request.kind)
    wish = origin.wish if origin is not None else _wish(folder, request.worktree)
    # The id is the conversation's too: minted and recorded before the program starts.
    agent_id = AgentId(str(uuid.uuid4()))
    task = _task(app, agent_id, request.task)
    if request.options.get("trust") and wish is None:
        trust.grant(kind, folder, request.given)
    claimed = _claim(app, agent_id, name, request, str(folder), task)
    try:
        if wish is not None:
            claimed = _in_worktree(app, claimed, wish)
            if request.options.get("trust"):
                trust.grant(kind, Path(claimed.dir), request.given)
            elif request.worktree is not None and request.worktree.follow:
                _follow(app, claimed, request.given)
        if origin is not None:
            _carry(app, claimed, origin)
        launch.start(app, claimed, resume=False, given=request.given)
    except BaseException:
        import shutil

        if origin is not None:
            _take_back(claimed, origin)
        _undo_worktree(app, claimed)
        # The files first: on a full disk they leave the room for the record.
        shutil.rmtree(app.folder(agent_id), ignore_errors=True)
        with app.db.write() as tx:
            agents.unclaim(tx, agent_id)
        raise
    started = agents.by_id(app.db, agent_id)
    assert started is not None
    return started


def _wish(folder: Path, request: WorktreeRequest | None) -> making.Wish | None:
    if request is None:
        return None
    from tmuxagents.services.worktrees import making

    return making.prepare(folder, branch=request.branch, base=request.base)


def _asked_for(request: SpawnRequest) -> Mapping[str, Any]:
    """Kept with the claim: one that is killed before it has its worktree is never started in the caller's folder."""
    wanted, origin = request.worktree, request.branch_off
    if wanted is None:
        return {}
    own = {
        "worktree": {
            "branch": wanted.branch,
            "base": wanted.base,
            "follow": wanted.follow,
            "profile": wanted.profile,
            "copy": list(wanted.copy),
            "link": list(wanted.link),
            "setup": list(wanted.setup),
        }
    }
    return own if origin is None else {**own, "branch_off": {"agent": origin.name, "id": origin.id}}


def _in_worktree(app: App, claimed: Agent, wish: making.Wish) -> Agent:
    from tmuxagents.services.worktrees import making

    return making.make(app, claimed, wish)


def _follow(app: App, claimed: Agent, given: Mapping[str, str]) -> None:
    from tmuxagents.services.lifecycle import trust_following

    trust_following.follow(app, claimed, given)


def _carry(app: App, claimed: Agent, origin: Origin) -> None:
    from tmuxagents.services.lifecycle import branch_off

    branch_off.carry(app, claimed, origin)


def _take_back(claimed: Agent, origin: Origin) -> None:
    from tmuxagents.services.lifecycle import branch_off

    branch_off.take_back(claimed, origin)


def _undo_worktree(app: App, claimed: Agent) -> None:
    if claimed.worktree is None:
        return
    from tmuxagents.services.worktrees import mending

    mending.undo(app, claimed, claimed.worktree)


def over_already(app: App, agent: Agent) -> Agent | None:
    """The agent as it ended, where its program has ended by now; None where it runs, which nobody waits to see."""
    if not files.exists(agent_folder.exit_path(app.folder(agent.id), agent.generation)):
        return None
    from tmuxagents.services.ingest import ingest

    ingest.pull(app, agent)
    now = agents.by_id(app.db, agent.id)
    return now if now is not None and now.condition.state in OVER else None


def _claim(
    app: App, agent_id: AgentId, name: AgentName | None, request: SpawnRequest, folder: str, task: str | None
) -> Agent:
    now = clock.now_ns()
    base = naming.from_task(request.task) if name is None and request.task and request.naming == "task" else None
    with app.db.write() as tx:
        name = naming.unused(base, agents.had(tx, base)) if base is not None else name
        name = agents.claim(
            tx,
            agent_id=agent_id,
            name=name,
            kind=request.kind,
            folder=folder,
            task=task,
            options={**request.options, **_asked_for(request)},
            color=choose_color(agents.colors(tx)),
            now_ns=now,
            claimer=claims.claimer(),
        )
        told = request.task if request.task is not None else " ".join(map(str, request.options.get("args", ())))
        if request.worktree is not None:
            agents.set_port(tx, agent_id, _port(app, agents.ports(tx, but=agent_id)))
        journal.append(tx, agent_id, 1, [NewEntry("spawned", told or "no task", now)])
        condition = agents.condition_of(tx, agent_id)
        # A program that does not tell what it has read could never be seen to take its task.
        kind = registry.kind(request.kind)
        due = task is not None and kind.CONFIRMS
        conversation = str(agent_id) if kind.IDENTITY == "minted" else None
        agents.set_condition(tx, agent_id, replace(condition, conversation=conversation, task_due=due))
    claimed = agents.by_id(app.db, agent_id)
    assert claimed is not None
    return claimed


def _port(app: App, taken: Collection[int]) -> int:
    from tmuxagents.services.lifecycle import ports

    return ports.give(app.state, taken)


def _task(app: App, agent_id: AgentId, task: str | None) -> str | None:
    """The first prompt, cleaned; one too long for an argument goes by file."""
    if task is None:
        return None
    from tmuxagents.output.safe_text import sendable

    text = sendable(task)
    if not text.strip():
        raise BadValue("the task is empty", hint="tmuxagents spawn --edit")
    if len(text.encode()) <= TASK_LIMIT:
        return text
    from tmuxagents.services.talk import long_text

    return long_text.pointer(app, agent_id, text)
