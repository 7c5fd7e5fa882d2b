"""What a command answers, where, with which exit code; and that bad input changes nothing."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support import fleet as fleets
from tests.support.fleet import Fleet, Roots

KEYS: dict[str, Any] = {
    "name": str,
    "id": str,
    "kind": str,
    "state": str,
    "since": str,
    "needs": (str, type(None)),
    "choices": (list,),
    "open_requests": int,
    "reason": (str, type(None)),
    "doing": (str, type(None)),
    "task": (str, type(None)),
    "dir": str,
    "worktree": (dict, type(None)),
    "branch": (str, type(None)),
    "host": type(None),
    "conversation": (str, type(None)),
    "generation": int,
    "pane": (str, type(None)),
    "pid": (int, type(None)),
    "exit_code": (int, type(None)),
    "turns": int,
    "last_text": (str, type(None)),
    "work": dict,
    "budget_tokens": (int, type(None)),
    "budget_reached": bool,
    "pinned": bool,
    "dismissed": bool,
    "account": (str, type(None)),
    "used_model": (str, type(None)),
    "context_left": (int, type(None)),
    "resets": (str, type(None)),
    "continues": (str, type(None)),
    "conflicts": list,
    "unread": int,
    "usage": dict,
    "budget_usd": type(None),
    "timeout_s": (int, float, type(None)),
    "labels": list,
    "pr": (dict, type(None)),
    "scope": list,
    "scope_overlaps": list,
    "outside_scope": list,
    "locks": list,
    "role": (str, type(None)),
    "mode": str,
}
USAGE = {"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd"}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SGR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def team(roots: Roots) -> Iterator[Fleet]:
    """Three demo agents: one idle, one that waits for a permission, one that has ended. Tests leave them so."""
    with roots() as folder:
        made = fleets.make(folder)
        try:
            for name, task in (
                ("idle-1", "say: hello\nhostile: x"),
                ("needy-1", "say: first\npermission: Write src/a.rs"),
                ("over-1", "say: bye\ndie: 0"),
            ):
                made.ok("spawn", "--kind", "demo", "--name", name, task, "--", "--speed", "0")
            made.wait_for("idle-1", lambda a: a["state"] == "idle" and a["turns"] == 1)
            made.wait_state("needy-1", "waiting")
            made.wait_state("over-1", "ended")
            yield made
        finally:
            made.end()


def everything(team: Fleet) -> object:
    """All that a command could have changed."""
    with sqlite3.connect(team.state / "tmuxagents.db") as db:
        tables = [
            db.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in ("agents", "journal", "messages")
        ]
    db.close()
    folders = sorted(path.name for path in (team.state / "agents").iterdir())
    return tables, folders, team.tmux("list-panes", "-a", "-F", "#{pane_id} #{pane_pid}")


LONG = "a" * 41
BLANKS = ("", "  ", "\u200b")
ODD = b"one\ntwo \xff\xfe".decode("utf-8", "surrogateescape")
PLACE = "is not UTF-8: byte 0xff in line 2 at 5"
BAD: list[tuple[list[str], int, str, str]] = [
    (["frobnicate"], 2, "there is no command 'frobnicate'", "tmuxagents --help"),
    (["spwan"], 2, "no command 'spwan'; did you mean 'spawn'?", "tmuxagents spawn --help"),
    (["ls", "--no-such"], 2, "there is no option '--no-such'", "tmuxagents ls --help"),
    (["ls", "--jsno"], 2, "no option '--jsno'; did you mean '--json'?", "tmuxagents ls --help"),
    (["say", "idle-1", "--wiat", "a"], 2, "to say it literally: --; did you mean '--wait'?", "tmuxagents say --help"),
    (["ls", "--format", "{nmae}"], 2, "knows no 'nmae'; did you mean 'name'?", "tmuxagents ls --help"),
    (["help", "satets"], 2, "'satets'; did you mean 'states'?", "tmuxagents help states"),
    (["spawn", "--kind", "comand", "x"], 2, "no kind 'comand'; did you mean 'command'?", "spawn --help"),
    (["show", "nobody"], 1, "no agent is named 'nobody'", "tmuxagents ls"),
    (["show", "idel-1"], 1, "named 'idel-1'; did you mean 'idle-1'?", "tmuxagents ls"),
    (["show", ""], 1, "no agent is named ''", "tmuxagents ls"),
    (["say", "", "hello"], 1, "no agent is named ''", "tmuxagents ls"),
    (["say", "nobody", "hello"], 1, "'nobody'", "tmuxagents ls"),
    (["review", "idle-1"], 1, "idle-1 has no worktree of its own", "tmuxagents show idle-1"),
    (["review", "nobody"], 1, "no agent is named 'nobody'", "tmuxagents ls"),
    (["review", "idle-1,needy-1"], 2, "one agent is reviewed at a time", "tmuxagents review --help"),
    (["review", "idle-1", "a.diff"], 2, "'a.diff' is not '-'", "tmuxagents review --help"),
    (["review", "idle-1", "--print", "--dry-run"], 2, "--print sends nothing", "tmuxagents review --help"),
    (["merge", "idle-1", "--resolve"], 1, "idle-1 has no worktree of its own", "tmuxagents show idle-1"),
    (["pr", "idle-1"], 1, "idle-1 has no worktree of its own", "tmuxagents show idle-1"),
    (["pr", "idle-1", "--rounds", "2"], 2, "--rounds is how often --watch tells it", "tmuxagents pr --help"),
    (["lock", "a b", "--", "true"], 2, "'a b' cannot be a lock's name: a-z, A-Z, 0-9", "tmuxagents lock --help"),
    (["lock", "db"], 2, "what is to be run stands behind --", "tmuxagents lock --help"),
    (["lock", "db", "--wait", "x", "--", "true"], 2, "'x' is not a duration", "tmuxagents lock --help"),
    (["lock", "db", "--", "/no/such"], 127, "there is no program '/no/such'", "tmuxagents lock --help"),
    (["lock", "db", "--", "/etc/passwd"], 126, "'/etc/passwd': Permission denied", "tmuxagents lock --help"),
    (["spawn", "--kind", "claude", "--print"], 2, "without a terminal needs a task", "tmuxagents spawn --help"),
    (["spawn", "--json-schema", "/no/such", "x"], 2, "'/no/such' cannot be read", "ls -l '/no/such'"),
    (["spawn", "--json-schema", "/etc/passwd", "x"], 2, "'/etc/passwd' is not JSON", "cat '/etc/passwd'"),
    (["spawn", "-so it begins"], 2, "; a task that begins so is read from standard input", "tmuxagents spawn --help"),
    (["config", "set", "max_agents", "0.5"], 2, "must be a whole number", "tmuxagents config set max_agents 0"),
    (["run", "add"], 2, "run add takes a RUN and a MANIFEST", "tmuxagents run --help"),
    (["run", "add", "run-1"], 2, "run add takes a RUN and a MANIFEST", "tmuxagents run --help"),
    (["usage", "--since", "3000-01-01"], 2, "--since lies ahead: nothing was used", "tmuxagents usage --help"),
    (["note", "add", " "], 2, "nothing to note", "tmuxagents note --help"),
    (["note", "add", "x" * 2001], 2, "at most 2000 characters, this one 2001", "tmuxagents note --help"),
    (["note", "add", ODD], 2, f"the text {PLACE}", "tmuxagents note add --help"),
    (["note", "add", "x", "--run", "A B"], 2, "'A B' cannot be a name", "--help"),
    (["note", "done", "77"], 1, "there is no note 77", "tmuxagents note list"),
    (["note", "done", "x"], 1, "there is no note 'x'", "tmuxagents note list"),
    (["note", "done", "0"], 1, "there is no note '0'", "tmuxagents note list"),
    (["note", "done", "9" * 30], 1, "there is no note '9", "tmuxagents note list"),
    (["note", "write"], 1, "this is no git checkout", "git status"),
    (["budget", "idle-1", "much"], 2, "'much' is not a number of dollars: 2.50", "--help"),
    (["budget", "idle-1", "--tokens", "1.5x"], 2, "'1.5x' is not a number of tokens: 100000, 100k, 1.5M", "--help"),
    (["budget", "idle-1", "0.0000001"], 2, "less than a millionth of a dollar", "--help"),
    (["config", "set", "budget_usd", "0.0000001"], 2, "0 for none, or 0.000001 or more", "config set budget_usd 2.5"),
    (["config", "set", "budget_tokens", "1.5x"], 2, "must be a number of tokens", "config set budget_tokens 100k"),
    (["budget", "nobody"], 1, "nobody", "tmuxagents ls"),
    (["spawn", "--kind", "demo", "--budget", "nan", "say: x"], 2, "'nan' is not a number of dollars", "--help"),
    (["spawn", "--kind", "demo", "--budget", "1e-7", "say: x"], 2, "less than a millionth of a dollar", "--help"),
    (["usage", "--by", "week"], 2, "'week'", "--help"),
    (["usage", "nobody"], 1, "nobody", "tmuxagents ls"),
    (["say", "idle-1"], 2, "nothing to say", "tmuxagents say idle-1"),
    (["say", "idle-1", "  "], 2, "nothing to say", "tmuxagents say idle-1"),
    (["say", "idle-1", "--file", "/no/such"], 2, "'/no/such'", "ls -l"),
    (["say", "idle-1", "--file", "/etc/hostname", "a"], 2, "not both", "--help"),
    (["say", "idle-1", "--when-idle", "--interrupt", "a"], 2, "choose one", "--help"),
    (["say", "needy-1", "hello"], 3, "a dialog is open: Write(src/a.rs)", "tmuxagents approve needy-1"),
    (["say", "over-1", "hello"], 3, "over-1 is ended", "tmuxagents resume over-1"),
    (["approve", "idle-1"], 3, "no dialog is open in idle-1", "tmuxagents show idle-1"),
    (["deny", "idle-1", "no"], 3, "no dialog is open", "tmuxagents show idle-1"),
    (["answer", "idle-1", "1"], 3, "no dialog is open", "tmuxagents show idle-1"),
    (["answer", "needy-1", "perhaps"], 3, "'perhaps' is not among: 1 Yes · 2 No", "tmuxagents show needy-1"),
    (["answer", "needy-1", "7"], 3, "'7' is not among", "tmuxagents show needy-1"),
    (["answer", "needy-1"], 2, "give a CHOICE: 1 Yes · 2 No", "tmuxagents answer needy-1 CHOICE"),
    (["answer", "idle-1"], 2, "give a CHOICE", "tmuxagents answer --help"),
    *[(["answer", "needy-1", "--text", text], 2, "nothing to answer with", "tmuxagents show") for text in BLANKS],
    (["say", "idle-1", ODD], 2, f"the text {PLACE}", "tmuxagents say --help"),
    (["say", "idle-1", "one", b"\xc3".decode("utf-8", "surrogateescape")], 2, "byte 0xc3 in line 1 at 5", "--help"),
    (["say", "needy-1", "--when-idle", ODD], 2, PLACE, "tmuxagents say --help"),
    (["deny", "needy-1", ODD], 2, PLACE, "tmuxagents deny --help"),
    (["answer", "needy-1", "--text", ODD], 2, PLACE, "tmuxagents answer --help"),
    (["answer", "needy-1", ODD], 2, PLACE, "tmuxagents answer --help"),
    (["spawn", "--kind", "demo", "say: x", ODD], 2, f"the task {PLACE}", "tmuxagents spawn --help"),
    (["approve", "needy-1", "--dialog", "0"], 3, "no longer waits on the dialog '0'", "tmuxagents show needy-1"),
    (["deny", "--dialog", "0", "needy-1", "no"], 3, "no longer waits on the dialog '0'", "tmuxagents show needy-1"),
    (["answer", "needy-1", "1", "--dialog", ""], 3, "no longer waits on the dialog", "tmuxagents show needy-1"),
    (["notify", "tset"], 2, "no command 'tset'; did you mean 'test'?", "tmuxagents notify test --help"),
    (["controller", "stpo"], 2, "there is no command 'stpo'", "tmuxagents controller --help"),
    (["rename", "idle-*", "x"], 2, "'idle-*' is not one agent", "tmuxagents ls"),
    (["approve", "over-1"], 3, "over-1 is ended", "tmuxagents resume over-1"),
    (["dismiss", "needy-1"], 3, "needy-1 needs permission: who needs you stays", "tmuxagents show needy-1"),
    (["dismiss", "nobody"], 1, "nobody", "tmuxagents ls"),
    (["pin", "nobody"], 1, "nobody", "tmuxagents ls"),
    (["pin"], 2, "NAME", "tmuxagents pin --help"),
    (["top"], 1, "top needs a terminal", "tmuxagents ls"),
    (["interrupt", "idle-1"], 3, "idle-1 is idle, not working", "tmuxagents show idle-1"),
    (["interrupt", "over-1"], 3, "over-1 is ended", "tmuxagents resume over-1"),
    (["rm", "idle-1"], 3, "idle-1 is idle", "tmuxagents stop idle-1"),
    (["ls", "-l"], 2, "'-l' requires an argument", "tmuxagents ls --help"),
    (["logs", "-n"], 2, "'-n' requires an argument", "tmuxagents tail --help"),
    (["ls", "--state", "bored"], 2, "'bored' is not a state", "tmuxagents ls --help"),
    (["tail", "--no-follow", "--state", ","], 2, "is not a state", "--help"),
    (["show"], 2, "NAME", "tmuxagents show --help"),
    (["approve"], 2, "NAME", "tmuxagents approve --help"),
    (["wait", "--here", "-A"], 2, "choose one", "--help"),
    (["stop", "x-*"], 1, "no agent is named 'x-*'", "tmuxagents ls"),
    (["spawn", "--kind", "demo", "-l", "two words", "x"], 2, "is not a label", "--help"),
    (["rm"], 2, "NAME", "tmuxagents rm --help"),
    (["stop"], 2, "NAME", "tmuxagents stop --help"),
    (["stop", "-A"], 2, "-A says where, not who", "tmuxagents ls"),
    (["approve", "-A"], 2, "-A says where, not who", "tmuxagents ls"),
    (["stop", "nobody"], 1, "'nobody'", "tmuxagents ls"),
    (["stop", "idle-1", "--grace", "soon"], 2, "'soon' is not a duration", "--help"),
    (["resume"], 2, "--all", "tmuxagents resume --help"),
    (["resume", "idle-1"], 3, "idle-1 is idle, not ended", "tmuxagents attach idle-1"),
    (["resume", "nobody"], 1, "'nobody'", "tmuxagents ls"),
    (["attach", "idle-1"], 1, "attach needs a terminal", "tmuxagents tail"),
    (["tail", "--no-follow", "nobody"], 1, "'nobody'", "tmuxagents ls"),
    (["tail", "--no-follow", "--only", "texts"], 2, "; did you mean 'text'?", "tmuxagents tail --help"),
    (["wait", "--for", "idel"], 2, "; did you mean 'idle'?", "tmuxagents wait --help"),
    (["ls", "--state", "waitng"], 2, "; did you mean 'waiting'?", "tmuxagents ls --help"),
    (["tail", "--no-follow", "--only", ""], 2, "is not a kind", "--help"),
    (["tail", "--no-follow", "--grep", "("], 2, "'(' is not a regular expression", "--help"),
    (["tail", "--no-follow", "--since", "yesterday"], 2, "'yesterday' is no time", "--help"),
    (["help", "config", "frob"], 2, "there is no command 'config frob'", "tmuxagents help config"),
    (["lgos"], 2, "no command 'lgos'; did you mean 'logs'?", "tmuxagents tail --help"),
    (["tail", "--no-follow", "zz*"], 1, "no agent is named 'zz*'", "tmuxagents ls"),
    (["tail", "--no-follow", "-n", "-1"], 2, "-1", "--help"),
    (["wait", "--for", "bored"], 2, "'bored' is not a state", "--help"),
    (["wait", "--for", ""], 2, "is not a state", "--help"),
    (["wait", "idle-1", "--timeout", "nan"], 2, "'nan' is not a duration", "--help"),
    (["wait", "needy-1", "--timeout", "0.1s"], 4, "needy-1 is waiting", "tmuxagents"),
    (["wait", "over-1"], 5, "over-1 is ended", "tmuxagents show over-1"),
    (["search"], 2, "TEXT", "tmuxagents search --help"),
    (["search", "x", "--agent", "nobody"], 1, "'nobody'", "tmuxagents ls"),
    (["completion", "tcsh"], 2, "tcsh", "tmuxagents completion --help"),
    (["help", "nonsense"], 2, "there is no help on 'nonsense'", "tmuxagents help"),
    (["spawn", "--kind", "demo", "--name", "Bad Name", "x"], 2, "'Bad Name' cannot be a name: use a-z", "--help"),
    (["spawn", "--kind", "demo", "--name", "all", "x"], 2, "'all' cannot be a name: it has a meaning", "--help"),
    (["spawn", "--kind", "demo", "--name", LONG, "x"], 2, "it has 41 characters, and 40 are the most", "--help"),
    (["spawn", "--kind", "demo", "--name", "", "x"], 2, "cannot be a name", "--help"),
    (["spawn", "--kind", "demo", "--name", "7", "x"], 2, "a number means the agent-N of that number", "--help"),
    (["spawn", "--kind", "demo", "--name", "7up", "x"], 2, "it must begin with a letter; 'agent-7up' can", "--help"),
    (["rename", "idle-1", "you"], 2, "it has a meaning of its own", "tmuxagents rename idle-1 you-1"),
    (["spawn", "--kind", "demo", "--name", "idle-1", "x"], 1, "taken by an agent that is idle", "show idle-1"),
    (["spawn", "--kind", "demo", "--name", "a", "x", "y"], 2, "--name is for one agent", "--help"),
    (["spawn", "--kind", "demo", "--name", "a", "--count", "2", "x"], 2, "--name is for one agent", "--help"),
    (["spawn", "--kind", "demo", "--count", "0", "x"], 2, "--count", "--help"),
    (["spawn", "--kind", "demo", "-C", "/no/such/folder", "x"], 2, "'/no/such/folder' does not exist", "mkdir -p"),
    (["spawn", "--kind", "demo", "-C", "/etc/hostname", "x"], 2, "'/etc/hostname' is not a folder", ""),
    (["spawn", "--kind", "demo", "-C", "~nobody-of-that-name", "x"], 2, "cannot be a folder", "tmuxagents help spawn"),
    (["spawn", "--kind", "demo", "-C", "a" * 5000, "x"], 2, "cannot be a folder", "tmuxagents help spawn"),
    (["--state-dir", "~nobody-of-that-name", "ls"], 1, "state directory", "help environment"),
    (["spawn", "--kind", "demo", "   "], 2, "the task is empty", "tmuxagents spawn"),
    (["spawn", "--kind", "gemini", "x"], 2, "no kind 'gemini': claude, command, demo", "tmuxagents spawn --help"),
    (["spawn", "--kind", "command"], 2, "needs a program", "--help"),
    (["spawn", "--kind", "command", "--", "no-such-program"], 1, "'no-such-program' is not on the PATH", "command -v"),
    (["spawn", "--kind", "command", "--", "/etc/passwd"], 1, "'/etc/passwd' is not executable", "ls -ld '/etc/passwd'"),
    (["spawn", "--kind", "command", "--", "/etc/"], 1, "'/etc' is a folder", "ls -ld '/etc'"),
    (["spawn", "--kind", "command", "--", "/etc/no"], 1, "'/etc/no' does not exist", "ls -ld '/etc'"),
    (["spawn", "--kind", "demo", "-C", "/no/such\nfolder", "x"], 2, "not exist", r"mkdir -p $'/no/such\x0afolder'"),
    (["spawn", "--kind", "demo", "--timeout", "soon", "x"], 2, "'soon' is not a duration", "--help"),
    (["spawn", "--kind", "demo", "--each", "/no/such", "x"], 2, "'/no/such'", "ls -l"),
    (["spawn", "--kind", "demo", "--each", "/dev/null"], 2, "holds no task: one a line", "tmuxagents spawn --help"),
    (["spawn", "--kind", "demo", "--env", "my-key=secret", "x"], 2, "'my-key' is not a variable's name", "--help"),
    (["spawn", "--kind", "demo", "--env", "=secret", "x"], 2, "'' is not a variable's name", "--help"),
    (["spawn", "--kind", "demo", "--env", "sk-secret-4711", "x"], 2, "NAME=VALUE", "--help"),
    (["spawn", "--kind", "demo", "--profile", "none", "x"], 2, "there is no profile 'none'", "tmuxagents help config"),
    (["spawn", "--kind", "demo", "--profile", "", "x"], 2, "there is no profile ''", "tmuxagents help config"),
    (["config", "frob"], 2, "frob", "tmuxagents config --help"),
    (["config", "get"], 2, "KEY", "tmuxagents config get --help"),
    (["config", "get", "modle"], 2, "no setting 'modle'; did you mean 'model'?", "tmuxagents config"),
    (["config", "set", "modle", "x"], 2, "no setting 'modle'; did you mean 'model'?", "tmuxagents config"),
    (["config", "set", "timeout", "soon"], 2, "'timeout' must be a duration", "2h"),
    (["config", "set", "env.TOKEN", "secret", "secret"], 2, "'env.TOKEN' takes one value", "help config"),
    (["config", "-C", "/no/such/folder"], 2, "'/no/such/folder' does not exist", "mkdir -p"),
    (["trust"], 1, "is in no git repository", "tmuxagents trust DIR"),
    (["trust", "/no/such/folder"], 2, "'/no/such/folder' does not exist", "mkdir -p"),
    (["trust", "--list", "--revoke"], 2, "give one of", "tmuxagents trust --help"),
    (["trust", "--revoke"], 1, "there is no consent for", "tmuxagents trust --list"),
    (["controller", "frob"], 2, "frob", "tmuxagents controller --help"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "code", "words", "hint"), BAD, ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else None
)
def test_bad_input_is_one_line_a_hint_an_exit_code_and_changes_nothing(
    team: Fleet, argv: list[str], code: int, words: str, hint: str
) -> None:
    before = everything(team)

    ran = team(*argv)

    assert everything(team) == before
    # `say` answers with its verdict, which is the first line; `wait` tells meanwhile who needs the person.
    verdict = [f"tmuxagents: {row}" for row in ran.out.splitlines()] if (argv[0], code) == ("say", 3) else []
    lines = ran.err.splitlines()[-2:] if argv[0] == "wait" else [*verdict, *ran.err.splitlines()]
    assert ran.code == code
    assert verdict or ran.out == ""
    assert len(lines) == 2, ran.err
    assert lines[0].startswith("tmuxagents: ")
    assert words in lines[0]
    assert lines[1].startswith("hint: ")
    assert hint in lines[1]
    assert "secret" not in ran.err


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"say: x\n\xff\xfe", "is not UTF-8: byte 0xff in line 2 at 1"),
        (b"\x7fELF\x01\x00", "is not text: byte 0x00 in line 1 at 6"),
        ("\u00e4h \u00fc".encode("latin-1"), "is not UTF-8: byte 0xe4 in line 1 at 1"),
        ("h\u00fc".encode("utf-16"), "is not UTF-8: byte 0xff in line 1 at 1"),
        ("h\u00fc".encode()[:-1], "is not UTF-8: byte 0xc3 in line 1 at 2"),
    ],
)
def test_of_a_file_that_is_no_text_nothing_is_sent(team: Fleet, raw: bytes, words: str) -> None:
    before, file = everything(team), team.root / "it's.dat"
    file.write_bytes(raw)

    for argv in (["say", "idle-1", "--file"], ["spawn", "--kind", "demo", "--each"]):
        ran = team(*argv, str(file))

        assert (ran.code, ran.out) == (2, "")
        assert ran.err.splitlines()[0] == f"tmuxagents: '{file}' {words}"
        assert ran.err.splitlines()[1].startswith("hint: iconv -f LATIN1 -t UTF-8 '")
    assert everything(team) == before


def test_that_control_characters_are_left_out_of_a_text_is_said(team: Fleet) -> None:
    ran = team("say", "nobody", "--when-idle", "a\x1b[31mred")

    assert ran.err.startswith("tmuxagents: the control characters of the text are left out\n")
    assert "left out" not in team("say", "nobody", "--when-idle", "a\r\n\tb é").err


@pytest.mark.parametrize("argv", [["say", "idle-1"], ["say", "idle-1", "-"], ["spawn", "-"], ["spawn", "--each", "-"]])
def test_of_an_input_that_is_no_text_nothing_is_sent(team: Fleet, argv: list[str]) -> None:
    before = everything(team)

    ran = team(*argv, stdin=ODD)

    assert (ran.code, ran.out) == (2, "")
    assert f"standard input {PLACE}" in ran.err
    assert everything(team) == before


def test_what_the_verdict_says_is_not_said_again_beside_it(team: Fleet) -> None:
    ran, told = team("say", "needy-1", "hello"), team("say", "needy-1", "hello", "--json")
    waited = team("say", "--wait", "over-1", "hello")

    assert ran.out.startswith("refused: needy-1 (a dialog is open: Write(src/a.rs), ")
    assert ran.err == "hint: tmuxagents approve needy-1\n"
    assert told.code == waited.code == 3
    assert waited.err.count("over-1 is ended") == 1


def test_of_several_that_are_refused_each_is_told_once(team: Fleet) -> None:
    ran = team("approve", "idle-1", "over-1")

    assert (ran.code, ran.out) == (3, "")
    assert [line.partition(": ")[0] for line in ran.err.splitlines()] == ["tmuxagents", "tmuxagents", "hint"]
    assert ran.err.count("no dialog is open in idle-1") == 1


def test_approve_of_a_question_names_the_choices_and_the_command_that_takes_one(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "--name", "db", "question: Which? | Maria | SQLite", "--", "--speed", "0")
    fleet.wait_state("db", "waiting")

    for ran in (fleet("approve", "db"), fleet("answer", "db")):
        assert "1 Maria · 2 SQLite" in ran.err
        assert ran.err.endswith("hint: tmuxagents answer db CHOICE\n")
    assert fleet.agent("db")["state"] == "waiting"


def test_without_claude_spawn_says_how_to_install_it(team: Fleet) -> None:
    folder = team.root / "path"
    folder.mkdir(exist_ok=True)
    (folder / "tmux").symlink_to("/usr/bin/tmux")

    ran = team("spawn", "--kind", "claude", "x", PATH=str(folder))

    assert ran.code == 1
    assert "'claude' is not on the PATH" in ran.err
    assert "hint: npm install -g @anthropic-ai/claude-code" in ran.err


def test_without_tmux_every_command_that_needs_it_says_how_to_install_it(root: Path) -> None:
    fleet = fleets.make(root)
    (root / "path").mkdir()

    ran = fleet("spawn", "--kind", "demo", "x", PATH=str(root / "path"))

    assert ran.code == 1
    assert "tmux is not installed" in ran.err
    assert "install tmux" in ran.err.splitlines()[1]
    assert fleet.agents() == []


def test_a_folder_whose_name_is_no_text_is_refused(team: Fleet) -> None:
    folder = team.root.joinpath(b"odd\xff".decode("utf-8", "surrogateescape"))
    folder.mkdir(exist_ok=True)

    ran = team("spawn", "--kind", "demo", "-C", str(folder), "x")

    assert (ran.code, len(ran.err.splitlines())) == (2, 2)


def test_words_that_are_no_text_are_no_bug(team: Fleet) -> None:
    odd = b"odd\xff".decode("utf-8", "surrogateescape")

    assert team("search", odd).code == 1
    assert team("show", odd).code == 1
    assert team("tail", "--no-follow", "--grep", odd).code == 0


def test_a_state_directory_that_cannot_be_is_said(team: Fleet) -> None:
    ran = team("--state-dir", "/dev/null/x", "ls")

    assert (ran.code, ran.out) == (1, "")
    assert "'/dev/null/x' cannot be used" in ran.err


def test_a_setting_that_is_unknown_names_the_line(team: Fleet) -> None:
    config = team.root / "bad.toml"
    config.write_text("\nkinnd = 1\n")

    ran = team("spawn", "x", TMUXAGENTS_CONFIG=str(config))

    assert ran.code == 1
    assert "line 2: there is no setting 'kinnd'; did you mean 'kind'?" in ran.err
    assert "hint: tmuxagents config edit" in ran.err


def test_a_bug_is_70_with_a_report_that_keeps_the_words_of_the_command_to_itself(root: Path) -> None:
    fleet = fleets.make(root)
    fleet.ok("ls")
    with sqlite3.connect(fleet.state / "tmuxagents.db") as db:
        db.execute("DROP TABLE messages")
        db.execute("DROP TABLE journal")
    db.close()

    ran = fleet("search", "confidential")

    assert ran.code == 70
    assert len(ran.err.splitlines()) == 2
    reports = list((fleet.state / "bugs").iterdir())
    assert len(reports) == 1
    assert reports[0].stat().st_mode & 0o777 == 0o600
    assert "confidential" not in reports[0].read_text()


# JSON


def check(agent: dict[str, Any]) -> None:
    assert set(KEYS) <= set(agent)
    for key, kinds in KEYS.items():
        assert isinstance(agent[key], kinds), key
        assert not (kinds is int and isinstance(agent[key], bool))
    assert set(agent["usage"]) == USAGE
    assert RFC3339.fullmatch(agent["since"])


def test_ls_json_has_exactly_the_keys_of_the_contract(team: Fleet) -> None:
    answer = team.ok("ls", "--json").json

    assert set(answer) == {"v", "agents"}
    assert answer["v"] == 1
    assert len(answer["agents"]) == 3
    for agent in answer["agents"]:
        check(agent)
        assert set(agent) == set(KEYS)


def test_ls_puts_who_needs_you_first(team: Fleet) -> None:
    assert [agent["name"] for agent in team.agents()] == ["needy-1", "idle-1", "over-1"]
    assert team.ok("ls", "-q").out.split() == ["needy-1", "idle-1", "over-1"]


def test_the_pid_is_that_of_the_program_and_not_of_what_waits_for_its_end(team: Fleet) -> None:
    pid = team.agent("idle-1")["pid"]

    assert any("demo_agent" in word for word in psutil.Process(pid).cmdline())
    assert not any("starter.sh" in word for word in psutil.Process(pid).cmdline())


@pytest.mark.parametrize("ago", ["40000d", "1e300d", "999999999999"])
def test_a_time_that_is_very_long_ago_is_one(team: Fleet, ago: str) -> None:
    assert team.ok("tail", "--no-follow", "--since", ago).out == team.ok("tail", "--no-follow").out


def test_the_help_of_a_command_below_another_is_its_own(team: Fleet) -> None:
    assert team.ok("help", "config", "set").out == team.ok("config", "set", "--help").out
    assert '"permission:' in team.ok("help", "demo").out


def test_show_json_adds_the_evidence(team: Fleet) -> None:
    answer = team.ok("show", "needy-1", "--json").json

    (agent,) = answer["agents"]
    check(agent)
    assert set(agent) - set(KEYS) == {
        "evidence",
        "dialog",
        "states",
        "held",
        "screen",
        "worktree_trouble",
        "branched_off",
        "port",
        "resident_mb",
        "removed",
    }
    wanted = {"needs": "permission", "what": "Write(src/a.rs)", "choices": ["Yes", "No"]}
    assert re.fullmatch(r"[0-9a-f]{10}", agent["dialog"]["id"])
    assert agent["dialog"] == {**wanted, "about": "", "descriptions": [], "id": agent["dialog"]["id"]}
    assert all(set(one) == {"at", "state", "evidence"} for one in agent["states"])


def test_tail_json_is_an_object_a_line(team: Fleet) -> None:
    entries = team.entries()

    keys = {"v", "seq", "at", "agent", "id", "generation", "kind", "text", "detail"}
    assert all(set(entry) == keys for entry in entries)
    assert [entry["seq"] for entry in entries] == sorted(entry["seq"] for entry in entries)
    assert all(RFC3339.fullmatch(entry["at"]) for entry in entries)


def test_say_json_says_what_became_of_it(team: Fleet) -> None:
    ran = team("say", "needy-1", "--json", "hello")

    assert ran.code == 3
    (result,) = ran.json["results"]
    assert set(ran.json) == {"v", "results"}
    assert set(result) == {"agent", "verdict", "evidence", "ms"}
    assert (result["agent"], result["verdict"]) == ("needy-1", "refused")
    assert isinstance(result["ms"], int)


def test_wait_json_is_the_agents(team: Fleet) -> None:
    answer = team.ok("wait", "idle-1", "--json").json

    assert [agent["name"] for agent in answer["agents"]] == ["idle-1"]
    check(answer["agents"][0])


def test_search_json_is_entries(team: Fleet) -> None:
    found = [json.loads(line) for line in team.ok("search", "hello", "--json").out.splitlines()]

    assert [(entry["agent"], entry["kind"]) for entry in found if entry["kind"] == "text"] == [("idle-1", "text")]


def test_controller_status_json(team: Fleet) -> None:
    assert team.ok("controller", "status", "--json").json == {"v": 1, "running": True, "stuck": False}


# Who is meant


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["all"], {"idle-1", "needy-1", "over-1"}),
        (["idle-1,over-1"], {"idle-1", "over-1"}),
        (["*-1"], {"idle-1", "needy-1", "over-1"}),
        (["idle-1", "needy-*"], {"idle-1", "needy-1"}),
    ],
)
def test_names_can_be_several_a_glob_or_all(team: Fleet, patterns: list[str], names: set[str]) -> None:
    assert {agent["name"] for agent in team.ok("ls", "--json", *patterns).json["agents"]} == names


def test_tail_of_some_is_of_them_alone(team: Fleet) -> None:
    assert {entry["agent"] for entry in team.entries("idle-1,over-1")} == {"idle-1", "over-1"}


# What reaches the terminal


@pytest.mark.parametrize(
    "argv",
    [
        ["tail", "--no-follow"],
        ["tail", "--no-follow", "-t"],
        ["ls"],
        ["show", "idle-1"],
        ["search", "before"],
        ["tail", "--no-follow", "--json"],
        ["ls", "--json"],
        ["show", "idle-1", "--json"],
        ["search", "before", "--json"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("color", ["", "1"], ids=["plain", "colour"])
def test_nothing_that_an_agent_printed_can_act_on_the_terminal(team: Fleet, argv: list[str], color: str) -> None:
    ran = team.ok(*argv, **({"FORCE_COLOR": "1"} if color else {}))

    shown = SGR.sub("", ran.out) if color else ran.out
    assert "HOSTILE" in ran.out or argv[0] == "ls"
    assert CONTROL.findall(shown) == []
    assert CONTROL.findall(ran.err) == []


@pytest.mark.parametrize("argv", [["ls"], ["tail", "--no-follow"]], ids=" ".join)
def test_colour_follows_the_environment(team: Fleet, argv: list[str]) -> None:
    assert not SGR.search(team.ok(*argv).out)
    assert SGR.search(team.ok(*argv, FORCE_COLOR="1").out)
    assert not SGR.search(team.ok(*argv, FORCE_COLOR="1", NO_COLOR="1").out)


def test_tail_shows_each_kind_of_entry_as_designed(team: Fleet) -> None:
    out = team.ok("tail", "--no-follow", "needy-1").out

    assert "  Spawned needy-1: say: first" in out
    assert "[needy-1] first" in out
    assert "[needy-1] needs permission: Write(src/a.rs)   tmuxagents approve needy-1" in out


def test_only_and_grep_choose_entries(team: Fleet) -> None:
    assert {entry["kind"] for entry in team.entries("--only", "text,needs")} == {"text", "needs"}
    assert [entry["text"] for entry in team.entries("--grep", "^hel+o$")] == ["hello"]
    assert len(team.entries("-n", "2")) == 2


def test_a_reader_that_has_read_enough_is_no_error(team: Fleet) -> None:
    import subprocess

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", '"$@" | head -1', "sh", *team.argv("tail", "--no-follow")],
        capture_output=True,
        text=True,
        env=team.env,
        check=False,
    )

    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")
