"""The controller killed at random moments, again and again: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter

import psutil
import pytest

from tests.support.fleet import Fleet, eventually

TEAM = [f"agent-{number}" for number in range(1, 11)]
EVERY = 2
"""So many kills for each message."""


class Killer:
    """Starts the controller, kills it after a random moment, again and again."""

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self.fleet, self.random = fleet, random.Random(seed)
        self.started: list[subprocess.Popen[bytes]] = []

    def kill(self) -> None:
        """Kill whoever controls, start another, wait until it does, and a random moment more."""
        pid_file = self.fleet.state / "controller.pid"
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGKILL)
        # One that waits for its turn takes over, else a new one does, or one that a `say` starts.
        self.started = [one for one in self.started if one.poll() is None and one.pid != pid]
        if not self.started:
            argv = self.fleet.argv("controller", "run")
            process = subprocess.Popen(argv, env=self.fleet.env, cwd=self.fleet.work, stdout=subprocess.DEVNULL)
            self.started.append(process)
        eventually(lambda: (now := int(pid_file.read_text())) != pid and psutil.pid_exists(now))
        time.sleep(self.random.uniform(0, 0.06))

    def end(self) -> None:
        """End the last one."""
        for process in self.started:
            process.kill()
            process.wait()


class Talker(threading.Thread):
    """Speaks to one after the other, once whenever it may; two of ten messages are held until idle."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(daemon=True)
        self.fleet, self.may, self.over = fleet, threading.Semaphore(0), False
        self.said: list[tuple[str, str]] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        number = 0
        while self.may.acquire() and not self.over:
            number += 1
            name, text = TEAM[number % 10], f"say: told {number}"
            held = ["--when-idle"] if number % 10 == 3 or number % 10 == 7 else []
            ran = self.fleet("say", name, *held, "--json", text)
            verdict = ran.json["results"][0]["verdict"] if ran.out else ran.err
            if verdict in ("submitted", "queued", "held"):
                self.said.append((name, text))
            else:
                self.wrong.append(f"{name} {text}: {verdict} {ran.out}")


@pytest.mark.parametrize(("kills", "lines"), [(8, 24), pytest.param(200, 400, marks=pytest.mark.soak)])
def test_killed_again_and_again_every_event_is_there_once_and_in_order(fleet: Fleet, kills: int, lines: int) -> None:
    script = "\n".join(f"say: {number}\nthink: 0.1\ntool: Read f{number}" for number in range(lines))
    fleet.ok("spawn", "--kind", "demo", "--count", str(len(TEAM)), script, "--", "--speed", "1")
    eventually((fleet.state / "controller.pid").exists)
    killer, talker = Killer(fleet, seed=11), Talker(fleet)
    talker.start()
    try:
        for number in range(kills):
            killer.kill()
            if number % EVERY == 0:
                talker.may.release()
    finally:
        talker.over = True
        talker.may.release()
        talker.join()
    try:
        expected = {name: 1 + sum(1 for to, _ in talker.said if to == name) for name in TEAM}
        for name in TEAM:
            fleet.wait_for(name, lambda agent, turns=expected[name]: agent["turns"] == turns)  # type: ignore[misc]
    finally:
        killer.end()

    assert talker.wrong == []
    assert len(talker.said) > kills / EVERY / 4
    entries = fleet.entries("--only", "text,tool,prompt")
    assert [entry["seq"] for entry in entries] == sorted({entry["seq"] for entry in entries})
    for name in TEAM:
        own = [entry for entry in entries if entry["agent"] == name]
        told = [text.removeprefix("say: ") for to, text in talker.said if to == name]
        texts = [entry["text"] for entry in own if entry["kind"] == "text"]
        # A held message waits for the turn's end, so it may come behind one that was said later.
        assert texts[:lines] == [str(number) for number in range(lines)]
        assert Counter(texts[lines:]) == Counter(told)
        assert [e["text"] for e in own if e["kind"] == "tool"] == [f"Read: f{number}" for number in range(lines)]
        assert Counter(e["text"] for e in own if e["kind"] == "prompt") == Counter(
            [script, *(f"say: {t}" for t in told)]
        )
