"""Whatever an agent prints or says, nothing but our own colours reaches its reader's terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.corpus import BEGIN, END, TERMINAL, acting, noise
from tests.support import made
from tests.support.fleet import Fleet, eventually, person
from tmuxagents.cli.render import listing
from tmuxagents.cli.terminal import json_text
from tmuxagents.model.condition import Condition, Dialog
from tmuxagents.model.measured import Measured
from tmuxagents.output import pane_bytes, rendering, safe_text
from tmuxagents.output.rendering import Line
from tmuxagents.services.fleet.worked import Worked

FAST = ["--", "--speed", "0"]
MILLION = 1_000_000

# An agent's program: what is in a file, to its terminal, as it is.
CAT = ("sh", "-c", 'cat "$0"')


def written(fleet: Fleet, *args: str, **env: Any) -> bytes:
    """Everything that a command writes, on standard output and standard error."""
    ran = fleet(*args, **env)
    assert ran.code in (0, 1, 3, 5), ran.err
    return (ran.out + ran.err).encode()


def asked(name: str) -> list[tuple[str, ...]]:
    """What shows a person an agent's words."""
    return [
        ("tail", "--no-follow"),
        ("ls",),
        ("show", name),
        ("search", "corpus"),
    ]


def check_readers(fleet: Fleet, name: str) -> None:
    for args in asked(name):
        for env in ({"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "COLUMNS": "40"}):
            assert acting(written(fleet, *args, **env)) == set(), (args, env)
        raw = written(fleet, *args, "--json", FORCE_COLOR="1")
        assert acting(raw, colors=False) == set(), args
        for line in raw.splitlines():
            json.loads(line)


@pytest.mark.parametrize("millions", [2, pytest.param(10, marks=pytest.mark.soak)])
def test_millions_of_random_bytes_of_a_program_reach_no_terminal(fleet: Fleet, millions: int) -> None:
    file = fleet.root / "noise"
    file.write_bytes(noise(millions * MILLION, 7) + b"\x18\x1b\\\x1bc" + f"{END}\n".encode())

    fleet.ok("spawn", "--kind", "command", "--", *CAT, str(file))
    fleet.wait_state("agent-1", "ended")

    assert END in fleet.ok("tail", "--no-follow").out
    check_readers(fleet, "agent-1")


def test_the_corpus_printed_by_a_program_reaches_no_terminal(fleet: Fleet) -> None:
    file = fleet.root / "corpus"
    lines = "".join(f"{BEGIN} {text} {END}\n" for text in TERMINAL)
    file.write_bytes(lines.encode() + lines.encode("latin-1", "ignore") + b"\x18\x1b\\")

    # Which of them is still a plain line depends on what was printed before: once drawn, once not.
    fleet.ok("spawn", "--kind", "command", "--", *CAT, str(file))
    harmless = "".join(f"{BEGIN} {t} {END}\n" for t in TERMINAL if t.startswith(("\x1b]", "\x1bP", "\x1b_", "\x9d")))
    (fleet.root / "strings").write_bytes(harmless.encode() + b"\x18\x1b\\\n")
    fleet.ok("spawn", "--kind", "command", "--", *CAT, str(fleet.root / "strings"))
    for name in ("agent-1", "agent-2"):
        fleet.wait_state(name, "ended")

    assert fleet.ok("tail", "agent-2", "--no-follow").out.count(END) > 5
    check_readers(fleet, "agent-1")
    check_readers(fleet, "agent-2")


def events() -> list[dict[str, Any]]:
    """A transcript in which every word is hostile."""
    found: list[dict[str, Any]] = []
    for text in TERMINAL:
        said = f"{BEGIN} {text} {END}"
        found += [
            {"event": "prompt", "text": said},
            {"event": "text", "text": said},
            {"event": "tool", "name": said, "target": said},
            {"event": "tool", "name": text},
            {"event": "turn_end", "last_text": said, "cost_usd": 0.1, "total_cost_usd": 0.1, "usage": {}},
        ]
    last = "".join(TERMINAL)
    asks = {"event": "permission", "tool": last, "target": last, "choices": [last, *TERMINAL]}
    return [*found, {"event": "text", "text": f"corpus {last}"}, asks]


def test_the_corpus_said_by_an_agent_reaches_no_terminal(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: corpus", *FAST)
    idle = fleet.wait_state("agent-1", "idle")

    with open(fleet.state / "agents" / idle["id"] / "events.jsonl", "a") as transcript:
        # Two forms: as JSON escapes it, and bare.
        transcript.writelines(f"{json.dumps(event)}\n" for event in events()[:-1])
        transcript.writelines(f"{json.dumps(event, ensure_ascii=False)}\n" for event in events())
    fleet.wait_state("agent-1", "waiting")

    check_readers(fleet, "agent-1")
    for args in (("say", "agent-1", "x"), ("answer", "agent-1", "99"), ("wait", "agent-1", "--timeout", "1s")):
        assert acting(written(fleet, *args)) == set(), args


def test_who_is_attached_sees_what_is_drawn_and_no_clipboard_no_title_no_passthrough(fleet: Fleet) -> None:
    file, gate = fleet.root / "file", fleet.root / "gate"
    strings = [text for text in TERMINAL if text.startswith(("\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1bk"))]
    file.write_text("".join(f"{text}\x18\x1b\\\n" for text in strings) + f"\x1b[0m\n{END}\n")
    waits = ("sh", "-c", 'until [ -e "$1" ]; do sleep 0.05; done; cat "$0"; exec sleep 1000', str(file), str(gate))
    fleet.ok("spawn", "--kind", "command", "--", *waits)

    with person(fleet, "agent-1") as keyboard:
        before = len(keyboard.drawn)
        gate.touch()
        eventually(lambda: END.encode() in keyboard.drawn[before:])
        drawn = bytes(keyboard.drawn[before:])

    assert not [start for start in (b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1bk") if start in drawn]
    assert b"\x1b[200~" not in drawn


@pytest.mark.parametrize(
    "words",
    [
        ("show", "{}"),
        ("say", "{}", "x"),
        ("ls", "{}"),
        ("tail", "--no-follow", "{}"),
        ("tail", "--no-follow", "--grep", "({}"),
        ("tail", "--only", "{}"),
        ("wait", "--for", "{}"),
        ("wait", "--timeout", "{}"),
        ("spawn", "--name", "{}", "x"),
        ("spawn", "--kind", "{}", "x"),
        ("spawn", "--kind", "demo", "-C", "{}", "x"),
        ("spawn", "--kind", "command", "--", "{}"),
        ("spawn", "--env", "{}", "x"),
        ("spawn", "--each", "{}"),
        ("say", "agent-1", "--file", "{}"),
        ("help", "{}"),
        ("{}",),
        ("--{}",),
        ("--state-dir", "/dev/null/{}", "ls"),
    ],
    ids=" ".join,
)
def test_no_error_repeats_what_would_act(fleet: Fleet, words: tuple[str, ...]) -> None:
    hostile = "\x1b]0;t\x07\x1b[31m\x9b2J\u202e\r\x08x\U000e0041"

    ran = fleet(*(word.format(hostile) for word in words), FORCE_COLOR="1")

    assert ran.code in (0, 1, 2, 3)
    assert acting((ran.out + ran.err).encode()) == set()


def test_a_state_directory_with_a_hostile_name_is_shown_harmless(fleet: Fleet) -> None:
    state = fleet.root / "st\x1b[31m\x9b\u202e"

    for words in (("ls",), ("doctor",), ("doctor", "--json"), ("show", "x"), ("controller", "stop")):
        assert acting(written(fleet, "--state-dir", str(state), *words)) == set(), words


# Where it is rendered


def rows_of(lines: list[str], width: int | None, color: bool) -> str:
    kinds = ("output", "text", "tool", "spawned", "prompt", "note", "error", "needs", "exit", "turn", "other")
    rows: list[str] = []
    for number, text in enumerate(lines):
        detail: dict[str, object] = {"needs": text[:20], "how": text[:20], "cost_usd": 0.1, "command": text[:20]}
        line = Line(number, 0, text[:30], number, kinds[number % len(kinds)], text, detail)
        rows += rendering.render(line, width=width, color=color)
    return "\n".join(rows)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "millions"), [(0, 1), (1, 1), pytest.param(2, 20, marks=pytest.mark.soak)])
def test_millions_of_random_bytes_come_out_of_plain_and_of_the_stream_harmless(seed: int, millions: int) -> None:
    step, total = 250_000, millions * MILLION
    raw = noise(total, seed)
    fed = 0
    for at in range(0, total, step):
        state, chunk = pane_bytes.PlainState(), raw[at : at + step]
        lines: list[str] = []
        while chunk:
            got = pane_bytes.feed(state, chunk)
            lines += got.lines
            # What addresses the screen is tmux's to draw; here its bytes go on as text.
            cut = got.consumed + 1 if got.screenful else len(chunk)
            lines += [chunk[got.consumed : cut].decode("utf-8", "replace")] if got.screenful else []
            state, chunk, fed = (pane_bytes.PlainState() if got.screenful else got.state), chunk[cut:], fed + cut
            if got.screenful:
                lines.append(chunk[:200].decode("latin-1"))
                cut = chunk.find(b"\n", 200) + 1 or len(chunk)
                lines.append(chunk[:cut].decode("utf-8", "replace"))
                fed, chunk = fed + cut, chunk[cut:]
        assert acting(rows_of(lines, 80 if at % 2 else None, True).encode("utf-8")) == set()
    assert fed == total


@settings(deadline=None)
@given(raw=st.binary(max_size=400), width=st.sampled_from([None, 20, 80]), color=st.booleans())
def test_any_bytes_are_rendered_harmless(raw: bytes, width: int | None, color: bool) -> None:
    fed = pane_bytes.feed(pane_bytes.PlainState(), raw)
    lines = [*fed.lines, *pane_bytes.flush(fed.state), raw.decode("utf-8", "surrogateescape"), raw.decode("latin-1")]

    assert acting(rows_of(lines * 11, width, color).encode("utf-8"), colors=color) == set()


HOSTILE = st.lists(st.sampled_from(TERMINAL) | st.text(max_size=8), max_size=6).map("".join)


@settings(deadline=None)
@given(text=HOSTILE, width=st.sampled_from([None, 20, 80]), color=st.booleans())
def test_any_text_is_rendered_harmless(text: str, width: int | None, color: bool) -> None:
    assert acting(rows_of([text] * 11, width, color).encode("utf-8", "replace"), colors=color) == set()


@settings(deadline=None)
@given(text=HOSTILE)
def test_any_text_in_json_is_the_same_text_and_harmless(text: str) -> None:
    raw = json_text({"text": text, text: [text]})

    assert acting(raw.encode("utf-8"), colors=False) == set()
    assert json.loads(raw) == {"text": text, text: [text]}


@given(text=HOSTILE)
def test_any_text_in_a_row_of_ls_is_harmless(text: str) -> None:
    condition = Condition(state="waiting", dialog=Dialog(needs="permission", what=text), reason=text, doing=text)
    agent = made.agent(kind="command", task=text, condition=condition, options={"args": [text]})

    work = Worked(Measured(at_ns=1, files=1, into=text, branch=text, trouble=text), (), is_there=True)
    beside = listing._Beside(worked={agent.id: work})

    rows = "\n".join(listing._table([agent], beside, width=None, height=None, color=False))

    assert acting(rows.encode("utf-8", "replace")) == set()
    assert rows.count("\n") == 2


def test_what_is_seen_of_a_language_and_of_emoji_stays() -> None:
    text = "نمی\u200cخواهم  👩\u200d💻 ❤\ufe0f \u0600 العربية עברית ไทย"

    assert safe_text.clean(text) == text
