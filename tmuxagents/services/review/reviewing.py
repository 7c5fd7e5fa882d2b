"""A round of review: what an agent has done is shown, and what was written into it goes to the agent."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tmuxagents import clock
from tmuxagents.drivers.git import rounds, work
from tmuxagents.errors import GitFailed, Refused
from tmuxagents.kinds import registry
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.output import review_text
from tmuxagents.output.review_text import MARK, OURS, Comment
from tmuxagents.output.safe_text import sendable
from tmuxagents.services.app import App
from tmuxagents.services.review import sides
from tmuxagents.services.review.sides import Side
from tmuxagents.services.talk import say
from tmuxagents.services.talk.say import Verdict
from tmuxagents.store import journal
from tmuxagents.value import Value

_ABOUT = re.compile(rf"^{OURS} review (\S+) ([0-9a-f]{{40,64}})\r?$", re.MULTILINE)
"""The agent, and what its reviewer was shown."""

_LOOKED = 1000
"""Entries among which a review is looked for that has arrived before."""


class Written(Value):
    """What came back: `kept` names what was shown, None where nothing says it; `changed` are the files that are not
    as they were then; `strays` as in `review_text.Read`; `text` is what goes to the agent."""

    comments: Sequence[Comment]
    strays: Sequence[str]
    changed: Collection[str]
    kept: str | None
    text: str


def show(agent: Agent, *, again: bool) -> str | None:
    """The text that a reviewer writes into; None where there is nothing to review. `again`: only what is new since
    the last round, `Refused` where there was none."""
    side = sides.one(agent)
    before, since = side.base, f"since it left {side.into}" if side.into else "since it began"
    if again:
        last = rounds.named(side.checkout, agent.id, "last")
        before = rounds.carried(side.checkout, last, side.base) if last is not None else None
        since = "since the last round"
        if before is None:
            raise Refused(f"{agent.name} was not reviewed yet", hint=f"tmuxagents review {agent.name}")
    doing = work.doing(side.checkout)
    since += f", with {doing} under way" if doing is not None else ""
    kept = rounds.keep(side.checkout, agent.id, side.base, before)
    rows = review_text.shown(rounds.diff(side.checkout, kept))
    return "\n".join([*_head(agent, since, kept), *rows, ""]) if rows else None


def _head(agent: Agent, since: str, kept: str) -> list[str]:
    told = [
        f"What {agent.name} has done {since}.",
        f"Write a comment below the line that it is about, each of its lines with {MARK} in front. Above the first",
        f"file it is on the whole. Save and leave: all go to {agent.name} as one prompt. Without one nothing is sent.",
        f"review {agent.id} {kept}",
    ]
    return [f"{OURS} {row}" for row in told]


def written(agent: Agent, text: str) -> Written:
    """What was written into what `show` gave. `Refused` where that was another agent's."""
    about = _ABOUT.search(text)
    if about is not None and about[1] != agent.id:
        raise Refused(f"that text is a review of another agent than {agent.name}", hint=f"tmuxagents show {agent.name}")
    side = sides.one(agent)
    kept = about[2] if about is not None and rounds.is_there(side.checkout, about[2]) else None
    diff = _shown(side, kept)
    read = review_text.read(text, review_text.without_comments(text) if diff is None else diff)
    named = frozenset(one.path for one in read.comments if one.path is not None)
    changed = named & _changed(side, kept) if kept is not None and named else frozenset()
    return Written(read.comments, read.strays, changed, kept, review_text.message(read.comments, changed))


def _shown(side: Side, kept: str | None) -> bytes | None:
    try:
        return rounds.diff(side.checkout, kept) if kept is not None else None
    except GitFailed:
        # Of a round long ago not every object is there any more.
        return None


def _changed(side: Side, kept: str) -> frozenset[str]:
    try:
        paths = rounds.changed_since(side.checkout, kept)
    except GitFailed:
        return frozenset()
    return frozenset(path.decode("utf-8", "surrogateescape") for path in paths)


def send(app: App, agent: Agent, what: Written) -> Verdict:
    """Say it, as one text; a round that has arrived is recorded. One that has before, whose sender was killed or which
    is sent twice by accident, is not said again."""
    before = _before(app, agent, what)
    verdict = before or say.deliver(app, agent.id, what.text)
    if has_arrived(agent, verdict) and not (before and _is_recorded(app, agent, what)):
        _record(app, agent, what)
    return verdict


def _before(app: App, agent: Agent, what: Written) -> Verdict | None:
    """That the agent has the very comments on the very state already."""
    if what.kept is None:
        return None
    wanted = digest(sendable(what.text))
    known = journal.newest(app.db, _LOOKED, agents=[agent.id], kinds=["prompt"])
    told = next((entry for entry in known if entry.detail.get("digest") == wanted), None)
    return Verdict("submitted", "it has that review already") if told is not None else None


def _is_recorded(app: App, agent: Agent, what: Written) -> bool:
    notes = journal.newest(app.db, _LOOKED, agents=[agent.id], kinds=["note"])
    return any(entry.detail.get("review") == what.kept for entry in notes)


def has_arrived(agent: Agent, verdict: Verdict) -> bool:
    """Whether it has it, or will have; of a kind that confirms nothing as far as can be known."""
    return verdict.word in say.GOOD or (verdict.word == "unconfirmed" and not registry.kind(agent.kind).CONFIRMS)


def _record(app: App, agent: Agent, what: Written) -> None:
    files = len({one.path for one in what.comments if one.path is not None})
    count = len(what.comments)
    told = f"reviewed: {count} {'comment' if count == 1 else 'comments'} on {files} {'file' if files == 1 else 'files'}"
    if what.kept is not None:
        rounds.name(sides.one(agent).checkout, agent.id, "last", what.kept)
    entry = NewEntry("note", told, clock.now_ns(), {"review": what.kept, "comments": count})
    with app.db.write() as tx:
        journal.append(tx, agent.id, agent.generation, [entry])
