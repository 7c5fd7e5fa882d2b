"""An agent that prints far too much keeps nobody else waiting, and loses nothing."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.support.fleet import Fleet, eventually

FAST = ["--", "--speed", "0"]
BOUND_MB = 100


def controller(fleet: Fleet) -> psutil.Process:
    eventually((fleet.state / "controller.pid").exists)
    return psutil.Process(int((fleet.state / "controller.pid").read_text()))


def raw(fleet: Fleet, name: str) -> Path:
    return Path(fleet.state / "agents" / fleet.agent(name)["id"] / "pane.1.raw")


@pytest.fixture
def other(fleet: Fleet) -> str:
    """One that is spoken to while another floods."""
    (fleet.home / "config.toml").write_text("raw_limit_mb = 4\n")
    fleet.ok("spawn", "--kind", "demo", "--name", "other", *FAST)
    fleet.wait_state("other", "idle")
    return "other"


def answers(fleet: Fleet, name: str, text: str) -> None:
    """It takes a prompt, and its answer is in the journal without anybody else reading it there."""
    before = controller(fleet).pid
    assert fleet.ok("say", name, "--json", f"say: {text}").json["results"][0]["verdict"] == "submitted"
    eventually(lambda: text in [entry["text"] for entry in fleet.entries(name, "--only", "text")])
    assert controller(fleet).pid == before


@pytest.mark.parametrize(("megabytes", "bound_mb"), [(15, 60), pytest.param(400, BOUND_MB, marks=pytest.mark.soak)])
def test_many_megabytes_at_once(fleet: Fleet, other: str, megabytes: int, bound_mb: int) -> None:
    data = fleet.work / "data"
    line = "a line that is long enough to be one of many, and short enough to be read; number"
    data.write_text("".join(f"{line} {number}\n" for number in range(megabytes * 11_000)))
    assert data.stat().st_size > megabytes * 950_000
    fleet.ok("spawn", "--kind", "command", "--name", "flood", "--", "cat", str(data))
    eventually(lambda: raw(fleet, "flood").stat().st_size > 1_000_000)

    answers(fleet, other, "while it floods")

    most = 0.0

    def ended() -> bool:
        nonlocal most
        most = max(most, controller(fleet).memory_info().rss / 1e6)
        return bool(fleet.agent("flood")["state"] == "ended")

    eventually(ended, 60)
    assert "\n".join(fleet.printed("flood")) + "\n" == data.read_text()
    assert most < bound_mb


def test_one_that_never_breaks_its_line(fleet: Fleet, other: str) -> None:
    fleet.ok(
        "spawn", "--kind", "command", "--name", "flood", "--", "sh", "-c", "head -c 30000000 /dev/zero | tr '\\0' x"
    )
    eventually(lambda: raw(fleet, "flood").stat().st_size > 1_000_000)

    answers(fleet, other, "while it floods")

    eventually(lambda: fleet.agent("flood")["state"] == "ended", 60)
    lines = fleet.printed("flood")
    assert sum(map(len, lines)) == 30_000_000
    assert {letter for line in lines for letter in set(line)} == {"x"}
    assert controller(fleet).memory_info().rss / 1e6 < BOUND_MB


@pytest.mark.soak
def test_one_that_never_stops_is_capped_and_loses_nothing(fleet: Fleet, other: str) -> None:
    fleet.ok("spawn", "--kind", "command", "--name", "flood", "--", "sh", "-c", "exec seq 1 100000000 | cat")
    path = raw(fleet, "flood")
    eventually(lambda: path.stat().st_size > 12_000_000)

    answers(fleet, other, "while it floods")

    assert controller(fleet).memory_info().rss / 1e6 < BOUND_MB
    fleet.ok("stop", "flood")
    # Read to the end, and all but the last megabytes given back to the disk.
    eventually(lambda: os.stat(path).st_blocks * 512 < 6_000_000, 30)
    numbers = [int(line) for line in fleet.printed("flood") if line.isdecimal()]
    assert len(numbers) > 1_000_000
    assert numbers[0] == 1
    assert [pair for pair in pairwise(numbers) if pair[1] != pair[0] + 1] == []
