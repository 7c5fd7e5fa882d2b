"""Whether a tool call may change what it names: the program behind the hook `scope.sh`.

It is run by its path with `python -I -S -X utf8`, so that nothing in a folder that an agent works in is imported and it
ends in 20 ms, and says one line: `allowed`, or the answer that refuses. Whatever else it does counts as undecided
there, and what is undecided is refused.

    python -I -S -X utf8 scope_check.py TOP OWN GLOB... < PAYLOAD
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from tmuxagents.model import scope

_PATHS = ("file_path", "notebook_path")


def answer(payload: Mapping[str, Any], top: str, own: str, globs: Sequence[str]) -> str:
    """`allowed`, or what refuses the call. Raises where the payload names no path."""
    given = payload["tool_input"]
    named = [given[key] for key in _PATHS if key in given]
    if not named:
        raise ValueError("it names no path")
    wrong = next((path for path in named if not is_within(path, str(payload["cwd"]), top, own, globs)), None)
    if wrong is None:
        return "allowed"
    words = (
        f"'{_shown(wrong, top)}' is outside the scope of this agent ({scope.told(globs)}): "
        "it may read everything and change only what is within."
    )
    decision = {"permissionDecision": "deny", "permissionDecisionReason": words}
    return json.dumps({"hookSpecificOutput": {"hookEventName": "PreToolUse", **decision}})


def is_within(path: str, cwd: str, top: str, own: str, globs: Sequence[str]) -> bool:
    """Whether what would be written lies in the scope, by where links lead. `own` is a folder of the program's own."""
    # Measured on 2.1.197 and 2.1.330: the path comes absolute, `~` and `..` resolved as text. Should `..` be
    # resolved behind a link elsewhere, that place has to be within too.
    whole = os.path.join(cwd, path)
    places = {os.path.realpath(whole), os.path.realpath(os.path.normpath(whole))}
    return all(_allowed(place, os.path.realpath(top), globs) or _below(place, own) for place in places)


def _allowed(place: str, top: str, globs: Sequence[str]) -> bool:
    return _below(place, top) and scope.allows(globs, os.path.relpath(place, top))


def _below(place: str, folder: str) -> bool:
    return bool(folder) and place.startswith(os.path.join(os.path.realpath(folder), ""))


def _shown(path: str, top: str) -> str:
    return os.path.relpath(path, top) if os.path.isabs(path) and _below(os.path.normpath(path), top) else path


if __name__ == "__main__":
    print(answer(json.loads(sys.stdin.buffer.read()), sys.argv[1], sys.argv[2], sys.argv[3:]))
