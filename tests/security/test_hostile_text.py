"""A task, a name, a path, a branch or an argument stays text, whatever it means to somebody."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.security.corpus import EVERYTHING, SHELL, SQL, TERMINAL, TMUX, acting
from tests.support.examples import examples
from tests.support.fleet import Fleet, Roots, eventually, person
from tests.support.matrix import every
from tests.support.tmux import Tmux, running
from tmuxagents import names
from tmuxagents.drivers import wrapper
from tmuxagents.drivers.tmux import call, config, window
from tmuxagents.errors import NameInvalid
from tmuxagents.output.safe_text import sendable
from tmuxagents.store import journal
from tmuxagents.store.database import Database

FAST = ["--", "--speed", "0"]
DUMP = "import json,os,sys;json.dump([sys.argv[2:], os.getcwd(), dict(os.environ)], open(sys.argv[1], 'w'))"
"""A program that keeps what it was started with in a file."""

DUMP_WHOLE = "import json,os,sys;o=sys.argv[1];json.dump(sys.argv[2:],open(o+'.part','w'));os.rename(o+'.part',o)"
"""The same for its arguments; the file appears whole."""

# What a program can be given: no NUL, no half of a surrogate pair.
ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
HOSTILE = st.lists(st.sampled_from(EVERYTHING) | ANY, min_size=1, max_size=4).map("".join)


def folder_name(text: str) -> str:
    return text.replace("/", "|").replace("\0", "")[:60]


def random_texts(count: int, seed: int) -> list[str]:
    """Random characters of every plane, and random pieces of the corpus."""
    dice = random.Random(seed)
    texts = []
    for _ in range(count):
        ranges = [(1, 0x7F), (0x80, 0xFF), (0x100, 0xD7FF), (0xE000, 0x10FFFF)]
        letters = [chr(dice.randint(*dice.choice(ranges))) for _ in range(dice.randint(1, 20))]
        pieces = dice.sample(EVERYTHING, 2)
        mixed = [*letters, *(piece[dice.randrange(len(piece)) :] for piece in pieces)]
        dice.shuffle(mixed)
        texts.append("".join(mixed))
    return texts


def no_canary(fleet: Fleet) -> None:
    found = [path for path in fleet.root.rglob("*canary*") if path.name == "canary" or path.name.startswith("canary")]
    assert found == []


def shown_harmless(fleet: Fleet) -> None:
    for args in (("ls",), ("ls", "--json"), ("show", "all"), ("tail", "--no-follow"), ("search", "touch")):
        ran = fleet(*args, FORCE_COLOR="1")
        assert ran.code in (0, 1), ran.err
        assert acting((ran.out + ran.err).encode(), colors="--json" not in args) == set(), args


def test_every_text_of_the_corpus_reaches_a_program_as_its_arguments(fleet: Fleet) -> None:
    texts = [text for text in [*EVERYTHING, *random_texts(100, 1)] if "\0" not in text]
    out = fleet.root / "out"

    fleet.ok("spawn", "--kind", "command", "--", sys.executable, "-c", DUMP, str(out), *texts)
    fleet.wait_state("agent-1", "ended")

    assert json.loads(out.read_text())[0] == texts
    no_canary(fleet)
    shown_harmless(fleet)


def test_every_text_of_the_corpus_reaches_a_program_in_its_environment(fleet: Fleet) -> None:
    texts = {f"T{n}": text for n, text in enumerate([*EVERYTHING, *random_texts(100, 2)]) if "\0" not in text}
    out = fleet.root / "out"
    pairs = [word for name, text in texts.items() for word in ("--env", f"{name}={text}")]

    fleet.ok("spawn", "--kind", "command", *pairs, "--", sys.executable, "-c", DUMP, str(out))
    fleet.wait_state("agent-1", "ended")

    environment = json.loads(out.read_text())[2]
    assert {name: environment[name] for name in texts} == texts
    no_canary(fleet)


@pytest.mark.parametrize("texts", [SHELL, (*TMUX, *SQL), TERMINAL], ids=["shell", "tmux and sql", "terminal"])
def test_a_task_stays_text(fleet: Fleet, texts: tuple[str, ...]) -> None:
    # One agent for them all: each of its lines is one text, and all of them are the task.
    task = "\n".join(["say: begin", *texts])

    fleet.ok("spawn", "--kind", "demo", "--name", "demo", "-", *FAST, stdin=task)
    out = fleet.root / "out"
    fleet.ok("spawn", "--kind", "command", "--name", "one", "-", "--", sys.executable, "-c", DUMP, str(out), stdin=task)
    fleet.wait_state("one", "ended")

    assert json.loads(out.read_text())[0] == [sendable(task)]
    assert fleet.agent("demo")["task"] == sendable(task)
    eventually(lambda: fleet.entries("--only", "prompt", "demo") or None)
    assert fleet.entries("--only", "prompt", "demo")[0]["text"].startswith("say: begin\n")
    no_canary(fleet)
    shown_harmless(fleet)


def test_a_task_that_looks_like_an_option_is_a_task_behind_the_dashes_of_the_file(fleet: Fleet) -> None:
    lines = [text for text in SHELL if text.startswith("-")]
    assert len(lines) >= 5
    (fleet.work / "tasks").write_text("\n".join(lines))

    fleet.ok("spawn", "--kind", "command", "--each", "tasks", "--", "printf", "<%s>")
    eventually(lambda: {a["state"] for a in fleet.agents()} == {"ended"})

    said = {e["text"] for e in fleet.entries("--only", "output")}
    assert said == {f"<{line}>" for line in lines}


def test_a_name_with_anything_else_in_it_is_refused_with_a_name_that_would_do(fleet: Fleet) -> None:
    for text in (*SHELL[:6], *TMUX[:3], *TERMINAL[:2], *SQL[:1], "../../etc", "", "UPPER", "a" * 41, "all"):
        ran = fleet("spawn", "--kind", "demo", f"--name={text}", "say: x")

        assert ran.code == 2, ran
        message, hint = ran.err.splitlines()
        assert message.startswith("tmuxagents: '")
        assert hint == "hint: tmuxagents spawn --help"
        assert names.parse(message.removesuffix("' can").rpartition("'")[2])
        assert acting(ran.err.encode()) == set()
    assert fleet.agents() == []
    no_canary(fleet)


@pytest.mark.parametrize("chosen", every(2, [SHELL[:8], SHELL[8:], (*TMUX, *SQL), TERMINAL[:8], TERMINAL[8::6]]))
def test_a_folder_with_any_name_and_any_branch_is_worked_in(fleet: Fleet, chosen: tuple[str, ...]) -> None:
    inside = fleet.root / folder_name("".join(chosen))[:80]
    inside.mkdir()
    for text in chosen:
        inside = inside / f"d{folder_name(text)}"
    if len(os.fsencode(inside)) > 3000:
        pytest.skip("longer than a path may be")
    inside.mkdir(parents=True)
    branch = "".join(chosen).replace("\n", "")
    (inside / ".git").mkdir()
    (inside / ".git" / "HEAD").write_text(f"ref: refs/heads/b{branch}\n")
    out = fleet.root / "out"

    fleet.ok("spawn", "--kind", "command", "-C", str(inside), "--", sys.executable, "-c", DUMP, str(out))
    fleet.wait_state("agent-1", "ended")

    assert json.loads(out.read_text())[1] == str(inside)
    agent = fleet.agent("agent-1")
    assert agent["dir"] == str(inside)
    assert agent["branch"] == f"b{branch}".strip()
    no_canary(fleet)
    shown_harmless(fleet)


@pytest.mark.parametrize(
    "name",
    [
        "#(touch canary) #[x #{pane_id} #S",
        "%H'\"\\$(touch canary)`touch canary`;",
        "two\nlines # ;",
        "\x1b[31m\u202e{a}~",
    ],
)
def test_a_state_directory_with_any_name_captures_and_leads_to_who_waits(fleet: Fleet, name: str) -> None:
    fleet.env["TMUXAGENTS_STATE_DIR"] = str(fleet.root / name)
    fleet.ok("spawn", "--kind", "command", "--name", "runs", "--", "sh", "-c", "echo up; exec sleep 1000")
    fleet.ok("spawn", "--kind", "demo", "--name", "asks", "permission: Write f", *FAST)
    eventually(lambda: [e for e in fleet.entries("--only", "output") if e["text"] == "up"])
    asks = fleet.wait_state("asks", "waiting")

    with person(fleet, "runs") as keyboard:
        keyboard.type("\x02n")
        eventually(lambda: asks["pane"] in fleet.tmux("list-clients", "-F", "#{pane_id}"))

    no_canary(fleet)


def test_what_is_said_to_an_agent_stays_text(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: x", *FAST)
    fleet.wait_state("agent-1", "idle")
    text = "say: hello " + " ".join(t for t in (*SHELL, *TMUX, *SQL) if "\n" not in t)

    fleet.ok("say", "agent-1", "--wait", "-", stdin=text)

    assert fleet.agent("agent-1")["last_text"] == text.removeprefix("say: ")
    no_canary(fleet)
    shown_harmless(fleet)


def test_a_hint_is_typed_as_it_stands_whatever_a_folder_is_called(fleet: Fleet) -> None:
    for text in SHELL:
        name = " ".join(folder_name(text).split())
        hint = fleet("spawn", "--kind", "demo", f"--dir=no/{name}", "x").err.splitlines()[1].removeprefix("hint: ")

        assert shlex.split(hint) == ["mkdir", "-p", str(fleet.work / "no" / name)]


def test_no_text_is_a_query(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "command", "--", "echo", "needle")
    fleet.wait_state("agent-1", "ended")

    for text in (*SQL, *TMUX[:4], "needle*", '"', '""', "needle AND", "a\0b".replace("\0", "")):
        assert fleet("search", "--", text).code in (0, 1), text

    assert len(fleet.agents()) == 1
    assert "needle" in fleet.ok("search", "needle").out


# One by one, where it is cheap


@given(text=HOSTILE)
def test_any_text_is_a_name_or_is_refused(text: str) -> None:
    assert names.parse(names.suggest(text))
    with contextlib.suppress(NameInvalid):
        assert names.parse(text) == text
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.fixture(scope="module")
def one_tmux(roots: Roots) -> Iterator[Tmux]:
    with roots() as folder, running(folder) as server:
        yield server


def through_formats(server: Tmux, formats: list[str]) -> list[str]:
    """What tmux makes of formats, twenty in a call: it takes 16 KB of arguments."""
    end = "\x1eend\x1e"
    asks = [("display-message", "-p", "--", call.quoted(one + end)) for one in formats]
    calls = [asks[at : at + 20] for at in range(0, len(asks), 20)]
    return [text for some in calls for text in call.ask(server.server, *window.joined(some)).split(end + "\n")[:-1]]


@examples(13)
@given(texts=st.lists(HOSTILE, min_size=1, max_size=20))
@example(texts=list(EVERYTHING))
@example(texts=["#" * n + tail for n in range(1, 7) for tail in "[{(},:;x#"])
def test_any_text_is_left_as_it_is_by_the_formats_of_tmux(one_tmux: Tmux, texts: list[str]) -> None:
    # `display-message` reads the clock's formats too, as `pipe-pane` does.
    assert through_formats(one_tmux, [call.unexpanded(t).replace("%", "%%") for t in texts]) == texts


@examples(13)
@given(texts=st.lists(HOSTILE, min_size=1, max_size=20))
def test_any_argument_reaches_tmux_as_it_is(one_tmux: Tmux, texts: list[str]) -> None:
    # An option of tmux's holds any text: set in one call, shown in another.
    sets = [("set-option", "-g", f"@t{n}", call.quoted(text)) for n, text in enumerate(texts)]
    shows = [("show-options", "-gv", f"@t{n}") for n in range(len(texts))]

    call.ask(one_tmux.server, *window.joined(sets))
    said = call.ask(one_tmux.server, *window.joined(shows))

    assert said == "".join(f"{text}\n" for text in texts)


@examples(10)
@given(texts=st.lists(HOSTILE.map(folder_name).filter(bool), min_size=1, max_size=12, unique=True))
@example(texts=[folder_name(text) for text in EVERYTHING])
def test_a_capture_is_written_where_it_was_told_to(
    one_tmux: Tmux, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    # The command as tmux hands it to the shell; one shell for all.
    folder = tmp_path_factory.mktemp("capture")
    paths = [folder / f"p{text}" for text in texts]
    commands = through_formats(one_tmux, [window.capture_command(path) for path in paths])
    script = "".join(f"({command}) <<'DONE'\n{number}\nDONE\n" for number, command in enumerate(commands))

    done = subprocess.run(["/bin/sh", "-c", script], cwd=folder, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert {path: path.read_text() for path in folder.iterdir()} == {p: f"{n}\n" for n, p in enumerate(paths)}


@examples(10)
@given(values=st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\0", b"")) | HOSTILE, max_size=40))
def test_variables_of_any_bytes_go_through_sh_unchanged(
    tmp_path_factory: pytest.TempPathFactory, values: list[bytes | str]
) -> None:
    folder = tmp_path_factory.mktemp("env")
    wanted = {f"V{n}": os.fsdecode(v) if isinstance(v, bytes) else v for n, v in enumerate(values)}
    (folder / "env").write_text(wrapper.environment(wanted), encoding="utf-8", errors="surrogateescape", newline="")
    argv = ["/bin/sh", "-c", '. "$0"; exec env -0', str(folder / "env")]

    done = subprocess.run(argv, cwd=folder, capture_output=True, env={"PATH": os.environ["PATH"]}, check=True)

    found = dict(pair.split("=", 1) for pair in os.fsdecode(done.stdout).split("\0") if "=" in pair)
    assert {name: found.get(name) for name in wanted} == wanted
    assert [path.name for path in folder.iterdir()] == ["env"]


@examples(8)
@given(words=st.lists(HOSTILE, min_size=1, max_size=6))
@example(words=[text for text in EVERYTHING if "\0" not in text])
def test_the_key_that_leads_to_who_waits_runs_what_it_was_told_to(one_tmux: Tmux, words: list[str]) -> None:
    out, written = one_tmux.folder / "out", one_tmux.folder / "other.conf"
    out.unlink(missing_ok=True)
    jump = [sys.executable, "-I", "-S", "-c", DUMP_WHOLE, str(out), *words]
    *_, bound = config.text(jump, ["true"]).partition("bind n ")
    written.write_text(bound)

    # As if the key had been pressed, by no client.
    call.ask(one_tmux.server, "source-file", str(written))
    eventually(out.exists)

    assert json.loads(out.read_text()) == [*words, ""]
    assert not (one_tmux.folder / "canary").exists()


@examples(33)
@given(text=HOSTILE)
def test_any_text_may_be_searched_for(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with Database(tmp_path_factory.mktemp("db") / "d.db") as db:
        assert journal.search(db, text) == []
