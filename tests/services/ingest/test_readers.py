"""What is in the sources lands in the journal once and in order, whatever the sources look like."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import beside
from tests.support.alone import Alone, alone, event
from tests.support.examples import examples
from tmuxagents import clock
from tmuxagents.kinds.base import Lines
from tmuxagents.services.ingest import readers
from tmuxagents.store import sources

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
RECORDS = st.dictionaries(
    st.sampled_from(
        ["event", "text", "at", "timestamp", "name", "target", "usage", "total_cost_usd", "choices", "question"]
    ),
    JSON
    | st.sampled_from(
        ["text", "tool", "prompt", "turn_end", "permission", "question", "ready", "answered", "2026-01-01T00:00:00Z"]
    ),
    max_size=6,
)


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Alone]:
    with alone(tmp_path / "state") as made:
        yield made


@examples(13)
@given(texts=st.lists(st.text(max_size=20), max_size=12), cuts=st.lists(st.integers(0, 2000), max_size=8))
def test_however_a_transcript_is_cut_every_line_comes_once_in_order(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], cuts: list[int]
) -> None:
    raw = b"".join(event("text", text=text) for text in texts)
    bounds = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    with alone(tmp_path_factory.mktemp("cut")) as one:
        for start, stop in itertools.pairwise(bounds):
            one.add(raw[start:stop])
            one.pull()

        assert one.texts() == [text.encode("utf-8", "replace").decode() for text in texts]


@pytest.mark.slow
@examples(20)
@given(records=st.lists(RECORDS, max_size=6))
def test_unknown_records_are_passed_over(tmp_path_factory: pytest.TempPathFactory, records: list[object]) -> None:
    with alone(tmp_path_factory.mktemp("unknown")) as one:
        one.add(b"".join(json.dumps(record).encode() + b"\n" for record in records))
        one.say("after")

        one.pull()

        assert one.texts()[-1] == "after"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe\x00",
        b"null",
        b"[1, 2]",
        b'"text"',
        b"{}",
        b"\x00" * 100,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"event": "text", "text": "\\ud800"}',
        b'{"at": 100000000000000000000000000000, "event": "text", "text": "x"}',
        b'{"at": -5, "event": "text", "text": "x"}',
        b'{"at": true, "event": "text"}',
        b'{"timestamp": "9999-12-31T23:59:59+14:00", "event": "text", "text": "x"}',
        b'{"timestamp": "0001-01-01T00:00:00+14:00", "event": "text", "text": "x"}',
        b'{"timestamp": "yesterday", "event": "text", "text": "x"}',
        b'{"at": NaN, "event": "text", "text": "x"}',
        b'{"at": 1e400, "event": "text", "text": "x"}',
        b"9" * 5000,
    ],
    ids=lambda line: repr(line)[2:40],
)
def test_a_line_that_means_nothing_stops_nobody(one: Alone, line: bytes) -> None:
    one.say("before")
    one.add(line + b"\n")
    one.say("after")

    one.pull()

    assert (one.texts()[0], one.texts()[-1]) == ("before", "after")


def test_half_a_line_waits_for_its_end(one: Alone) -> None:
    one.say("whole")
    one.add(b'{"event": "text", "text": "ha')
    one.pull()
    assert one.texts() == ["whole"]

    one.add(b'lf"}\n')
    one.pull()

    assert one.texts() == ["whole", "half"]


def test_a_line_larger_than_a_chunk_comes_whole(one: Alone) -> None:
    huge = "x" * (readers.CHUNK * 2 + 17)
    one.say("before", huge, "after")

    one.pull()

    assert [len(text) for text in one.texts()] == [6, len(huge), 5]


def test_more_than_a_chunk_is_read_in_one_pull(one: Alone) -> None:
    texts = [f"{number} " + "x" * 100_000 for number in range(150)]
    one.say(*texts)

    one.pull()

    assert one.texts() == texts


def test_nothing_new_adds_nothing(one: Alone) -> None:
    one.say("once")
    assert one.pull() > 0

    assert one.pull() == 0
    assert one.texts() == ["once"]


def test_a_transcript_that_is_missing_is_no_error(one: Alone) -> None:
    assert one.pull() == 0


def test_a_transcript_written_anew_is_marked_and_repeats_nothing(one: Alone) -> None:
    one.add(b"".join(event("text", text=str(at), at=at * 1000) for at in range(1, 6)))
    one.pull()

    # Compacted: two old records, and one that is new.
    one.events.write_bytes(b"".join(event("text", text=str(at), at=at * 1000) for at in (4, 5, 9)))
    one.pull()

    assert one.texts() == ["1", "2", "3", "4", "5", "9"]
    assert one.texts("gap") == ["its transcript was written anew"]


def test_a_transcript_that_is_gone_was_not_written_anew(one: Alone) -> None:
    one.add(event("text", text="old", at=1000))
    one.pull()

    one.events.unlink()
    one.pull()

    assert one.texts("gap") == []


def test_a_transcript_that_was_emptied_goes_on_with_what_is_new(one: Alone) -> None:
    one.add(event("text", text="old", at=1000))
    one.pull()
    one.events.write_bytes(b"")
    one.pull()

    one.add(event("text", text="new", at=2000))
    one.pull()

    assert one.texts() == ["old", "new"]
    assert len(one.texts("gap")) == 1


def test_the_order_of_a_source_is_kept_when_its_clock_jumps_back(one: Alone) -> None:
    one.add(b"".join(event("text", text=str(at), at=at) for at in (5000, 3000, 4000)))

    one.pull()

    assert one.texts() == ["5000", "3000", "4000"]


def test_a_hook_that_left_no_json_is_marked_and_stops_nobody(one: Alone) -> None:
    (one.folder / "spool" / "1.1.Stop.2.json").write_bytes(b"\xff half")
    one.say("after")

    one.pull()

    assert one.texts() == ["after"]
    assert one.texts("gap") == ["a Stop hook left a payload that is not JSON"]
    assert list((one.folder / "spool").iterdir()) == []


@pytest.mark.parametrize("name", ["x.json", "1.1.Stop.json", "1.2.Stop.3.json", ".json", "a.b.c.d.json"])
def test_a_file_in_the_spool_that_is_not_this_starts_is_taken_away(one: Alone, name: str) -> None:
    (one.folder / "spool" / name).write_text("{}")

    one.pull()
    one.pull()

    assert list((one.folder / "spool").iterdir()) == []
    assert one.texts("gap", "text") == []


def test_a_hook_whose_file_outlived_its_commit_is_told_once(one: Alone) -> None:
    """The reader was killed between the commit and the deletion."""
    path = one.folder / "spool" / "1.1.Stop.2.json"
    path.write_bytes(b"no json")
    with one.app.db.write() as tx:
        sources.advance(tx, one.id, [sources.Position(f"spool:{path.name}", 7)])

    one.pull()

    assert one.texts("gap") == []
    assert not path.exists()


@pytest.mark.parametrize(
    ("record", "state"),
    [("{}", "failed"), ("", "failed"), ('{"code": 0}', "ended"), ('{"code": 3}', "failed"), ("[]", "failed")],
)
def test_an_exit_record_ends_the_agent_whatever_is_in_it(one: Alone, record: str, state: str) -> None:
    (one.folder / "exit.1.json").write_text(record)

    one.pull()

    assert one.agent.condition.state == state


def test_what_was_said_before_the_end_stands_before_it(one: Alone) -> None:
    one.say(*[f"{number} " + "x" * 100_000 for number in range(100)])
    (one.folder / "exit.1.json").write_text('{"code": 0}')

    one.pull()

    kinds = one.texts("text", "exit")
    assert kinds[-1] == "ended"
    assert len(kinds) == 101


def test_what_is_said_last_while_the_sources_are_read_is_read_before_the_end(one: Alone) -> None:
    lines = [Lines("events", one.events)]
    found = readers.read(one.agent, one.folder, lines, {}, clock.now_ns())
    one.say("its last words")
    (one.folder / "exit.1.json").write_text('{"code": 0}')

    readers.read_exit(found, one.agent, one.folder, {})

    assert (found.observations, found.more) == ([], True)
    one.pull()
    assert one.texts("text", "exit") == ["its last words", "ended"]


PULL = """
import sys
from tmuxagents.services.ingest import ingest
from tmuxagents.services.app import open_app
from tmuxagents.store import agents
with open_app(sys.argv[1]) as app:
    print("up", flush=True)
    while not sys.stdin.read(1):
        pass
    for _ in range(40):
        ingest.pull(app, agents.known(app.db)[0])
"""


@pytest.mark.slow
def test_several_processes_that_pull_at_once_yield_each_entry_once(one: Alone) -> None:
    started = [beside.python(PULL, one.app.state) for _ in range(4)]
    for process in started:
        beside.line(process)
        beside.go(process, "g")
    texts = [str(number) for number in range(3000)]
    for number, text in enumerate(texts):
        one.say(text)
        if number % 10 == 0:
            spooled = one.folder / "spool" / f"{number}.1.Stop.{number}.json"
            part = one.folder / f"part{number}"
            part.write_bytes(b"no json")
            os.replace(part, spooled)
    assert [process.wait(timeout=60) for process in started] == [0] * 4
    one.pull()

    assert one.texts() == texts
    assert len(one.texts("gap")) == 300


@pytest.mark.slow
def test_a_reader_that_is_killed_again_and_again_loses_and_doubles_nothing(one: Alone) -> None:
    program = PULL.replace("for _ in range(40)", "while True")
    texts = []
    for round_ in range(12):
        process = beside.python(program, one.app.state)
        beside.line(process)
        beside.go(process, "g")
        for number in range(200):
            texts.append(f"{round_}.{number}")
            one.say(texts[-1])
        beside.kill(process)
    one.pull()

    assert one.texts() == texts
