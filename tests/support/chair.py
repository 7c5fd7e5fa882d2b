"""One real `claude` that the tests of a module take turns at: to start it costs more than most of them do.

Each finds it idle, in a conversation of its own, with nothing said yet, and the folder empty. One that
a test has left otherwise, as a test that failed may, is ended, and the next test has another.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots
from tests.support.messages_api import MessagesApi

SOON_S = 20.0
"""So long it may take to become idle; one that takes longer is replaced."""


class Seat(NamedTuple):
    """What a test is lent; the fleet's entries are those since."""

    fleet: Fleet
    api: MessagesApi
    agent: str


@dataclass(slots=True)
class Chair:
    """`chair.take()`, test after test; `options` are those that its agent is spawned with."""

    roots: Roots
    program: Path
    options: Sequence[str] = ()
    _seat: Seat | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Chair:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def take(self) -> Seat:
        """The agent as the next test needs it."""
        if self._seat is None or not _is_clear(self._seat):
            self._open.close()
            self._seat = self._start()
        fleet, api, agent = self._seat
        api.forget()
        for path in fleet.work.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return Seat(replace(fleet, since=_last(fleet)), api, agent)

    def _start(self) -> Seat:
        folder, api = self._open.enter_context(self.roots()), self._open.enter_context(MessagesApi())
        fleet = fleets.make_claude(folder, program=self.program, url=api.url)
        self._open.callback(fleet.end)
        agent = fleet.ok("spawn", "-q", *self.options).out.strip()
        fleet.wait_state(agent, "idle")
        return Seat(fleet, api, agent)


def _is_clear(seat: Seat) -> bool:
    """Give it a new conversation; False where it is not idle, or does not take that."""
    fleet, _, agent = seat
    try:
        before = fleet.wait_state(agent, "idle", SOON_S)["conversation"]
        fleet.look("say", "--wait", "--timeout", f"{SOON_S:g}s", agent, "/clear")
        fleet.wait_for(agent, lambda a: a["conversation"] != before and a["state"] == "idle", SOON_S)
    except AssertionError:
        return False
    return not fleet.look("show", agent, "--json").json["agents"][0]["held"]


def _last(fleet: Fleet) -> int:
    return max((entry["seq"] for entry in fleet.entries()), default=0)
