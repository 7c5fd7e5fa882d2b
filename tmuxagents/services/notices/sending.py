"""Decide upon the notices that are due, and send over one channel what was decided; each may be killed anywhere."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.drivers.notices.outcome import Outcome
from tmuxagents.drivers.tmux import clients
from tmuxagents.drivers.tmux.clients import Client
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.model import calling
from tmuxagents.model.agent import Agent
from tmuxagents.model.calling import Moment
from tmuxagents.model.notice import NewNotice, Notice
from tmuxagents.model.run import Run
from tmuxagents.names import AgentId, AgentName
from tmuxagents.services.app import App
from tmuxagents.services.notices import channels
from tmuxagents.services.notices.wanted import settings
from tmuxagents.store import agents, notices
from tmuxagents.value import replace


def decide_due(app: App) -> str:
    """Decide upon each that is due; what is wrong with the settings, if anything."""
    wanted, wrong = settings(app, keep=True)
    now = clock.now_ns()
    found = notices.to_decide(app.db, now)
    people = _people(app) if found else []
    known = {agent.id: agent for agent in agents.known(app.db)} if found else {}
    for notice, stage in found:
        subject = _run(app, notice) if notice.is_of_run else known.get(notice.agent_id)
        moment = _moment(app, notice, subject, people, now)
        decide = calling.escalated if stage == "called" else calling.first
        decision = decide(notice, moment, wanted)
        with app.db.write() as tx:
            notices.decide(
                tx,
                notice,
                stage,
                decision.channels,
                why=decision.why,
                later=decision.later,
                now_ns=now,
                next_ns=decision.next_ns,
            )
    if found:
        with app.db.write() as tx:
            notices.prune(tx, now)
    return wrong


def send_due(app: App, channel: str) -> None:
    """Send what is due over a channel, oldest first; one whose sending was cut off is sent again with its id. What was
    settled before another try is dropped, with the reason."""
    wanted, _ = settings(app)
    while (sending := notices.take(app.db, channel, clock.now_ns())) is not None:
        over = calling.over(sending.notice, _known(app, sending.notice)) if sending.tries > 1 or sending.round else ""
        if over:
            said = f"{over}; the last try: {sending.said}" if sending.said else over
            notices.settle(app.db, sending, state="dropped", verdict=said, next_ns=clock.now_ns())
            continue
        told = _with_others(app, sending.notice)
        outcome = channels.send(app, channel, told, wanted, escalated=sending.round > 0)
        pause = calling.pause_s(sending.tries) if outcome.again and not outcome.sent else None
        state = "sent" if outcome.sent else "due" if pause is not None else "failed"
        next_ns = clock.now_ns() + round((pause or 0.0) * clock.SECOND)
        notices.settle(app.db, sending, state=state, verdict=outcome.said, next_ns=next_ns)


def _with_others(app: App, notice: Notice) -> Notice:
    """A limit is of an account: one notice names all that it has stopped by now."""
    if notice.new.kind != "limited":
        return notice
    from tmuxagents.services.fleet import limited

    known = agents.known(app.db)
    group = next((one for one in limited.groups(known) if notice.agent_id in one.ids), None)
    if group is None:
        return notice
    return replace(notice, new=replace(notice.new, what=f"{limited.words(group, clock.now_ns())}: {notice.new.what}"))


def _known(app: App, notice: Notice) -> Agent | Run | None:
    if notice.is_of_run:
        return _run(app, notice)
    return next((one for one in agents.known(app.db) if one.id == notice.agent_id), None)


def _run(app: App, notice: Notice) -> Run | None:
    from tmuxagents.store import runs

    return next((one for one in runs.known(app.db) if one.id == notice.agent_id), None)


def test(app: App) -> list[tuple[str, Outcome]]:
    """One to each configured channel, at once; what became of each, which `doctor` knows too."""
    from tmuxagents import config

    wanted = config.notices(config.path())
    new = NewNotice("test", "test", clock.now_ns())
    notice = Notice(0, notices.new_id(), AgentId(""), AgentName("test"), 0, new)
    chosen = dict.fromkeys((*wanted.channels, *wanted.escalate))
    found = [(channel, channels.send(app, channel, notice, wanted)) for channel in chosen]
    with app.db.write() as tx:
        notices.record_test(tx, notice, [(channel, outcome.sent, outcome.said) for channel, outcome in found])
    return found


def _moment(app: App, notice: Notice, agent: Agent | Run | None, people: list[Client], now: int) -> Moment:
    return Moment(
        now_ns=now,
        looked_at=_is_looked_at(agent, people, now),
        holds=calling.holds(notice, agent),
        is_past=calling.is_past(notice, agent),
        last_ns=notices.last_sent_ns(app.db, notice.agent_id, notice.new.kind),
    )


def _is_looked_at(agent: Agent | Run | None, people: list[Client], now: int) -> bool:
    if not isinstance(agent, Agent) or agent.place is None:
        return False
    # A new server counts its windows from the start.
    where = (agent.place.server, agent.place.window)
    return any((one.server, one.window) == where and calling.looks(one.active_s, now) for one in people)


def _people(app: App) -> list[Client]:
    try:
        return clients.attached(app.server)
    except TmuxUnreachable:
        return []
