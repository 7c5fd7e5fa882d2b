"""The line that is typed: what it is for, what becomes of it, and what was left in it before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tmuxagents.output.dashboard.row import Row
from tmuxagents.tui.top import acting, starting
from tmuxagents.tui.top.beside import Work
from tmuxagents.tui.top.front import Front
from tmuxagents.tui.top.newcomer import Newcomer
from tmuxagents.tui.top.sight import Sight
from tmuxagents.value import Value, replace

Kind = Literal["say", "deny", "answer", "filter", "new"]

_LINES: Mapping[Kind, str] = {
    "say": "say to",
    "deny": "why not, to",
    "answer": "answer to",
    "filter": "filter",
    "new": "a new agent",
}

_SHAPES: Mapping[Kind, str] = {
    "filter": "   folder:api run:night kind:claude state:waiting is:pinned -word",
    "new": "   [--name api] [-w] [-C FOLDER] TASK",
}
"""What may stand in a line."""


class _Line(Value):
    """What it is for, whose it is, the dialog that it is about, and what stood there before."""

    kind: Kind
    agent: str = ""
    name: str = ""
    dialog: str | None = None
    before: str = ""


class Writing:
    """One line at a time, and a draft for each agent, and for the next new one."""

    def __init__(self, sight: Sight, front: Front, newcomer: Newcomer) -> None:
        self._sight, self._front, self._newcomer = sight, front, newcomer
        self._line: _Line | None = None
        self._drafts: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a line to type in."""
        return self._line is not None

    def say(self, row: Row) -> None:
        """A line to that one, with what was typed to it before."""
        self._open(_Line("say", row.id, row.name, before=self._drafts.get(row.id, "")))

    def settle(self, row: Row, kind: Literal["deny", "answer"]) -> None:
        """Why not, or which answer, to the dialog that it waits on now."""
        self._open(_Line(kind, row.id, row.name, row.dialog_id))

    def filter(self) -> None:
        """Words that all have to fit."""
        self._open(_Line("filter", before=self._sight.view.board.filter))

    def task(self) -> None:
        """The task of a new agent."""
        self._open(_Line("new", before=self._drafts.get("", "")))

    def _open(self, line: _Line) -> None:
        self._sight.at_rest()
        self._line = line
        told = f"{_LINES[line.kind]} {line.name}".rstrip()
        self._sight.tell(f"{told}: enter, or esc{_SHAPES.get(line.kind, '')}", "bold")
        # Another filter is more often wanted than more of the old one.
        self._front.open_line(line.before, selected=line.kind == "filter")

    def _close(self) -> None:
        self._line = None
        self._front.close_line()
        self._sight.tell("")

    def typed(self, text: str) -> None:
        """What is in the line now. A filter is seen at once."""
        if self._line is not None and self._line.kind == "filter":
            self.narrow(text)

    def narrow(self, text: str) -> None:
        """Have that for the filter."""
        self._sight.narrow(replace(self._sight.view.board, filter=text))

    def leave(self) -> None:
        """What was typed to an agent, or for a new one, stays its draft; a filter is as it was."""
        line = self._line
        if line is None:
            return
        text = self._front.line()
        self._close()
        if line.kind == "filter":
            self.narrow(line.before)
        elif line.kind in ("say", "new"):
            self._drafts[line.agent] = text
            where = f"to {line.name} stays there" if line.kind == "say" else "stays behind +"
            if line.kind == "say":
                self._sight.look(peek=False, scroll=0)
            self._sight.tell(f"what you typed {where}" if text.strip() else "")

    def enter(self) -> None:
        """The line is done. A task that cannot be read stays in it."""
        line, text = self._line, self._front.line()
        if line is None:
            return
        if line.kind == "new" and text.strip():
            self._start(line, text)
            return
        self._close()
        if line.kind == "filter":
            self.narrow(text)
        elif line.kind == "say":
            self._drafts.pop(line.agent, None)
            if text.strip():
                self._begin(line, text, acting.say(line.agent, text), f"saying it to {line.name} …", key="t")
        elif text.strip() and line.dialog is not None:
            how: Literal["denied", "answered"] = "denied" if line.kind == "deny" else "answered"
            words = f"to {line.name} …"
            self._sight.tell(words, "dim")
            self._front.begin(acting.settle(line.agent, line.dialog, how, text), str, words)

    def _start(self, line: _Line, text: str) -> None:
        """With the options before the task as behind `/s` in the chat."""
        from tmuxagents.chat import line as lines

        meant = lines.task(text, self._front.options())
        if isinstance(meant, lines.Refused):
            self._sight.tell(meant.why, "stalls")
            return
        self._close()
        self._drafts.pop(line.agent, None)
        self._newcomer.asked()
        verb, *rest = meant.argv
        work = starting.spawn(self._front.command([verb, "--json", *rest]))
        self._begin(line, text, work, "starting an agent …", key="+")

    def _begin(self, line: _Line, text: str, work: Work, words: str, *, key: str) -> None:
        """What is refused is in its line again, above what was typed there since."""

        def put_back() -> str:
            since = self._drafts.get(line.agent, "")
            self._drafts[line.agent] = f"{text}\n{since}" if since else text
            return f"{key} has it still"

        self._sight.tell(words, "dim")
        self._front.begin(work, put_back, words)
