"""The morning after a scripted night: what `catchup` tells is what happened, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_reading import Terminal, _opened
from tests.support.fleet import Fleet

FAST = ["--", "--speed", "0"]


class Night:
    """What happens to three agents, a transition at a time."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.turns: dict[str, int] = {}

    def spawn(self, name: str) -> None:
        self.fleet.ok("spawn", "--kind", "demo", "--name", name)
        self.fleet.wait_state(name, "idle")
        self.turns[name] = 0

    def turn(self, name: str, *script: str) -> None:
        """A whole turn: prompt to end."""
        self.fleet.ok("say", name, "\n".join(script))
        self.ends(name)

    def ends(self, name: str) -> None:
        self.turns[name] += 1
        self.fleet.wait_for(name, lambda a: a["turns"] == self.turns[name])

    def asks(self, name: str, *script: str) -> None:
        """A turn up to where it waits for a person."""
        self.fleet.ok("say", name, "\n".join(script))
        self.fleet.wait_state(name, "waiting")


def happens(fleet: Fleet) -> None:
    """Thirty transitions of state: starting, idle and back, waiting, an interrupt, a failure, an end, a loss."""
    night = Night(fleet)
    for name in ("api", "docs", "tests", "gone"):
        night.spawn(name)  # 4: idle
    night.turn("api", "say: I look", "tool: Read src/a.py", "tool: Edit src/a.py", "tool: Bash cargo test")  # 6
    night.turn("docs", "say: I read it", "tool: Read README.md", "tool: Edit README.md")  # 8
    night.turn("tests", "tool: Write tests/a.py", "tool: Bash pytest -q", "tool: Bash pytest -q", "say: green")  # 10
    night.asks("api", "permission: Write src/b.py")  # 12
    fleet.ok("approve", "api", TMUXAGENTS_NAME="docs")
    night.ends("api")  # 14
    night.asks("tests", "permission: Bash rm -r build", "say: kept it")  # 16
    fleet.ok("deny", "tests")
    night.ends("tests")  # 18
    night.asks("tests", "question: Which? | Red | Green")  # 20
    fleet.ok("answer", "tests", "Green")
    night.ends("tests")  # 22
    night.turn("docs", "tool: Edit docs/settings.md", "say: Both are\\nwritten.")  # 24
    fleet.ok("say", "tests", "think: 600")
    fleet.wait_state("tests", "working")  # 25
    fleet.ok("interrupt", "tests")
    night.ends("tests")  # 26
    fleet.ok("say", "api", "tool: Bash make\ndie: 3")
    fleet.wait_state("api", "failed")  # 28
    fleet.ok("stop", "gone")
    fleet.wait_state("gone", "ended")  # 29
    night.asks("docs", "question: Which licence? | MIT | Apache")  # 31


@pytest.fixture
def morning(fleet: Fleet) -> Fleet:
    happens(fleet)
    return fleet


def plain(text: str) -> str:
    """Without what differs each time."""
    text = re.sub(r"\d\d:\d\d:\d\d \(\d+[smh] ago\)", "TIME", text)
    return re.sub(r"for \d+[smh]", "for TIME", text)


EXPECTED = """\
Since TIME: 4 agents, 8 turns, 11 tool calls, $0.0628; 1 waits for you

docs  needs question for TIME, 2 turns, $0.0176
  asked    say: I read it …
           tool: Edit docs/settings.md …
           question: Which licence? | MIT | Apache
  did      3 tool calls: 2 Edit, 1 Read
  files    README.md, docs/settings.md
  says     Both are
           written.
  waits    needs question: Which licence?
             1 MIT
             2 Apache
           tmuxagents answer docs CHOICE

api  failed for TIME, 2 turns, $0.0206
  asked    say: I look …
           permission: Write src/b.py
           tool: Bash make …
  did      5 tool calls: 2 Bash, 1 Read, 1 Edit, 1 Write; 1 of the commands was a test
  files    src/a.py, src/b.py
  ran      cargo test, make
  decided  approved: Write(src/b.py), by docs
  failed   failed (exit 3)
  says     done: src/b.py

gone  ended for TIME
  exit     ended

tests  idle for TIME, 4 turns (1 interrupted), $0.0246
  asked    tool: Write tests/a.py …
           permission: Bash rm -r build …
           question: Which? | Red | Green
           think: 600
  did      3 tool calls: 2 Bash, 1 Write; 2 of the commands were tests
  files    tests/a.py
  ran      pytest -q
  decided  denied: Bash(rm -r build), by you
           answered: Which? (Green), by you
  says     you chose Green
"""


def test_the_page_is_what_happened_line_by_line(morning: Fleet) -> None:
    page = plain(morning.ok("catchup", COLUMNS="100").out)

    assert page == EXPECTED


def test_what_is_told_in_json_is_what_happened(morning: Fleet) -> None:
    states = morning.entries("--only", "state")
    told = {one["agent"]: one for one in morning.ok("catchup", "--json").json["agents"]}

    assert len(states) >= 30
    assert set(told) == {"api", "docs", "tests", "gone"}
    journal = morning.entries()
    for name, one in told.items():
        own = [entry for entry in journal if entry["agent"] == name]
        assert one["entries"] == len(own)
        assert one["asked"] == [e["text"] for e in own if e["kind"] == "prompt"]
        assert sum(one["tools"].values()) == sum(e["kind"] == "tool" for e in own)
        assert one["decisions"] == [e["text"] for e in own if e["kind"] == "decision"]
    assert told["docs"]["waits"] == {
        "needs": "question",
        "what": "Which licence?",
        "choices": ["MIT", "Apache"],
        "command": "tmuxagents answer docs CHOICE",
    }
    assert [one["waits"] for name, one in told.items() if name != "docs"] == [None, None, None]


@pytest.fixture
def person(fleet: Fleet) -> Iterator[Terminal]:
    fleet.ok("spawn", "--kind", "demo", "--name", "api", "say: one", *FAST)
    fleet.wait_for("api", lambda a: a["turns"] == 1)
    with _opened(fleet) as terminal:
        yield terminal


def unread(fleet: Fleet) -> int:
    found: int = fleet.agent("api")["unread"]
    return found


def test_what_was_told_at_a_terminal_is_not_told_again(fleet: Fleet, person: Terminal) -> None:
    assert "says     one" in person.run("catchup")

    assert unread(fleet) == 0
    assert person.run("catchup") == "Nothing new\n"
    assert "says     one" in person.run("catchup", "--since", "1h")
    fleet.ok("say", "api", "say: two")
    fleet.wait_for("api", lambda a: a["turns"] == 2)
    again = person.run("catchup")
    assert "says     two" in again
    assert "one" not in again


@pytest.mark.parametrize("argv", [["--json"], ["--html", "-"], ["--html", "page.html"]], ids=" ".join)
def test_json_and_html_read_nothing(fleet: Fleet, person: Terminal, argv: list[str]) -> None:
    person.run("catchup", *argv)
    person.run("catchup", TMUXAGENTS_NAME="agent-7")
    fleet.ok("catchup")

    assert unread(fleet) == 2


def test_a_short_time_leaves_what_was_before_it_unread(fleet: Fleet, person: Terminal) -> None:
    import time

    # What was said must be older than the time that is asked for.
    time.sleep(1.1)
    fleet.ok("say", "api", "say: two")
    fleet.wait_for("api", lambda a: a["turns"] == 2)

    person.run("catchup", "--since", "1s")

    assert unread(fleet) == 4


def test_the_page_for_a_browser_is_one_private_file(fleet: Fleet, person: Terminal) -> None:
    fleet.ok("catchup", "--html", "page.html")

    written = Path(fleet.work / "page.html")
    assert written.stat().st_mode & 0o777 == 0o600
    assert "<h2>api <span>idle" in written.read_text()
    assert "http" not in re.sub("http-equiv", "", written.read_text())


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["--html", "no/such/page.html"], 1, "'no/such/page.html' cannot be written"),
        (["--html", "-", "--json"], 2, "--html and --json are two answers"),
        (["--since", "soon"], 2, "'soon' is no time"),
        (["nobody"], 1, "nobody"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_is_told_and_nothing_is_read(
    fleet: Fleet, person: Terminal, argv: list[str], code: int, said: str
) -> None:
    ran = fleet("catchup", *argv)

    assert ran.code == code
    assert said in ran.err
    assert unread(fleet) == 2
