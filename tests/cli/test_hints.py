"""Every hint may be pasted into a shell as it stands: it does what it says and nothing else."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

import tmuxagents
from tmuxagents.cli.main import root
from tmuxagents.errors import word
from tmuxagents.output.safe_text import one_line

PACKAGE = Path(tmuxagents.__file__).parent
_PROGRAMS = """tmuxagents apt-get brew cat cd chmod command df du export fuser gh git iconv kill loginctl ls mkdir mv
npm pip python3 rm ss tail tmux vi"""
KNOWN = frozenset(_PROGRAMS.split())
"""The programs that a hint may begin with: every hint is a command. What is none belongs to the message."""

BUILT_IN = {"cd", "export", "kill", "command"}
"""What the shell does itself."""

DELIVERS = {"say", "spawn", "deny", "answer"}
"""What carries a text to an agent: a hint must hold none."""

STAND_INS = re.compile(r"[A-Z]+\Z")


def _text(node: ast.expr) -> str | None:
    """The hint that an expression makes, `agent-1` in place of what it is filled with; None for a variable."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(_part(part) for part in parts)
        case ast.IfExp(_, body, _):
            return _text(body)
        case ast.BoolOp(_, values):
            return _text(values[-1])
        case _:
            return None


COMMAND_PATHS = {
    "command": "tmuxagents say",
    "ctx.command_path": "tmuxagents",
    "known": "tmuxagents ls",
    "again": "tmuxagents trust '/a b;c'",
    "linger": "loginctl enable-linger me",
    "old": "tmux -S '/a b;c'",
}
"""What is filled in where a command begins with it."""


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    # A path is quoted by `word` and may hold anything.
    filled = ast.unparse(part.value)
    return COMMAND_PATHS.get(filled, "'/a b;c'" if filled.startswith("word(") else "agent-1")


WAYS = {"way_back", "way_on", "start_hint", "_way_to", "_after_its_end"}
"""Functions that return hints."""


def _hints() -> Iterator[tuple[str, str]]:
    may = re.compile("|".join(["hint", "mend", "remark", "Finding", *WAYS]))
    for path in sorted(PACKAGE.rglob("*.py")):
        # Each process that runs tests reads the source: a file without one of these words holds no hint.
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if may.search(source) else ():
            if not isinstance(node, (ast.FunctionDef, ast.Assign, ast.Call)):
                continue
            for text in filter(None, map(_text, _either(_given(node)))):
                yield f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}", text


def _given(node: ast.AST) -> Iterator[ast.expr]:
    """What that part of the source makes a hint."""
    match node:
        case ast.FunctionDef(name=name) if name in WAYS:
            yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)
        case ast.Assign([ast.Name("hint")], value):
            yield value
        case ast.Call(ast.Name("Finding"), arguments):
            # What `doctor` says mends a finding.
            yield from arguments[3:]
        case ast.Call(ast.Attribute(attr="remark"), [_, hint]):
            yield hint
        case ast.Call(keywords=keywords):
            yield from (given.value for given in keywords if given.arg in ("hint", "mend"))


def _either(hints: Iterator[ast.expr]) -> Iterator[ast.expr]:
    for hint in hints:
        if isinstance(hint, ast.IfExp):
            yield from _either(iter([hint.body, hint.orelse]))
        else:
            yield hint


HINTS = list(_hints())

BY_FILE = {
    file: list(own)
    for file, own in itertools.groupby(HINTS, key=lambda hint: hint[0].rsplit(":", 1)[0].replace("/", "."))
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recorders: each program of `KNOWN` notes what it is run with, and does nothing."""
    folder = tmp_path_factory.mktemp("recorders")
    for name in KNOWN - BUILT_IN:
        (folder / name).write_text(f'#!/bin/sh\nprintf "%s\\037" {name} "$@" >> "$RECORD"\nprintf "\\n" >> "$RECORD"\n')
        (folder / name).chmod(0o755)
    return folder


_EACH_ALONE = """for text; do
    ( eval "$text" )
    printf "\036\n" >> "$RECORD"
done"""


def _ran(texts: Sequence[str], sandbox: Path, work: Path) -> list[list[list[str]]]:
    """What each of the texts runs in a shell of its own."""
    record = work / "record"
    subprocess.run(
        ["/bin/bash", "-c", _EACH_ALONE, "bash", *texts],
        cwd=work,
        env={"PATH": str(sandbox), "RECORD": str(record)},
        capture_output=True,
        check=False,
    )
    assert [entry.name for entry in work.iterdir() if entry != record] == [], "a file was made"
    parts = record.read_text().split("\x1e\n")[:-1]
    assert len(parts) == len(texts)
    return [[row.split("\x1f")[:-1] for row in part.splitlines()] for part in parts]


def test_what_was_probably_meant_is_said_in_one_way() -> None:
    says = [path.name for path in PACKAGE.rglob("*.py") if "did you mean '" in path.read_text().lower()]

    assert says == ["names.py"]


def test_there_are_many() -> None:
    assert len(HINTS) > 200


@pytest.mark.parametrize("file", BY_FILE)
def test_every_hint_of_a_file_is_a_command_and_runs_as_what_it_says(file: str, sandbox: Path, tmp_path: Path) -> None:
    texts = [text for _, text in BY_FILE[file]]

    for (where, text), commands in zip(BY_FILE[file], _ran(texts, sandbox, tmp_path), strict=True):
        assert text.split()[0] in KNOWN, f"{where}: what is no command belongs to the message"
        within = [part.split()[0] for part in text.replace("b;c", "b c").split(";")]
        assert [argv[0] for argv in commands] == [name for name in within if name not in BUILT_IN], where
        for argv in commands:
            assert not any("…" in each or each in ("or", "and", "if", "to", "who", "shows") for each in argv), where
            if argv[0] == "tmuxagents":
                _is_understood(argv[1:])


def _is_understood(argv: list[str]) -> None:
    """The command line parses, carries no text of the hint's own to an agent, and starts none."""
    parent = click.Context(root, info_name="tmuxagents")
    if argv[-1:] == ["--help"]:
        argv = argv[:-1]
        assert not argv or root.get_command(parent, argv[0]) is not None
        return
    name, command, rest = root.resolve_command(parent, list(argv))
    assert name is not None
    assert command is not None
    with command.make_context(name, list(rest), parent=parent) as context:
        texts = [context.params.get(key) for key in ("text", "tasks", "choice", "texts")]
        edits = context.params.get("edit")
    assert name != "spawn" or edits, "it would start an agent of another kind, without its task"
    if name in DELIVERS:
        given = [each for value in texts for each in (value or ())]
        assert all(name == "answer" and STAND_INS.match(each) for each in given), "it would be said to an agent"


@pytest.mark.parametrize(
    "text", ["/a b", "it's", '$HOME`x`"!*', "a\nb", "a\tb\x1b[2Jc", "'\n\\", "\u200b\u202e\xa0", "\x01f"]
)
def test_a_word_is_that_word_to_a_shell_and_is_shown_as_it_stands(text: str) -> None:
    quoted = word(text)

    said = subprocess.run(["bash", "-c", f"printf %s {quoted}"], capture_output=True, check=True).stdout
    assert said.decode() == text
    assert one_line(quoted, 300) == quoted
