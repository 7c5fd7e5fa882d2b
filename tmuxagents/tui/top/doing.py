"""What a key does to the agent that is selected: begin it, ask before it, or settle its dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from tmuxagents.output.dashboard import gate as gates
from tmuxagents.output.dashboard.gate import Gate
from tmuxagents.output.dashboard.keys import Wish
from tmuxagents.output.dashboard.row import Row
from tmuxagents.tui.top import acting
from tmuxagents.tui.top.beside import Work
from tmuxagents.tui.top.front import Front
from tmuxagents.tui.top.sight import Sight
from tmuxagents.tui.top.writing import Writing
from tmuxagents.value import Value


class _Question(Value):
    """That the key which says yes to a dialog says yes to."""

    words: str
    work: Work


class Doing:
    """One question at a time."""

    def __init__(self, sight: Sight, front: Front, writing: Writing) -> None:
        self._sight, self._front, self._writing = sight, front, writing
        self._question: _Question | None = None
        self.wants_graph = False
        self._does: Mapping[Wish, Callable[[Row], None]] = {
            "peek": self._peek,
            "type": writing.say,
            "attach": self._attach,
            "diff": self._diff,
            "stop": self._stop,
            "interrupt": self._interrupt,
            "resume": self._resume,
            "pin": self._pin,
            "dismiss": self._dismiss,
            "graph": self._graph,
        }

    @property
    def asks(self) -> bool:
        """Whether a question is open."""
        return self._question is not None

    def answer(self, wish: Wish | None, hurried: str | None) -> None:
        """By a hand that rests; what is said too soon leaves the question open."""
        question = self._question
        if question is not None and wish == "yes" and hurried:
            self._sight.tell(f"{question.words} F8 {hurried}", "stalls")
            return
        self._question = None
        if question is not None and wish == "yes":
            self._sight.at_rest()
            self._begin(question.work, f"{question.words.rstrip('?')} …")
        else:
            self._sight.tell("nothing was done")

    def settle(self, row: Row, wish: Wish | None, gate: Gate, now_s: float) -> None:
        """The dialog that was drawn, as far as the gate lets it."""
        no = wish in ("no", "reason")
        why = gates.refused(gate, row.id, row.dialog_id, now_s, no=no)
        if why is None and not no and not row.asks_whole:
            why = "enter, attach to read it: its text is cut here"
        if why is not None or row.dialog_id is None:
            self._sight.tell(why or "", "stalls")
        elif wish == "reason":
            self._writing.settle(row, "deny")
        elif wish == "choose":
            self._writing.settle(row, "answer")
        else:
            self._sight.at_rest()
            how: Literal["approved", "denied"] = "approved" if wish == "yes" else "denied"
            self._begin(acting.settle(row.id, row.dialog_id, how), f"{wish} to {row.name} …")

    def do(self, row: Row, wish: Wish) -> None:
        """Whatever else it is."""
        self._does[wish](row)

    def _begin(self, work: Work, words: str, *, quiet: bool = False) -> None:
        if not quiet:
            self._sight.tell(words, "dim")
        self._front.begin(work, str, words)

    def _ask(self, words: str, work: Work) -> None:
        self._question = _Question(words, work)
        self._sight.tell(f"{words} F8 (Alt-y) does it, any other key leaves it", "calls")

    def _peek(self, row: Row) -> None:
        """All of one, and a line to reply where it takes one."""
        self._sight.look(peek=True, keys=False, scroll=0)
        if row.dialog is None and not row.is_over:
            self._writing.say(row)

    def _attach(self, row: Row) -> None:
        self._begin(acting.attach(row.id), f"attaching to {row.name} …")

    def _diff(self, row: Row) -> None:
        trouble = self._front.hand_over(self._front.command(["diff", row.name]), pages=True)
        self._sight.tell(trouble, "fails")

    def _stop(self, row: Row) -> None:
        self._ask(f"stop {row.name}?", acting.stop(row.id))

    def _interrupt(self, row: Row) -> None:
        self._ask(f"interrupt the turn of {row.name}?", acting.interrupt(row.id))

    def _resume(self, row: Row) -> None:
        self._ask(f"resume {row.name}?", acting.resume(row.id))

    def _pin(self, row: Row) -> None:
        self._begin(acting.pin(row.id, pinned=not row.pinned), f"pinning {row.name} …", quiet=True)

    def _dismiss(self, row: Row) -> None:
        self._begin(acting.dismiss(row.id, off=row.dismissed), f"dismissing {row.name} …", quiet=True)

    def _graph(self, row: Row) -> None:
        """The tasks of its run, or its window again."""
        if not row.run_id:
            self._sight.tell(f"{row.name} is in no run", "stalls")
            return
        self.wants_graph = not self.wants_graph
        self._sight.look(graph=() if self.wants_graph else None, scroll=0)
