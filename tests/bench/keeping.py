"""The journal on disk: how fast it is searched, how much it takes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Goal, Row, beside, fleet, row, script
from tests.support.rows import claim
from tmuxagents.model.condition import Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.store import agents, journal
from tmuxagents.store.database import Database

ENTRIES = 1_000_000


def search() -> list[Row]:
    """The whole command over a million entries of ten agents: a rare word, a common one, a phrase."""
    with fleet() as made:
        made.ok("spawn", "--kind", "command", "--", "sleep", "100000")
        with Database(made.state / "tmuxagents.db") as db:
            fill(db, sentences(ENTRIES))
            while journal.index(db, 5000):
                pass
        rows = []
        for what, text in (("a rare word", "needle77777"), ("a common word", "common"), ("a phrase", '"w30 w2"')):
            times, floor = beside([script(), "search", text], made.env)
            rows.append(row(f"search over a million entries, {what}", times, unit="ms", floor=floor, goals=[Goal(100)]))
        return rows


def growth() -> list[Row]:
    """Bytes on disk, index and all, for each byte of text: of conversations, and of a build's output."""
    with fleet() as made:
        made.ok("ls")
        rows = []
        for what, texts in (("conversation", _paragraphs(40_000)), ("output", _output(20_000))):
            path = made.root / f"{what}.db"
            with Database(path) as db:
                total = fill(db, iter(texts))
                while journal.index(db):
                    pass
                db.read("PRAGMA wal_checkpoint(TRUNCATE)")
            rows.append(
                row(f"journal for each byte of {what}", [path.stat().st_size / total], unit="bytes", goals=[Goal(2)])
            )
    return rows


def fill(db: Database, texts: Iterator[str]) -> int:
    known = [claim(db) for _ in range(10)]
    with db.write() as tx:
        for agent_id in known:
            agents.set_condition(tx, agent_id, Condition(state="ended"))
            agents.set_phase(tx, agent_id, "stopped")
    total, number = 0, 0
    while batch := [text for text, _ in zip(texts, range(2000), strict=False)]:
        with db.write() as tx:
            for start in range(0, len(batch), 20):
                drafts = [NewEntry("text", text, time.time_ns()) for text in batch[start : start + 20]]
                journal.append(tx, known[number % 10], 1, drafts)
                number += 1
        total += sum(len(text.encode()) for text in batch)
    return total


def sentences(count: int) -> Iterator[str]:
    rng = random.Random(5)
    for number in range(count):
        words = " ".join(f"w{int(rng.paretovariate(0.6)) % 50_000}" for _ in range(8))
        yield f"{'common ' if number % 3 == 0 else ''}{words} needle{number}"


def _source() -> list[str]:
    """Real prose and code: the standard library's."""
    folder = Path(subprocess.__file__).parent
    lines = [line for path in sorted(folder.glob("*.py")) for line in path.read_text(errors="replace").splitlines()]
    assert len(lines) > 50_000, sys.version
    return [line for line in lines if line.strip()]


def _paragraphs(count: int) -> list[str]:
    """Texts of one to eight lines, as agents speak."""
    rng, lines, texts, at = random.Random(5), _source(), list[str](), 0
    for _ in range(count):
        size = rng.randrange(1, 9)
        texts.append("\n".join(lines[at % len(lines) : at % len(lines) + size]))
        at += size
    return [text for text in texts if text]


def _output(count: int) -> list[str]:
    """Output as the controller gathers it: up to a hundred lines that came together."""
    rng, lines, texts, at = random.Random(5), _source(), list[str](), 0
    for _ in range(count // 10):
        size = rng.randrange(1, 100)
        texts.append("\n".join(lines[at % len(lines) : at % len(lines) + size]))
        at += size
    return [text for text in texts if text]
