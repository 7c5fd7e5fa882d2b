"""Start an agent as a copy of another: its conversation as far as it has come, and its work as it is now.

The first is only read. The copy of the conversation is kept in the new agent's folder, and is put there last: with it
everything is there that a start needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.git import carried, places
from tmuxagents.drivers.git.carried import Taken
from tmuxagents.errors import NoWorktree, Refused, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.ingest import readers
from tmuxagents.services.lifecycle import launch
from tmuxagents.services.worktrees import making
from tmuxagents.services.worktrees.making import Wish
from tmuxagents.store import journal
from tmuxagents.value import Value, replace

COPY = "branched.jsonl"


class Origin(Value):
    """Who it was taken from, and what: good as long as `taken` is open. `talk` is the conversation's file."""

    agent: Agent
    work: Taken
    talk: bytes
    wish: Wish


@contextlib.contextmanager
def taken(app: App, agent: Agent) -> Iterator[Origin]:
    """What a new agent begins with. Refuses in one line, with nothing done, what cannot be."""
    talk = _conversation(app, agent)
    folder = launch.check_folder(agent.dir)
    wish = making.prepare(folder, branch=None, base=None)
    if not wish.checkout.top:
        raise NoWorktree(f"{agent.name} works in no checkout", hint=f"tmuxagents show {agent.name}")
    with carried.taken(str(folder), lambda: _whole_lines(talk)) as (work, raw):
        # Its work goes where that of the first one goes, not into its branch.
        into = agent.worktree.into if agent.worktree is not None else wish.into
        yield Origin(agent, work, raw, replace(wish, commit=work.head or wish.commit, into=into))


def _conversation(app: App, agent: Agent) -> Path:
    kind = registry.kind(agent.kind)
    if not kind.FORKS:
        raise Refused(
            f"{agent.name} cannot be branched off: a {agent.kind} agent's conversation cannot be copied",
            hint=f"tmuxagents show {agent.name}",
        )
    for one in kind.conversations(agent.condition, app.folder(agent.id)):
        path = readers.located(one.path, one.elsewhere)
        if files.holds(path, one.signs):
            return path
    raise Refused(f"{agent.name} has no conversation yet to branch off", hint=f"tmuxagents show {agent.name}")


def _whole_lines(path: Path) -> bytes:
    """Nothing in it is ever changed, only added: what is there is a conversation, less a line that is being written."""
    raw = files.read_whole(path)
    return raw[: raw.rfind(b"\n") + 1]


def carry(app: App, agent: Agent, origin: Origin) -> None:
    """Have the work in the new agent's worktree, and its copy of the conversation in its folder."""
    into = places.of(agent.dir)
    assert into is not None
    count = carried.lay(origin.work, into)
    with app.db.write() as tx:
        journal.append(tx, agent.id, agent.generation, [NewEntry("note", _told(origin, count), clock.now_ns())])
    app.own_folder(agent.id)
    copy = registry.kind(agent.kind).copied(origin.talk, agent.condition.conversation or str(agent.id))
    files.write_whole(app.folder(agent.id) / COPY, copy)
    if not origin.work.settled:
        words = f"{origin.agent.name} was writing while its work was copied: look at it before you rely on it"
        app.remark(words, f"tmuxagents diff {agent.name} --stat")


def take_back(agent: Agent, origin: Origin) -> None:
    """Of an agent that could not be started: what it was given is a copy, and need not be kept. What cannot be taken
    back is kept."""
    with contextlib.suppress(TmuxagentsError, OSError):
        into = places.of(agent.dir)
        if into is not None and agent.worktree is not None:
            carried.take_back(origin.work, into)


def _told(origin: Origin, count: int) -> str:
    loose = f", {count} of its files not committed" if count else ""
    without = f", without the repositories in it ({len(origin.work.within)})" if origin.work.within else ""
    moving = "" if origin.work.settled else "; it was writing meanwhile"
    return f"branched off {origin.agent.name}{loose}{without}{moving}"


def copy_of(app: App, agent: Agent) -> Path | None:
    """The copy that its conversation begins with; None for an agent that begins one of its own."""
    return app.folder(agent.id) / COPY if agent.options.get("branch_off") else None


def refuse_unfinished(app: App, agent: Agent) -> None:
    """One whose start was killed before it had everything has nothing to go on with."""
    copy, window = copy_of(app, agent), agent_folder.raw_path(app.folder(agent.id), 1)
    if copy is not None and not files.exists(copy) and not files.exists(window):
        origin = agent.options["branch_off"]["agent"]
        raise Refused(
            f"{agent.name} was cut off before it had its copy of {origin}", hint=f"tmuxagents rm --trash {agent.name}"
        )
