"""A tool call in one line: `Read: src/routes/api.rs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The argument that says what a call is about, by what tools call it, most telling first.
_TELLING = (
    "file_path",
    "notebook_path",
    "command",
    "pattern",
    "url",
    "query",
    "skill",
    "description",
    "prompt",
    "path",
    "plan",
)


def target(arguments: Mapping[str, Any], folder: str = "") -> str:
    """What the call is about; a path below `folder` is shown relative to it."""
    questions = arguments.get("questions")
    if isinstance(questions, list) and questions and isinstance(questions[0], dict):
        return str(questions[0].get("question", ""))
    _, value = telling(arguments)
    line = " ".join(value.split())
    below = folder.rstrip("/") + "/"
    return line[len(below) :] if len(below) > 1 and line.startswith(below) else line


def telling(arguments: Mapping[str, Any]) -> tuple[str, str]:
    """The argument that says what the call is about, and its value as it is; both empty without one."""
    for key in _TELLING:
        value = arguments.get(key)
        if isinstance(value, str) and value.strip():
            return key, value
    return "", ""


def line(name: str, arguments: Mapping[str, Any], folder: str = "") -> str:
    """`Tool: target`, or the tool alone when nothing in its arguments tells."""
    about = target(arguments, folder)
    return f"{name}: {about[:300]}" if about else name


def call(name: str, arguments: Mapping[str, Any], folder: str = "") -> str:
    """`Tool(target)`, for a call that waits for permission."""
    about = target(arguments, folder)
    return f"{name}({about if len(about) <= 300 else f'{about[:299]}…'})"
