"""Look at a watched pull request, and tell its agent what is new: each once, whatever is killed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tmuxagents import clock
from tmuxagents.drivers.gh import pulls as github
from tmuxagents.errors import GhFailed, GhMissing, TimedOut, TmuxagentsError
from tmuxagents.model import pulling
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.pull import Check, Pull, Remark, Seen
from tmuxagents.names import AgentId
from tmuxagents.output import pull_words
from tmuxagents.output.safe_text import one_line, sendable
from tmuxagents.services.app import App
from tmuxagents.services.pulls import watching
from tmuxagents.store import agents, journal, messages, pulls
from tmuxagents.value import Value, replace

_IN_A_TURN = ("starting", "working", "waiting")
"""What comes while the agent is at work is gathered: it is one round when it is not."""


class _News(Value):
    """What is to be told, what never is, and by whose word: `others` are comments of people without write access."""

    checks: Sequence[Check]
    remarks: Sequence[Remark]
    others: Sequence[Remark]
    own: Sequence[Remark]

    @property
    def is_any(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.checks or self.remarks)


def look(app: App, agent_id: AgentId) -> None:
    """Ask GitHub, record what is known, and hold a prompt for the agent when it is to be told something."""
    agent, pull = agents.by_id(app.db, agent_id), pulls.of(app.db, agent_id)
    if agent is None or pull is None or not pull.watched:
        return
    ask = watching.asking(pull.program)
    try:
        seen = github.see(ask, pull.repo, pull.number)
        news = _news(app, agent, pull, seen, ask)
    except (GhFailed, GhMissing, TimedOut) as error:
        _failed(app, agent, pull, error)
        return
    _settle(app, agent, pull, seen, news)


def _news(app: App, agent: Agent, pull: Pull, seen: Seen, ask: Callable[..., str]) -> _News:
    known = pulls.seen(app.db, agent.id)
    fresh = pulling.remarks(seen, known)
    mine = [one for one in fresh if one.author.lower() == pull.me.lower()]
    turns = _turns(app, agent) if mine else []
    own = [one for one in mine if pulling.is_own(one, pull.me, turns)]
    theirs = [one for one in fresh if one not in own]
    asked: dict[str, str | None] = {}
    for one in theirs:
        if pulling.may_be_asked(one) and one.author not in asked:
            asked[one.author] = github.permission(ask, pull.repo, one.author)
    told = [one for one in theirs if pulling.may_be_asked(one) and pulling.may_write(one, asked[one.author])]
    others = [one for one in theirs if one not in told]
    return _News(pulling.failures(seen, known, clock.now_ns()), told, others, own)


def _turns(app: App, agent: Agent) -> list[tuple[int, str]]:
    states = journal.newest(app.db, 1000, agents=[agent.id], kinds=["state"])
    return [(entry.at_ns, entry.text) for entry in states]


def _failed(app: App, agent: Agent, pull: Pull, error: TmuxagentsError) -> None:
    """Told when it begins; the next look comes later each time."""
    pause_s = pulling.failing_pause_s(pull, app.config.pr_watch_s)
    words = one_line(error.message, 300)
    after = replace(_next(pull, pause_s), trouble=words)
    told = f"pull request #{pull.number} cannot be looked at: {words}" if pull.trouble is None else ""
    watching.note(app, agent, pull, after, "error", told)


def _settle(app: App, agent: Agent, pull: Pull, seen: Seen, news: _News) -> None:
    sign = _sign(seen)
    verdict = pulling.verdict(seen.checks)
    moves = sign != pull.sign or verdict == "pending" or news.is_any
    after = replace(
        _next(pull, pulling.pause_s(pull, app.config.pr_watch_s, moves=moves)),
        state=seen.state,
        checks=verdict,
        sign=sign,
        others=pull.others + len(news.others),
        trouble=None,
        looked_ns=clock.now_ns(),
    )
    over = _over(pull, seen, news)
    with app.db.write() as tx:
        if not pulls.change(tx, agent.id, pull, replace(after, watched=not over)):
            # Somebody has typed something about it meanwhile.
            return
        pulls.see(tx, agent.id, [one.key for one in (*news.others, *news.own)])
        if over:
            entry = NewEntry("note", f"{over}; it is not watched any more", clock.now_ns(), {"pull": pull.url})
            journal.append(tx, agent.id, agent.generation, [entry])
        elif news.is_any and _is_free(app, agent, pull):
            # What is held is delivered by the controller as `say --when-idle` is.
            text = sendable(pull_words.prompt(pull, seen.head, news.checks, news.remarks))
            number = messages.hold(tx, agent.id, text, now_ns=clock.now_ns())
            pulls.put(tx, agent.id, replace(after, told=pull.told + 1, message=number))
            keys = [pulling.key(seen, one) for one in news.checks] + [one.key for one in news.remarks]
            pulls.see(tx, agent.id, keys)
            entry = NewEntry("note", _told(pull, news), clock.now_ns(), {"pull": pull.url, "message": number})
            journal.append(tx, agent.id, agent.generation, [entry])


def _over(pull: Pull, seen: Seen, news: _News) -> str:
    """Why it is not watched any more; empty while it is."""
    if seen.state != "open":
        return f"pull request #{pull.number} is {seen.state}"
    if news.is_any and pull.told >= pull.rounds:
        used = f"{pull.rounds} of {pull.rounds} rounds are used"
        return f"pull request #{pull.number}: {used}, and {_counted(news)} more came: {pull.url}"
    return ""


def _is_free(app: App, agent: Agent, pull: Pull) -> bool:
    """Whether the last round is over: what the agent has not seen yet may mend what is new."""
    waits = pull.message is not None and messages.is_waiting(app.db, pull.message)
    return not waits and agent.condition.state not in _IN_A_TURN


def _told(pull: Pull, news: _News) -> str:
    return f"pull request #{pull.number}: {_counted(news)} told to it, {pull.told + 1} of {pull.rounds} rounds"


def _counted(news: _News) -> str:
    """`2 failing checks and 1 comment`"""
    counts = ((len(news.checks), "failing check"), (len(news.remarks), "comment"))
    return " and ".join(f"{count} {what}{'s' if count > 1 else ''}" for count, what in counts if count)


def _next(pull: Pull, pause_s: float) -> Pull:
    return replace(pull, paused=False, pause_s=pause_s, next_ns=clock.now_ns() + round(pause_s * clock.SECOND))


def _sign(seen: Seen) -> str:
    import hashlib

    parts = [seen.state, seen.head, *(f"{one.name} {one.said}" for one in seen.checks), *(r.key for r in seen.remarks)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
