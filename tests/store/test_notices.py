"""Calls to a person: recorded once, claimed by channel, never dropped."""

from __future__ import annotations

from tests.support.rows import claim
from tmuxagents.model.notice import NewNotice, Notice
from tmuxagents.names import AgentId, AgentName
from tmuxagents.store import agents, notices
from tmuxagents.store.database import Database

NAME = AgentName("api")
SECOND = 1_000_000_000


def record(db: Database, agent: AgentId, *dialogs: str | None, kind: str = "needs", at_ns: int = 10) -> None:
    for dialog in dialogs:
        with db.write() as tx:
            new = NewNotice(kind, "waiting", at_ns, dialog=dialog, what="Bash(make)")  # type: ignore[arg-type]
            notices.record(tx, agent, NAME, 1, new)


def decide(db: Database, *channels: str, next_ns: int | None = None, later: bool = False, now_ns: int = 20) -> Notice:
    notice, stage = notices.to_decide(db, now_ns)[0]
    with db.write() as tx:
        notices.decide(tx, notice, stage, channels, why="", later=later, now_ns=now_ns, next_ns=next_ns)
    return notice


def test_a_dialog_is_recorded_once_and_each_has_an_id_of_its_own(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1", "d1", "d2", None, None)
    record(db, claim(db), "d1")

    found = [notice for notice, _ in notices.to_decide(db, 20)]

    assert [(n.new.dialog, n.agent_id == agent) for n in found] == [
        ("d1", True), ("d2", True), (None, True), (None, True), ("d1", False)
    ]  # fmt: skip
    assert len({n.id for n in found}) == 5


def test_what_is_read_is_what_was_recorded(db: Database, agent: AgentId) -> None:
    new = NewNotice("needs", "waiting", 10, 9, "permission", "d1", "approve", "Bash(make)")
    with db.write() as tx:
        notices.record(tx, agent, NAME, 3, new)

    [(notice, stage)] = notices.to_decide(db, 20)

    assert (notice.new, notice.generation, notice.agent, stage, notice.delayed) == (new, 3, "agent-1", "due", False)


def test_an_agent_that_was_renamed_is_called_by_its_new_name(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1")
    with db.write() as tx:
        assert agents.rename(tx, agent, AgentName("agent-1"), AgentName("rest"))

    assert [notice.agent for notice, _ in notices.to_decide(db, 20)] == ["rest"]


def test_what_is_due_is_told_by_channel(db: Database, agent: AgentId) -> None:
    assert notices.due(db) == {}
    record(db, agent, "d1", "d2", at_ns=10)
    assert notices.due(db) == {"": 10}
    decide(db, "tmux", "ntfy", next_ns=500)

    assert notices.due(db) == {"": 10, "tmux": 20, "ntfy": 20}


def test_one_is_claimed_done_and_settled_over_each_channel(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1")
    notice = decide(db, "tmux", "ntfy")
    sending = notices.take(db, "tmux", 30)
    assert sending is not None
    assert (sending.notice.id, sending.tries, sending.round) == (notice.id, 1, 0)

    notices.settle(db, sending, state="sent", verdict="shown", next_ns=30)

    assert notices.take(db, "tmux", 30) is None
    assert notices.due(db) == {"ntfy": 20}


def test_one_that_was_cut_off_is_taken_again_with_its_id_before_the_others(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1", "d2")
    first, second = decide(db, "tmux"), decide(db, "tmux")
    assert notices.take(db, "tmux", 30) is not None

    again = notices.take(db, "tmux", 30)
    assert again is not None
    notices.settle(db, again, state="sent", verdict="", next_ns=30)
    following = notices.take(db, "tmux", 30)
    assert following is not None

    assert (again.notice.id, again.tries, following.notice.id) == (first.id, 2, second.id)


def test_one_that_failed_rests_and_keeps_nobody_waiting(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1", "d2")
    decide(db, "ntfy")
    second = decide(db, "ntfy")
    sending = notices.take(db, "ntfy", 30)
    assert sending is not None
    notices.settle(db, sending, state="due", verdict="answered 503", next_ns=30 + 5 * SECOND)

    following = notices.take(db, "ntfy", 30)
    assert following is not None
    notices.settle(db, following, state="sent", verdict="", next_ns=30)
    again = notices.take(db, "ntfy", 30 + 5 * SECOND)

    assert following.notice.id == second.id
    assert again is not None
    assert (again.notice.id, again.tries) == (sending.notice.id, 2)


def test_what_rests_is_taken_when_the_clock_was_set_back(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1")
    decide(db, "ntfy")
    sending = notices.take(db, "ntfy", 86_400 * SECOND)
    assert sending is not None
    notices.settle(db, sending, state="due", verdict="", next_ns=86_405 * SECOND)

    assert notices.take(db, "ntfy", 30) is not None


def test_one_that_waits_for_a_reaction_is_decided_upon_once_more(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1")
    decide(db, "tmux", next_ns=500)
    assert notices.to_decide(db, 499) == []
    assert [stage for _, stage in notices.to_decide(db, 500)] == ["called"]

    decide(db, "tmux", now_ns=500)

    assert [(s.round, s.tries) for s in [notices.take(db, "tmux", 500)] if s] == [(0, 1)]
    assert notices.to_decide(db, 10**18) == []


def test_a_decision_that_somebody_else_has_made_changes_nothing(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1")
    [(notice, stage)] = notices.to_decide(db, 20)
    decide(db, "tmux")

    with db.write() as tx:
        notices.decide(tx, notice, stage, ["ntfy"], why="", later=False, now_ns=20, next_ns=None)

    assert notices.due(db) == {"tmux": 20}


def test_when_one_was_last_sent_is_known_by_agent_and_kind(db: Database, agent: AgentId) -> None:
    record(db, agent, None, kind="failed")
    record(db, agent, None, kind="lost")
    decide(db, "tmux", now_ns=77)
    decide(db, now_ns=99)

    assert notices.last_sent_ns(db, agent, "failed") == 77
    assert notices.last_sent_ns(db, agent, "lost") is None
    assert notices.last_sent_ns(db, claim(db), "failed") is None


def test_one_that_is_kept_back_is_known_to_be(db: Database, agent: AgentId) -> None:
    record(db, agent, None, kind="failed")
    decide(db, next_ns=300, later=True)

    assert notices.to_decide(db, 299) == []
    assert [(n.delayed, stage) for n, stage in notices.to_decide(db, 300)] == [(True, "due")]


def test_what_is_long_over_is_dropped_with_its_sendings(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1", "d2")
    decide(db, "tmux")

    with db.write() as tx:
        notices.prune(tx, 20 + notices.KEPT_NS)

    assert [n.new.dialog for n, _ in notices.to_decide(db, 20)] == ["d2"]
    assert notices.take(db, "tmux", 30) is None


def test_an_agent_that_never_was_leaves_none(db: Database) -> None:
    gone = claim(db)
    record(db, gone, "d1")

    with db.write() as tx:
        agents.unclaim(tx, gone)

    assert notices.due(db) == {}


def test_what_is_due_is_asked_of_indexes_alone(db: Database) -> None:
    plan = " ".join(row["detail"] for row in db.read(f"EXPLAIN QUERY PLAN {notices._DUE}"))

    assert "notices_next" in plan
    assert "notice_sendings_open" in plan


def test_a_channel_that_did_not_take_the_last_one_is_known(db: Database, agent: AgentId) -> None:
    record(db, agent, "d1", "d2")
    for state in ("failed", "sent"):
        decide(db, "ntfy", "webhook")
        for channel in ("ntfy", "webhook"):
            sending = notices.take(db, channel, 30)
            assert sending is not None
            became = state if channel == "ntfy" else "failed"
            notices.settle(db, sending, state=became, verdict=f"answered {state}", next_ns=30)

    assert notices.failed(db, 0) == [("webhook", "answered sent")]
    assert notices.failed(db, 11) == []
