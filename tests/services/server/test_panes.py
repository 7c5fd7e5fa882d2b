"""The private tmux server: found again without its socket, and never called dead while it lives."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.fleet import Fleet


def test_a_server_whose_socket_was_deleted_is_found_again(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")

    Path(fleet.socket()).unlink()

    assert fleet.agent("agent-1")["state"] == "idle"
    assert fleet.ok("say", "agent-1", "--wait", "say: two").out.strip() == "two"


def test_a_server_that_does_not_answer_makes_states_unknown_not_lost(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")
    pid = int(fleet.tmux("display-message", "-p", "#{pid}"))
    Path(fleet.socket()).unlink()

    os.kill(pid, signal.SIGSTOP)
    try:
        seen = fleet.agent("agent-1")
    finally:
        os.kill(pid, signal.SIGCONT)

    assert seen["state"] == "unknown"
    assert fleet.wait_state("agent-1", "idle")


def test_a_server_that_was_killed_leaves_its_agents_lost_and_resume_brings_them_back(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", "--", "--speed", "0")
    fleet.wait_state("agent-1", "idle")
    os.kill(int(fleet.tmux("display-message", "-p", "#{pid}")), signal.SIGKILL)
    fleet.wait_state("agent-1", "lost")

    fleet.ok("resume", "--all")

    fleet.wait_state("agent-1", "idle")
    assert fleet.ok("say", "agent-1", "--wait", "say: two").out.strip() == "two"


def test_a_window_that_a_person_closes_is_lost_and_not_failed(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "sleep", "1000")
    pane = fleet.wait_state("agent-1", "working")["pane"]

    fleet.tmux("kill-pane", "-t", pane)

    fleet.wait_state("agent-1", "lost")
