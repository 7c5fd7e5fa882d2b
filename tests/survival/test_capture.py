"""The `cat` that records a terminal is stopped, goes on, or dies. (On a full disk: test_disk_full.py.)"""

from __future__ import annotations

import re

import psutil
import pytest

from tests.support.fleet import Fleet, eventually, named

TICKS = "n=0; while :; do n=$((n+1)); echo tick $n.; sleep 0.02; done"


def ticking(fleet: Fleet) -> psutil.Process:
    """An agent that prints without end; returns what records it."""
    fleet.ok("spawn", "--kind", "command", "--", "sh", "-c", TICKS)
    eventually(lambda: len(ticks(fleet)) > 10)
    return named("cat", fleet.processes()[0].children())[0]


def ticks(fleet: Fleet) -> list[int]:
    lines = "\n".join(entry["text"] for entry in fleet.entries("--only", "output")).split("\n")
    return [int(found[1]) for line in lines if (found := re.fullmatch(r"tick (\d+)\.", line))]


def on_screen(fleet: Fleet) -> int:
    return max(map(int, re.findall(r"tick (\d+)\.", fleet.screen("agent-1"))))


def test_one_that_is_stopped_and_goes_on_loses_nothing(fleet: Fleet) -> None:
    cat = ticking(fleet)

    cat.suspend()
    try:
        stopped_at = on_screen(fleet)
        eventually(lambda: on_screen(fleet) > stopped_at + 150)
        assert fleet.agent("agent-1")["state"] == "working"
    finally:
        cat.resume()

    eventually(lambda: max(ticks(fleet)) > stopped_at + 150)
    seen = ticks(fleet)
    assert seen == list(range(1, len(seen) + 1))
    assert fleet.entries("--only", "gap") == []


@pytest.mark.soak
def test_one_that_is_stopped_and_killed_is_one_gap_and_the_output_goes_on(fleet: Fleet) -> None:
    cat = ticking(fleet)

    cat.suspend()
    stopped_at = on_screen(fleet)
    eventually(lambda: on_screen(fleet) > stopped_at + 20)
    cat.kill()

    eventually(lambda: fleet.entries("--only", "gap"))
    seen = len(ticks(fleet))
    eventually(lambda: len(ticks(fleet)) > seen + 150)
    after = ticks(fleet)
    assert after == sorted(set(after))
    [gap] = fleet.entries("--only", "gap")
    assert gap["text"] == "its terminal was not recorded for a moment"


def test_two_that_die_one_after_the_other_are_two_gaps(fleet: Fleet) -> None:
    first = ticking(fleet)

    first.kill()
    eventually(lambda: len(fleet.entries("--only", "gap")) == 1)
    second = eventually(lambda: _cat(fleet, first.pid))
    second.kill()

    eventually(lambda: len(fleet.entries("--only", "gap")) == 2)
    seen = len(ticks(fleet))
    eventually(lambda: len(ticks(fleet)) > seen + 10)


def _cat(fleet: Fleet, other_than: int) -> psutil.Process | None:
    cats = named("cat", fleet.processes()[0].children())
    return next((cat for cat in cats if cat.pid != other_than), None)
