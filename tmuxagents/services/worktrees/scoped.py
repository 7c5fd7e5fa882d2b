"""An agent with a scope: what its program is told of it, and what was changed outside of it in its checkout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.drivers import files, scope_check
from tmuxagents.drivers.git import changes, checkout, places
from tmuxagents.drivers.git.changes import Moment
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import BadValue, word
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Guarded
from tmuxagents.model import codec, scope
from tmuxagents.model.agent import Agent
from tmuxagents.model.observation import Outside
from tmuxagents.services.app import App
from tmuxagents.services.ingest import ingest
from tmuxagents.services.worktrees import looking
from tmuxagents.store import agents

BEGUN = "scope.json"
"""The moment from which what is changed is the agent's, in its own folder."""


def top_of(folder: str) -> str:
    """What a scope's paths begin at: the uppermost folder of the checkout, the folder itself outside of git."""
    return checkout.work_tree(folder) or os.path.realpath(folder)


def guarded(agent: Agent) -> Guarded | None:
    """What its program's hook has to know; None where it may change everything."""
    if not agent.scope:
        return None
    check = (sys.executable, "-I", "-S", "-X", "utf8", os.path.abspath(scope_check.__file__))
    return Guarded(agent.scope, top_of(agent.dir), check)


def refuse_useless(folder: str, kind: str) -> None:
    """A scope that nothing would hold or see."""
    if not registry.kind(kind).GUARDS and checkout.work_tree(folder) is None:
        raise BadValue(
            f"a scope holds nothing here: '{folder}' is in no git repository, and a {kind} agent has no hook",
            hint=f"git init {word(folder)}",
        )


def begin(app: App, agent: Agent) -> None:
    """Note how its checkout is before its program runs. In a worktree of its own that is noted once: what it did
    before it was stopped stays its doing."""
    path = app.folder(agent.id) / BEGUN
    if not agent.scope or (_is_its_own(agent) and files.exists(path)):
        return
    place = _checkout(agent)
    moment = changes.now(place) if place is not None else None
    if moment is not None:
        files.write_whole(path, json.dumps(codec.encode(moment)))


def look(app: App, agent: Agent) -> None:
    """See what has been changed outside its scope, and tell what is new of it. `Refused` while its worktree goes."""
    with looking.at(app, agent):
        _look(app, agent)


def _look(app: App, agent: Agent) -> None:
    if agent.condition.set_up:
        # What its set-up makes is not its doing: that begins when the set-up is done.
        (app.folder(agent.id) / BEGUN).unlink(missing_ok=True)
        return
    begun, place = _begun(app, agent), _checkout(agent)
    if begun is None or place is None:
        # It began with a set-up, or in the middle of a merge.
        if not agent.condition.set_up:
            begin(app, agent)
        return
    moment = changes.now(place)
    if moment is None:
        return
    told = [path for path in changes.between(place, begun, moment) if not scope.allows(agent.scope, path)]
    now = agents.by_id(app.db, agent.id)
    if now is not None and now.generation == agent.generation and now.condition.outside != _kept(told):
        ingest.take_in(app, now, [Outside(_kept(told), len(told), not _is_its_own(agent), clock.now_ns())])


def _is_its_own(agent: Agent) -> bool:
    return agent.worktree is not None and agent.worktree.own


_MOST = 50
"""How many paths are kept by name."""


def _kept(paths: Sequence[str]) -> tuple[str, ...]:
    # A name may be no text; what is kept must be.
    return tuple(os.fsencode(path).decode(errors="replace") for path in paths[:_MOST])


def _checkout(agent: Agent) -> Checkout | None:
    return places.of(agent.dir) if checkout.work_tree(agent.dir) is not None else None


def _begun(app: App, agent: Agent) -> Moment | None:
    try:
        return codec.decode(Moment, json.loads(files.read_whole(app.folder(agent.id) / BEGUN)))
    except (OSError, ValueError):
        return None
