"""What a short command does not need it does not import: imports are three quarters of its time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.fleet import Fleet
from tests.support.repository import repository

HEAVY = ["rich", "prompt_toolkit", "textual", "libtmux", "psutil", "platformdirs", "asyncio"]
HEAVY += ["jinja2", "ruamel", "jsonschema"]
# `typing.io` and `typing.re` are classes until 3.12.
BY_PYTHON = {"__main__", "typing.io", "typing.re"}
RUN = """
import sys
from tmuxagents.__main__ import main
code = main()
sys.stdout.flush()
import json
from types import ModuleType
planted = [name for name, module in sys.modules.items() if type(module) is not ModuleType or module.__spec__ is None]
print(json.dumps([sorted(sys.modules), planted]), file=sys.stderr)
sys.exit(code)
"""


def modules(fleet: Fleet, *argv: str) -> set[str]:
    """The top-level modules that a command had imported when it ended."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *argv], env=fleet.env, cwd=fleet.work, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found, planted = json.loads(done.stderr.splitlines()[-1])
    assert set(planted) <= BY_PYTHON, "a stand-in for a module was planted"
    return {name.split(".")[0] for name in found}


@pytest.mark.parametrize(
    "argv", [["ls"], ["ls", "--json"], ["tail", "--no-follow"], ["say", "agent-1", "say: more"]], ids=" ".join
)
def test_the_commands_of_every_day_import_nothing_heavy(fleet: Fleet, argv: list[str]) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)

    assert modules(fleet, "--state-dir", str(fleet.state), *argv) & set(HEAVY) == set()


def test_a_task_that_is_given_imports_nothing_of_the_editors(fleet: Fleet) -> None:
    # `say` cannot be asked: what wakes it imports `tempfile` through ctypes.
    used = modules(fleet, "spawn", "--kind", "demo", "say: x", "--", "--speed", "0")

    assert used & {"tempfile", "shutil", "bz2", "lzma", "psutil"} == set()


def test_ls_without_a_controller_imports_nothing_heavy(fleet: Fleet) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    fleet.ok("controller", "stop")

    assert modules(fleet, "ls") & set(HEAVY) == set()


@pytest.mark.parametrize("form", ["", "--json", "-q", "--summary"])
def test_a_plain_ls_imports_neither_click_nor_what_dataclasses_costs(fleet: Fleet, form: str) -> None:
    fleet.ok("spawn", "--kind", "demo", "say: hello", "--", "--speed", "0")
    fleet.wait_for("agent-1", lambda agent: agent["turns"] == 1)

    assert modules(fleet, "ls", *form.split()) & {"click", "dataclasses", "inspect", *HEAVY} == set()


SPAWN = ["spawn", "--kind", "demo", "say: hello", "--", "--speed", "0"]


def test_spawn_reads_no_toml_where_there_is_no_file(fleet: Fleet) -> None:
    repository(fleet.work)

    assert modules(fleet, *SPAWN) & {"tomllib", "tomlkit"} == set()


def test_spawn_reads_settings_without_what_keeps_their_comments(fleet: Fleet) -> None:
    (fleet.home / "config.toml").write_text('model = "x"\n')
    repository(fleet.work, 'timeout = "1h"\n')

    assert modules(fleet, *SPAWN) & {"tomllib", "tomlkit"} == {"tomllib"}


@pytest.mark.parametrize("argv", [["ls"], ["tail", "--no-follow"], ["show", "agent-1"]], ids=" ".join)
def test_who_only_asks_reads_no_settings_of_spawn(fleet: Fleet, argv: list[str]) -> None:
    (fleet.home / "config.toml").write_text("= wrong")
    repository(fleet.work, "= wrong")
    fleet.ok(*SPAWN, TMUXAGENTS_CONFIG=str(fleet.home / "none.toml"))

    assert modules(fleet, *argv) & {"tomllib", "tomlkit"} == set()


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_imports_no_click(fleet: Fleet, option: str) -> None:
    assert modules(fleet, option) & {"click", *HEAVY} == set()


def test_no_command_imports_asyncio_or_rich_to_show_help(fleet: Fleet) -> None:
    assert modules(fleet, "--help") & set(HEAVY) == set()
