"""Each text for an agent, and each command, ends in one line: whatever is thrown, whoever is too late."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from tests.support.fleet import eventually
from tests.tui.chat.front import Looker
from tmuxagents.chat.sending import Sending
from tmuxagents.names import AgentId
from tmuxagents.services.talk.later import later
from tmuxagents.services.talk.say import Verdict
from tmuxagents.tui.chat.ends import Ends
from tmuxagents.tui.chat.lanes import Lanes
from tmuxagents.tui.chat.running import Running
from tmuxagents.tui.chat.saying import How, Saying

A = AgentId("a")
HELD = Verdict("held", "message 1 waits")
REFUSED = Verdict("refused", "it needs permission")


@dataclass(slots=True)
class Stream:
    """What is shown of the journal."""

    shows: bool = False
    leaves: bool = False

    def leaves_out(self, agent: AgentId) -> bool:
        return self.leaves

    def shows_prompt(self, agent: AgentId, digest: str, mark: int) -> bool:
        return self.shows


@dataclass(slots=True)
class Chat:
    """Texts whose delivery does what is set."""

    delivery: Callable[[], Verdict]
    looker: Looker = field(default_factory=Looker)
    stream: Stream = field(default_factory=Stream)
    within: float = 0.05
    saying: Saying = field(init=False)
    lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        given = self.looker.given
        self.lanes = Lanes(given.guarded, lambda trouble: None)
        self.saying = Saying(given, self.looker, self.lanes, always=False, within=self.within)
        self.saying.stream = self.stream
        self.saying._attempt = self._attempt  # type: ignore[method-assign]

    def _attempt(self, number: int, one: Sending, how: How) -> Verdict:
        return HELD if how is later else self.delivery()

    def say(self, *texts: str) -> list[str]:
        """What was told once nothing is owed any more."""
        for text in texts:
            self.saying.say([(A, "a")], text)
        eventually(lambda: self.lanes.owed == 0)
        assert self.saying.on_their_way == []
        return self.looker.rows


def failing(error: BaseException) -> Callable[[], Verdict]:
    def delivery() -> Verdict:
        raise error

    return delivery


def test_a_verdict_is_one_line_with_the_text() -> None:
    assert Chat(lambda: REFUSED).say("one", "two") == [
        "  refused: a (it needs permission): one",
        "  refused: a (it needs permission): two",
    ]


@pytest.mark.parametrize("error", [ValueError("odd"), AssertionError(), SystemExit(1), KeyboardInterrupt()])
def test_whatever_a_delivery_raises_each_text_ends_and_those_behind_it_too(error: BaseException) -> None:
    told = Chat(failing(error)).say("one", "two")

    assert [row.split(" ")[2] for row in told] == ["unconfirmed:", "unconfirmed:"]
    assert [row.rpartition(" ")[2] for row in told] == ["one", "two"]


def test_a_front_that_takes_a_row_no_more_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = Chat(lambda: REFUSED)
    put, calls = chat.looker.put, iter([OSError(5, "gone")])

    def fails_once(self: Looker, rows: Sequence[str]) -> int:
        for error in calls:
            raise error
        return put(rows)

    monkeypatch.setattr(Looker, "put", fails_once)
    assert chat.say("one", "two") == ["  refused: a (it needs permission): two"]


def test_where_no_thread_is_to_be_had_it_is_delivered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert Chat(lambda: REFUSED).say("one", "two") == [
        "  refused: a (it needs permission): one",
        "  refused: a (it needs permission): two",
    ]


@pytest.mark.parametrize("shows", [True, False])
def test_what_was_submitted_is_a_line_where_the_stream_does_not_show_it(shows: bool) -> None:
    chat = Chat(lambda: Verdict("submitted", "hook UserPromptSubmit"), stream=Stream(shows=shows))

    assert chat.say("one") == ([] if shows else ["  submitted: a"])


def test_what_was_submitted_to_one_who_is_left_out_is_a_line_at_once() -> None:
    stream = Stream(shows=True, leaves=True)

    assert Chat(lambda: Verdict("submitted", ""), stream=stream, within=1000.0).say("one") == ["  submitted: a"]


def test_who_leaves_is_told_what_is_not_known_what_was_not_begun_is_held_and_a_later_verdict_says_nothing() -> None:
    may_end = threading.Event()

    def delivery() -> Verdict:
        may_end.wait()
        return REFUSED

    chat = Chat(delivery)
    chat.saying.say([(A, "a")], "one")
    chat.saying.say([(A, "a")], "two")
    eventually(lambda: chat.saying.trying == 1)
    chat.saying.left()
    told = list(chat.looker.rows)
    may_end.set()
    eventually(lambda: chat.lanes.owed == 0)

    assert (
        chat.looker.rows
        == told
        == [
            "  held: a (message 1 waits): two",
            "  unconfirmed: a (the chat was left before it was known): one",
        ]
    )


def test_who_leaves_while_the_stream_is_waited_for_is_told_the_verdict_that_is_known() -> None:
    chat = Chat(lambda: Verdict("submitted", "hook"), within=1000.0)
    chat.saying.say([(A, "a")], "one")
    eventually(lambda: chat.saying._ends.open and chat.saying._ends.open[0][1].word == "submitted")
    chat.saying.left()
    chat.stream.shows = True
    eventually(lambda: chat.lanes.owed == 0)

    assert chat.looker.rows == ["  submitted: a"]


def test_an_end_is_told_once_by_whoever_comes_first() -> None:
    ends, told = Ends[str](), list[str]()
    numbers = {ends.begin(str(each)): str(each) for each in range(200)}

    def end_each() -> None:
        for number, what in numbers.items():
            ends.end(number, functools.partial(told.append, what))

    threads = [threading.Thread(target=end_each) for _ in range(3)]
    for thread in threads:
        thread.start()
    ends.end_all(told.append)
    for thread in threads:
        thread.join()

    assert sorted(told, key=int) == [str(each) for each in range(200)]


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit(1)])
def test_a_command_that_is_cut_off_says_so(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run(self: Looker, argv: Sequence[str]) -> None:
        raise error

    monkeypatch.setattr(Looker, "run", run)
    looker = Looker()
    lanes = Lanes(looker.given.guarded, lambda trouble: None)
    Running(looker.given, looker, lanes).run("stop", ["stop", "a"])
    eventually(lambda: lanes.owed == 0)

    assert len(looker.rows) == 1
