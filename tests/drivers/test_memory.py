"""What is free, as the kernel tells it."""

from __future__ import annotations

import psutil

from tmuxagents.drivers import memory


def test_it_is_what_can_be_taken_before_the_machine_swaps() -> None:
    free = memory.free_bytes()

    assert free is not None
    assert 0 < free <= psutil.virtual_memory().total


def test_of_what_cannot_be_read_nothing_is_said() -> None:
    assert memory.parsed(b"MemTotal: 10 kB\nMemAvailable:   2048 kB\n") == 2048 * 1024
    assert memory.parsed(b"MemTotal: 10 kB\n") is None
    assert memory.parsed(b"MemAvailable: lots kB\n") is None
    assert memory.parsed(b"MemAvailable:\n") is None
