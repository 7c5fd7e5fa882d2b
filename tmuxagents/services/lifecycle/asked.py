"""What is asked for of a new agent: looked up, and recorded so that it can be begun by somebody else, later."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tmuxagents import clock, names
from tmuxagents.config import DEFAULT_KIND
from tmuxagents.drivers import disk, files
from tmuxagents.errors import BadValue
from tmuxagents.kinds import arguments, registry
from tmuxagents.model.agent import Agent, Claimer, Phase
from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId, AgentName
from tmuxagents.output.rendering import choose_color
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.lifecycle import launch, naming
from tmuxagents.store import agents, journal, queue
from tmuxagents.value import Value, fresh, replace

if TYPE_CHECKING:
    from tmuxagents.services.lifecycle.branch_off import Origin
    from tmuxagents.services.worktrees.making import Wish

TASK_LIMIT = 100_000
"""Characters of a first prompt that fit into one argument of a program (128 KiB on Linux)."""

_SHOWN = 2_000
"""Characters of a program's arguments that the log tells."""


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


class Asked(Value):
    """A request that can be carried out, as far as can be seen. Its id is the conversation's too: minted before the
    program starts. `wish` is its worktree with the commit that it begins with, `caller` the environment of who asks."""

    request: SpawnRequest
    agent_id: AgentId
    folder: str
    name: AgentName | None
    task: str | None
    wish: Wish | None
    caller: Mapping[str, str]


def look_up(
    app: App, request: SpawnRequest, *, origin: Origin | None = None, caller: Mapping[str, str] | None = None
) -> Asked:
    """Refuses in one line what cannot be. Writes nothing but a task that is too long for an argument. `caller` is the
    environment of who asks, where that is not this process."""
    around = dict(os.environ) if caller is None else caller
    folder = launch.check_folder(request.folder)
    name = names.parse(request.name) if request.name is not None else None
    path = request.given.get("PATH") or request.path or (None if caller is None else caller.get("PATH"))
    launch.check_program(request.kind, request.options, path, str(folder))
    cannot = registry.kind(request.kind).cannot(request.options)
    if cannot is not None:
        raise BadValue(f"--kind {request.kind}: {cannot}", hint="tmuxagents spawn --help")
    if request.options.get("mode") == "print" and request.task is None:
        raise BadValue("what runs without a terminal needs a task", hint="tmuxagents spawn --help")
    _refuse_too_long(request)
    disk.need_room(app.state)
    if request.options.get("scope"):
        from tmuxagents.services.worktrees import scoped

        scoped.refuse_useless(str(folder), request.kind)
    wish = origin.wish if origin is not None else _wish(folder, request.worktree)
    agent_id = AgentId(str(uuid.uuid4()))
    return Asked(request, agent_id, str(folder), name, _task(app, agent_id, request.task), wish, around)


def _refuse_too_long(request: SpawnRequest) -> None:
    """What the system refuses as the program is begun, which would be told by its number alone."""
    words = [str(word) for word in request.options.get("args", ())]
    what = arguments.too_long(words, request.given, most=os.sysconf("SC_ARG_MAX"))
    if what is not None:
        raise BadValue(what, hint="tmuxagents help manifest")


def _wish(folder: Path, request: WorktreeRequest | None) -> Wish | None:
    if request is None:
        return None
    from tmuxagents.services.worktrees import making

    return making.prepare(folder, branch=request.branch, base=request.base)


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


def claim(
    app: App, tx: queue.Transaction, asked: Asked, *, phase: Phase = "claimed", claimer: Claimer | None = None
) -> AgentName:
    """Record it as an agent: its name, its row, its first entry. `NameTaken` where somebody has the name."""
    now, request = clock.now_ns(), asked.request
    by_task = asked.name is None and request.task and request.naming == "task"
    base = naming.from_task(request.task) if by_task and request.task else None
    name = agents.claim(
        tx,
        agent_id=asked.agent_id,
        name=naming.unused(base, agents.had(tx, base)) if base is not None else asked.name,
        kind=request.kind,
        folder=asked.folder,
        task=asked.task,
        options={**request.options, **_given_names(request), **_kept_options(asked)},
        color=choose_color(agents.colors(tx)),
        now_ns=now,
        claimer=claimer,
        phase=phase,
    )
    told = request.task if request.task is not None else _line(request.options.get("args", ()))
    if request.worktree is not None:
        agents.set_port(tx, asked.agent_id, _port(app, agents.ports(tx, but=asked.agent_id)))
    journal.append(tx, asked.agent_id, 1, [NewEntry("spawned", told or "no task", now)])
    condition = agents.condition_of(tx, asked.agent_id)
    # A program that does not tell what it has read could never be seen to take its task.
    kind = registry.kind(request.kind)
    due = asked.task is not None and kind.CONFIRMS
    conversation = str(asked.agent_id) if kind.IDENTITY == "minted" else None
    agents.set_condition(tx, asked.agent_id, replace(condition, conversation=conversation, task_due=due))
    return name


def _line(words: Sequence[object]) -> str:
    line = " ".join(map(str, words))
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _given_names(request: SpawnRequest) -> Mapping[str, Any]:
    """The names alone: whoever starts it again may have others of them."""
    return {"given": sorted(request.given)} if request.given else {}


def _kept_options(asked: Asked) -> Mapping[str, Any]:
    """Kept with the claim: one that is killed before it has its worktree is never started in the caller's folder."""
    wanted, origin, wish = asked.request.worktree, asked.request.branch_off, asked.wish
    if wanted is None or wish is None:
        return {}
    own = {
        "worktree": {
            "branch": wanted.branch,
            "base": wanted.base,
            "commit": wish.commit,
            "into": wish.into,
            "follow": wanted.follow,
            "profile": wanted.profile,
            "copy": list(wanted.copy),
            "link": list(wanted.link),
            "setup": list(wanted.setup),
        }
    }
    return own if origin is None else {**own, "branch_off": {"agent": origin.name, "id": origin.id}}


def _port(app: App, taken: Collection[int]) -> int:
    from tmuxagents.services.lifecycle import ports

    return ports.give(app.state, taken)


def keep(app: App, asked: Asked, *, by: Claimer | None) -> None:
    """Write what no database holds into the agent's folder: the caller's variables and those that were given. Before
    its row is there: a row without this file would be an agent that cannot be begun, a file without a row is
    litter, of which `by` says whose it was."""
    folder = app.own_folder(asked.agent_id)
    told = {
        "caller": dict(asked.caller),
        "given": dict(asked.request.given),
        "by": None if by is None else [by.pid, by.mark],
    }
    files.write_whole(agent_folder.asked_path(folder), json.dumps(told))


def kept(app: App, agent: Agent) -> tuple[Mapping[str, str], Mapping[str, str]] | None:
    """The caller's variables and those that were given; None where they are gone."""
    told = agent_folder.asked(app.folder(agent.id))
    return None if told is None else (told.get("caller", {}), told.get("given", {}))
