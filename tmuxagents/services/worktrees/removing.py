"""Remove an agent's worktree: refused while it holds work that is nowhere else."""

from __future__ import annotations

import os

from tmuxagents.drivers import files
from tmuxagents.drivers.git import copies, places, work
from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.drivers.git.work import Work
from tmuxagents.drivers.git.worktree import Registered
from tmuxagents.errors import Refused, TimedOut, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding, furnishing, keeping, looking, trash
from tmuxagents.services.worktrees.trash import Kept
from tmuxagents.store import agents

LOCK = "trash.lock"


def remove(app: App, agent: Agent, *, to_trash: bool) -> Kept | None:
    """Put it away; None where the agent has none of its own. `Refused`, and nothing is touched, while there is work
    that is nowhere else, unless `to_trash`. One that was cut off goes on."""
    if agent.worktree is None or not agent.worktree.own:
        return None
    with files.locked(app.state / LOCK, within=60) as mine:
        if not mine:
            raise TimedOut("another worktree is being removed", hint="tmuxagents ls")
        with looking.kept_out(app, agent):
            return _remove(app, agent, agent.worktree, to_trash=to_trash)


def _remove(app: App, agent: Agent, worktree: Worktree, *, to_trash: bool) -> Kept | None:
    found = finding.find(worktree, agent.id)
    begun = trash.of_agent(app, agent.id)
    if begun is not None and not begun.done:
        if found.how not in ("there", "moved"):
            return keeping.carry_on(app, begun)
        # Nothing had been moved, and it may have been worked on since.
        trash.drop(app, begun)
    if found.registered is None:
        if begun is None:
            if not to_trash:
                _refuse_unknown(agent, worktree)
            _without_folder(agent, worktree, to_trash=to_trash)
        return begun
    if found.how == "gone" and not to_trash:
        _refuse_unseen(agent, worktree)
    _refuse_locked(agent, found.registered, worktree.repository)
    _refuse_used(app, agent, found.registered, worktree.repository)
    furnishing.settle(agent, worktree, found.registered.admin)
    checkout = keeping.checkout_of(found.registered, worktree)
    held = work.of(checkout, worktree.branch if worktree.own_branch else None, worktree.landed)
    held = copies.judged(held, checkout.top, found.registered.admin)
    if not to_trash:
        _refuse(agent, [*held.reasons(), *_deleted(checkout, held)])
    _refuse_big(app, agent, checkout, held)
    return keeping.put_away(app, agent, worktree, found.registered, held=held)


def _refuse_locked(agent: Agent, one: Registered, common: str) -> None:
    """As `git worktree remove` does: who has locked it wants it to stay."""
    if one.reason is not None and agent.id not in one.reason:
        raise Refused(
            f"the worktree of {agent.name} is locked by somebody: '{one.path}'",
            hint=f"git -C {word(common)} worktree unlock {word(one.path)}",
        )


def _refuse_used(app: App, agent: Agent, one: Registered, common: str) -> None:
    """What is moved is gone for whoever works in it, and git gives up a worktree whose folder is nowhere."""
    live = [other for other in agents.known(app.db) if other.id != agent.id and other.condition.state not in OVER]
    guest = next((other for other in live if files.is_within(other.dir, one.path)), None)
    if guest is not None:
        raise Refused(f"{guest.name} works in the worktree of {agent.name}", hint=f"tmuxagents stop {guest.name}")
    others = (other for other in git_worktree.registered(common) if other.admin != one.admin)
    nested = next((other for other in others if files.is_within(other.path, one.path)), None)
    if nested is not None:
        raise Refused(f"another worktree is in that of {agent.name}: '{nested.path}'", hint="git worktree list")


def _refuse_unseen(agent: Agent, worktree: Worktree) -> None:
    """Where it was moved it may hold anything, and without git's own directory of it is no checkout any more."""
    raise Refused(
        f"what {agent.name} left in '{worktree.path}' cannot be seen: moved or removed by hand",
        hint=f"tmuxagents rm --trash {agent.name}",
    )


def _refuse_unknown(agent: Agent, worktree: Worktree) -> None:
    """A folder that no repository knows stays where it is, and so does the repository, wherever it went."""
    if not os.path.isdir(worktree.repository):
        why = f"the repository of {agent.name} is gone: '{worktree.repository}'"
    elif finding.is_left(worktree):
        why = f"the repository of {agent.name} knows nothing of '{worktree.path}'"
    else:
        return
    raise Refused(f"{why}; what is there cannot be judged", hint=f"tmuxagents rm --trash {agent.name}")


def _deleted(checkout: Checkout, held: Work) -> list[str]:
    branch, head = checkout.branch, checkout.head
    if not held.commits or branch is None or head is None or git_worktree.tip(checkout.common, branch) is not None:
        return []
    return [f"and '{branch}' was deleted at {head[:8]}"]


def _refuse(agent: Agent, reasons: list[str]) -> None:
    if reasons:
        raise Refused(
            f"{agent.name} has work that is nowhere else: {', '.join(reasons)}",
            hint=f"tmuxagents rm --trash {agent.name}",
        )


def _refuse_big(app: App, agent: Agent, checkout: Checkout, held: Work) -> None:
    sizes = {name: _size(os.path.join(checkout.top, name)) for name in [*held.untracked, *held.ignored]}
    total, limit = sum(sizes.values()), app.config.trash_limit_mb * 1_000_000
    if total > limit:
        biggest = max(sizes, key=lambda name: sizes[name])
        unit, called = (1e6, "MB") if total >= 1e6 else (1e3, "kB")
        much, most = (max(1, round(size / unit)) for size in (total, sizes[biggest]))
        raise Refused(
            f"{much} {called} of {agent.name} would go into the trash, {most} of them '{biggest}'",
            hint=f"tmuxagents config set trash_limit_mb {total // 1_000_000 + 1}",
        )


def _size(path: str) -> int:
    # What a link leads to stays where it is.
    folder = os.path.isdir(path) and not os.path.islink(path)
    return keeping.weigh(path).total if folder else os.lstat(path).st_size


def _without_folder(agent: Agent, worktree: Worktree, *, to_trash: bool) -> None:
    """The repository knows of no worktree any more. What is left of it is its branch, which stays where it has
    commits of its own."""
    if not worktree.own_branch or not os.path.isdir(worktree.repository) or finding.is_left(worktree):
        return
    tip = git_worktree.tip(worktree.repository, worktree.branch)
    main = places.of(worktree.repository)
    if tip is None or main is None or git_worktree.holds_branch(main, worktree.branch) is not None:
        return
    place = Checkout(worktree.repository, worktree.repository, "", tip, None)
    alone = work.commits(place, worktree.branch, worktree.landed)
    if not alone:
        git_worktree.delete_branch(worktree.repository, worktree.branch, tip)
    elif not to_trash:
        _refuse(agent, [f"{alone} {'commit' if alone == 1 else 'commits'} on '{worktree.branch}'"])
