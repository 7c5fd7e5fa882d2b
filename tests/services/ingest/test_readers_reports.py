"""What a program reports about itself is believed while that program runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.alone import alone
from tmuxagents.drivers import process
from tmuxagents.kinds.base import Reports
from tmuxagents.model.observation import SelfReport
from tmuxagents.services.ingest import readers
from tmuxagents.value import replace

MINE = process.known(os.getpid())


def observed(folder: Path, *, pid: int, started: str | None) -> list[object]:
    """What is read of a report by that process."""
    reports = folder / "sessions"
    reports.mkdir()
    payload = {"pid": pid, "sessionId": "c1", "status": "busy", "procStart": started}
    # As the program writes it: without blanks.
    (reports / f"{pid}.json").write_text(json.dumps(payload, separators=(",", ":")))
    with alone(folder / "state") as one:
        agent = replace(one.agent, condition=replace(one.agent.condition, conversation="c1"))
        return list(readers.read(agent, one.folder, [Reports(reports)], {}, 1).observations)


def test_a_report_of_a_program_that_runs_is_read(tmp_path: Path) -> None:
    assert MINE is not None
    ticks = MINE.mark.rpartition(".")[2]

    [seen] = observed(tmp_path, pid=os.getpid(), started=ticks)

    assert isinstance(seen, SelfReport)


def test_one_that_tells_no_start_is_read_while_its_pid_runs(tmp_path: Path) -> None:
    assert len(observed(tmp_path, pid=os.getpid(), started=None)) == 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the kernel tells no ticks here")
def test_one_whose_pid_is_anothers_now_is_not_read(tmp_path: Path) -> None:
    assert observed(tmp_path, pid=os.getpid(), started="1") == []


def test_one_that_a_crash_left_behind_is_not_read(tmp_path: Path) -> None:
    assert observed(tmp_path, pid=2**22 + 1, started="1") == []
