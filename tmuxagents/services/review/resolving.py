"""Have an agent settle the conflicts of its work itself, and tell when it has.

What was asked is recorded beside the agent's files: the terminal in which it was typed may go away. Whoever controls
looks at it when the turn has ended, and says in the journal what came of it, once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.drivers.git import apart, held
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.kinds import registry
from tmuxagents.kinds.prompts import digest
from tmuxagents.model import codec
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.owed import Outcome, owes
from tmuxagents.names import AgentId
from tmuxagents.output import review_text
from tmuxagents.output.safe_text import sendable
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import waiting
from tmuxagents.services.review import figures, reviewing, sides
from tmuxagents.services.review.figures import Now
from tmuxagents.services.server import startup
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict
from tmuxagents.store import agents, journal, messages
from tmuxagents.value import Value, replace

_NAMED = 20
"""So many files are named."""


_NEVER_S = 300.0
"""An agent that rests so long after it was asked has not got it: who asked was killed before the Enter."""


class Asked(Value):
    """What an agent was asked for: `into` is the branch that its work is to merge into; behind `mark` stands in the
    journal what came of the text with that `digest`."""

    id: str
    into: str
    generation: int
    mark: int
    digest: str
    at_ns: int


def ask(app: App, agent: Agent, into: str, clashing: Sequence[str]) -> Verdict:
    """Say it to the agent, and have it watched."""
    text = _text(agent, into, clashing)
    mark, wanted = journal.last_seq(app.db), digest(sendable(text))
    import uuid

    asked = Asked(uuid.uuid4().hex[:8], into, agent.generation, mark, wanted, clock.now_ns())
    startup.ensure_controller(app)
    # First, so that it is told also where we are killed behind the Enter.
    watch(app, agent, asked)
    arrived = False
    try:
        verdict = say.deliver(app, agent.id, text)
        arrived = reviewing.has_arrived(agent, verdict) and registry.kind(agent.kind).CONFIRMS
        if arrived:
            watch(app, agent, replace(asked, mark=verdict.mark, digest=verdict.digest))
    finally:
        if not arrived:
            drop(app, agent.id)
    return verdict


def watch(app: App, agent: Agent, asked: Asked) -> None:
    """Have what comes of it told."""
    files.write_whole(agent_folder.resolving_file(app.own_folder(agent.id)), json.dumps(codec.encode(asked)))


def drop(app: App, agent_id: AgentId) -> None:
    """Watch it no more."""
    agent_folder.resolving_file(app.folder(agent_id)).unlink(missing_ok=True)


def asked(app: App, agent_id: AgentId) -> Asked | None:
    """What it was asked for and has not been told of; None where there is nothing."""
    path = agent_folder.resolving_file(app.folder(agent_id))
    if not files.exists(path):
        return None
    try:
        return codec.decode(Asked, json.loads(files.read_whole(path)))
    except (OSError, ValueError):
        return None


def _text(agent: Agent, into: str, clashing: Sequence[str]) -> str:
    assert agent.worktree is not None
    more = f", and {len(clashing) - _NAMED} more" if len(clashing) > _NAMED else ""
    names = ", ".join(review_text.named(path) for path in clashing[:_NAMED]) + more
    return (
        f"Your work is to be merged into the branch '{into}', and conflicts with what that has by now: {names}.\n\n"
        f"Commit what is not committed, then rebase your branch in this worktree: git rebase {word(into)}\n"
        "Settle each conflict so that what both sides meant stays, finish the rebase, and see that it still works. Do"
        f" not push, do not merge, and do not change '{into}'. End your turn when it is done."
    )


def outcome(app: App, agent: Agent, asked: Asked) -> Outcome | None:
    """How its turn has ended; None while it goes on, or is still to come."""
    if agent.generation != asked.generation:
        return Outcome("failed", "was started anew before it had")
    owing = messages.waiting(app.db).get(agent.id, 0)
    ended = waiting.answers(app, asked.mark, asked.digest, is_command=False)(agent, owing, None)
    rests = agent.condition.state == "idle" and not owes(agent.condition, owing)
    if ended is None and rests and clock.now_ns() - asked.at_ns > _NEVER_S * clock.SECOND:
        return Outcome("failed", "it was not told")
    return ended


def settle(app: App, agent_id: AgentId) -> None:
    """Say what came of it, once, where its turn has ended."""
    agent, known = agents.by_id(app.db, agent_id), asked(app, agent_id)
    ended = outcome(app, agent, known) if agent is not None and known is not None else None
    if agent is None or known is None or ended is None:
        return
    entry = _told(agent, known, ended)
    before = journal.newest(app.db, 100, agents=[agent_id], kinds=["note", "error"])
    if not any(each.detail.get("resolve") == known.id for each in before):
        with app.db.write() as tx:
            journal.append(tx, agent_id, agent.generation, [entry])
    # Another may have been asked for meanwhile.
    if asked(app, agent_id) == known:
        drop(app, agent_id)


def _told(agent: Agent, known: Asked, ended: Outcome) -> NewEntry:
    trouble = ended.said if ended.how != "there" else still_wrong(agent, known.into)
    words = f"not resolved: {trouble}" if trouble else f"resolved: it merges into {known.into} now"
    return NewEntry("error" if trouble else "note", words, clock.now_ns(), {"resolve": known.id, "into": known.into})


def still_wrong(agent: Agent, into: str) -> str:
    """What keeps its work from being merged, in words; empty where nothing does. Nothing that is configured is run."""
    try:
        side = sides.one(agent, into=into)
        with apart.opened(side.checkout, scratch=True) as git:
            now = Now(side, git, held.look(git, side.checkout.top, unfiltered=git.filters))
            doing = figures.under_way(side.checkout, now.held)
            merges = figures.against_target(now) if doing is None else None
    except TmuxagentsError as error:
        return error.message
    if doing is not None:
        return f"{doing} is under way"
    if merges is None:
        return f"there is nothing to merge into '{into}'"
    if not merges.is_clean:
        paths = dict.fromkeys(path for clash in merges.clashes for path in clash.paths)
        named = [review_text.named(path.decode("utf-8", "surrogateescape")) for path in paths]
        return f"it still conflicts with {into}: {', '.join(named) or merges.clashes[0].what}"
    return "it would merge, but for work that is not committed" if now.held.loose else ""
