"""Land the work of an agent in a branch: all of it, or nothing is changed.

What would come of it is found out first, beside the repository. The commit is made next, which no branch has; last the
branch is moved to it, in one step of git's. Killed between any two of them the branch is as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.git import copied, differences, held, landing, merging, places, snapshot, work
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import BadValue, GitFailed, Refused, TmuxagentsError, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.worktree import Landed
from tmuxagents.services.app import App
from tmuxagents.services.done import done
from tmuxagents.services.ingest import agent_file
from tmuxagents.services.review import figures, sides
from tmuxagents.services.review.figures import Figures
from tmuxagents.services.review.sides import Side
from tmuxagents.store import agents, journal
from tmuxagents.value import Value, replace

_AT_REST = ("idle", "limited", *OVER)
"""States in which no turn runs."""

WAIT_S = 60.0
"""So long one waits for another that is landed in the same repository: its hooks may take their time."""

How = Literal["merged", "fast-forwarded", "squashed", "already there"]


class Wish(Value):
    """How it is to be done. `into` is None for the branch that the work began on; `message` None for ours; `commit`:
    what is not committed is committed first."""

    into: str | None
    message: str | None
    squash: bool
    commit: bool


class Merged(Value):
    """`after` is where the branch is now, `before` where it was; `committed` the commit that was made of what was not
    committed, None where everything was."""

    agent: Agent
    into: str
    how: How
    before: str
    after: str
    committed: str | None


class Conflicts(Refused):
    """It does not merge by itself; nothing was changed."""

    def __init__(self, agent: Agent, into: str, files: Sequence[str]) -> None:
        super().__init__(
            f"{agent.name} conflicts with '{into}': {', '.join(files)}", hint=f"tmuxagents conflicts {agent.name}"
        )
        self.into = into
        self.files = tuple(files)


def in_order(agents: Sequence[Agent]) -> list[Agent]:
    """Those that change the fewest files first: the others meet as little as can be that is new to them."""
    sizes = {agent.id: len(one.changes) for agent, one in figures.of(agents) if isinstance(one, Figures)}
    return sorted(agents, key=lambda agent: (sizes.get(agent.id, 0), agent.name))


def merge(app: App, agent: Agent, wish: Wish, *, team: Sequence[Agent]) -> Merged:
    """`Refused` or another error, and nothing is changed but what `commit` committed. `team` is everybody: who works
    where the branch is checked out is in the way. One at a time in a repository, whoever's fleet it is."""
    common = sides.one(agent, into=wish.into).checkout.common
    with contextlib.ExitStack() as stack:
        try:
            # git's own folder: nothing is left in it, and the kernel frees it when we die.
            alone = stack.enter_context(files.locked_folder(Path(common), within=WAIT_S))
        except OSError:
            # NFS has no lock for a folder that cannot be written to as a file; the second try has to do.
            alone = True
        if not alone:
            raise Refused(f"another merge is under way in '{common}'", hint=f"tmuxagents merge {agent.name}")
        return _merge(app, agent, wish, team)


def _merge(app: App, agent: Agent, wish: Wish, team: Sequence[Agent]) -> Merged:
    side = sides.one(agent, into=wish.into)
    into, target = _target(side, wish)
    refuse_unready(side)
    holder = side.repository.holder(into)
    _refuse_held(side, into, holder, team)
    _refuse_loose(side, wish)
    _refuse_unmergeable(side, into, target, holder)
    # Told in the journal when the branch is moved: what cannot be told is not begun.
    app.db.check_writable()
    committed = _committed(side, wish)
    if committed is not None:
        side = sides.one(agent, into=wish.into)
    head = side.checkout.head
    assert head is not None
    # What was given as a message is that of the first commit that is made.
    message = wish.message if committed is None or wish.squash else None
    side, target, how, after = _moved(side, replace(wish, message=message), into, target, head)
    landed = Landed(head, after) if wish.squash and side.base != head else None
    merged = Merged(agent, into, how, target, after, committed)
    said = f"{how} into {into}" if how != "already there" else f"already in {into}"
    with done(f"{agent.name} is {said} at {after[:8]}", f"tmuxagents diff {agent.name}"), app.db.write() as tx:
        journal.append(tx, agent.id, agent.generation, [NewEntry("note", f"{said} at {after[:8]}", clock.now_ns())])
        if landed is not None and agent.worktree is not None:
            # Nothing of git's says it: the commit that was made has no parent of the agent's.
            agents.set_worktree(tx, agent.id, replace(agent.worktree, landed=landed), folder=agent.dir)
    if landed is not None:
        agent_file.keep(app, agent.id)
    return merged


def _target(side: Side, wish: Wish) -> tuple[str, str]:
    name, own = side.agent.name, side.checkout.branch
    if wish.into is not None and wish.into == own:
        raise BadValue(f"'{own[:60]}' is the branch of {name} itself", hint=f"tmuxagents merge {name} --into BRANCH")
    if side.into is not None and side.target is not None:
        return side.into, side.target
    if wish.into is not None:
        top = word(side.checkout.top)
        raise BadValue(f"there is no branch '{wish.into[:60]}'", hint=f"git -C {top} branch --list")
    raise Refused(
        f"nothing says which branch {name} is to be merged into", hint=f"tmuxagents merge {name} --into BRANCH"
    )


def refuse_unready(side: Side) -> None:
    """`Refused` in a turn, which goes on changing what is landed, or while its checkout is not on its branch."""
    agent, checkout = side.agent, side.checkout
    if agent.condition.state not in _AT_REST or agent.phase in ("claimed", "stopping"):
        raise Refused(f"{agent.name} is {agent.condition.state}", hint=f"tmuxagents wait {agent.name}")
    doing = work.doing(checkout)
    if doing is not None:
        raise Refused(f"{agent.name} has {doing} under way", hint=f"git -C {word(checkout.top)} status")
    if checkout.branch is None or checkout.head is None:
        what = "no branch checked out" if checkout.branch is None else "no commit"
        raise Refused(f"{agent.name} has {what}", hint=f"git -C {word(checkout.top)} status")


def _refuse_held(side: Side, into: str, holder: Checkout | None, team: Sequence[Agent]) -> None:
    """Whatever is where the branch is checked out stays as it is."""
    rebased = landing.is_rebased(side.checkout.common, into)
    if rebased is not None:
        raise Refused(f"'{into}' is being rebased", hint=f"git -C {word(side.checkout.common)} worktree list")
    if holder is None:
        return
    top = holder.top
    if not os.path.isdir(top):
        raise Refused(f"'{into}' is checked out in '{top}', which is gone", hint=f"ls -ld {word(top)}")
    doing = work.doing(holder)
    if doing is not None:
        raise Refused(f"'{into}' has {doing} under way in '{top}'", hint=f"git -C {word(top)} status")
    changed = landing.loose(top, untracked=False).all
    if changed:
        raise Refused(
            f"'{into}' has uncommitted changes in '{top}': {_listed(changed)}", hint=f"git -C {word(top)} status"
        )
    for other in team:
        if other.id != side.agent.id and other.condition.state not in _AT_REST and _works_in(other, top):
            raise Refused(f"{other.name} is {other.condition.state} in '{top}'", hint=f"tmuxagents wait {other.name}")


def _works_in(agent: Agent, top: str) -> bool:
    if not os.path.isdir(agent.dir) or not files.is_within(agent.dir, top):
        return False
    found = places.of(agent.dir)
    # A worktree may lie within another's folder.
    return found is not None and os.path.realpath(found.top) == os.path.realpath(top)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"'{name}'" for name in names[:3]) + more


def refuse_unmerged(side: Side, loose: landing.Loose) -> None:
    """`Refused` where a commit would take the marks of a conflict for work."""
    if loose.unmerged:
        words = f"{side.agent.name} has conflicts that are not settled: {_listed(loose.unmerged)}"
        raise Refused(words, hint=f"git -C {word(side.checkout.top)} status")


def _refuse_loose(side: Side, wish: Wish) -> None:
    name, top = side.agent.name, side.checkout.top
    loose = landing.loose(top, untracked=True)
    unfit = [*loose.submodules, *loose.within]
    if unfit:
        raise Refused(
            f"{name} has work in repositories within, not committed: {_listed(unfit)}", hint=f"cd {word(top)}"
        )
    refuse_unmerged(side, loose)
    if loose.files and not wish.commit:
        raise Refused(
            f"{name} has work that is not committed: {_listed(loose.files)}", hint=f"tmuxagents merge --commit {name}"
        )


def _refuse_unmergeable(side: Side, into: str, target: str, holder: Checkout | None) -> None:
    """Before anything is committed, which would be for nothing."""
    with copied.opened(side.checkout) as git:
        held_now = held.look(git, side.checkout.top)
        assert side.checkout.head is not None
        if held_now.tree == differences.empty(held_now.tree) != _tree(git, side.checkout.head):
            # Whoever meant that has committed it: it is what is left where somebody took a folder's files away.
            top = side.checkout.top
            raise Refused(f"every file of {side.agent.name} is gone from '{top}'", hint=f"git -C {word(top)} status")
        now = git.run("commit-tree", held_now.tree, "-p", side.checkout.head, "-m", "now", env=snapshot.SOMEBODY)
        outcome = merging.attempt(git, target, now.strip().decode())
        if outcome.tree is None or not outcome.is_clean:
            raise Conflicts(side.agent, into, _files(outcome))
        if holder is not None:
            _refuse_blocked(git, into, holder, outcome.tree)


def _refuse_blocked(git: copied.Copied, into: str, holder: Checkout, new: str) -> None:
    blocking = landing.in_the_way(git, holder, new)
    if blocking:
        raise Refused(
            f"'{into}' is not moved: {_listed(blocking)} is in the way in '{holder.top}'",
            hint=f"ls -ld {word(os.path.join(holder.top, blocking[0]))}",
        )


def _tree(git: copied.Copied, commit: str) -> str:
    return git.run("rev-parse", f"{commit}^{{tree}}").decode().strip()


def _committed(side: Side, wish: Wish) -> str | None:
    """The commit that was made of what was not committed; None where there is nothing."""
    if not landing.loose(side.checkout.top, untracked=True).files:
        return None
    return landing.commit_all(side.checkout, wish.message or _title(side.agent))


def _title(agent: Agent) -> str:
    lines = [line.strip() for line in (agent.task or "").splitlines() if line.strip()]
    return lines[0][:100] if lines else f"work of {agent.name}"


def _moved(side: Side, wish: Wish, into: str, target: str, head: str) -> tuple[Side, str, How, str]:
    """Move the branch; tried once more, as a merge, where somebody was quicker with it. Returns also what it was tried
    with last."""
    how, after = _made(side, wish, into, target, head)
    try:
        _move(side, into, after, target)
    except TmuxagentsError:
        now = sides.one(side.agent, into=into)
        if now.target is None or now.target == target or now.checkout.head != head:
            raise
        how, after = _made(now, wish, into, now.target, head)
        try:
            _move(now, into, after, now.target)
        except TmuxagentsError as again:
            if sides.one(side.agent, into=into).target == now.target:
                raise
            name = side.agent.name
            raise Refused(f"'{into}' goes on again and again", hint=f"tmuxagents merge {name}") from again
        return now, now.target, how, after
    return side, target, how, after


def _made(side: Side, wish: Wish, into: str, target: str, head: str) -> tuple[How, str]:
    """The commit that the branch is to be moved to."""
    if side.base == head:
        return "already there", target
    if side.base == target and not wish.squash and wish.message is None:
        return "fast-forwarded", head
    git = copied.Copied(side.checkout.top, {})
    outcome = merging.attempt(git, target, head)
    if outcome.tree is None or outcome.clashes:
        # A hook of the commit changed what was tried.
        raise Conflicts(side.agent, into, _files(outcome))
    if wish.squash and outcome.tree == _tree(git, target):
        return "already there", target
    message = landing.checked_message(side.checkout.top, wish.message or _message(side, wish, into, target, head))
    parents = [target] if wish.squash else [target, head]
    made = landing.commit_tree(side.checkout.top, outcome.tree, parents, message)
    return ("squashed" if wish.squash else "merged"), made


def _files(outcome: merging.Outcome) -> list[str]:
    found = dict.fromkeys(os.fsdecode(path) for clash in outcome.clashes for path in clash.paths)
    return list(found) or [clash.what for clash in outcome.clashes]


def _message(side: Side, wish: Wish, into: str, target: str, head: str) -> str:
    if not wish.squash:
        return f"Merge branch '{side.checkout.branch}' into {into}"
    subjects = landing.subjects(side.checkout.common, target, head)
    return "\n".join([_title(side.agent), "", *(f"* {subject}" for subject in subjects)])


def _move(side: Side, into: str, after: str, before: str) -> None:
    if after == before:
        return
    holder = side.repository.holder(into)
    if holder is None:
        why = f"tmuxagents: merged {side.agent.name}"
        landing.move_branch(side.checkout.common, into, after, before, why=why)
        return
    _refuse_blocked(copied.Copied(holder.top, {}), into, holder, after)
    try:
        landing.move_checkout(replace(holder, branch=into), after)
    except GitFailed as error:
        raise Refused(
            f"'{into}' is not moved in '{holder.top}': {error.message}", hint=f"git -C {word(holder.top)} status"
        ) from error
