"""The one ordered record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rows import claim, write
from tmuxagents.model.entry import Entry, NewEntry
from tmuxagents.names import AgentId
from tmuxagents.store import agents, journal
from tmuxagents.store.database import Database

SYNTAX = [
    '"',
    "*",
    "NEAR",
    "OR",
    "AND",
    "NOT",
    "(",
    ")",
    "{",
    "}",
    ":",
    "^",
    "-",
    "+",
    "text:",
    "\0",
    "'",
    ";",
    "\udcff",
    "²",
    "ﷺ",
    "\u20e3",
]
TEXTS = st.lists(st.sampled_from(SYNTAX) | st.text(max_size=8), max_size=8).map(" ".join) | st.lists(
    st.sampled_from(SYNTAX) | st.text(max_size=4), max_size=8
).map("".join)


def texts(entries: list[Entry]) -> list[str]:
    return [entry.text for entry in entries]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(tmp_path_factory.mktemp("filled") / "db") as db:
        agent = claim(db)
        write(db, agent, "alpha beta", "NEAR the OR gate", 'quoted "words" here')
        yield db


def test_entries_come_back_in_the_order_they_were_written(db: Database, agent: AgentId) -> None:
    other = claim(db)
    for number in range(10):
        write(db, agent if number % 2 else other, str(number), at_ns=100 - number)

    assert texts(journal.after(db, 0)) == [str(number) for number in range(10)]


def test_after_goes_on_behind_a_place(db: Database, agent: AgentId) -> None:
    write(db, agent, "one", "two", "three")
    first = journal.after(db, 0, limit=1)[0]

    assert texts(journal.after(db, first.seq)) == ["two", "three"]


def test_newest_are_the_last_ones_oldest_first(db: Database, agent: AgentId) -> None:
    write(db, agent, "one", "two", "three")

    assert texts(journal.newest(db, 2)) == ["two", "three"]
    assert journal.newest(db, 0) == []


def test_newest_since_leaves_out_what_is_older(db: Database, agent: AgentId) -> None:
    write(db, agent, "old", at_ns=5)
    write(db, agent, "new", at_ns=10)

    assert texts(journal.newest(db, 10, since_ns=10)) == ["new"]


def test_evidence_is_hidden_unless_asked_for(db: Database, agent: AgentId) -> None:
    write(db, agent, "idle", kind="state")
    write(db, agent, "said")

    assert texts(journal.after(db, 0)) == ["said"]
    assert texts(journal.after(db, 0, kinds=["state"])) == ["idle"]


def test_only_some_agents_can_be_asked_for(db: Database, agent: AgentId) -> None:
    write(db, agent, "mine")
    write(db, claim(db), "theirs")

    assert texts(journal.after(db, 0, agents=[agent])) == ["mine"]
    assert journal.after(db, 0, agents=[]) == []


def test_the_name_of_a_forgotten_agent_stays(db: Database, agent: AgentId) -> None:
    write(db, agent, "said")
    with db.write() as tx:
        agents.forget(tx, agent)

    assert journal.after(db, 0)[0].agent == "agent-1"


@given(text=st.text(max_size=60), detail=st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-9, 9)))
def test_any_text_and_detail_come_back(filled: Database, text: str, detail: dict[str, object]) -> None:
    agent = agents.known(filled)[0].id
    with filled.write() as tx:
        # Of a kind that is not searched: other tests search this journal.
        journal.append(tx, agent, 1, [NewEntry("receipt", text, 1, detail)])

    entry = journal.newest(filled, 1, kinds=["receipt"])[0]

    assert entry.text == text.encode("utf-8", "replace").decode()
    assert entry.detail == detail


def test_a_text_with_lone_surrogates_is_stored(db: Database, agent: AgentId) -> None:
    with db.write() as tx:
        journal.append(tx, agent, 1, [NewEntry("text", "a\ud800b", 1, {"c": "\udfff"})])

    assert journal.after(db, 0)[0].text == "a?b"


# Search


@given(text=TEXTS)
def test_nothing_in_a_searched_text_is_query_syntax(filled: Database, text: str) -> None:
    journal.search(filled, text)


def test_every_word_must_be_there(filled: Database) -> None:
    assert texts(journal.search(filled, "beta alpha")) == ["alpha beta"]
    assert journal.search(filled, "alpha gate") == []


def test_the_beginning_of_a_word_is_enough(filled: Database) -> None:
    assert texts(journal.search(filled, "alp")) == ["alpha beta"]


def test_operators_are_words(filled: Database) -> None:
    assert texts(journal.search(filled, "OR")) == ["NEAR the OR gate"]
    assert texts(journal.search(filled, "NEAR gate")) == ["NEAR the OR gate"]
    assert journal.search(filled, "alpha OR gate") == []


def test_words_in_quotes_are_a_phrase(filled: Database) -> None:
    assert texts(journal.search(filled, '"alpha beta"')) == ["alpha beta"]
    assert journal.search(filled, '"beta alpha"') == []
    assert journal.search(filled, '"alpha bet"') == []


@pytest.mark.parametrize("text", ["", "  ", '"', '""', "***", "\0"])
def test_a_search_for_no_word_finds_nothing(filled: Database, text: str) -> None:
    assert journal.search(filled, text) == []


def test_the_newest_are_found_oldest_first(db: Database, agent: AgentId) -> None:
    write(db, agent, *[f"word {number}" for number in range(5)])

    assert texts(journal.search(db, "word", limit=2)) == ["word 3", "word 4"]


def test_a_search_can_be_kept_to_some_agents(db: Database, agent: AgentId) -> None:
    write(db, agent, "word mine")
    write(db, claim(db), "word theirs")

    assert texts(journal.search(db, "word", agents=[agent])) == ["word mine"]


def test_the_journal_of_a_forgotten_agent_is_searched(db: Database, agent: AgentId) -> None:
    write(db, agent, "needle")
    with db.write() as tx:
        agents.forget(tx, agent)

    assert texts(journal.search(db, "needle")) == ["needle"]


def test_words_are_indexed_in_steps_each_entry_once(db: Database) -> None:
    agent = claim(db)
    write(db, agent, *[f"word{number}" for number in range(25)])
    write(db, agent, "hidden word", kind="state")

    steps = [journal.index(db, 10) for _ in range(4)]

    assert steps == [10, 10, 6, 0]
    assert [entry.text for entry in journal.search(db, "word7")] == ["word7"]
    assert journal.search(db, "hidden") == []
    assert db.read("SELECT count(*) FROM journal_words WHERE journal_words MATCH 'word*'")[0][0] == 25
