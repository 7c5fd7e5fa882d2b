"""The scripted agent, in a real tmux pane: what it reports and what its screen shows."""

import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tmuxagents.demo_agent import box, keys, scripts
from tmuxagents.demo_agent.keys import Pasted, Press, Typed

T = TypeVar("T")
Event = dict[str, Any]

WITHIN = 100.0
ROOT = Path(__file__).parents[2]


def eventually(look: Callable[[], T | None], what: str, *, instead: Callable[[], object] = lambda: "") -> T:
    """Return the first true thing `look` sees; after `WITHIN` seconds fail and show what is there `instead`."""
    deadline = time.monotonic() + WITHIN
    while not (seen := look()):
        assert time.monotonic() < deadline, f"never saw {what}; instead: {instead()}"
        time.sleep(0.01)
    return seen


def _if_in(text: str, screen: str) -> str | None:
    return screen if text in screen else None


class Pane:
    """The program in a window of its own tmux server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events_file = folder / "events.jsonl"
        self.socket = folder / "s"
        self.starts = 0

    def tmux(self, *words: str, text: str = "") -> str:
        argv = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *words]
        return subprocess.run(argv, input=text, capture_output=True, text=True, check=True, timeout=30).stdout

    def start(self, *words: str, columns: int = 60, lines: int = 24) -> None:
        program = [sys.executable, "-m", "tmuxagents.demo_agent.program", "--events", str(self.events_file), *words]
        # The shell records the exit code: tmux 3.3a does not always know it.
        command = f"{shlex.join(program)}; echo $? > {shlex.quote(str(self.folder / 'code'))}; stty -a; exec cat"
        env = ["-e", f"PYTHONPATH={ROOT}", "-e", "LC_ALL=C.UTF-8"]
        size = ["-x", str(columns), "-y", str(lines)]
        window = ["new-window"] if self.starts else ["new-session", "-d", *size]
        self.tmux("-u", *window, *env, "-c", str(self.folder), command)
        self.starts += 1
        self.wait_for("ready", self.starts)

    def events(self, name: str | None = None) -> list[Event]:
        if not self.events_file.exists():
            return []
        found: list[Event] = [json.loads(line) for line in self.events_file.read_text().splitlines()]
        return [event for event in found if name in (None, event["event"])]

    def names(self) -> list[str]:
        return [event["event"] for event in self.events()]

    def wait_for(self, name: str, count: int = 1) -> Event:
        what = f"{name} number {count}"
        return eventually(lambda: self.events(name)[count - 1 : count], what, instead=self.names)[0]

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def history(self) -> str:
        return self.tmux("capture-pane", "-p", "-S", "-")

    def see(self, text: str) -> str:
        """Return the screen once it holds the text."""
        return eventually(lambda: _if_in(text, self.screen()), repr(text), instead=self.screen)

    def see_draft(self, draft: str) -> str:
        return self.see(box_with(draft, columns=60))

    def key(self, *names: str) -> None:
        self.tmux("send-keys", *names)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        self.tmux("load-buffer", "-", ";", "paste-buffer", "-p", text=text)

    def submit(self, text: str) -> None:
        self.paste(text)
        self.key("Enter")

    def code(self) -> int:
        """Return the exit code the program ended with."""
        file = self.folder / "code"
        return int(eventually(lambda: file.read_text() if file.exists() else None, "the exit code"))


def box_with(draft: str, *, columns: int) -> str:
    rule = "─" * columns
    rows = "\n".join(f"{'  ' if number else '❯ '}{line}".rstrip() for number, line in enumerate(draft.split("\n")))
    return f"{rule}\n{rows}\n{rule}\n  demo agent\n"


def shows_one_box(pane: Pane, columns: int) -> bool:
    screen = pane.screen()
    rules = [line for line in screen.splitlines() if "─" in line]
    return rules == ["─" * columns] * 2 and screen.count("❯ a draft") == 1


@pytest.fixture
def pane(root: Path) -> Iterator[Pane]:
    pane = Pane(root)
    yield pane
    subprocess.run(["tmux", "-S", str(pane.socket), "kill-server"], capture_output=True, timeout=30, check=False)


def test_it_shows_the_input_box_before_it_says_ready(pane: Pane) -> None:
    pane.start()

    pane.see_draft("")
    assert pane.tmux("display", "-p", "#{alternate_on}") == "0\n"
    assert pane.events()[0]["resumed"] is False
    assert pane.events()[0]["pid"] != 0


def test_a_task_runs_a_believable_script_that_mentions_it(pane: Pane) -> None:
    pane.start("--speed", "0", "add auth to the REST API")

    end = pane.wait_for("turn_end")

    assert pane.names()[:3] == ["ready", "prompt", "text"]
    assert {"name": "Read", "target": "src/routes/api.rs"}.items() <= pane.events("tool")[0].items()
    assert "add auth to the REST API" in end["last_text"]
    pane.see("● Read(src/routes/api.rs)")
    pane.see_draft("")


def test_orders_run_in_their_order(pane: Pane) -> None:
    pane.start("--speed", "0")

    pane.submit("say: one\ntool: Bash cargo test\nsay: two\\nlines")

    pane.wait_for("turn_end")
    assert pane.names() == ["ready", "prompt", "text", "tool", "text", "turn_end"]
    assert [event["text"] for event in pane.events("text")] == ["one", "two\nlines"]
    assert pane.events("tool")[0]["target"] == "cargo test"


def test_moments_are_nanoseconds_and_do_not_run_backwards(pane: Pane) -> None:
    before = time.time_ns()
    pane.start("--speed", "0", "fix the bug")

    pane.wait_for("turn_end")

    moments = [event["at"] for event in pane.events()]
    assert before <= moments[0]
    assert moments == sorted(moments)


def test_a_paste_keeps_its_newlines_and_waits_for_enter(pane: Pane) -> None:
    pane.start("--speed", "0")

    pane.paste("first\nsecond")
    pane.see_draft("first\nsecond")
    assert pane.names() == ["ready"]
    pane.key("Enter")

    assert pane.wait_for("prompt")["text"] == "first\nsecond"


def test_a_paste_in_many_reads_is_one_paste(pane: Pane) -> None:
    text = "\n".join(f"row {number} {'x' * 200} ✓" for number in range(2000))
    pane.start("--speed", "0")

    pane.submit(text)

    assert pane.wait_for("prompt")["text"] == text


def test_a_long_draft_shows_its_end(pane: Pane) -> None:
    pane.start(lines=16)

    pane.paste("\n".join(f"row {number}" for number in range(100)))

    screen = pane.see("  row 99\n")
    assert "❯ … 89 lines above" in screen
    assert screen.count("demo agent") == 1 + screen.count("✻ demo agent")


def test_keys_edit_the_draft(pane: Pane) -> None:
    pane.start()

    pane.paste("one\ntwo words")
    pane.key("BSpace")
    pane.see_draft("one\ntwo word")
    pane.key("C-u")
    pane.see_draft("one\n")
    pane.key("C-u")
    pane.see_draft("one")
    pane.type("é✓")
    pane.see_draft("oneé✓")
    pane.key("C-c")
    pane.see_draft("")


@pytest.mark.parametrize("leave", ["C-d", "/exit"])
def test_it_leaves_with_code_0_and_restores_the_terminal(pane: Pane, leave: str) -> None:
    pane.start()

    pane.key(leave, *(["Enter"] if leave == "/exit" else []))

    assert pane.code() == 0
    assert pane.wait_for("bye")["code"] == 0
    pane.see(" icanon")
    assert "demo agent\n" not in pane.screen().split("✻ demo agent\n")[1]


def test_control_d_keeps_a_draft(pane: Pane) -> None:
    pane.start()

    pane.type("a")
    pane.key("C-d")
    pane.type("b")

    pane.see_draft("ab")


def test_escape_interrupts_and_the_turn_has_no_end(pane: Pane) -> None:
    pane.start("think: 600")
    pane.wait_for("prompt")
    pane.see("✻ Thinking…\n" + box_with("", columns=60))

    pane.key("Escape")

    pane.wait_for("interrupted")
    assert "turn_end" not in pane.names()
    eventually(lambda: "Thinking" not in pane.screen(), "the idle screen")


def test_arrow_keys_do_not_interrupt(pane: Pane) -> None:
    pane.start("think: 600")
    pane.wait_for("prompt")

    pane.key("Up", "Down", "Left", "F5")
    pane.type("still here")

    pane.see_draft("still here")
    assert "interrupted" not in pane.names()


def test_putback_returns_the_prompt_to_the_draft(pane: Pane) -> None:
    pane.start("putback:\nthink: 600")
    pane.wait_for("prompt")

    pane.submit("say: next")
    pane.wait_for("queued")
    pane.key("Escape")

    pane.wait_for("turn_end")
    assert pane.names() == ["ready", "prompt", "queued", "interrupted", "prompt", "text", "turn_end"]
    pane.see_draft("putback:\nthink: 600")


def test_prompts_given_while_busy_run_one_after_another(pane: Pane) -> None:
    pane.start("think: 600")
    pane.wait_for("prompt")

    pane.submit("say: a")
    pane.submit("say: b")
    pane.wait_for("queued", 2)
    pane.see("  queued: say: a\n  queued: say: b\n✻ Thinking…")
    pane.key("Escape")

    pane.wait_for("turn_end", 2)
    assert pane.names()[4:] == ["interrupted", *["prompt", "text", "turn_end"] * 2]
    assert [event["text"] for event in pane.events("text")] == ["a", "b"]


DIALOG = """\
 Write file
 src/auth.rs

 Do you want to proceed?
 ❯ 1. Yes
   2. No

 Esc to cancel
"""


@pytest.mark.parametrize(
    ("pressed", "allowed"),
    [(["1"], True), (["2"], False), (["Enter"], True), (["Down", "Enter"], False), (["Escape"], False)],
)
def test_a_permission_is_settled_by_keys(pane: Pane, pressed: list[str], allowed: bool) -> None:
    pane.start("permission: Write src/auth.rs")
    asked = pane.wait_for("permission")
    pane.see("─" * 60 + "\n" + DIALOG)

    pane.key(*pressed)

    pane.wait_for("turn_end")
    assert {"tool": "Write", "target": "src/auth.rs", "choices": ["Yes", "No"]}.items() <= asked.items()
    assert {"choice": "Yes" if allowed else "No", "allowed": allowed}.items() <= pane.wait_for("answered").items()
    assert ("tool" in pane.names()) is allowed
    assert pane.events("text")[0]["text"] == ("done: src/auth.rs" if allowed else "not done: src/auth.rs")
    pane.see_draft("")


def test_a_text_pasted_into_a_dialog_is_lost_and_its_enter_approves(pane: Pane) -> None:
    pane.start("permission: Write src/auth.rs")
    pane.wait_for("permission")

    pane.submit("no, 2, do not do that")

    assert pane.wait_for("answered")["allowed"] is True
    pane.wait_for("turn_end")
    pane.see_draft("")


def test_a_question_reports_its_choices(pane: Pane) -> None:
    pane.start("question: Which one?|red|blue")
    asked = pane.wait_for("question")

    pane.key("2")

    assert (asked["question"], asked["choices"]) == ("Which one?", ["red", "blue"])
    assert {"choice": "blue", "allowed": True}.items() <= pane.wait_for("answered").items()
    assert pane.wait_for("turn_end")["last_text"] == "you chose blue"


def test_an_unannounced_dialog_has_no_event(pane: Pane) -> None:
    pane.start("dialog: Trust this folder?\nsay: after")
    pane.see(" Trust this folder?\n\n Do you want to proceed?\n ❯ 1. Yes")
    assert pane.names() == ["ready", "prompt"]

    pane.key("Enter")

    pane.wait_for("turn_end")
    assert pane.names() == ["ready", "prompt", "text", "turn_end"]


def test_swallowed_enters_leave_the_draft(pane: Pane) -> None:
    pane.start("swallow: 2")
    pane.wait_for("turn_end")

    pane.submit("say: hi")
    pane.key("Enter")
    pane.type("!")
    pane.see_draft("say: hi!")
    assert len(pane.events("prompt")) == 1
    pane.key("Enter")

    assert pane.wait_for("prompt", 2)["text"] == "say: hi!"


def test_die_ends_with_its_code(pane: Pane) -> None:
    pane.start("say: last words\ndie: 7")

    assert pane.code() == 7
    assert pane.names()[-2:] == ["text", "bye"]


def test_kill_leaves_no_goodbye(pane: Pane) -> None:
    pane.start("kill:")

    assert pane.code() == 128 + signal.SIGKILL
    assert pane.names() == ["ready", "prompt"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("task", ["think: 600", "hang:"])
def test_signals_end_it_even_while_it_hangs(pane: Pane, number: signal.Signals, task: str) -> None:
    pane.start(task)
    pane.wait_for("prompt")

    os.kill(pane.events()[0]["pid"], number)

    assert pane.wait_for("bye")["code"] == 128 + number
    assert pane.code() == 128 + number


def test_it_ends_with_its_pane(pane: Pane) -> None:
    pane.start()

    pane.tmux("kill-server")

    assert pane.wait_for("bye")["code"] == 128 + signal.SIGHUP


def test_a_flood_is_whole_on_the_screen_and_in_the_events(pane: Pane) -> None:
    pane.start("flood: 250")

    pane.wait_for("turn_end")

    texts = [event["text"] for event in pane.events("text")]
    expected = [f"line {number} of 250" for number in range(1, 251)]
    assert [text.count("\n") + 1 for text in texts] == [100, 100, 50]
    assert "\n".join(texts).split("\n") == expected
    pane.see("line 250 of 250")
    assert [line[2:] for line in pane.history().splitlines() if " of 250" in line] == expected


def test_hostile_text_does_not_end_bracketed_paste(pane: Pane) -> None:
    pane.start("hostile:")
    pane.wait_for("turn_end")

    assert pane.events("text")[0]["text"] == scripts.HOSTILE
    pane.submit("say: a\nsay: b")

    assert pane.wait_for("prompt", 2)["text"] == "say: a\nsay: b"


def test_totals_add_up_and_go_on_after_a_resume(pane: Pane) -> None:
    pane.start("--speed", "0", "add auth")
    pane.submit("say: more")
    pane.wait_for("turn_end", 2)
    pane.key("C-d")
    pane.wait_for("bye")
    pane.code()

    pane.start("--speed", "0", "--resume", "say: again")

    end = pane.wait_for("turn_end", 3)
    pane.see("Resumed")
    first, second, third = pane.events("turn_end")
    assert pane.events("ready")[-1]["resumed"] is True
    assert end["total_cost_usd"] == pytest.approx(sum(turn["cost_usd"] for turn in (first, second, third)))
    assert round(end["cost_usd"], 4) == end["cost_usd"] > 0
    for count in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"):
        assert 0 < first["usage"][count] < second["usage"][count] < third["usage"][count]


def test_a_new_size_redraws_one_box(pane: Pane) -> None:
    pane.start("say: hello")
    pane.wait_for("turn_end")
    pane.paste("a draft " * 8)
    pane.see("a draft")

    for columns in (31, 97, 40):
        pane.tmux("resize-window", "-x", str(columns), "-y", "20")
        one_box = partial(shows_one_box, pane, columns)
        eventually(one_box, f"one box {columns} wide", instead=pane.screen)

    # When tmux narrows a window it may push the top of the old box into the history, as with any program.
    assert pane.history().count("● hello") == 1


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tmuxagents.demo_agent.program", "--events", str(tmp_path / "events")]

    done = subprocess.run(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "demo-agent: cannot run without a terminal\n"


PIECES = st.sampled_from(
    [b"\x1b", b"\x1b[200~", b"\x1b[201~", b"\x1b[A", b"\x1bOB", b"[", b"a", "é✓".encode(), b"\r", b"\n", b"\x9b"]
)


@settings(deadline=None)  # Other tests may load the machine.
@given(st.lists(PIECES | st.binary(max_size=3), max_size=12).map(b"".join), st.sets(st.integers(0, 40)))
def test_keys_do_not_depend_on_how_the_bytes_are_cut(typed: bytes, cuts: set[int]) -> None:
    whole, cut = keys.Decoder(), keys.Decoder()
    edges = [0, *sorted(edge for edge in cuts if edge < len(typed)), len(typed)]

    pieces = [typed[start:end] for start, end in itertools.pairwise(edges)]

    assert [key for piece in pieces for key in cut.feed(piece)] == whole.feed(typed)
    assert cut.silence() == whole.silence()


def test_an_escape_is_one_only_after_silence() -> None:
    decoder = keys.Decoder()

    assert decoder.feed(b"\x1b") == []
    assert decoder.in_doubt
    assert decoder.silence() == [Press.ESCAPE]
    assert decoder.feed(b"a\x1b[200~b\r\nc\x1b[201~") == [Typed("a"), Pasted("b\nc")]


@settings(deadline=None)  # Other tests may load the machine.
@given(st.text(max_size=200).map(keys.printable), st.integers(12, 90), st.integers(8, 40))
@example("0" * 28, 12, 8)
def test_the_box_fits_the_screen(draft: str, width: int, height: int) -> None:
    picture = box.input_box(draft, width, height=height, busy=True)

    assert len(picture.rows) < height
    assert all(box.width_of(row) <= width for row in picture.rows)
    assert picture.column < width


@settings(deadline=None)  # Other tests may load the machine.
@given(st.text(max_size=100))
def test_every_prompt_has_steps(prompt: str) -> None:
    assert scripts.steps(prompt)


def test_built_in_scripts_take_two_seconds() -> None:
    for prompt in ("add auth", "fix the login bug", "write tests", "update the docs"):
        script = scripts.steps(prompt)
        assert 4 <= sum(not isinstance(step, scripts.Think) for step in script) <= 7
        assert sum(step.seconds for step in script if isinstance(step, scripts.Think)) == pytest.approx(2, abs=0.01)
