"""The help of every command: usage as it is, words for ranges, examples that work, topics, manual pages."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest

import tmuxagents
from tests.support.fleet import Fleet
from tmuxagents import config
from tmuxagents.cli import pages, topics
from tmuxagents.cli.main import GROUPS, VERBS, root
from tmuxagents.model.condition import State

ROOT = Path(__file__).parents[2]
PACKAGE = Path(tmuxagents.__file__).parent
READ = re.compile(r"""environ(?:\.get\(|\[)"([A-Z_]+)\"""")


def command(verb: str) -> click.Command:
    found = root.get_command(click.Context(root), verb)
    assert found is not None
    return found


def helps(verb: str) -> Iterator[str]:
    """The help of a command and of what is below it."""
    top = command(verb)
    parent = click.Context(root, info_name="tmuxagents", **root.context_settings)
    yield top.get_help(click.Context(top, info_name=verb, parent=parent))
    for name, below in top.commands.items() if isinstance(top, click.Group) else ():
        yield below.get_help(click.Context(below, info_name=name, parent=parent))


@pytest.mark.parametrize("verb", VERBS)
def test_no_help_speaks_of_types(verb: str) -> None:
    for text in helps(verb):
        assert not re.search(r"INTEGER|FLOAT|RANGE|<=|>=", text), text


def test_no_line_that_says_what_a_command_does_is_cut() -> None:
    said = [
        below.get_short_help_str(45)
        for verb in VERBS
        if isinstance(top := command(verb), click.Group)
        for below in top.commands.values()
        if not below.hidden
    ]

    assert len(said) > 5
    assert [words for words in [*said, *VERBS.values()] if words.endswith("...") or len(words) > 60] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_an_example(verb: str) -> None:
    assert pages.EXAMPLES[verb]
    for line, does in pages.EXAMPLES[verb]:
        shown = next(helps(verb))
        assert line in shown
        assert does in shown


@pytest.mark.parametrize("line", [line for verb in VERBS for line, _ in pages.EXAMPLES[verb]])
def test_every_example_is_understood(line: str) -> None:
    # What is behind a redirection is the shell's.
    program, verb, *args = shlex.split(re.split(" [<>] ", line)[0])

    found = command(verb)
    ctx = found.make_context(verb, args, parent=click.Context(root, info_name="tmuxagents"))
    if isinstance(found, click.Group) and ctx._protected_args:
        name, below, rest = found.resolve_command(ctx, [*ctx._protected_args, *ctx.args])
        assert below is not None
        below.make_context(name, rest, parent=ctx)
    assert program == "tmuxagents"


def test_a_name_that_may_be_left_out_or_repeated_stands_so(fleet: Fleet) -> None:
    assert fleet.ok("ls", "--help").out.startswith("Usage: tmuxagents ls [OPTIONS] [NAME]...\n")
    assert fleet.ok("stop", "--help").out.startswith("Usage: tmuxagents stop [OPTIONS] NAME...\n")


def test_the_commands_are_grouped_by_what_one_wants_to_do(fleet: Fleet) -> None:
    out = fleet.ok("--help").out

    places = [out.index(f"\n{group}:\n") for group in GROUPS]
    assert places == sorted(places)
    assert len(VERBS) == sum(map(len, GROUPS.values()))


@pytest.mark.parametrize("verb", pages.RELATED)
def test_help_on_a_command_has_its_topic_too(fleet: Fleet, verb: str) -> None:
    out = fleet.ok("help", verb).out

    assert out.startswith(f"Usage: tmuxagents {verb} ")
    assert "Examples:" in out
    for topic in pages.RELATED[verb]:
        assert topics.TOPICS[topic].strip() in out


@pytest.mark.parametrize("verb", [None, *VERBS])
@pytest.mark.parametrize("width", [40, 80])
def test_help_is_no_wider_than_the_terminal_but_for_what_is_copied(fleet: Fleet, verb: str | None, width: int) -> None:
    out = fleet.ok(*([verb] if verb is not None else []), "--help", COLUMNS=str(width)).out

    copied = [line for line, _ in pages.EXAMPLES.get(verb or "", ())]
    assert [row for row in out.splitlines() if len(row) > width and row.strip() not in copied] == []
    assert [row for row in out.splitlines() if row != row.rstrip()] == []


def test_the_list_of_all_help_is_no_wider_than_the_terminal(fleet: Fleet) -> None:
    out = fleet.ok("help", COLUMNS="40").out

    assert [row for row in out.splitlines() if len(row) > 40] == []
    assert set(topics.TOPICS) <= set(out[out.index("Topics") :].replace(",", " ").split())


def test_a_topic_is_shown_as_it_is_meant_at_a_terminal_and_as_text_in_a_pipe(fleet: Fleet) -> None:
    read = fleet.ok("help", "states", COLUMNS="40", NO_COLOR="1").out
    painted = fleet.ok("help", "states", COLUMNS="40", FORCE_COLOR="1").out

    assert read.startswith("States\n")
    assert "• waiting: it needs you: permission," in read.splitlines()
    assert "\x1b[1mwaiting\x1b[0m: it needs you" in painted
    assert fleet.ok("help", "states").out == topics.TOPICS["states"].strip() + "\n"


def test_every_state_is_in_the_topic() -> None:
    assert [state for state in get_args(State) if f"**{state}**" not in topics.TOPICS["states"]] == []


def test_every_variable_that_is_read_is_in_the_topic() -> None:
    read = {name for file in PACKAGE.rglob("*.py") for name in READ.findall(file.read_text())}

    assert len(read) > 10
    assert {name for name in read if name not in topics.TOPICS["environment"]} == set()


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, as the wheel brings them."""
    folder = tmp_path_factory.mktemp("man")
    subprocess.run([sys.executable, str(ROOT / "contrib" / "man.py"), str(folder)], check=True, cwd=ROOT)
    return folder


def test_the_least_and_the_most_of_a_setting_are_in_its_help() -> None:
    said = [
        row
        for key, (least, most) in config._LIMITS.items()
        for row in topics.TOPICS["config"].splitlines()
        if row.strip().startswith(f"{key} = ") and f"({least:g} to {most:.0f})" in row
    ]
    assert len(said) == len(config._LIMITS)


def test_every_command_has_a_manual_page(manual: Path) -> None:
    pages_ = {page.name for page in manual.iterdir()}

    assert pages_ == {"tmuxagents.1", *(f"tmuxagents-{verb}.1" for verb in VERBS)}


@pytest.mark.skipif(shutil.which("man") is None, reason="there is no man to read them")
@pytest.mark.parametrize("name", ["tmuxagents", "tmuxagents-ls", "tmuxagents-config"])
def test_man_reads_the_pages_without_a_warning(manual: Path, name: str) -> None:
    done = subprocess.run(
        ["man", "--warnings=w", "-l", str(manual / f"{name}.1")],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": "100", "MANROFFOPT": "-c", "MANPAGER": "cat"},
    )
    plain = re.sub(r".\x08", "", done.stdout)

    assert "warning" not in done.stderr
    assert "SYNOPSIS" in plain
    assert "tmuxagents" in plain
