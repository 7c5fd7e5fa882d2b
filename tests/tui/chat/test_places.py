"""So many deliveries at once, and one that is stuck keeps nobody."""

from __future__ import annotations

import threading

from tests.support.fleet import eventually
from tmuxagents.tui.chat.places import Places


def test_at_most_so_many_are_under_way_and_all_come_to_their_turn() -> None:
    places, lock, now, most, done = Places(3, stuck=1000.0), threading.Lock(), [0], [0], [0]

    def deliver() -> None:
        with places.place():
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            threading.Event().wait(0.005)
            with lock:
                now[0] -= 1
                done[0] += 1

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most[0] <= 3, done[0]) == (True, 20)


def test_those_that_are_stuck_count_no_more() -> None:
    places, may_end, came = Places(2, stuck=0.05), threading.Event(), threading.Event()

    def stuck() -> None:
        with places.place():
            may_end.wait()

    def other() -> None:
        with places.place():
            came.set()

    threads = [threading.Thread(target=each) for each in (stuck, stuck, other)]
    for thread in threads:
        thread.start()
    try:
        eventually(came.is_set)
    finally:
        may_end.set()
        for thread in threads:
            thread.join()
