"""What a key does: the list, a line that is typed, a question that is asked. It draws nothing and waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from tmuxagents.output.dashboard import board as boards
from tmuxagents.output.dashboard import gate as gates
from tmuxagents.output.dashboard import keys
from tmuxagents.output.dashboard.board import Board
from tmuxagents.output.dashboard.gate import Gate
from tmuxagents.output.dashboard.keys import Wish
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import Screen, View, screen
from tmuxagents.output.safe_text import one_line
from tmuxagents.tui.top import acting, starting
from tmuxagents.tui.top.acting import Done, Work
from tmuxagents.value import Value, replace

TOGETHER_S = 0.8
"""Digits that come within so long are one number."""

UNSEEN_S = 0.5
"""A window that was not seen by then says so."""

_UNSEEN: Sequence[Line] = ((("its window is being looked at …", "dim"),),)

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


class Front(Protocol):
    """What a terminal does for it."""

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        """Have it carried out beside; what comes of it goes to `finished`, where it was not done behind what `undone`
        says. `words` say what it is; where it takes long they come to `late`."""

    def under_way(self) -> int:
        """How many are."""

    def hand_over(self, argv: Sequence[str], *, pages: bool) -> str:
        """Give the terminal to another program and take it back; why it could not be given, else nothing."""

    def command(self, words: Sequence[str]) -> Sequence[str]:
        """The command line of a command of ours."""

    def options(self) -> Mapping[str, bool]:
        """The options that may stand before a task, each with whether a value follows it."""

    def open_line(self, text: str, *, selected: bool = False) -> None:
        """Have a line to type in, with that in it; `selected`: in place of which something is typed."""

    def line(self) -> str:
        """What is in it."""

    def close_line(self) -> None:
        """Have none."""

    def suspend_me(self) -> None:
        """Stop, as C-z does."""

    def leave(self, code: int) -> None:
        """End."""


class _Typing(Value):
    """A line: what it is for, whose it is, the dialog that it is about, and what stood there before."""

    kind: Kind
    agent: str = ""
    name: str = ""
    dialog: str | None = None
    before: str = ""


class _Asking(Value):
    """A question that the key which says yes to a dialog says yes to."""

    words: str
    work: Work


class Hands:
    """What is looked at and what is being done. Times are monotonic seconds."""

    def __init__(self, front: Front, view: View) -> None:
        self._front = front
        self.view = view
        self.drawn: Screen | None = None
        self._gate = Gate()
        self._typing: _Typing | None = None
        self._asking: _Asking | None = None
        self._drafts: dict[str, str] = {}
        self._number, self._number_s = 0, 0.0
        self._insists = False
        self._of: str | None = None
        self._asks: object = None
        self._unseen_s: float | None = None
        self._rests = False
        self._coming = ""
        self._size = (0, 0)
        self.wants_graph = False

    # Drawing

    def draw(self, width: int, height: int, *, now_ns: int, now_s: float) -> Screen:
        """The screen now, which is taken as drawn."""
        made = screen(self.view, width, height, now_ns)
        if made.board.selected != self._of:
            # Nothing of another one's window.
            self._of = made.board.selected
            self.view = replace(self.view, board=made.board, window=(), scroll=0)
            self._unseen_s = now_s
            made = screen(self.view, width, height, now_ns)
        self.view, self.drawn = replace(self.view, board=made.board), made
        made = self._from_its_beginning((width, height), now_ns, now_s)
        made = self._with_a_word(made, (width, height), now_ns, now_s)
        row = self.watched
        agent, dialog = (row.id, row.dialog_id) if row is not None else (None, None)
        self._gate = gates.drawn(self._gate, agent, dialog, now_s, whole=made.whole)
        return made

    def _from_its_beginning(self, size: tuple[int, int], now_ns: int, now_s: float) -> Screen:
        """Another dialog, one of which more is known by now, and one whose rows are of another width: none is passed
        over by what was read of the last."""
        assert self.drawn is not None
        row = self.view.board.row
        dialog = row.dialog if row is not None else None
        asked = (dialog.what, dialog.about, dialog.choices) if dialog is not None else None
        before, self._asks = self._asks, (row.dialog_id if row is not None else None, asked)
        other = before != self._asks
        if other:
            self._gate = gates.drawn(self._gate, None, None, now_s)
        moved, self._size = size != self._size, size
        if self.view.scroll and asked is not None and (other or moved):
            self.view = replace(self.view, scroll=0)
            self.drawn = screen(self.view, *size, now_ns)
        return self.drawn

    def _with_a_word(self, made: Screen, size: tuple[int, int], now_ns: int, now_s: float) -> Screen:
        """Where its window does not show what it shows, because nobody can look, or has yet."""
        row = self.watched
        if row is None or self.view.window or (self._unseen_s is None and row.state != "unknown"):
            return made
        left = 0.0 if self._unseen_s is None else self._unseen_s + UNSEEN_S - now_s
        if left > 0:
            return replace(made, tick_s=min(made.tick_s, left + 0.01))
        self.drawn = screen(replace(self.view, window=_UNSEEN), *size, now_ns)
        return self.drawn

    def window(self, agent_id: str, lines: Sequence[Line]) -> bool:
        """What that agent's window shows; whether that is to be drawn."""
        if agent_id != self.view.board.selected:
            return False
        told = self._unseen_s is not None or tuple(lines) != self.view.window
        self._unseen_s = None
        self._look(window=tuple(lines))
        return told

    @property
    def watched(self) -> Row | None:
        """Whose window is on the screen."""
        made = self.drawn
        shows = made is not None and made.frame.side_height > 0 and self.view.graph is None and not self.view.keys
        return self.view.board.row if shows else None

    @property
    def run_id(self) -> str | None:
        """Whose tasks are on the screen, or are to be."""
        row = self.view.board.row
        return (row.run_id or None) if row is not None and self.wants_graph else None

    def tell(self, words: str, style: str = "") -> None:
        """Say what came of something."""
        self.view = replace(self.view, told=(one_line(words, 400), style))

    def _look(self, **changes: object) -> None:
        self.view = replace(self.view, **changes)

    @property
    def _height(self) -> int:
        return max(1, self.drawn.frame.list_height) if self.drawn is not None else 10

    # What was seen

    def seen(self, rows: Sequence[Row], *, trouble: str, graph: object, news: str) -> None:
        """The team as it is now."""
        board = boards.with_rows(self._with_the_new_one(rows), rows, self._height)
        self._look(board=board, trouble=trouble, graph=graph if self.wants_graph else None, empty="")
        if news:
            self.tell(news, "calls")

    def _with_the_new_one(self, rows: Sequence[Row]) -> Board:
        """It is selected once it is there, unless a key was pressed since it was asked for."""
        board, coming = self.view.board, self._coming
        if coming not in [row.id for row in rows]:
            return board
        self._coming = ""
        if coming in [row.id for row in replace(board, rows=tuple(rows)).shown]:
            return replace(board, selected=coming)
        self.tell(f"{self.view.told[0]}; the filter hides it", "stalls")
        return board

    def late(self, words: str) -> None:
        """Something that was begun has not come to its end for long."""
        self.tell(f"{words.rstrip(' …')}: that takes long, and goes on; q leaves it", "stalls")

    def finished(self, done: Done) -> None:
        """Something that was begun has come to its end."""
        self._coming = done.new if self._rests else ""
        trouble = self._front.hand_over(done.argv, pages=False) if done.argv else ""
        style = "fails" if trouble or not done.good else "stalls" if done.pale else "works"
        self.tell(trouble or done.words, style)

    # Keys

    def pressed(self, now_s: float) -> None:
        """A key was pressed, whichever."""
        self._rests, self._coming = False, ""
        self._gate = gates.pressed(self._gate, now_s)

    def key(self, key: str, character: str | None, now_s: float) -> None:
        """A key that no line has taken: of those of a line the ones that end it, and that read on beside it."""
        gate, insists = self._gate, self._insists
        self._rests, self._coming = False, ""
        self._gate = gates.pressed(gate, now_s, letter=self._typing is None and keys.is_letter(key, character))
        self._insists = False
        if self._typing is not None:
            self._beside_line(key, now_s)
        elif self._asking is not None:
            self._answered(keys.wish(key, character), gates.hurried(gate, now_s))
        elif key in keys.MOVES:
            self.moved(keys.MOVES[key])
        elif key in keys.PAGES:
            self._paged(keys.PAGES[key])
        elif character is not None and character.isascii() and character.isdecimal():
            self._jumped(int(character), now_s)
        elif key == "q" and (writes := gates.writes(gate, now_s)):
            self.tell(writes, "stalls")
        elif elsewhere := keys.ELSEWHERE.get(character or ""):
            self.tell(elsewhere)
        else:
            self._wished(keys.wish(key, character), gate, now_s, insists=insists)

    def _beside_line(self, key: str, now_s: float) -> None:
        if key in ("escape", "ctrl+c"):
            self._left_line()
        elif key in keys.PAGES:
            self._scrolled(keys.PAGES[key])
        elif key == "enter":
            self._gate = gates.entered(self._gate, now_s)
            self._entered(self._front.line())

    def _answered(self, wish: Wish | None, hurried: str | None) -> None:
        """By a hand that rests; what is said too soon leaves the question open."""
        asking = self._asking
        if asking is not None and wish == "yes" and hurried:
            self.tell(f"{asking.words} F8 {hurried}", "stalls")
            return
        self._asking = None
        if asking is not None and wish == "yes":
            self._at_rest()
            self._begin(asking.work, f"{asking.words.rstrip('?')} …")
        else:
            self.tell("nothing was done")

    def _wished(self, wish: Wish | None, gate: Gate, now_s: float, *, insists: bool) -> None:
        self.tell("")
        row = self.view.board.row
        if wish == "new":
            self._type_a_task(gates.writes(gate, now_s))
        elif wish in keys.EVERYBODY:
            self._about_everybody(wish, insists=insists)
        elif wish in keys.SETTLES and row is not None:
            self._settled(row, wish, gate, now_s)
        elif wish is not None and row is not None:
            second = gates.attaches(gate, now_s) if wish == "attach" else None
            if second:
                self._gate = gates.entered(self._gate, now_s)
            self._about_one(row, wish, gates.writes(gate, now_s) or second)

    def _about_one(self, row: Row, wish: Wish, writes: str | None) -> None:
        if writes and wish not in keys.LOOKS:
            self.tell(writes, "stalls")
        else:
            _DOES[wish](self, row)

    def _at_rest(self) -> None:
        """The last key was meant: what comes next is no word that it began."""
        self._gate = replace(self._gate, letter_s=None)

    def _about_everybody(self, wish: Wish | None, *, insists: bool) -> None:
        match wish:
            case "quit":
                self._quit(insists=insists)
            case "suspend":
                self._front.suspend_me()
            case "back":
                self._back()
            case "keys":
                self._look(keys=not self.view.keys, scroll=0)
            case "filter":
                self._type("filter", self.view.board.filter)
            case _:
                board = replace(self.view.board, with_dismissed=not self.view.board.with_dismissed)
                self._look(board=boards.settled(board, self._height))

    def _quit(self, *, insists: bool) -> None:
        count = self._front.under_way()
        if count and not insists:
            self._insists = True
            self.tell(
                f"{count} {'act is' if count == 1 else 'acts are'} under way: q once more leaves it there", "calls"
            )
        else:
            self._front.leave(0)

    def _back(self) -> None:
        if self.view.keys or self.view.peek:
            self._look(keys=False, peek=False, scroll=0)
        elif self.view.board.filter:
            self._filtered("")

    # Moving

    def moved(self, by: int) -> None:
        """So many agents down."""
        if self.view.keys:
            self._scrolled(by)
        else:
            self._look(board=boards.moved(self.view.board, by, self._height))

    def wheeled(self, by: int) -> None:
        """What is on the screen moves."""
        if self._typing is None and self._asking is None:
            if self.view.peek or self.view.keys:
                self._scrolled(by)
            else:
                self.moved(by)

    def clicked(self, x: int, y: int, now_s: float, *, again: bool) -> None:
        """The one on that line is selected, and peeked at by a second click."""
        if self.drawn is None or self._typing is not None or self._asking is not None:
            return
        self.pressed(now_s)
        line, frame = y - 2, self.drawn.frame
        found = (
            boards.at_line(self.view.board, line) if 0 <= line < frame.list_height and x < frame.list_width else None
        )
        if found is None:
            return
        if again and found == self.view.board.selected:
            self._look(peek=True, scroll=0)
        self._look(board=replace(self.view.board, selected=found))

    def _paged(self, by: int) -> None:
        """A dialog that is longer than its place is read on; else the list turns a page."""
        if self.drawn is not None and self.drawn.most > 0:
            self.tell("")
            self._scrolled(by)
        else:
            self.moved(by * max(1, self._height - 2))

    def _scrolled(self, by: int) -> None:
        if self.drawn is not None:
            step = max(1, self.drawn.frame.side_height - 3)
            self._look(scroll=max(0, min(self.drawn.most, self.view.scroll + by * step)))

    def _jumped(self, digit: int, now_s: float) -> None:
        together = now_s - self._number_s < TOGETHER_S
        self._number, self._number_s = (self._number * 10 if together else 0) + digit, now_s
        board = boards.jumped(self.view.board, self._number, self._height)
        if board is self.view.board and digit:
            # 1 and then 5 where there are 12: the fifth is meant.
            self._number = digit
            board = boards.jumped(board, digit, self._height)
        self._look(board=board)

    # Typing

    @property
    def is_typing(self) -> bool:
        """Whether there is a line to type in."""
        return self._typing is not None

    def _type(self, kind: Kind, text: str = "", row: Row | None = None, dialog: str | None = None) -> None:
        agent, name = (row.id, row.name) if row is not None else ("", "")
        self._at_rest()
        self._typing = _Typing(kind, agent, name, dialog, text)
        told = f"{_LINES[kind]} {name}".rstrip()
        self.tell(f"{told}: enter, or esc{_SHAPES.get(kind, '')}", "bold")
        # Another filter is more often wanted than more of the old one.
        self._front.open_line(text, selected=kind == "filter")

    def _left_line(self) -> None:
        """What was typed to an agent stays its draft; a filter is as it was."""
        typing = self._typing
        if typing is None:
            return
        text = self._front.line()
        self._closed_line()
        if typing.kind == "filter":
            self._filtered(typing.before)
        elif typing.kind in ("say", "new"):
            self._drafts[typing.agent] = text
            where = f"to {typing.name} stays there" if typing.kind == "say" else "stays behind +"
            if typing.kind == "say":
                self._look(peek=False, scroll=0)
            self.tell(f"what you typed {where}" if text.strip() else "")

    def _closed_line(self) -> None:
        self._typing = None
        self._front.close_line()
        self.tell("")

    def typed(self, text: str) -> None:
        """What is in the line now. A filter is seen at once."""
        if self._typing is not None and self._typing.kind == "filter":
            self._filtered(text)

    def _filtered(self, text: str) -> None:
        self._look(board=boards.settled(replace(self.view.board, filter=text), self._height))

    def _entered(self, text: str) -> None:
        """The line is done."""
        typing = self._typing
        if typing is None:
            return
        if typing.kind == "new" and text.strip():
            self._tasked(typing, text)
            return
        self._closed_line()
        if typing.kind == "filter":
            self._filtered(text)
        elif typing.kind == "say":
            self._drafts.pop(typing.agent, None)
            if text.strip():
                self._said(typing, text)
        elif text.strip() and typing.dialog is not None:
            how: Literal["denied", "answered"] = "denied" if typing.kind == "deny" else "answered"
            self._begin(acting.settle(typing.agent, typing.dialog, how, text), f"to {typing.name} …")

    def _said(self, typing: _Typing, text: str) -> None:
        words = f"saying it to {typing.name} …"
        self.tell(words, "dim")
        self._front.begin(acting.say(typing.agent, text), lambda: self._put_back(typing, text, "t"), words)

    def _put_back(self, typing: _Typing, text: str, key: str) -> str:
        """What is refused is in its line again, above what was typed there since."""
        since = self._drafts.get(typing.agent, "")
        self._drafts[typing.agent] = f"{text}\n{since}" if since else text
        return f"{key} has it still"

    def _type_a_task(self, writes: str | None) -> None:
        if writes:
            self.tell(writes, "stalls")
        else:
            self._type("new", self._drafts.get("", ""))

    def _tasked(self, typing: _Typing, text: str) -> None:
        """A task, with the options before it as behind `/s` in the chat. What cannot be read stays in the line."""
        from tmuxagents.chat import line

        meant = line.task(text, self._front.options())
        if isinstance(meant, line.Refused):
            self.tell(meant.why, "stalls")
            return
        self._closed_line()
        self._drafts.pop(typing.agent, None)
        self._rests = True
        verb, *rest = meant.argv
        words = "starting an agent …"
        self.tell(words, "dim")
        work = starting.spawn(self._front.command([verb, "--json", *rest]))
        self._front.begin(work, lambda: self._put_back(typing, text, "+"), words)

    # Doing

    def _begin(self, work: Work, words: str, *, quiet: bool = False) -> None:
        if not quiet:
            self.tell(words, "dim")
        self._front.begin(work, str, words)

    def _asked(self, words: str, work: Work) -> None:
        self._asking = _Asking(words, work)
        self.tell(f"{words} F8 (Alt-y) does it, any other key leaves it", "calls")

    def _settled(self, row: Row, wish: Wish | None, gate: Gate, now_s: float) -> None:
        no = wish in ("no", "reason")
        why = gates.refused(gate, row.id, row.dialog_id, now_s, no=no)
        if why is None and not no and not row.asks_whole:
            why = "enter, attach to read it: its text is cut here"
        if why is not None or row.dialog_id is None:
            self.tell(why or "", "stalls")
        elif wish == "reason":
            self._type("deny", "", row, row.dialog_id)
        elif wish == "choose":
            self._type("answer", "", row, row.dialog_id)
        else:
            self._at_rest()
            how: Literal["approved", "denied"] = "approved" if wish == "yes" else "denied"
            self._begin(acting.settle(row.id, row.dialog_id, how), f"{wish} to {row.name} …")

    def peek(self, row: Row) -> None:
        """All of one, and a line to reply where it takes one."""
        self._look(peek=True, keys=False, scroll=0)
        if row.dialog is None and not row.is_over:
            self.say(row)

    def say(self, row: Row) -> None:
        """A line to that one, with what was typed to it before."""
        self._type("say", self._drafts.get(row.id, ""), row)

    def attach(self, row: Row) -> None:
        """The real tmux."""
        self._begin(acting.attach(row.id), f"attaching to {row.name} …")

    def diff(self, row: Row) -> None:
        """Its work, in a pager."""
        trouble = self._front.hand_over(self._front.command(["diff", row.name]), pages=True)
        self.tell(trouble, "fails")

    def stop(self, row: Row) -> None:
        """Asked first."""
        self._asked(f"stop {row.name}?", acting.stop(row.id))

    def interrupt(self, row: Row) -> None:
        """Asked first."""
        self._asked(f"interrupt the turn of {row.name}?", acting.interrupt(row.id))

    def resume(self, row: Row) -> None:
        """Asked first."""
        self._asked(f"resume {row.name}?", acting.resume(row.id))

    def pin(self, row: Row) -> None:
        """Or no more."""
        self._begin(acting.pin(row.id, pinned=not row.pinned), f"pinning {row.name} …", quiet=True)

    def dismiss(self, row: Row) -> None:
        """Or back."""
        self._begin(acting.dismiss(row.id, off=row.dismissed), f"dismissing {row.name} …", quiet=True)

    def graph(self, row: Row) -> None:
        """The tasks of its run, or its window again."""
        if not row.run_id:
            self.tell(f"{row.name} is in no run", "stalls")
            return
        self.wants_graph = not self.wants_graph
        self._look(graph=() if self.wants_graph else None, scroll=0)


_DOES: Mapping[Wish, Callable[[Hands, Row], None]] = {
    "peek": Hands.peek,
    "type": Hands.say,
    "attach": Hands.attach,
    "diff": Hands.diff,
    "stop": Hands.stop,
    "interrupt": Hands.interrupt,
    "resume": Hands.resume,
    "pin": Hands.pin,
    "dismiss": Hands.dismiss,
    "graph": Hands.graph,
}
