"""Wherever a database is broken, it is rebuilt, and what a transcript holds is in the journal once."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.support.alone import Alone, alone, event
from tests.support.rows import claim, write
from tmuxagents import clock
from tmuxagents.model.notice import NewNotice
from tmuxagents.services.ingest import agent_file
from tmuxagents.services.repair import rebuild
from tmuxagents.store import agents, journal, messages, notices

TEXTS = [f"text {number} {'x' * (number % 70)}" for number in range(400)]
PAGE = 4096


def fill(one: Alone) -> None:
    """An agent with a transcript, one that is forgotten, a held message."""
    now = clock.now_ns()
    for number, text in enumerate(TEXTS):
        one.add(event("text", text=text, at=now - 10**9 + number))
        if number % 50 == 0:
            one.pull()
    one.pull()
    agent_file.keep(one.app, one.id)
    old = claim(one.app.db, "old")
    write(one.app.db, old, *[f"old {number}" for number in range(100)])
    with one.app.db.write() as tx:
        agents.forget(tx, old)
        messages.hold(tx, one.id, "held", now_ns=now)
        notices.record(tx, one.id, one.agent.name, 1, NewNotice("needs", "waiting", 1, dialog="d", what="Bash(make)"))
    [(notice, stage)] = notices.to_decide(one.app.db, now)
    with one.app.db.write() as tx:
        notices.decide(tx, notice, stage, ["ntfy"], why="", later=False, now_ns=now, next_ns=None)
    while journal.index(one.app.db, 50):
        pass
    one.app.db.read("PRAGMA wal_checkpoint(TRUNCATE)")


def spoil(path: Path, rng: random.Random) -> None:
    """Some pages overwritten, or their middle, or the end cut off."""
    pages = path.stat().st_size // PAGE
    if rng.random() < 0.15:
        with path.open("r+b") as file:
            file.truncate(rng.randrange(1, pages * PAGE))
        return
    with path.open("r+b") as file:
        for _ in range(rng.choice([1, 1, 2, 5, pages])):
            size = rng.choice([PAGE, PAGE, 40])
            file.seek(rng.randrange(pages) * PAGE + rng.randrange(PAGE - size + 1))
            file.write(rng.choice([rng.randbytes(size), bytes(size)]))


QUICK = (0, 1, 2, 3, 4, 85, 112)
"""Two of them break the schema into bytes that are no text."""


@pytest.mark.parametrize(
    "seed", [*QUICK, *(pytest.param(n, marks=pytest.mark.soak) for n in range(200) if n not in QUICK)]
)
def test_a_random_damage_is_mended(root: Path, seed: int) -> None:
    rng = random.Random(seed)
    with alone(root / "state") as one:
        fill(one)
        path = one.app.state / "tmuxagents.db"
        one.app.close()
        spoil(path, rng)

        report = rebuild.rebuild(one.app)

        if report is None:
            # It hit nothing that matters, or a text, which nothing can tell.
            assert rebuild.is_sound(path)
            return
        assert [agent.name for agent in agents.known(one.app.db)] == ["agent-1"]
        assert one.agent.condition.last_text == TEXTS[-1]
        if any("entries that could not be read" in line for line in report.lost):
            # Then all are told again. Where only something else was hit, a text within may be spoilt unseen.
            assert [text for text in one.texts() if text.startswith("text")] == TEXTS
        assert rebuild.is_sound(path)
        assert journal.search(one.app.db, "text 399")
        one.say("after")
        one.pull()
        assert one.texts()[-1] == "after"


def test_a_damaged_index_alone_loses_nothing(root: Path) -> None:
    with alone(root / "state") as one:
        fill(one)
        with one.app.db.write() as tx:
            tx.execute("UPDATE journal_words_data SET block = randomblob(100) WHERE id > 10")
        before = one.texts("text", "note")
        sending = notices.take(one.app.db, "ntfy", clock.now_ns())
        assert sending is not None
        path = one.app.state / "tmuxagents.db"
        assert not rebuild.is_sound(path)

        report = rebuild.rebuild(one.app)

        assert report is not None
        assert report.lost == []
        assert one.texts("text", "note") == before
        assert [message.text for message in messages.held(one.app.db)] == ["held"]
        again = notices.take(one.app.db, "ntfy", clock.now_ns())
        assert again is not None
        assert (again.notice, again.tries) == (sending.notice, 2)
        assert journal.search(one.app.db, "old 99")[0].agent == "old"


def test_the_files_set_aside_are_what_was_found(root: Path) -> None:
    with alone(root / "state") as one:
        fill(one)
        path = one.app.state / "tmuxagents.db"
        one.app.close()
        path.write_bytes(b"\0" * 10_000)
        found = Path(shutil.copy(path, root / "found"))

        report = rebuild.rebuild(one.app)

        assert report is not None
        assert (report.aside / path.name).read_bytes() == found.read_bytes()
        assert (report.aside / "report.txt").read_text().splitlines() == report.lines()
