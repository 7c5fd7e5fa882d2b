"""A copy of the package that has what `CONTRIBUTING.md` says of additions: the kind `echo`, a channel of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import tmuxagents

PACKAGE = Path(tmuxagents.__file__).parent
HERE = Path(__file__).parent


def with_echo(root: Path, *, channel: str = "keyboard") -> Path:
    """A copy of the package in which the kind `echo` is: its folder, and one line of the registry. It declares
    the channel; `file` is there as well: its module, and one line of the registry of those."""
    package = root / "echo" / "tmuxagents"
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, package, ignore=leave)
    shutil.copytree(HERE / "echo_kind", package / "kinds" / "echo", ignore=leave)
    _replace(package / "kinds" / "echo" / "__init__.py", 'CHANNEL = "keyboard"', f'CHANNEL = "{channel}"')
    line = '    "demo": "the scripted agent",\n'
    _replace(package / "kinds" / "registry.py", line, line + '    "echo": "says what it hears",\n')
    if channel == "file":
        shutil.copy(HERE / "file_channel.py", package / "services" / "talk" / "file.py")
        registry, line = package / "services" / "talk" / "channels.py", '    "keyboard": keyboard,\n'
        _replace(registry, line, line + '    "file": file,\n')
        _replace(registry, "talk import keyboard\n", "talk import file, keyboard\n")
    return package.parent


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
