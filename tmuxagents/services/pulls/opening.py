"""Push the branch of an agent, and open a pull request for it.

What is in the way is found out before anything is pushed. Killed after the push, or after the pull request was opened,
the same command finds what is there and goes on.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from tmuxagents import clock
from tmuxagents.drivers.gh import call as gh
from tmuxagents.drivers.gh import pulls as github
from tmuxagents.drivers.gh.pulls import Address
from tmuxagents.drivers.git import landing, pushing
from tmuxagents.drivers.git.pushing import Remote
from tmuxagents.errors import BadValue, GhFailed, GitFailed, Refused, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.pull import Pull
from tmuxagents.services.app import App
from tmuxagents.services.review import merge, sides
from tmuxagents.services.review.sides import Side
from tmuxagents.store import journal, pulls
from tmuxagents.value import Value, replace

How = Literal["opened", "open already", "pushed", "pushed already"]


class Wish(Value):
    """How it is to be done; what is None is chosen by us."""

    base: str | None = None
    title: str | None = None
    body: str | None = None
    draft: bool = False


class Opened(Value):
    """`pushed` says whether the branch was behind, `replaced` the commit in place of which it was pushed, None where it
    is a continuation. Where `gh` is missing `address` is None, and `command` what is to
    be typed. `aside` is what was assumed, in words."""

    agent: Agent
    how: How
    remote: str
    branch: str
    commit: str
    pushed: bool
    replaced: str | None
    base: str
    address: Address | None = None
    command: str | None = None
    aside: str | None = None


class _Ready(Value):
    """What is to be pushed where."""

    side: Side
    branch: str
    head: str
    remote: Remote
    base: str
    aside: str | None


def open_pull(app: App, agent: Agent, wish: Wish) -> Opened:
    """An error says whether the branch was pushed before; else nothing is changed."""
    ready = _ready(agent, wish)
    behind = ready.remote.tips.get(ready.branch) != ready.head
    lease = _lease(app, ready) if behind else None
    if behind:
        pushing.push(ready.side.checkout.top, ready.remote.name, ready.branch, lease=lease)
    where = (ready.remote.name, ready.branch, ready.head)
    done = Opened(agent, "pushed" if behind else "pushed already", *where, behind, lease, ready.base, aside=ready.aside)
    program = gh.find()
    if program is None:
        return replace(done, command=_command(ready, wish))
    try:
        done = _asked_for(ready, wish, program, done)
    except GhFailed as error:
        first = f"'{ready.branch}' was pushed to '{ready.remote.name}', but " if behind else ""
        raise GhFailed(f"{first}{error.message}", hint=error.hint, code=error.code) from error
    _record(app, done, program)
    return done


def _ready(agent: Agent, wish: Wish) -> _Ready:
    side = sides.one(agent)
    merge.refuse_unready(side)
    name, checkout = agent.name, side.checkout
    assert checkout.branch is not None
    assert checkout.head is not None
    _refuse_loose(side)
    if side.base == checkout.head:
        raise Refused(f"{name} has no commit that '{side.into}' has not", hint=f"tmuxagents diff {name}")
    chosen = pushing.remote_of(checkout.top, checkout.branch)
    if chosen is None:
        raise _no_remote(side, pushing.remotes(checkout.top))
    wanted = [each for each in (side.into, wish.base) if each]
    remote = pushing.ask(checkout.top, chosen, checkout.branch, *wanted)
    if wish.base is not None and wish.base not in remote.tips:
        _refuse_base(checkout.top, remote, wish.base)
    base, aside = _base(side, remote, wish)
    if checkout.branch in (remote.default, base):
        raise Refused(
            f"{name} is on '{checkout.branch}', which is what pull requests of '{chosen}' go into",
            hint=f"git -C {word(checkout.top)} status",
        )
    return _Ready(side, checkout.branch, checkout.head, remote, base, aside)


def _lease(app: App, ready: _Ready) -> str | None:
    """The commit in place of which the branch may be pushed: where `merge --resolve` has had it rebased since we pushed
    it last, and it was at that commit before. None otherwise: then it has to be a continuation."""
    tip, agent = ready.remote.tips.get(ready.branch), ready.side.agent
    pull = pulls.of(app.db, agent.id)
    since = pull.pushed_seq if pull is not None and pull.branch == ready.branch else 0
    entries = journal.of_agent(app.db, agent.id, since, kinds=["note", "error"], limit=100_000)
    if tip is None or not any("resolve" in entry.detail for entry in entries):
        return None
    return tip if pushing.is_replaced(ready.side.checkout.top, ready.branch, tip) else None


def _refuse_loose(side: Side) -> None:
    found = landing.loose(side.checkout.top, untracked=True)
    merge.refuse_unmerged(side, found)
    loose = found.all
    if loose:
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        raise Refused(
            f"{side.agent.name} has work that is not committed: '{loose[0]}'{more}",
            hint=f"git -C {word(side.checkout.top)} add --all; git -C {word(side.checkout.top)} commit",
        )


def _refuse_base(top: str, remote: Remote, base: str) -> None:
    """Unless another remote has it: of a fork it is the repository that it was forked from."""
    for other in pushing.remotes(top):
        try:
            if other != remote.name and base in pushing.ask(top, other, base).tips:
                return
        except GitFailed:
            # It cannot be asked: GitHub will say.
            return
    name = word(remote.name)
    raise BadValue(f"--base '{base[:60]}' is no branch of '{remote.name}'", hint=f"git -C {word(top)} ls-remote {name}")


def _no_remote(side: Side, known: list[str]) -> Refused:
    top, branch = word(side.checkout.top), side.checkout.branch
    if not known:
        return Refused(f"the repository of {side.agent.name} has no remote", hint=f"git -C {top} remote add origin URL")
    return Refused(
        f"nothing says which remote '{branch}' goes to: {', '.join(known)}",
        hint=f"git -C {top} config remote.pushDefault {word(known[0])}",
    )


def _base(side: Side, remote: Remote, wish: Wish) -> tuple[str, str | None]:
    """The branch that it is to go into, and what is to be said of that."""
    if wish.base is not None:
        return wish.base, None
    if side.into is not None and side.into in remote.tips:
        return side.into, None
    if remote.default is None:
        raise Refused(
            f"nothing says which branch of '{remote.name}' {side.agent.name} is to go into",
            hint=f"tmuxagents pr {side.agent.name} --base BRANCH",
        )
    return remote.default, f"'{side.into}' is not on '{remote.name}'; it goes into '{remote.default}'"


def _words(ready: _Ready, wish: Wish) -> tuple[str, str]:
    """Title and body, of nothing but the commits that were pushed: what the agent was told stays here."""
    top = ready.side.checkout.top
    subjects = pushing.subjects(top, ready.side.base, ready.head)
    ours = pushing.body(top, ready.head) if len(subjects) == 1 else "\n".join(f"* {subject}" for subject in subjects)
    title = subjects[0] if subjects else ready.branch
    return wish.title if wish.title is not None else title, wish.body if wish.body is not None else ours


def _command(ready: _Ready, wish: Wish) -> str:
    title, body = _words(ready, wish)
    given = github.create_words(None, ready.branch, base=ready.base, title=title, body=body, draft=wish.draft)
    words = " ".join(word(each) for each in given)
    return f"cd {word(ready.side.checkout.top)} && gh pr create {words}"


def _asked_for(ready: _Ready, wish: Wish, program: str, done: Opened) -> Opened:
    """The pull request that is there, or one that is opened."""
    top = ready.side.checkout.top
    ask = partial(gh.asked, program, top)
    repo = github.repository(ask)
    place = pushing.repository(top, ready.remote.name)
    # Of a folder, or an address of another form, nothing is known: it is the one that gh means.
    owner = None if place is None or "/".join(place).lower() == repo.lower() else place[1]
    found = github.of_branch(ask, repo, ready.branch, owner)
    if found is not None:
        return replace(done, how="open already", address=found)
    title, body = _words(ready, wish)
    head = ready.branch if owner is None else f"{owner}:{ready.branch}"
    try:
        made = github.create(ask, repo, head, base=ready.base, title=title, body=body, draft=wish.draft)
    except GhFailed:
        # Somebody else may have been quicker.
        found = github.of_branch(ask, repo, ready.branch, owner)
        if found is None:
            raise
        return replace(done, how="open already", address=found)
    return replace(done, how="opened", address=made)


def _record(app: App, done: Opened, program: str) -> None:
    assert done.address is not None
    url, agent = done.address.url, done.agent
    with app.db.write() as tx:
        seq = journal.last_seq(app.db)
        fresh = Pull(url, done.address.number, done.address.repo, done.branch, done.commit, seq, program)
        before = pulls.of(app.db, agent.id)
        same = before is not None and before.url == url and before.state == "open"
        pulls.put(
            tx, agent.id, replace(before, pushed=done.commit, pushed_seq=seq) if same and before is not None else fresh
        )
        place = f" in place of {done.replaced[:8]}" if done.replaced is not None else ""
        pushed = f"pushed {done.commit[:8]} to {done.remote}{place}" if done.pushed else ""
        opened = f"pull request #{done.address.number} is {done.how}: {url}" if not same else ""
        told = "; ".join(part for part in (pushed, opened) if part)
        if told:
            journal.append(tx, agent.id, agent.generation, [NewEntry("note", told, clock.now_ns())])
