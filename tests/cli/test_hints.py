"""Every hint may be pasted into a shell as it stands: it does what it says and nothing else."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import tmuxagents
from tmuxagents.cli.main import root

PACKAGE = Path(tmuxagents.__file__).parent
KNOWN = (
    "tmuxagents",
    "apt-get",
    "brew",
    "pip",
    "df",
    "ls",
    "chmod",
    "kill",
    "mkdir",
    "rm",
    "fuser",
    "vi",
    "cd",
    "export",
    "git",
    "gh",
    "mv",
)
"""What a hint begins with when it is a command; every other one is words or an option."""

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
        case ast.Call(function, [_, otherwise]) if ast.unparse(function).endswith("did_you_mean"):
            return _text(otherwise)
        case _:
            return None


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    # A path is quoted by `word` and may hold anything.
    return "'/a b;c'" if ast.unparse(part.value).startswith("word(") else "agent-1"


def _hints() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "way_back":
                for text in filter(None, map(_text, _returned(node))):
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text
            if not isinstance(node, ast.Call):
                continue
            hints = [given.value for given in node.keywords if given.arg in ("hint", "mend")]
            # What `doctor` says mends a finding.
            hints += node.args[3:] if ast.unparse(node.func) == "Finding" else []
            for text in filter(None, map(_text, hints)):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


def _returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]


HINTS = list(_hints())
COMMANDS = [(where, text) for where, text in HINTS if text.split()[0] in KNOWN]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recorders: each program of `KNOWN` notes what it is run with, and does nothing."""
    folder = tmp_path_factory.mktemp("recorders")
    for name in set(KNOWN) - {"cd", "export"}:
        (folder / name).write_text(f'#!/bin/sh\nprintf "%s\\037" {name} "$@" >> "$RECORD"\nprintf "\\n" >> "$RECORD"\n')
        (folder / name).chmod(0o755)
    return folder


def _ran(text: str, sandbox: Path, work: Path) -> list[list[str]]:
    record = work / "record"
    subprocess.run(
        ["/bin/bash", "-c", text],
        cwd=work,
        env={"PATH": str(sandbox), "RECORD": str(record)},
        capture_output=True,
        check=False,
    )
    assert [entry.name for entry in work.iterdir() if entry != record] == [], "a file was made"
    return [row.split("\x1f")[:-1] for row in record.read_text().splitlines()] if record.exists() else []


def test_what_was_probably_meant_is_said_in_one_way() -> None:
    says = [path.name for path in PACKAGE.rglob("*.py") if "did you mean '" in path.read_text().lower()]

    assert says == ["names.py"]


def test_there_are_many() -> None:
    assert len(COMMANDS) > 60


@pytest.mark.parametrize(("where", "text"), COMMANDS, ids=[where for where, _ in COMMANDS])
def test_a_command_runs_as_what_it_says(where: str, text: str, sandbox: Path, tmp_path: Path) -> None:
    commands = _ran(text, sandbox, tmp_path)

    assert len(commands) == (
        0 if text.split()[0] in ("cd", "export", "tmux", "loginctl", "du") else text.count(";") - text.count("b;c") + 1
    )
    for argv in commands:
        assert not any("…" in each or each in ("or", "and", "if", "to", "who", "shows") for each in argv)
        if argv[0] == "tmuxagents":
            _is_understood(argv[1:])


def _is_understood(argv: list[str]) -> None:
    """The command line parses, and carries no text of the hint's own to an agent."""
    parent = click.Context(root, info_name="tmuxagents")
    name, command, rest = root.resolve_command(parent, list(argv))
    assert name is not None
    assert command is not None
    with command.make_context(name, list(rest), parent=parent) as context:
        texts = [context.params.get(key) for key in ("text", "tasks", "choice", "texts")]
    if name in DELIVERS:
        given = [each for value in texts for each in (value or ())]
        assert all(name == "answer" and STAND_INS.match(each) for each in given), "it would be said to an agent"


@pytest.mark.parametrize(
    ("where", "text"), [each for each in HINTS if each not in COMMANDS], ids=lambda each: str(each)[:40]
)
def test_words_run_nothing(where: str, text: str, sandbox: Path, tmp_path: Path) -> None:
    assert os.path.basename(text.split()[0]) not in KNOWN
    assert _ran(text, sandbox, tmp_path) == []
