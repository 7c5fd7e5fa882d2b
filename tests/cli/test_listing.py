"""`ls` at a glance: what each does now, where, who needs you, and what it costs in all."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.fleet import Fleet, eventually

FAST = ("--", "--speed", "0")


def test_ls_shows_what_an_agent_was_given_last_and_not_its_first_task(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: the first task", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    assert "say: the first task" in fleet.ok("ls").out

    fleet.ok("say", "agent-1", "say: another one")

    agent = fleet.wait_for("agent-1", lambda agent: agent["turns"] == 2)
    listed = fleet.ok("ls").out
    assert agent["doing"] == "say: another one"
    assert "another one" in listed
    assert "first task" not in listed


def test_ls_shows_the_call_that_an_agent_makes(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "permission: Write src/a.rs", *FAST)
    fleet.wait_state("agent-1", "waiting")
    fleet.ok("approve", "agent-1")

    agent = fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)

    assert agent["doing"] == "Write: src/a.rs"


def test_what_an_agent_does_outlives_a_rebuild(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: remember this", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    fleet.ok("controller", "stop")
    (fleet.state / "tmuxagents.db").write_bytes(b"no database at all" * 100)

    assert fleet.agent("agent-1")["doing"] == "say: remember this"


def test_the_folder_is_a_column_where_it_tells_agents_apart(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    assert "FOLDER" not in fleet.ok("ls").out

    other = fleet.root / "other"
    other.mkdir()
    fleet.ok("spawn", "--kind", "demo", "-C", str(other), "say: two", *FAST)

    head, *rows, _ = fleet.ok("ls").out.splitlines()
    assert "FOLDER" in head
    assert {row.split()[head.split().index("FOLDER")] for row in rows} == {"work", "other"}


def test_the_last_line_has_the_totals(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "permission: Write a.rs", "say: done", *FAST)
    fleet.wait_state("agent-1", "waiting")
    fleet.wait_for("agent-2", lambda agent: agent["turns"] == 1)

    assert re.fullmatch(r"2 agents · 1 needs you · \$\d+\.\d\d", fleet.ok("ls").out.splitlines()[-1])


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_row_is_wider_than_the_terminal(fleet: Fleet, width: int) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "a" * 20, "permission: Write " + "long/" * 30 + "a.rs", *FAST)
    fleet.wait_state("a" * 20, "waiting")

    out = fleet.ok("ls", COLUMNS=str(width)).out

    assert all(len(line) <= width for line in out.splitlines())
    assert "aaaaaa" in out
    assert "needs permission" in out


def on_a_screen(fleet: Fleet, argv: list[str], *, columns: int, rows: int, root: Path) -> str:
    """What a terminal of that size shows when the command has ended."""
    run = ["tmux", "-f", "/dev/null", "-S", str(root / "screen"), "new-session", "-d"]
    size = ["-x", str(columns), "-y", str(rows)]
    done = root / "done"
    done.unlink(missing_ok=True)
    subprocess.run(
        [*run, *size, "sh", "-c", f'"$@"; touch {done}; cat', "sh", *argv], env=fleet.env, cwd=fleet.work, check=True
    )
    try:
        eventually(done.exists)
        shown = ["tmux", "-S", str(root / "screen"), "capture-pane", "-p"]
        return subprocess.run(shown, capture_output=True, text=True, check=True).stdout
    finally:
        subprocess.run(["tmux", "-S", str(root / "screen"), "kill-server"], check=True)


def test_who_needs_you_stands_at_the_end_where_the_list_scrolls_off_the_screen(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--count", "9", "--", "cat")
    fleet.ok("spawn", "--kind", "demo", "--name", "needy", "permission: Write a.rs", *FAST)
    fleet.wait_state("needy", "waiting")

    small = on_a_screen(fleet, fleet.argv("ls"), columns=70, rows=8, root=fleet.root).rstrip().splitlines()
    assert small[-2].startswith("needy")
    assert small[-1].startswith("10 agents · 1 needs you")

    large = on_a_screen(fleet, fleet.argv("ls"), columns=70, rows=30, root=fleet.root)
    assert large.count("needy") == 1
