"""Any program in a window: what it prints is in the journal, once, in order, as a reader saw it."""

from __future__ import annotations

import sys

from tests.support.fleet import Fleet, eventually

HARMLESS = "import sys,time,os\nw=sys.stdout.write\nf=sys.stdout.flush\n"


def run(fleet: Fleet, program: str, *, name: str = "agent-1") -> None:
    """Start a Python program that has `w` and `f` for writing and flushing."""
    ran = fleet("spawn", "--kind", "command", "--name", name, "--", sys.executable, "-c", HARMLESS + program)
    # 5 where it has failed by then.
    assert ran.code in (0, 5), ran.err


def lines(fleet: Fleet, name: str = "agent-1") -> list[str]:
    """Its output so far, line by line."""
    return [line for entry in fleet.entries(name, "--only", "output") for line in entry["text"].split("\n")]


def over(fleet: Fleet, name: str = "agent-1") -> dict[str, object]:
    return fleet.wait_for(name, lambda agent: agent["state"] in ("ended", "failed"))


def test_plain_output_comes_line_by_line(fleet: Fleet) -> None:
    run(fleet, "print('one');print('two');print();print('four')")
    over(fleet)

    assert lines(fleet) == ["one", "two", "", "four"]


def test_the_last_line_needs_no_line_break(fleet: Fleet) -> None:
    run(fleet, "w('one\\nlast')")
    over(fleet)

    assert lines(fleet) == ["one", "last"]


ENDS = {
    "well": ("sys.exit(0)", "ended", 0, None),
    "badly": ("sys.exit(7)", "failed", 7, "exit 7"),
    "killed": ("os.kill(os.getpid(), 9)", "failed", 137, "killed by SIGKILL"),
    "terminated": ("os.kill(os.getpid(), 15)", "failed", 143, "killed by SIGTERM"),
    "aborted": ("os.abort()", "failed", 134, "killed by SIGABRT"),
}


def test_how_it_ended_is_known(fleet: Fleet) -> None:
    for name, (program, *_) in ENDS.items():
        run(fleet, program, name=name)
    fleet.ok("wait", "all", "--for", "ended,failed")

    found = {agent["name"]: (agent["state"], agent["exit_code"], agent["reason"]) for agent in fleet.agents()}
    assert found == {name: tuple(wanted) for name, (_, *wanted) in ENDS.items()}


def test_a_progress_bar_is_one_line(fleet: Fleet) -> None:
    run(fleet, "for n in range(101): w(f'\\rloading {n:3}%'); f(); time.sleep(0.005)\nw('\\ndone\\n')")
    over(fleet)

    assert lines(fleet) == ["loading 100%", "done"]


def test_colours_and_titles_are_taken_out(fleet: Fleet) -> None:
    run(fleet, "w('\\x1b]0;title\\x07\\x1b[1;31mred\\x1b[0m text\\n')")
    over(fleet)

    assert lines(fleet) == ["red text"]


def test_a_long_line_is_one_line(fleet: Fleet) -> None:
    run(fleet, "print('x' * 5000)")
    over(fleet)

    assert lines(fleet) == ["x" * 5000]


def test_twenty_thousand_fast_lines_are_all_there_in_order(fleet: Fleet) -> None:
    run(fleet, "w(''.join(f'line {n}\\n' for n in range(20000)))")
    over(fleet)

    assert lines(fleet) == [f"line {n}" for n in range(20000)]


def test_the_end_stands_behind_the_last_line(fleet: Fleet) -> None:
    run(fleet, "w(''.join(f'line {n}\\n' for n in range(20000)))")
    over(fleet)

    assert [entry["kind"] for entry in fleet.entries()][-1] == "exit"


def test_programs_that_print_and_end_at_once_lose_nothing(fleet: Fleet) -> None:
    # Each prints a line without a break as its last.
    out = fleet.ok("spawn", "--kind", "command", "-q", "--count", "15", "--", "sh", "-c", "echo first; printf last")
    fleet.ok("wait", "all", "--for", "ended")

    found: dict[str, list[str]] = {name: [] for name in out.out.split()}
    for entry in fleet.entries("--only", "output"):
        found[entry["agent"]] += entry["text"].split("\n")
    assert found == {name: ["first", "last"] for name in found}


REDRAW = """
w('\\x1b[?25l\\x1b[2J')
for n in range(40):
    w('\\x1b[H')
    for row, text in enumerate(['header', 'unchanged body', f'tick {n}']):
        w(f'\\x1b[{row + 1};1H\\x1b[2K{text}')
    f(); time.sleep(0.01)
w('\\x1b[5;1Hfinished\\n'); f()
"""


def test_a_redraw_is_not_a_repetition(fleet: Fleet) -> None:
    run(fleet, REDRAW + "time.sleep(1000)")

    eventually(lambda: "finished" in lines(fleet))
    found = lines(fleet)
    assert (found.count("header"), found.count("unchanged body"), found.count("finished")) == (1, 1, 1)
    assert "tick 39" in found


def test_a_program_that_draws_and_ends_leaves_what_it_showed(fleet: Fleet) -> None:
    run(fleet, REDRAW)
    over(fleet)

    found = lines(fleet)
    assert (found.count("header"), found.count("tick 39"), found.count("finished")) == (1, 1, 1)
    assert found[-1] == "finished"


def test_the_end_stands_behind_what_was_drawn_last(fleet: Fleet) -> None:
    run(fleet, REDRAW)
    over(fleet)

    assert [entry["kind"] for entry in fleet.entries()][-2:] == ["output", "exit"]


def test_lines_that_scroll_above_a_drawn_box_are_all_there_once(fleet: Fleet) -> None:
    # As agent programs do: finished lines scroll up, a box is redrawn under them.
    run(
        fleet,
        "w('+--+\\r\\n|in|\\r\\n+--+')\n"
        "for n in range(300):\n"
        " w(f'\\x1b[2A\\r\\x1b[Jline {n}\\r\\n+--+\\r\\n|in|\\r\\n+--+'); f()\n"
        " if n % 30 == 0: time.sleep(0.2)\n"
        "time.sleep(1000)\n",
    )

    eventually(lambda: "line 299" in lines(fleet))
    assert [line for line in lines(fleet) if line.startswith("line")] == [f"line {n}" for n in range(300)]


def test_a_stop_keeps_what_was_printed_last(fleet: Fleet) -> None:
    run(
        fleet,
        "import signal\nprint('up');f()\n"
        "def bye(*_): w('x' * 3000 + '\\nbye'); f(); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, bye)\nsignal.pause()",
    )
    eventually(lambda: lines(fleet) == ["up"])

    assert fleet.ok("stop", "agent-1", "--grace", "1s").out == "stopped agent-1 (terminated)\n"

    assert fleet.agent("agent-1")["state"] == "ended"
    assert lines(fleet) == ["up", "x" * 3000, "bye"]


def test_a_program_that_will_not_end_is_killed(fleet: Fleet) -> None:
    run(
        fleet,
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up');f()\nwhile True: signal.pause()",
    )
    eventually(lambda: lines(fleet) == ["up"])

    assert fleet.ok("stop", "agent-1", "--grace", "0.3s").out == "stopped agent-1 (killed)\n"

    assert fleet.agent("agent-1")["state"] == "ended"


def test_text_is_typed_into_it(fleet: Fleet) -> None:
    run(fleet, "print('up', flush=True)\nfor line in sys.stdin: print('got', line.strip(), flush=True)")
    eventually(lambda: lines(fleet) == ["up"])

    ran = fleet.ok("say", "agent-1", "hello there")

    assert ran.out.startswith("unconfirmed: agent-1")
    eventually(lambda: "got hello there" in lines(fleet))


def test_without_a_controller_its_output_is_read_by_whoever_looks(fleet: Fleet) -> None:
    run(fleet, "print('up', flush=True)\ninput()\nprint('more')\nw('last')")
    eventually(lambda: lines(fleet) == ["up"])
    fleet.ok("controller", "stop")
    fleet.tmux("send-keys", "-t", fleet.pane("agent-1"), "Enter")

    over(fleet)

    assert [line for line in lines(fleet) if line] == ["up", "more", "last"]


def test_a_closed_window_is_lost(fleet: Fleet) -> None:
    run(fleet, "print('up', flush=True)\ntime.sleep(1000)")
    eventually(lambda: lines(fleet) == ["up"])

    fleet.tmux("kill-pane", "-t", fleet.pane("agent-1"))

    assert fleet.wait_state("agent-1", "lost")["exit_code"] is None
