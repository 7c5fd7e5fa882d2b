"""Messages that wait."""

from __future__ import annotations

from tests.support.rows import claim, write
from tmuxagents.names import AgentId
from tmuxagents.store import messages
from tmuxagents.store.database import Database


def hold(db: Database, agent: AgentId, *texts: str) -> list[int]:
    with db.write() as tx:
        return [messages.hold(tx, agent, text, now_ns=1) for text in texts]


def test_held_messages_are_in_order(db: Database, agent: AgentId) -> None:
    hold(db, agent, "one", "two")
    hold(db, claim(db), "theirs")
    hold(db, agent, "three")

    assert [message.text for message in messages.held(db, agent)] == ["one", "two", "three"]
    assert [message.text for message in messages.held(db)] == ["one", "two", "theirs", "three"]


def test_a_message_is_taken_once(db: Database, agent: AgentId) -> None:
    number = hold(db, agent, "one")[0]

    with db.write() as tx:
        assert messages.take(tx, number)
    with db.write() as tx:
        assert not messages.take(tx, number)
    assert messages.held(db) == []


def test_a_taken_message_remembers_where_the_journal_was(db: Database, agent: AgentId) -> None:
    number = hold(db, agent, "one")[0]
    write(db, agent, "before")

    with db.write() as tx:
        messages.take(tx, number)

    [(message, mark)] = messages.interrupted(db)
    assert (message.text, mark) == ("one", 1)


def test_a_message_held_again_keeps_its_place(db: Database, agent: AgentId) -> None:
    first, _ = hold(db, agent, "one", "two")
    with db.write() as tx:
        messages.take(tx, first)
        messages.settle(tx, first, state="held", verdict="refused")

    assert [message.text for message in messages.held(db, agent)] == ["one", "two"]


def test_a_delivered_message_waits_no_more(db: Database, agent: AgentId) -> None:
    number = hold(db, agent, "one")[0]
    with db.write() as tx:
        messages.take(tx, number)
        messages.settle(tx, number, state="delivered", verdict="submitted")

    assert messages.held(db) == []
    assert messages.interrupted(db) == []
