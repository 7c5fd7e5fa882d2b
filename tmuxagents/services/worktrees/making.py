"""Give an agent a worktree: one branch, one folder, or nothing at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tmuxagents.drivers.git import call, places
from tmuxagents.drivers.git import checkout as git_checkout
from tmuxagents.drivers.git import worktree as git_worktree
from tmuxagents.drivers.git.places import Checkout
from tmuxagents.errors import BadValue, GitFailed, NoWorktree, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.worktrees import finding, furnishing, keeping, mending, trash
from tmuxagents.store import agents
from tmuxagents.value import Value, replace

PREFIX = "tmuxagents"
"""What our branches are called before the agent's name."""

_MOST = 99
"""How many names are tried where branches or folders of that name are there already."""


class Wish(Value):
    """What was asked for, looked up: where it was asked, the commit to begin with, and the branch where one is
    named. `below` is the folder in the checkout that the agent is to work in, `remote` the one whose branch of that
    name is taken."""

    checkout: Checkout
    folder: str
    commit: str
    branch: str | None
    exists: bool
    below: str
    into: str | None
    remote: str | None = None


def prepare(folder: Path, *, branch: str | None, base: str | None) -> Wish:
    """What the worktree is to be. Refuses in one line, with nothing done, what cannot be."""
    checkout = places.of(str(folder))
    if checkout is None:
        raise NoWorktree(f"'{folder}' is in no git repository", hint=f"git init {word(folder)}")
    commit = places.commit(str(folder), base if base is not None else "HEAD")
    if commit is None and base is not None:
        raise BadValue(f"--base '{base[:60]}' is no commit in '{folder}'", hint=f"git -C {word(folder)} log --oneline")
    if commit is None:
        raise NoWorktree(
            f"'{folder}' has no commit to begin with",
            hint=f"git -C {word(folder)} commit --allow-empty -m 'first commit'",
        )
    exists = branch is not None and _usable(checkout, branch)
    remote = _remote(checkout, str(folder), branch) if branch is not None and not exists and base is None else None
    if remote is not None:
        commit = places.commit(checkout.common, f"refs/remotes/{remote}/{branch}") or commit
    real = os.path.realpath(folder)
    below = os.path.relpath(real, os.path.realpath(checkout.top)) if checkout.top else "."
    return Wish(checkout, str(folder), commit, branch, exists, below, _into(checkout, base), remote)


def _into(checkout: Checkout, base: str | None) -> str | None:
    """The branch that the work goes into later: the one that it begins on."""
    if base is None:
        return checkout.branch
    is_branch = git_worktree.is_branch_name(base) and git_worktree.tip(checkout.common, base) is not None
    return base if is_branch else None


def _usable(checkout: Checkout, branch: str) -> bool:
    """Whether the branch is there already, and free; refused where it can be neither used nor made."""
    if not git_worktree.is_branch_name(branch) or not branch.isprintable():
        raise BadValue(f"'{branch[:60]}' is not the name of a branch", hint="tmuxagents help worktrees")
    if git_worktree.tip(checkout.common, branch) is not None:
        where = git_worktree.holds_branch(checkout, branch)
        if where is not None:
            words = f"'{branch}' is checked out in '{where}'; -w --base begins a new branch there"
            raise NoWorktree(words, hint="tmuxagents help worktrees")
        return True
    _refuse_nested(checkout, branch)
    _refuse_ambiguous(checkout, branch)
    return False


def _refuse_ambiguous(checkout: Checkout, branch: str) -> None:
    ref = git_worktree.means_besides(checkout.common, branch)
    if ref is None:
        return
    if ref == f"refs/tags/{branch}":
        way = f"'{branch}' is a tag; -w --base begins a new branch there"
    elif ref == f"refs/remotes/{branch}" and "/" in branch:
        way = f"'{branch}' is a branch of a remote; --worktree={branch.partition('/')[2]} takes it"
    else:
        way = f"'{branch}' is '{ref}' to git: a branch needs another name"
    raise BadValue(way, hint="tmuxagents help worktrees")


def _remote(checkout: Checkout, folder: str, branch: str) -> str | None:
    """The remote that has that branch, which is taken then, as `git worktree add` does; None where none has."""
    remotes = git_worktree.of_remotes(checkout.common, branch)
    if len(remotes) > 1:
        raise NoWorktree(
            f"several remotes have a branch '{branch}': {', '.join(remotes)}",
            hint=f"git -C {word(folder)} config checkout.defaultRemote {word(remotes[0])}",
        )
    return remotes[0] if remotes else None


def _refuse_nested(checkout: Checkout, branch: str) -> None:
    """A branch is a file: there cannot be `fix` and `fix/a`."""
    words = branch.split("/")
    above = ["/".join(words[:count]) for count in range(1, len(words))]
    taken = next((name for name in above if git_worktree.tip(checkout.common, name) is not None), None)
    if taken is None:
        pattern = f"refs/heads/{branch}/"
        below = call.unasked(checkout.common, "for-each-ref", "--count=1", "--format=%(refname:lstrip=2)", pattern)
        taken = os.fsdecode(below).strip() or None
    if taken is not None:
        raise NoWorktree(
            f"there cannot be a branch '{branch}' beside '{taken}'", hint=f"git branch --list {word(taken)}"
        )


def make(app: App, agent: Agent, wish: Wish) -> Agent:
    """Make the worktree of a claimed agent. Recorded before it is begun: whoever finds the claim given up knows what
    may be there. Raises with nothing left behind."""
    for worktree in _candidates(app, agent, wish):
        _record(app, agent, worktree, wish.below)
        try:
            if _make(agent, worktree, wish.folder, wish.commit):
                if wish.remote is not None:
                    git_worktree.follow(wish.folder, worktree.branch, wish.remote)
                _furnish(app, agent, worktree)
                made = _record(app, agent, worktree, wish.below)
                _tell_seen(app, os.path.dirname(worktree.path))
                return made
        except BaseException:
            mending.undo(app, agent, worktree)
            with app.db.write() as tx:
                agents.set_worktree(tx, agent.id, None, folder=wish.folder)
            raise
    raise NoWorktree(f"no branch or folder is free for '{agent.name}'", hint="tmuxagents help worktrees")


def _tell_seen(app: App, place: str) -> None:
    """That `git add --all` would take what lies there, where the place is in another checkout: of an outer repository,
    or of its own by a setting."""
    top = git_checkout.work_tree(os.path.dirname(place))
    if top is not None and git_worktree.is_seen(top, place):
        app.remark(
            f"the worktrees are in '{place}', and are untracked in '{top}'", "tmuxagents config set worktree_dir DIR"
        )


def _candidates(app: App, agent: Agent, wish: Wish) -> Iterator[Worktree]:
    """Names that nothing has yet, the plain one first. What is there already may be anybody's."""
    place, common = folder_of(app, wish.checkout), wish.checkout.common
    if wish.branch is None:
        _refuse_nested(wish.checkout, f"{PREFIX}/{agent.name}")
    base = _begun(common, wish) if wish.exists else wish.commit
    # What is in the trash comes back to its own place, on its own branch.
    kept = [one.worktree for one in trash.known(app) if one.common == common]
    paths, branches = {one.path for one in kept}, {one.branch for one in kept}
    for count in range(1, _MOST):
        name = agent.name if count == 1 else f"{agent.name}-{count}"
        branch, path = wish.branch or f"{PREFIX}/{name}", os.path.join(place, name)
        if path in paths or os.path.lexists(path):
            continue
        taken = branch in branches or git_worktree.tip(common, branch) is not None
        if wish.branch is not None or not taken:
            yield Worktree(common, path, branch, base, own=True, own_branch=not wish.exists, into=wish.into)


def _begun(common: str, wish: Wish) -> str:
    """Where the branch left what it is measured against."""
    words = ("merge-base", f"refs/heads/{wish.branch}", wish.commit)
    return os.fsdecode(call.unasked(common, *words, good=(0, 1))).strip() or wish.commit


def folder_of(app: App, checkout: Checkout) -> str:
    """Where the worktrees of a repository are: beside it, or where the user's configuration says. Those of a submodule
    are beside the outermost repository, which would see them as untracked."""
    main = git_worktree.main_folder(checkout)
    name = os.path.basename(main).removesuffix(".git").lstrip(".") or os.path.basename(os.path.dirname(main))
    chosen = app.config.worktree_dir
    if not chosen:
        beside = git_worktree.outermost(checkout) or main
        return os.path.join(os.path.dirname(beside), f"{name}.worktrees")
    path = os.path.expanduser(chosen)
    return os.path.join(path, name) if os.path.isabs(path) else os.path.normpath(os.path.join(main, path))


def _make(agent: Agent, worktree: Worktree, folder: str, commit: str) -> bool:
    """False where somebody was quicker with a branch of that name."""
    if worktree.own_branch:
        try:
            git_worktree.create_branch(folder, worktree.branch, commit, why=mending.why(agent))
        except GitFailed:
            if git_worktree.tip(worktree.repository, worktree.branch) is not None:
                return False
            raise
    reason = finding.reason(agent.id, agent.name)
    git_worktree.add(folder, worktree.path, worktree.branch, reason=reason)
    return True


def _furnish(app: App, agent: Agent, worktree: Worktree) -> None:
    one = finding.find(worktree, agent.id).registered
    if one is not None:
        git_worktree.note_owner(one.admin, agent.id)
        furnishing.furnish(app, agent, worktree, one.admin)


def _record(app: App, agent: Agent, worktree: Worktree, below: str) -> Agent:
    folder = os.path.normpath(os.path.join(worktree.path, below))
    # The folder that one stands in may not be in the commit that one begins with.
    folder = folder if os.path.isdir(folder) or not os.path.isdir(worktree.path) else worktree.path
    with app.db.write() as tx:
        agents.set_worktree(tx, agent.id, worktree, folder=folder)
    now = agents.by_id(app.db, agent.id)
    assert now is not None
    return now


def ensure(app: App, agent: Agent) -> Agent:
    """Have the worktree of an agent that is started again. `NoWorktree` says where it went; what a start that was
    killed did not finish is finished."""
    worktree, asked = agent.worktree, agent.options.get("worktree")
    if worktree is None:
        if not asked:
            return agent
        return make(app, agent, _as_asked(agent))
    if not os.path.isdir(worktree.repository):
        raise NoWorktree(f"the repository '{worktree.repository}' is gone", hint=f"ls -ld {word(worktree.repository)}")
    found = finding.find(worktree, agent.id)
    # Once its window was opened it had its worktree, whole.
    started = agent_folder.raw_path(app.folder(agent.id), 1).exists()
    if found.how == "there" and found.registered is not None and _is_whole(found.registered.admin):
        git_worktree.repair(worktree.repository, worktree.path)
        if not started:
            _furnish(app, agent, worktree)
        return agent
    if found.how == "moved" and found.registered is not None:
        raise finding.was_moved(agent, worktree, found.registered)
    kept = trash.of_agent(app, agent.id)
    if kept is not None and found.how in ("unknown", "gone"):
        raise NoWorktree(f"the worktree of {agent.name} is in the trash", hint=f"tmuxagents restore {agent.name}")
    if started or (os.path.lexists(worktree.path) and found.how != "there"):
        raise NoWorktree(
            f"the worktree of {agent.name} was moved or removed by hand: '{worktree.path}'",
            hint=f"tmuxagents rm {'--trash ' if found.how == 'gone' else ''}{agent.name}",
        )
    if found.registered is not None:
        keeping.put_away(app, agent, worktree, found.registered, branch=False)
    _finish(agent, worktree)
    _furnish(app, agent, worktree)
    return _record(app, agent, worktree, os.path.relpath(agent.dir, worktree.path))


def _as_asked(agent: Agent) -> Wish:
    """What was asked for, beginning with the commit that it meant then."""
    asked = agent.options["worktree"]
    branch, base, commit = asked.get("branch"), asked.get("base"), asked.get("commit")
    if commit is None:
        # Asked for by an older version.
        return prepare(Path(agent.dir), branch=branch, base=base)
    wish = prepare(Path(agent.dir), branch=branch, base=commit if base is not None else None)
    # A branch that was there, or that a remote has, begins where it is.
    return replace(wish, into=asked.get("into"), commit=wish.commit if wish.exists or wish.remote else commit)


def _is_whole(admin: str) -> bool:
    """Whether its checkout was finished: the index comes last."""
    return os.path.lexists(os.path.join(admin, "index"))


def _finish(agent: Agent, worktree: Worktree) -> None:
    main = worktree.repository
    exists = git_worktree.tip(main, worktree.branch) is not None
    assert worktree.base is not None
    if not exists:
        git_worktree.create_branch(main, worktree.branch, worktree.base, why=mending.why(agent))
    git_worktree.add(main, worktree.path, worktree.branch, reason=finding.reason(agent.id, agent.name))
