"""What a person has to know of a tool call to give it leave: the command, the diff, the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tmuxagents.kinds.claude import tools
from tmuxagents.model import settling_key

LONGEST = 120
"""Rows that are kept; a person who needs more attaches."""

MOST = 48_000
"""Characters of all rows together: it stands in the journal."""


def about(name: str, arguments: Mapping[str, Any]) -> str:
    """With its line breaks and blanks; empty where the call's one line says all, to the character."""
    rows = [*_subject(name, arguments), *_rows(name, arguments)]
    kept, left = "\n".join(rows[:LONGEST]), len(rows) - LONGEST
    cut = [settling_key.left_out(len(kept) - MOST, "characters")] if len(kept) > MOST else []
    cut += [settling_key.left_out(left, "lines")] if left > 0 else []
    return "\n".join([kept[:MOST], *cut])


def _subject(name: str, arguments: Mapping[str, Any]) -> list[str]:
    """The file, or whatever it is about, where the one line shows it otherwise than it is."""
    key, value = tools.telling(arguments)
    if not key or name in ("Bash", "ExitPlanMode") or name.startswith("mcp__"):
        return []
    return [f"{key}: {value}"] if _is_altered(arguments, 300) else []


def _is_altered(arguments: Mapping[str, Any], limit: int) -> bool:
    """Whether one line of so many characters would say something else than what it is about."""
    _, value = tools.telling(arguments)
    return len(value) > limit or value != tools.target(arguments) or not value.isprintable()


def _rows(name: str, arguments: Mapping[str, Any]) -> Sequence[str]:
    match name:
        case "ExitPlanMode":
            return _lines(arguments, "plan")
        case "Bash":
            if not _is_altered(arguments, 100):
                return []
            return [*(f"# {row}" for row in _lines(arguments, "description")), *_lines(arguments, "command")]
        case "Write":
            return [f"+ {row}" for row in _lines(arguments, "content")]
        case "Edit":
            return list(_diff(arguments))
        case "MultiEdit":
            edits = arguments.get("edits")
            parts = (
                [list(_diff(edit)) for edit in edits if isinstance(edit, Mapping)] if isinstance(edits, list) else []
            )
            return [row for part in parts for row in part]
        case "NotebookEdit":
            return [f"+ {row}" for row in _lines(arguments, "new_source")]
        case _:
            return _others(arguments) if name.startswith("mcp__") else []


def _diff(arguments: Mapping[str, Any]) -> Iterator[str]:
    """The rows that go and come, with those beside them that stay."""
    import difflib

    before, after = _lines(arguments, "old_string"), _lines(arguments, "new_string")
    for row in difflib.unified_diff(before, after, lineterm="", n=2):
        if not row.startswith(("---", "+++", "@@")):
            yield f"{row[:1]} {row[1:]}"


def _others(arguments: Mapping[str, Any]) -> list[str]:
    """`key: value`, a row each; a value of several rows begins on its own."""
    rows: list[str] = []
    for key, value in arguments.items():
        parts = str(value).splitlines() or [""]
        rows += [f"{key}: {parts[0]}"] if len(parts) == 1 else [f"{key}:", *(f"  {part}" for part in parts)]
    return rows


def _lines(arguments: Mapping[str, Any], key: str) -> list[str]:
    value = arguments.get(key)
    # Not `splitlines`: it takes away what it divides at, a form feed too.
    return value.removesuffix("\n").split("\n") if isinstance(value, str) and value else []
