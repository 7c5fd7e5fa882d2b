"""`say` and `approve` to the real `claude`: how long until the verdict, and whether it is what came about."""

from __future__ import annotations

import random
import statistics
import time

from tests.bench.rows import Goal, Row, claude, row
from tests.support.fleet import Fleet
from tests.support.messages_api import MessagesApi, as_claude_shows, as_said

APPROVALS = 30
FIRSTS = 15

_AWKWARD = [
    "ends with a semicolon;",
    "-leading dash",
    "Enter",
    "C-c",
    "cost is $(x) and `y` in #{pane_id} #(date) %1",
    "quotes ' and \" and \\ and ''' too",
    "a\ttab, and\ttwo",
    "emoji 👩‍👩‍👧‍👦 and wide 漢字かな交じり文 한국어",
    "please read the notes of @word",
    "!important, this is no shell command",
    "several\nlines\n\n  indented",
]


def say() -> list[Row]:
    """A hundred plain and awkward texts of one to two thousand characters."""
    verdicts, whole, exact = [], [], []
    rng = random.Random(3)
    with claude() as (fleet, api):
        fleet.ok("spawn", "say: hello", "--permission-mode", "default")
        fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
        for number in range(100):
            fleet.wait_for("agent-1", lambda agent: agent["state"] == "idle")
            text = _AWKWARD[number] if number < len(_AWKWARD) else _words(rng, number)
            began = time.perf_counter()
            ran = fleet("say", "agent-1", "--json", "--", text)
            whole.append(time.perf_counter() - began)
            result = ran.json["results"][0]
            assert result["verdict"] == "submitted", result
            verdicts.append(result["ms"] / 1000)
            exact.append(100.0 * _arrived(fleet, api, text))
    mean = sum(exact) / len(exact)
    return [
        row("say to a verdict, claude idle", verdicts, unit="s", goals=[Goal(0.12), Goal(1.5, "p99")]),
        row("the same, whole command", whole, unit="s"),
        row("what arrived is what was said", [mean], unit="%", goals=[Goal(100, at_least=True)]),
    ]


def first() -> list[Row]:
    """From the command to the model's first request, beside `claude` in a bare tmux window, run by turns."""
    took, floor = [], []
    with claude() as (fleet, api):
        fleet.ok("spawn", "say: warm")
        _asked(api, "say: warm")
        for number in range(FIRSTS):
            text = f"say: ours {number}"
            began = time.perf_counter()
            fleet("spawn", "-q", text)
            took.append(_asked(api, text) - began)
            text = f"say: bare {number}"
            began = time.perf_counter()
            fleet.tmux(
                "new-window", "-d", "-c", str(fleet.work), "-e", f"HOME={fleet.home}", *_given(fleet), "claude", text
            )
            floor.append(_asked(api, text) - began)
            fleet.ok("stop", f"agent-{number + 2}")
    name = "spawn of claude with a task to its first request"
    return [row(name, took, unit="s", floor=statistics.median(floor), goals=[Goal(0.86)])]


def _given(fleet: Fleet) -> list[str]:
    names = ("PATH", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY")
    return [word for name in names for word in ("-e", f"{name}={fleet.env[name]}")]


def _asked(api: MessagesApi, text: str) -> float:
    """When a request with that prompt was there."""
    end = time.perf_counter() + 60
    while time.perf_counter() < end:
        if any(request.prompt == text for request in list(api.requests)):
            return time.perf_counter()
        time.sleep(0.002)
    raise AssertionError(f"the model was never asked: {text}")


def approve() -> list[Row]:
    """Permissions for a file and for a command, in turn, each for a tool that ends at once."""
    took = []
    with claude() as (fleet, _):
        fleet.ok("spawn", "say: hello", "--permission-mode", "default")
        fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1 and agent["state"] == "idle")
        for number in range(APPROVALS):
            made = fleet.work / f"made-{number}"
            order = f"write: {made}" if number % 2 else f"bash: touch {made}"
            fleet.ok("say", "agent-1", "--", order)
            fleet.wait_for("agent-1", lambda agent: agent["needs"] == "permission")
            began = time.perf_counter()
            ran = fleet("approve", "agent-1")
            took.append(time.perf_counter() - began)
            assert "approved" in ran.out, ran
            fleet.wait_for("agent-1", lambda agent, turns=number + 2: agent["turns"] == turns)  # type: ignore[misc]
            assert made.exists(), f"approved, and {order} did not run"
    return [row("approve to a proven verdict, whole command", took, unit="s", goals=[Goal(0.5)])]


def _words(rng: random.Random, number: int) -> str:
    text = f"number {number}: " + "".join(rng.choice("abcdefghij klmno. ") for _ in range(rng.randrange(1, 2000)))
    return " ".join(text.split())


def _arrived(fleet: Fleet, api: MessagesApi, text: str) -> bool:
    fleet.wait_for("agent-1", lambda agent: agent["state"] == "idle")
    return as_said(api.requests[-1].prompt) == as_claude_shows(text)
