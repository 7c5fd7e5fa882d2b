"""The first hour: what people type, wrong words too, with the exact output at three widths, in colour and without.

`TMUXAGENTS_HOUR=write pytest tests/cli/test_hour.py` writes `tests/cli/hour/` anew; read the difference by eye.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.support.fleet import Fleet, Ran

HERE = Path(__file__).with_name("hour")

HOUR = """
tmuxagents --version
tmuxagents
tmuxagents ls
tmuxagents tail --no-follow
tmuxagents wait
tmuxagents spwan "fix the login"
tmuxagents spawn --kind demo --name api "say: I look at the routes\\ntool: Read src/api.rs\\nsay: done" -- --speed 0
tmuxagents wait api
tmuxagents list
tmuxagents ps
tmuxagents status api
tmuxagents spawn --kind demo --name docs "say: one question first\\npermission: Write docs/a.md" -- --speed 0
@ docs waiting
tmuxagents ls
tmuxagents ls --summary
tmuxagents ls -q
tmuxagents show docs
tmuxagents say docs hello there
tmuxagents approve docs
@ docs idle
tmuxagents approve docs
tmuxagents deny docs
tmuxagents spawn --kind demo --name db "question: Which database? | Postgres | SQLite" -- --speed 0
@ db waiting
tmuxagents tail --no-follow -n 3
tmuxagents answer db
tmuxagents answer db Oracle
tmuxagents answer db CHOICE
tmuxagents answer db Postgres
@ db idle
tmuxagents spawn --kind command --name build -- sh -c "echo 'error: no rule for it'; sleep 0.5; exit 2"
@ build failed
tmuxagents ls
tmuxagents ls --state failed
tmuxagents tail --no-follow build
tmuxagents logs --no-follow build
tmuxagents show bild
tmuxagents say build again
tmuxagents resume nobody
tmuxagents spawn --kind comand -- true
tmuxagents spawn --kind command --name gone -- no-such-program
tmuxagents spawn --kind demo --name Api "say: x"
tmuxagents spawn --kind demo --name api "say: x" -- --speed 0
tmuxagents spawn --timeout soon "x"
tmuxagents spawn -C /no/such/folder "x"
tmuxagents say api use the --json flag of ls
tmuxagents say api --wiat now
tmuxagents say nobody hello
tmuxagents say
tmuxagents interrupt api
tmuxagents kill build
tmuxagents search routes
tmuxagents search nothing-like-this
tmuxagents tail --no-follow --only text
tmuxagents tail --no-follow --only words
tmuxagents tail --no-follow --since yesterday
tmuxagents wait api --timeout 1s --for waiting
tmuxagents rm api
tmuxagents last api
tmuxagents catchup
tmuxagents config
tmuxagents config get kind
tmuxagents config set kinds demo
tmuxagents trust
tmuxagents notify test
tmuxagents ls --format "{name} {state}"
tmuxagents stop api
tmuxagents rm api
tmuxagents show api
tmuxagents stop -A
tmuxagents attach docs
tmuxagents resume docs
tmuxagents rename docs paper
tmuxagents ls
tmuxagents controller status
tmuxagents help
tmuxagents help states
tmuxagents help nonsense
tmuxagents say --help
tmuxagents frobnicate
tmuxagents stop all
tmuxagents ls
""".strip().splitlines()

# What no two hours have in common. The order matters: a path holds numbers, too.
_VARIES = [
    (re.compile(r"/tmp/ta-\w+"), "/tmp/fleet"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "HH:MM:SS"),
    (re.compile(r"\b\d+ ms\b"), "N ms"),
    (re.compile(r"\bpid \d+"), "pid N"),
    (re.compile(r"@\d+ %\d+"), "@N %N"),
    (re.compile(r"\b\d+ MB"), "N MB"),
    (re.compile(r"tmuxagents \d+\.\d+\.\d+\S*"), "tmuxagents VERSION"),
    (re.compile(r"(?<=\bfor )\d+[smh]\b|\b\d+[smh](?= ago)"), "Ns"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DATE"),
]
_AGO = re.compile(r"  (\d+[smh]) +")


def test_there_are_sixty_commands() -> None:
    assert sum(line.startswith("tmuxagents") for line in HOUR) >= 60


@pytest.mark.parametrize(
    ("width", "colour"),
    [
        pytest.param(width, colour, id=f"{width}-{'colour' if colour else 'plain'}", marks=marks)
        for width, colour, marks in [
            (40, False, [pytest.mark.soak]),
            (80, True, []),
            (120, False, [pytest.mark.soak]),
            (40, True, [pytest.mark.soak]),
            (80, False, [pytest.mark.soak]),
            (120, True, [pytest.mark.soak]),
        ]
    ],
)
def test_the_first_hour_reads_as_it_did(fleet: Fleet, width: int, colour: bool) -> None:
    env: dict[str, Any] = {"COLUMNS": str(width), **({"FORCE_COLOR": "1"} if colour else {"NO_COLOR": "1"})}
    told = "\n".join(part for line in HOUR for part in _typed(fleet, line, env))
    kept = HERE / f"{width}-{'colour' if colour else 'plain'}.txt"
    if os.environ.get("TMUXAGENTS_HOUR") == "write":
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(told)

    assert told == kept.read_text()


def _typed(fleet: Fleet, line: str, env: dict[str, Any]) -> list[str]:
    """A line of the hour, and what came of it; `@ NAME STATE` waits for that agent, as a person looks."""
    words = shlex.split(line)
    if words[0] == "@":
        fleet.wait_state(words[1], words[2])
        return []
    ran = fleet(*[word.replace("\\n", "\n") for word in words[1:]], **env)
    return [f"$ {line}", *_shown(ran), ""]


def _shown(ran: Ran) -> list[str]:
    """Its output, `2>` before each row of standard error, and the exit code where it is not 0."""
    rows = [*ran.out.splitlines(), *(f"2> {row}" for row in ran.err.splitlines())]
    return [_steady(row).replace("\x1b", "␛") for row in rows] + ([f"[{ran.code}]"] if ran.code else [])


def _steady(row: str) -> str:
    for pattern, stand_in in _VARIES:
        row = pattern.sub(stand_in, row)
    # `FOR` is as wide as the longest time in it, which a slow machine makes longer.
    return _AGO.sub("  Ns  ", row)
