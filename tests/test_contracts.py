"""Each import contract of pyproject.toml notices what it forbids: broken on purpose in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.matrix import every

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PACKAGE = "tmuxagents"
LINT = Path(sys.executable).with_name("lint-imports")

CONTRACTS: Mapping[str, str] = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

Breach = tuple[str, str]
"""Who imports, and what."""

# None of them breaks a second contract: `kinds` below `drivers` would break the layers as well as the door.
BREACHES: Mapping[str, Sequence[Breach]] = {
    "layers": [
        ("errors", "tmuxagents.model.decision"),
        ("model.decision", "tmuxagents.output.widths"),
        ("kinds.choices", "tmuxagents.drivers.disk"),
        ("output.widths", "tmuxagents.store.sources"),
        ("drivers.disk", "tmuxagents.demo_agent"),
        ("store.sources", "tmuxagents.services"),
        ("services.app", "tmuxagents.tui.chat"),
        ("chat.gate", "tmuxagents.services.app"),
        ("tui.chat.front", "tmuxagents.cli.words"),
    ],
    "ladder": [
        ("services.app", "tmuxagents.services.settings"),
        ("services.settings.consents", "tmuxagents.services.server"),
        ("services.server.panes", "tmuxagents.services.ingest"),
        ("services.ingest.readers", "tmuxagents.services.worktrees"),
        ("services.worktrees.trash", "tmuxagents.services.fleet"),
        ("services.fleet.lost", "tmuxagents.services.talk"),
        ("services.talk.say", "tmuxagents.services.lifecycle"),
        ("services.lifecycle.stop", "tmuxagents.services.controller"),
        ("services.controller.loop", "tmuxagents.services.repair"),
        ("services.repair.doctor", "tmuxagents.services.demo"),
    ],
    "pure": [
        ("kinds.choices", "subprocess"),
        ("kinds.claude.hooks", "select"),
        ("output.widths", "socket"),
        ("output.rendering", "termios"),
        ("model.decision", "select"),
    ],
    "door": [
        ("services.talk.say", "tmuxagents.kinds.claude"),
        ("services.app", "tmuxagents.kinds.command"),
        ("cli.main", "tmuxagents.kinds.demo"),
    ],
    "libtmux": [("drivers.disk", "libtmux"), ("services.app", "libtmux")],
    "sqlite3": [("services.app", "sqlite3"), ("drivers.disk", "sqlite3")],
    "click": [("services.app", "click"), ("config", "click")],
    "rich": [("services.app", "rich"), ("output.rendering", "rich.text")],
    "textual": [("services.app", "textual"), ("cli.main", "textual.widgets"), ("output.widths", "textual")],
    "psutil": [("services.app", "psutil"), ("cli.main", "psutil")],
    "tomlkit": [("settings.spawn", "tomlkit"), ("config", "tomlkit")],
    "jinja2": [("runs.words", "jinja2")],
    "ruamel": [("settings.lines", "ruamel.yaml")],
    "jsonschema": [("runs.words", "jsonschema"), ("runs.sandbox", "referencing")],
    "chat": [("chat.line", "tmuxagents.drivers.disk"), ("chat.focus", "tmuxagents.store.sources")],
    "prompt_toolkit": [("chat.gate", "prompt_toolkit"), ("cli.main", "prompt_toolkit")],
    "inotify_simple": [("services.app", "inotify_simple")],
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts, to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def report(folder: Path) -> str:
    """What `make contracts` prints there."""
    argv = [str(LINT), "--no-logo", "--no-cache"]
    env = {**os.environ, "COLUMNS": "400", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False).stdout


def told(printed: str, word: str) -> set[str]:
    """The names of the contracts that are said to be KEPT, or BROKEN."""
    return set(re.findall(rf"^(.+?) {word}\b", printed, re.MULTILINE))


def plant(folder: Path, importer: str, imported: str) -> None:
    """Have a module import something more."""
    path = folder.joinpath(PACKAGE, *importer.split(".")).with_suffix(".py")
    path.write_text(f"{path.read_text()}\n\nimport {imported}\n")


def test_all_contracts_are_kept_by_what_is_there(copy: Path) -> None:
    assert told(report(copy), "KEPT") == set(CONTRACTS.values())


@pytest.mark.parametrize("contract", every(5, CONTRACTS))
def test_what_a_contract_forbids_breaks_it_and_no_other(copy: Path, contract: str) -> None:
    assert contract in BREACHES, f"say in BREACHES what breaks the contract '{contract}'"

    for importer, imported in BREACHES[contract]:
        plant(copy, importer, imported)
    printed = report(copy)

    assert told(printed, "BROKEN") == {CONTRACTS[contract]}
    for importer, imported in BREACHES[contract]:
        # A package outside is one name to the linter, whatever is taken from it.
        known = imported if imported.startswith(PACKAGE) else imported.partition(".")[0]
        assert f"{PACKAGE}.{importer} -> {known} (l." in printed


@pytest.mark.parametrize(("contract", "added"), [("layers", "new.py"), ("ladder", "services/new/__init__.py")])
def test_what_is_new_is_given_a_layer(copy: Path, contract: str, added: str) -> None:
    path = copy / PACKAGE / added
    path.parent.mkdir(exist_ok=True)
    path.write_text('"""New."""\n')

    assert told(report(copy), "BROKEN") == {CONTRACTS[contract]}
