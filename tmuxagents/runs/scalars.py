"""Read one text, number or word of a manifest: of the right type, within its bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tmuxagents import clock, names
from tmuxagents.model.manifest import Place
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.keys import Key
from tmuxagents.runs.nodes import Fault, Node

Read = Callable[[Node, str, Key], Any]

LONGEST_ID = 24
"""An agent is called `run-1234-ID-12345`, and 40 characters are the most."""


def text_of(node: Node, name: str, key: Key, *, of: str = "") -> str:
    """Any text; `of` begins what is wrong with it."""
    if not isinstance(node.value, str):
        raise Fault(node.place, f"{of}'{name}' must be a text{_quote(node)}")
    if "\0" in node.value:
        raise Fault(node.place, f"'{name}' holds a NUL character")
    return node.value


def _quote(node: Node) -> str:
    scalar = node.value is not None and not isinstance(node.value, dict | tuple)
    return f': write "{cut(node.raw)}"' if scalar and '"' not in node.raw else ""


def _prompt(node: Node, name: str, key: Key, *, of: str = "") -> str:
    text = text_of(node, name, key, of=of)
    if not text.strip():
        raise Fault(node.place, f"'{name}' is empty")
    return text


def line_of(node: Node, name: str, key: Key, *, of: str = "") -> str:
    """A text of one line that is not empty."""
    text = _prompt(node, name, key, of=of)
    if len(text.splitlines()) > 1 or len(text) > 4096:
        raise Fault(node.place, f"'{name}' must be one line")
    if any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in text.rstrip("\n")):
        raise Fault(node.place, f"'{name}' holds a control character")
    return text


def _id(node: Node, name: str, key: Key) -> str:
    text = line_of(node, name, key)
    check_id(text, node.place)
    return text


def check_id(text: str, place: Place) -> None:
    """An id is part of a name of an agent."""
    if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", text) and len(text) <= LONGEST_ID:
        return
    why = f"at most {LONGEST_ID} characters" if len(text) > LONGEST_ID else "use a-z, 0-9 and single hyphens"
    better = names.suggest(text)[:LONGEST_ID].strip("-")
    raise Fault(place, f"'{cut(text)}' cannot be an id: {why}; '{better}' can")


def _switch(node: Node, name: str, key: Key) -> bool:
    if not isinstance(node.value, bool):
        raise Fault(node.place, f"'{name}' must be true or false")
    return node.value


def _count(node: Node, name: str, key: Key) -> int:
    if type(node.value) is not int or not key.low <= node.value <= key.high:
        raise Fault(node.place, f"'{name}' must be a whole number from {key.low:,.0f} to {key.high:,.0f}")
    return node.value


def _money(node: Node, name: str, key: Key) -> float:
    if type(node.value) not in (int, float) or not 0 < node.value <= key.high:
        raise Fault(node.place, f"'{name}' must be dollars: a number above 0, such as 0.50")
    return float(node.value)


def _duration(node: Node, name: str, key: Key) -> float:
    try:
        seconds = clock.duration(str(node.value)) if type(node.value) in (int, float, str) else 0.0
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise Fault(node.place, f"'{name}' must be a time above 0, such as 90s, 20m or 2h")
    return seconds


def _choice(node: Node, name: str, key: Key) -> str:
    if node.value not in key.choices:
        meant = names.nearest(node.value, key.choices) if isinstance(node.value, str) else None
        raise Fault(node.place, f"'{name}' must be {' or '.join(key.choices)}{names.did_you_mean(meant)}")
    return str(node.value)


def _worktree(node: Node, name: str, key: Key) -> bool | str:
    if isinstance(node.value, bool):
        return node.value
    if not isinstance(node.value, str) or not node.value.strip():
        raise Fault(node.place, f"'{name}' must be true, false or the name of a branch")
    return line_of(node, name, key)


READ: Mapping[str, Read] = {
    "prompt": _prompt,
    "line": line_of,
    "id": _id,
    "switch": _switch,
    "count": _count,
    "money": _money,
    "duration": _duration,
    "choice": _choice,
    "worktree": _worktree,
}
