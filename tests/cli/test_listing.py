"""`ls` at a glance: what each does now, where, who needs you, and what it costs in all."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support import screen
from tests.support.fleet import Fleet, eventually

FAST = ("--", "--speed", "0")


def test_ls_shows_what_an_agent_was_given_last_and_not_its_first_task(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: the first task", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    assert "the first task" in fleet.ok("ls").out

    fleet.ok("say", "agent-1", "say: another one")

    agent = fleet.wait_for("agent-1", lambda agent: agent["turns"] == 2)
    listed = fleet.ok("ls").out
    assert agent["doing"] == "say: another one"
    assert "another one" in listed
    assert "first task" not in listed


def test_ls_shows_what_an_agent_that_rests_said_last_and_one_that_waits_what_it_needs(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "rests", "say: all is well", *FAST)
    fleet.ok("spawn", "--kind", "demo", "--name", "waits", "say: before\npermission: Write src/a.rs", *FAST)
    fleet.wait_for("rests", lambda agent: agent["turns"] == 1)
    fleet.wait_state("waits", "waiting")

    head, *rows, _ = fleet.ok("ls").out.splitlines()

    assert [row[head.index("NOW") :] for row in rows] == ["Write(src/a.rs)", "all is well"]


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
    assert {row[head.index("FOLDER") :].split()[0] for row in rows} == {"work", "other"}


def test_a_narrow_terminal_keeps_who_needs_what_and_for_how_long(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "docs", "permission: Write docs/a.md", *FAST)
    fleet.wait_state("docs", "waiting")

    head, row, _ = fleet.ok("ls", COLUMNS="40").out.splitlines()

    assert head.split() == ["NAME", "STATE", "FOR", "NOW"]
    assert re.match(r"docs( •\d)?  needs permission  \d+s\s+Write\(d", row)


def test_a_name_has_the_colour_that_it_has_in_the_stream(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "one", "say: x", *FAST)
    fleet.ok("spawn", "--kind", "demo", "--name", "two", "say: x", *FAST)
    fleet.wait_for("two", lambda agent: agent["turns"] == 1)

    said = fleet.ok("tail", "--no-follow", "--only", "text", FORCE_COLOR="1").out
    listed = fleet.ok("ls", FORCE_COLOR="1").out

    hues = dict(re.findall(r"(\x1b\[1;38;5;\d+m)\[(\w+)\]", said))
    assert sorted(hues.values()) == ["one", "two"]
    assert all(f"{sgr}{name}" in listed for sgr, name in hues.items())


def test_the_branch_is_a_column_where_there_is_one(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    assert "BRANCH" not in fleet.ok("ls").out

    subprocess.run(["git", "init", "-q", "-b", "night", str(fleet.work)], check=True, env=fleet.env)

    head, row, _ = fleet.ok("ls").out.splitlines()
    assert row[head.index("BRANCH") :].startswith("night ")


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


def test_who_needs_you_stands_at_the_end_where_the_list_scrolls_off_the_screen(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--count", "9", "--", "cat")
    fleet.ok("spawn", "--kind", "demo", "--name", "needy", "permission: Write a.rs", *FAST)
    fleet.wait_state("needy", "waiting")

    small = screen.after(fleet, fleet.argv("ls"), columns=70, rows=8)[0].rstrip().splitlines()
    assert small[-2].startswith("needy")
    assert small[-1].startswith("10 agents · 1 needs you")

    large = screen.after(fleet, fleet.argv("ls"), columns=70, rows=30)[0]
    assert large.count("needy") == 1


@pytest.fixture
def two(fleet: Fleet) -> Fleet:
    fleet.ok("spawn", "--kind", "demo", "say: one", *FAST)
    fleet.ok("spawn", "--kind", "demo", "permission: Write a.rs", *FAST)
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)
    fleet.wait_state("agent-2", "waiting")
    return fleet


def test_a_template_prints_a_line_an_agent(two: Fleet) -> None:
    out = two.ok("ls", "--format", r"{name:<9}|{state:>8}|{needs}\t{usage.input_tokens} {labels} {{}}").out

    assert re.fullmatch(r"agent-2  \| waiting\|permission\t\d+ - \{\}\nagent-1  \|    idle\|-\t\d+ - \{\}\n", out)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{nmae}", "did you mean 'name'?"),
        ("{name.__class__}", "knows no 'name.__class__'"),
        ("{usage}", "knows no 'usage'"),
        ("{0}", "knows no '0'"),
        ("{}", "knows no ''"),
        ("{name!r}", "nothing more"),
        ("{name:<9999}", "nothing more"),
        ("{name", "is no template"),
    ],
)
def test_a_template_that_asks_for_what_is_no_key_is_refused(fleet: Fleet, template: str, said: str) -> None:
    ran = fleet("ls", "--format", template)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.splitlines()[1].startswith("hint: ")


def test_jq_prints_strings_bare(two: Fleet) -> None:
    assert two.ok("ls", "--jq", ".agents[] | select(.needs) | .name").out == "agent-2\n"
    assert two.ok("ls", "--json", "--jq", ".v").out == "1\n"


def test_an_expression_that_jq_refuses_is_a_usage_error(fleet: Fleet) -> None:
    ran = fleet("ls", "--jq", ".[")

    assert ran.code == 2
    assert "--jq '.[' failed:" in ran.err


def test_without_jq_the_error_says_so(fleet: Fleet) -> None:
    ran = fleet("ls", "--jq", ".v", PATH=str(fleet.root))

    assert ran.code != 0
    assert "jq" in ran.err
    assert "hint: " in ran.err


def test_ls_watched_draws_what_changes_and_ends_with_0(two: Fleet) -> None:
    socket = str(two.root / "watched")

    def watched(*argv: str) -> str:
        return subprocess.run(["tmux", "-f", "/dev/null", "-S", socket, *argv], env=two.env, cwd=two.work,
                              capture_output=True, text=True, check=True).stdout  # fmt: skip

    code = two.root / "code"
    run = ["sh", "-c", f'trap : INT; "$@"; echo $? > {code}; cat', "sh", *two.argv("ls", "--watch", "600")]
    watched("new-session", "-d", "-x", "70", "-y", "12", *run)
    try:
        eventually(lambda: "needs permission" in watched("capture-pane", "-p"))

        two.ok("approve", "agent-2")
        eventually(lambda: "needs permission" not in watched("capture-pane", "-p"))

        watched("resize-window", "-x", "30", "-y", "12")
        eventually(lambda: all(len(row) <= 30 for row in watched("capture-pane", "-p").splitlines()))
        eventually(lambda: "FOR" in watched("capture-pane", "-p") and "COST" not in watched("capture-pane", "-p"))

        watched("send-keys", "C-c")
        assert eventually(lambda: code.exists() and code.read_text().strip()) == "0"
        assert "agent-1" not in watched("capture-pane", "-p")
    finally:
        watched("kill-server")


def test_watching_needs_a_terminal(fleet: Fleet) -> None:
    ran = fleet("ls", "--watch")

    assert (ran.code, ran.err.splitlines()[0]) == (1, "tmuxagents: --watch needs a terminal")


def test_the_value_of_watch_is_a_number_and_no_name(two: Fleet) -> None:
    ran = two("ls", "--watch", "agent-1")

    assert "--watch needs a terminal" in ran.err
