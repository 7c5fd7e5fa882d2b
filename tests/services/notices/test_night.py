"""A night of transitions, the controller killed between every two steps of a sending: each notice arrives over each
channel, once by its id: what was cut off when nobody could know whether it had left is repeated with the same one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import cycle

import pytest

from tests.support.called import Called, configure
from tests.support.dying import STEPS, Dying
from tests.support.fleet import Fleet, Keyboard, eventually, person
from tests.support.inbox import Inbox, inbox

CHANNELS = ("command", "webhook", "tmux", "ntfy", "desktop", "osc")
ON = ["needs", "failed", "limited", "lost", "finished"]
AT = {"claimed": (1, 2), "sent": (2, 2), "settled": (1, 1)}
"""How often a notice arrives over the channel at which the controller died, and how often it was claimed."""

FAST = ["--", "--speed", "0"]


class Night:
    """What happens to one agent, a transition at a time; `expected` is what a person is to be called for."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.expected: list[tuple[str, str]] = []
        self._acts = cycle((self._permission, self._approve, self._question, self._answer, self._fail, self._lose))

    def go_on(self) -> None:
        """The next transition."""
        next(self._acts)()

    def _expect(self, kind: str, what: str) -> None:
        self.expected.append((kind, what))

    def _permission(self) -> None:
        name = f"file-{len(self.expected)}"
        self._expect("needs", f"Write({name})")
        self.fleet.ok("say", "a", f"permission: Write {name}")

    def _approve(self) -> None:
        self._expect("finished", "")
        self.fleet.ok("approve", "a")

    def _question(self) -> None:
        self._expect("needs", f"Which-{len(self.expected)}")
        self.fleet.ok("say", "a", f"question: Which-{len(self.expected) - 1}|Red|Blue")

    def _answer(self) -> None:
        self._expect("finished", "")
        self.fleet.ok("answer", "a", "2")

    def _fail(self) -> None:
        self._expect("failed", "")
        self.fleet.ok("say", "a", "die: 3")

    def _lose(self) -> None:
        self.fleet.ok("resume", "a")
        self.fleet.wait_state("a", "idle")
        self._expect("lost", "")
        self.fleet.tmux("kill-pane", "-t", self.fleet.pane("a"))
        # Whoever looks sees it; nobody else would wake a controller that is dead.
        self.fleet.wait_state("a", "lost")

    def back(self) -> None:
        """After a loss it goes on."""
        if self.expected[-1][0] == "lost":
            self.fleet.ok("resume", "a")
            self.fleet.wait_state("a", "idle")


def through(night: Night, called: Called, dying: Dying, deaths: list[tuple[str, str]]) -> None:
    """A transition for each death; the controller that died is started again, as the next command would."""
    for count, (step, channel) in enumerate(deaths, 1):
        dying.at(step, channel)
        night.go_on()
        eventually(dying.has_died, explain=lambda: f"{dying.wish.read_text()}: {called.recorded()}")
        night.fleet.ok("controller", "start")
        called.settled(count)
        night.back()


def arrivals(called: Called, theirs: Inbox) -> dict[str, Counter[str]]:
    """How often each id has arrived over the channels that carry it."""
    hints = [word for argv in called.desktop() for word in argv if word.startswith("--hint=")]
    return {
        "command": Counter(one["id"] for one in called.command()),
        "webhook": Counter(one.headers["idempotency-key"] for one in theirs.at("/hook")),
        "ntfy": Counter(one.headers["x-sequence-id"] for one in theirs.at("/topic")),
        "desktop": Counter(hint.rpartition(":")[2] for hint in hints),
    }


def drawn_ids(keyboard: Keyboard, ids: list[str]) -> Counter[str]:
    """How often each was written to the terminal by its own sequence."""
    return Counter({one: keyboard.drawn.count(f"\x1b]99;i={one}:d=0;".encode()) for one in ids})


@pytest.fixture
def theirs() -> Iterator[Inbox]:
    with inbox() as made:
        yield made


@pytest.mark.parametrize(
    "deaths",
    [
        [(step, channel) for step, channel in zip(STEPS, CHANNELS, strict=False)],
        pytest.param([(step, channel) for channel in CHANNELS for step in STEPS], marks=pytest.mark.soak),
    ],
    ids=["evening", "night"],
)
def test_each_notice_arrives_over_each_channel_once_by_its_id(
    fleet: Fleet, theirs: Inbox, deaths: list[tuple[str, str]]
) -> None:
    called = configure(
        fleet,
        on=ON,
        channels=list(CHANNELS),
        cooldown=0,
        osc="99",
        command=["call-me"],
        webhook=f"{theirs.url}/hook",
        ntfy=f"{theirs.url}/topic",
    )
    dying = Dying(fleet)
    fleet.ok("spawn", "--kind", "demo", "--name", "a", *FAST)
    fleet.ok("spawn", "--kind", "demo", "--name", "looked-at", *FAST)
    fleet.wait_state("looked-at", "idle")
    fleet.wait_state("a", "idle")
    night = Night(fleet)
    with person(fleet, "looked-at", columns=200) as keyboard:
        through(night, called, dying, deaths)
        rows = called.recorded()
        ids = [row["id"] for row in rows]
        eventually(lambda: all(drawn_ids(keyboard, ids).values()))

        assert [(row["kind"], row["what"] if row["needs"] else "") for row in rows] == night.expected
        assert {(s["channel"], s["state"]) for s in called.sendings()} == {(channel, "sent") for channel in CHANNELS}
        tries = {(row["id"], row["channel"]): row["tries"] for row in called.sendings()}
        for channel, count in {**arrivals(called, theirs), "osc": drawn_ids(keyboard, ids)}.items():
            assert count.keys() == set(ids), channel
            # One that was claimed once has arrived once. A death cuts off what is under way elsewhere too.
            assert all(1 <= count[one] <= tries[one, channel] for one in ids), channel
            for one, (step, where) in zip(ids, deaths, strict=True):
                if where == channel and step in AT:
                    assert (count[one], tries[one, channel]) == AT[step], (channel, step)
        # A message in tmux carries no id; what is asked is told there once.
        shown = re.sub(rb"\x1b\]99;[^\x1b]*\x1b\\\\|\a", b"", bytes(keyboard.drawn))
        for _, what in (pair for pair in night.expected if pair[0] == "needs"):
            assert f": {what}".encode() in shown
    assert len(rows) == len(deaths)
