"""A damaged database is noticed, set aside and rebuilt; what could not be is said."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import beside
from tests.support.fleet import Fleet, eventually
from tests.support.matrix import every

FAST = ["--", "--speed", "0"]


def overwrite(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(random.Random(7).randbytes(length))


def fold_log(fleet: Fleet) -> Path:
    """Bring everything from the log into the database file; its path."""
    path = fleet.state / "tmuxagents.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def head(fleet: Fleet) -> None:
    """The first page, which says that it is a database and which tables there are."""
    overwrite(fold_log(fleet), 0, 4096)


def journal_page(fleet: Fleet) -> None:
    """A leaf in the middle of the journal."""
    path = fold_log(fleet)
    connection = sqlite3.connect(path)
    pages = [
        row[0]
        for row in connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf' ORDER BY path"
        )
    ]
    connection.close()
    assert len(pages) > 2
    overwrite(path, (pages[len(pages) // 2] - 1) * 4096, 4096)


def cut(fleet: Fleet) -> None:
    """The file ends in its middle."""
    path = fold_log(fleet)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def emptied(fleet: Fleet) -> None:
    """The file is there, and nothing in it."""
    os.truncate(fold_log(fleet), 0)


def taken(fleet: Fleet) -> None:
    """Somebody has removed the file with its log."""
    for path in fleet.state.glob("tmuxagents.db*"):
        path.unlink(missing_ok=True)


DAMAGES = [head, journal_page, cut, emptied, taken]


@pytest.fixture(params=every(2, DAMAGES), ids=lambda damage: damage.__name__)
def damage(request: pytest.FixtureRequest) -> Callable[[Fleet], None]:
    made: Callable[[Fleet], None] = request.param
    return made


def team(fleet: Fleet) -> None:
    """One that has spoken, one that waits for a permission, one that prints, one that has ended."""
    script = "\n".join(f"say: line {number} {'x' * 300}" for number in range(60))
    fleet.ok("spawn", "--kind", "demo", "--name", "talker", script, *FAST)
    fleet.ok("spawn", "--kind", "demo", "--name", "asker", "permission: Write f", *FAST)
    fleet.ok("spawn", "--kind", "command", "--name", "printer", "--", "sh", "-c", "seq -f 'row %g' 500; cat")
    fleet("spawn", "--kind", "command", "--name", "gone", "--", "sh", "-c", "echo last words; exit 3")
    fleet.wait_for("talker", lambda agent: agent["turns"] == 1)
    fleet.wait_state("asker", "waiting")
    fleet.wait_state("gone", "failed")
    eventually(lambda: "row 500" in fleet.printed("printer"))


def test_the_next_question_rebuilds_it_and_says_so(fleet: Fleet, damage: Callable[[Fleet], None]) -> None:
    team(fleet)
    before = {agent["name"]: agent for agent in fleet.agents()}
    damage(fleet)

    ran = fleet("tail", "--no-follow")
    # The controller may have met the damage first.
    reports = list((fleet.state / "damaged").glob("*/report.txt"))

    assert ran.code == 0, ran.err
    assert len(reports) == 1
    assert "is rebuilt: 4 agents" in reports[0].read_text()
    fleet.wait_state("asker", "waiting")
    after = {agent["name"]: agent for agent in fleet.agents()}
    for name, agent in before.items():
        same = ("id", "kind", "task", "dir", "conversation", "generation", "pane", "pid", "turns", "state", "needs")
        assert {key: after[name][key] for key in same} == {key: agent[key] for key in same}
    assert after["talker"]["usage"] == before["talker"]["usage"]


def test_every_line_that_a_source_holds_is_in_the_journal_once(fleet: Fleet) -> None:
    team(fleet)
    journal_page(fleet)

    fleet.ok("tail", "--no-follow")

    texts = [entry["text"].split()[1] for entry in fleet.entries("talker", "--only", "text")]
    assert texts == [str(number) for number in range(60)]
    assert [entry["agent"] for entry in fleet.entries("--only", "spawned")] == ["talker", "asker", "printer", "gone"]
    assert fleet.printed("printer") == [f"row {number}" for number in range(1, 501)]
    assert fleet.printed("gone") == ["last words"]
    assert "line 59" in fleet.ok("search", "line 59").out


def test_the_agents_go_on_and_their_lines_arrive(fleet: Fleet) -> None:
    team(fleet)
    panes = {agent["name"]: agent["pane"] for agent in fleet.agents()}
    head(fleet)
    fleet.ok("tail", "--no-follow")

    assert fleet.ok("say", "talker", "--json", "say: after").json["results"][0]["verdict"] == "submitted"
    fleet.ok("approve", "asker")
    fleet.ok("spawn", "--kind", "demo", "--name", "new", *FAST)

    fleet.wait_for("talker", lambda agent: agent["turns"] == 2)
    fleet.wait_for("asker", lambda agent: agent["turns"] == 1)
    fleet.wait_state("new", "idle")
    assert fleet.entries("talker", "--only", "text")[-1]["text"] == "after"
    assert {name: fleet.agent(name)["pane"] for name in panes} == panes


def test_the_damaged_files_are_kept(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("controller", "stop")
    head(fleet)
    damaged = (fleet.state / "tmuxagents.db").read_bytes()

    ran = fleet("ls")

    assert [entry["agent"] for entry in fleet.entries("--only", "spawned")] == ["agent-1"]
    aside = next((fleet.state / "damaged").iterdir())
    assert (aside / "tmuxagents.db").read_bytes() == damaged
    assert f"the damaged files are in '{aside}'" in ran.err
    assert aside.stat().st_mode & 0o777 == 0o700


def test_what_changes_something_is_not_done_twice(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", *FAST)
    fleet.ok("controller", "stop")
    head(fleet)

    ran = fleet("spawn", "--kind", "demo", *FAST)

    assert ran.code == 1
    assert "not done: " in ran.err
    assert "and is mended now\nhint: tmuxagents ls\n" in ran.err
    assert [agent["name"] for agent in fleet.agents()] == ["agent-1"]
    assert fleet.ok("spawn", "--kind", "demo", "-q", *FAST).out == "agent-2\n"


def test_without_the_copies_the_windows_tell_who_they_are(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "talker", "say: words", *FAST)
    fleet.wait_for("talker", lambda agent: agent["turns"] == 1)
    before = fleet.agent("talker")
    fleet.ok("controller", "stop")
    head(fleet)
    for path in (fleet.state / "agents").glob("*/agent.json"):
        path.unlink()

    ran = fleet("ls", "--json")

    (after,) = ran.json["agents"]
    assert [after[key] for key in ("name", "id", "kind", "dir")] == [
        before[key] for key in ("name", "id", "kind", "dir")
    ]
    assert "its task" in ran.err
    assert [entry["text"] for entry in fleet.entries("--only", "text")] == ["words"]
    assert fleet.ok("say", "talker", "--json", "say: more").json["results"][0]["verdict"] == "submitted"


def test_a_tail_that_runs_goes_on_in_the_rebuilt_journal(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "talker", "say: before", *FAST)
    fleet.wait_for("talker", lambda agent: agent["turns"] == 1)
    reader = fleet.start("tail", "--json", "--only", "text")
    try:
        assert json.loads(beside.line(reader))["text"] == "before"
        head(fleet)
        fleet.ok("ls")
        fleet.ok("say", "talker", "say: after")

        assert json.loads(beside.line(reader))["text"] == "after"
    finally:
        beside.kill(reader)


def test_a_tail_that_meets_the_damage_tells_each_line_once(fleet: Fleet) -> None:
    team(fleet)
    fleet.ok("controller", "stop")
    journal_page(fleet)

    ran = fleet.ok("tail", "talker", "--no-follow", "--only", "text", "--json")

    texts = [json.loads(line)["text"].split()[1] for line in ran.out.splitlines()]
    assert texts == [str(number) for number in range(60)]


def test_two_that_meet_the_damage_rebuild_it_once(fleet: Fleet) -> None:
    team(fleet)
    fleet.ok("controller", "stop")
    head(fleet)

    asking = [fleet.start("ls", "-q") for _ in range(4)]
    answers = [(one.communicate()[0].split(), one.returncode) for one in asking]

    assert [(sorted(names), code) for names, code in answers] == [(["asker", "gone", "printer", "talker"], 0)] * 4
    assert len(list((fleet.state / "damaged").iterdir())) == 1


@pytest.mark.parametrize(
    "command", every(3, [["ls"], ["spawn", "--kind", "demo"], ["stop", "all"], ["doctor"]]), ids=str
)
def test_without_a_database_nobody_runs_unseen(fleet: Fleet, command: list[str]) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "one", "say: x", *FAST)
    fleet.wait_for("one", lambda agent: agent["turns"] == 1)
    fleet.ok("controller", "stop")
    emptied(fleet)

    ran = fleet(*command)

    assert "is rebuilt: 1 agents" in ran.err
    assert "one" in [agent["name"] for agent in fleet.agents()]


def test_doctor_finds_damage_that_nothing_has_met_yet(fleet: Fleet) -> None:
    team(fleet)
    fleet.ok("controller", "stop")
    assert "every page of it is in order" in fleet("doctor").out
    journal_page(fleet)

    ran = fleet("doctor")

    assert "is rebuilt" in ran.err
    assert "every page of it is in order" in ran.out
