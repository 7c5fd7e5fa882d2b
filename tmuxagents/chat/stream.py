"""The entries of the journal as rows of the chat: those of `tail`, with the commands of the chat."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.errors import RESUME
from tmuxagents.kinds import choices
from tmuxagents.model.entry import Entry
from tmuxagents.output import rendering


def rows(entries: Sequence[Entry], *, width: int | None, color: bool) -> list[str]:
    """Nothing in them can act on the terminal but our own colours."""
    return [
        row for entry in entries for row in rendering.render(_line(entry), width=width, color=color, formatted=True)
    ]


def is_quiet(entry: Entry) -> bool:
    """Whether it is left out while the chat is quiet: what an agent does, not what it says or needs."""
    return entry.kind in ("tool", "output")


def _line(entry: Entry) -> rendering.Line:
    text = entry.text.removesuffix(RESUME) + "/resume --all" if entry.text.endswith(f"; {RESUME}") else entry.text
    text = f"↳ {text}" if entry.detail.get("subagent") else text
    name = f"{entry.agent} (removed)" if entry.removed else str(entry.agent)
    detail = {**entry.detail, "command": _command(entry), "show": f"/show {entry.agent}"}
    return rendering.Line(entry.seq, entry.at_ns, name, entry.color, entry.kind, text, detail)


def _command(entry: Entry) -> str:
    verb = str(entry.detail.get("verb", choices.USUAL.get(str(entry.detail.get("needs")), "attach")))
    questions = entry.detail.get("questions")
    asked = questions if type(questions) is int else 1
    return f"/{verb} {entry.agent}" + (" CHOICE" * asked if verb == "answer" else "")
