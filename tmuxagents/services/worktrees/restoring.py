"""Bring a worktree back from the trash, as it was."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.git import call, places, snapshot
from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.drivers.git.worktree import Registered
from tmuxagents.errors import NameTaken, NoWorktree, Refused, TimedOut, TmuxagentsError, word
from tmuxagents.model.entry import NewEntry
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.services.ingest import agent_file
from tmuxagents.services.worktrees import aside, finding, furnishing, keeping, removing, trash
from tmuxagents.services.worktrees.trash import Kept
from tmuxagents.store import agents, journal
from tmuxagents.value import Value, replace


class Restored(Value):
    """What came back. `detached` says why its branch is not checked out, None where it is; `anew` that its folder had
    been gone, and was checked out once more."""

    kept: Kept
    detached: str | None
    anew: bool = False


def find(app: App, name: str) -> Kept:
    """The newest of that agent, or the one of that id."""
    found = [kept for kept in trash.known(app) if name in (kept.agent, kept.id)]
    if not found:
        raise Refused(f"nothing of '{name[:60]}' is in the trash", hint="tmuxagents prune")
    return found[-1]


def restore(app: App, kept: Kept) -> Restored:
    """Put it back where it was, and the agent on the list, ended. Refuses what would be in the way of it."""
    with files.locked(app.state / removing.LOCK, within=60) as mine:
        if not mine:
            raise TimedOut("another worktree is being removed", hint="tmuxagents ls")
        return _restore(app, kept)


def _restore(app: App, kept: Kept) -> Restored:
    _refuse_in_the_way(app, kept)
    if not kept.done:
        # Where it was cut off before anything was moved there may be nothing to bring back.
        kept = _begun_only(app, kept) or keeping.carry_on(app, kept)
    detached = _branch_back(kept)
    if os.path.lexists(kept.admin_kept) and not os.path.lexists(kept.admin):
        os.makedirs(os.path.dirname(kept.admin), exist_ok=True)
        os.rename(kept.admin_kept, kept.admin)
    if not git_worktree.is_at(Registered(kept.admin, kept.worktree.path, None)):
        # Recorded: who is cut off behind it cannot tell a folder that was moved back.
        kept = trash.write(app, replace(kept, anew=kept.gone))
        _folder_back(kept)
    aside.bring_back(app, kept)
    _agent_back(app, kept)
    if kept.anew:
        _make_ready(app, kept)
    trash.drop(app, kept)
    return Restored(kept, detached, kept.anew)


def _begun_only(app: App, kept: Kept) -> Kept | None:
    at = Registered(kept.admin, kept.worktree.path, None)
    return kept if os.path.lexists(kept.admin) and git_worktree.is_at(at) else None


def _refuse_in_the_way(app: App, kept: Kept) -> None:
    path = kept.worktree.path
    if not os.path.isdir(kept.common):
        raise NoWorktree(f"the repository '{kept.common}' is gone", hint="tmuxagents prune")
    here = os.path.lexists(path) and not git_worktree.is_at(Registered(kept.admin, path, None))
    if here:
        raise NoWorktree(f"'{path}' is in the way of what is in the trash", hint=f"ls -ld {word(path)}")
    if os.path.lexists(kept.admin) and os.path.lexists(kept.admin_kept):
        raise NoWorktree(f"another worktree is called '{os.path.basename(kept.admin)}'", hint="git worktree list")
    other = next((one for one in agents.known(app.db) if one.name == kept.agent and one.id != kept.agent_id), None)
    if other is not None:
        known = {one.name for one in agents.known(app.db)}
        free = next(name for name in (f"{kept.agent}-{n}" for n in itertools.count(2)) if name not in known)
        words = f"'{kept.agent}' is another agent by now: give that one another name"
        raise NameTaken(words, hint=f"tmuxagents rename {kept.agent} {free}")


def _branch_back(kept: Kept) -> str | None:
    """Have the branch as it was, or leave it: another's work may be on it by now. Then the worktree is put on its own
    commit, and nothing of it is lost."""
    where = kept.admin_kept if os.path.lexists(kept.admin_kept) else kept.admin
    if kept.tip is not None and git_worktree.tip(kept.common, kept.worktree.branch) is None:
        _create(kept.common, kept.worktree.branch, kept.tip)
    with open(os.path.join(where, "HEAD"), "rb") as file:
        head = os.fsdecode(file.read().removesuffix(b"\n"))
    if not head.startswith("ref: refs/heads/") or kept.head is None:
        return None
    branch = head.removeprefix("ref: refs/heads/")
    now = git_worktree.tip(kept.common, branch)
    if now is None:
        _create(kept.common, branch, kept.head)
        return None
    main = places.of(kept.common)
    held = git_worktree.holds_branch(main, branch) if main is not None and where == kept.admin_kept else None
    if now == kept.head and held is None:
        return None
    with open(os.path.join(where, "HEAD.lock"), "xb") as file:
        file.write(f"{kept.head}\n".encode())
    os.rename(os.path.join(where, "HEAD.lock"), os.path.join(where, "HEAD"))
    return f"'{branch}' is checked out in '{held}'" if held is not None else f"'{branch}' has other commits by now"


def _create(common: str, branch: str, commit: str) -> None:
    call.unasked(common, "update-ref", "-m", "tmuxagents: restored", f"refs/heads/{branch}", commit, "")


def _folder_back(kept: Kept) -> None:
    path = kept.worktree.path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if kept.tree and os.path.lexists(kept.tree):
        os.rename(kept.tree, path)
        return
    # Made beside it and then put there whole: a half one would look like work that was taken away.
    half = f"{path}.tmuxagents-{kept.id}"
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(half)
    os.makedirs(half)
    if kept.gone:
        # What its set-up made went with the folder: `resume` carries it out again.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(kept.admin, finding.SET_UP))
        git_worktree.write_staged(kept.admin, half)
    else:
        snapshot.write_files(Checkout(kept.common, kept.admin, half, kept.head, None), kept.ref)
    with open(os.path.join(half, ".git"), "wb") as file:
        file.write(b"gitdir: " + os.fsencode(kept.admin) + b"\n")
    os.rename(half, path)


ANEW = "its folder was gone: what was neither committed nor staged is not there"


def _make_ready(app: App, kept: Kept) -> None:
    """What was brought into the folder went with it."""
    agent = agents.by_id(app.db, AgentId(kept.agent_id))
    if agent is None:
        return
    try:
        furnishing.settle(agent, kept.worktree, kept.admin)
        furnishing.furnish(app, agent, kept.worktree, kept.admin)
    except (TmuxagentsError, OSError) as error:
        app.remark(f"not brought into the worktree: {error}", "tmuxagents help worktrees")


def _agent_back(app: App, kept: Kept) -> None:
    agent_id = AgentId(kept.agent_id)
    agent = agents.by_id(app.db, agent_id)
    if agent is None:
        # Its record is gone; the work is back.
        return
    app.own_folder(agent_id)
    with app.db.write() as tx:
        agents.remember(tx, agent_id)
        told = f"restored in {kept.worktree.path}" + (f"; {ANEW}" if kept.anew else "")
        journal.append(tx, agent_id, agent.generation, [NewEntry("note", told, clock.now_ns())])
        agents.set_worktree(tx, agent_id, kept.worktree, folder=kept.folder)
    agent_file.keep(app, agent_id)
