"""What a key means: to the line, to a question, to who is selected or to everybody. It draws nothing and waits for
nothing."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.output.dashboard import board as boards
from tmuxagents.output.dashboard import gate as gates
from tmuxagents.output.dashboard import keys
from tmuxagents.output.dashboard.gate import Gate
from tmuxagents.output.dashboard.keys import Wish
from tmuxagents.output.dashboard.row import Row
from tmuxagents.output.dashboard.screen import View
from tmuxagents.output.safe_text import one_line
from tmuxagents.tui.top.beside import Done
from tmuxagents.tui.top.doing import Doing
from tmuxagents.tui.top.front import Front
from tmuxagents.tui.top.moving import Moving
from tmuxagents.tui.top.newcomer import Newcomer
from tmuxagents.tui.top.sight import Sight
from tmuxagents.tui.top.writing import Writing
from tmuxagents.value import replace


class Hands:
    """Times are monotonic seconds."""

    def __init__(self, front: Front, view: View) -> None:
        self._front = front
        self.sight = Sight(view)
        self._moving = Moving(self.sight)
        self._newcomer = Newcomer(self.sight)
        self._writing = Writing(self.sight, front, self._newcomer)
        self._doing = Doing(self.sight, front, self._writing)
        self._insists = False

    @property
    def run_id(self) -> str | None:
        """Whose tasks are on the screen, or are to be."""
        row = self.sight.row
        return (row.run_id or None) if row is not None and self._doing.wants_graph else None

    @property
    def is_typing(self) -> bool:
        """Whether there is a line to type in."""
        return self._writing.is_open

    # What has happened

    def seen(self, rows: Sequence[Row], *, trouble: str, graph: object, news: str) -> None:
        """The team as it is now."""
        board = boards.with_rows(self._newcomer.among(rows), rows, self.sight.height)
        graph = graph if self._doing.wants_graph else None
        self.sight.look(board=board, trouble=trouble, graph=graph, empty="")
        if news:
            self.sight.tell(news, "calls")

    def late(self, words: str) -> None:
        """Something that was begun has not come to its end for long."""
        self.sight.tell(f"{words.rstrip(' …')}: that takes long, and goes on; q leaves it", "stalls")

    def finished(self, done: Done) -> None:
        """Something that was begun has come to its end."""
        if done.after and self.sight.view.told[0] != one_line(done.after, 400):
            return
        trouble = self._front.hand_over(done.argv, pages=False) if done.argv else ""
        style = "fails" if trouble or not done.good else "stalls" if done.pale else "works"
        self.sight.tell(trouble or done.words, style)
        if done.new:
            self._newcomer.started(done.new)

    # Keys

    def pressed(self, now_s: float) -> None:
        """A key was pressed, whichever."""
        self._newcomer.pressed()
        self.sight.gate = gates.pressed(self.sight.gate, now_s)

    def typed(self, text: str) -> None:
        """What is in the line now."""
        self._writing.typed(text)

    def key(self, key: str, character: str | None, now_s: float) -> None:
        """A key that no line has taken: of those of a line the ones that end it, and that read on beside it."""
        gate, insists = self.sight.gate, self._insists
        self._newcomer.pressed()
        self.sight.gate = gates.pressed(gate, now_s, letter=not self.is_typing and keys.is_letter(key, character))
        self._insists = False
        if self.is_typing:
            self._beside_line(key, now_s)
        elif self._doing.asks:
            self._doing.answer(keys.wish(key, character), gates.hurried(gate, now_s))
        elif key in keys.MOVES:
            self._moving.move(keys.MOVES[key])
        elif key in keys.PAGES:
            self._moving.page(keys.PAGES[key])
        elif character is not None and character.isascii() and character.isdecimal():
            self._moving.jump(int(character), now_s)
        elif elsewhere := keys.ELSEWHERE.get(character or ""):
            self.sight.tell(elsewhere)
        else:
            self._wished(key, keys.wish(key, character), gate, now_s, insists=insists)

    def _beside_line(self, key: str, now_s: float) -> None:
        if key in ("escape", "ctrl+c"):
            self._writing.leave()
        elif key in keys.PAGES:
            self._moving.scroll(keys.PAGES[key])
        elif key == "enter":
            self.sight.gate = gates.entered(self.sight.gate, now_s)
            self._writing.enter()

    def _wished(self, key: str, wish: Wish | None, gate: Gate, now_s: float, *, insists: bool) -> None:
        self.sight.tell("")
        row, writes = self.sight.row, gates.writes(gate, now_s)
        if writes and (wish == "new" or key == "q"):
            self.sight.tell(writes, "stalls")
        elif wish in keys.EVERYBODY:
            self._about_everybody(wish, insists=insists)
        elif wish in keys.SETTLES and row is not None:
            self._doing.settle(row, wish, gate, now_s)
        elif wish is not None and row is not None:
            self._about_one(row, wish, writes or self._repeats(wish, gate, now_s))

    def _repeats(self, wish: Wish, gate: Gate, now_s: float) -> str | None:
        """Why an Enter that is held behind a line attaches to nobody."""
        again = gates.attaches(gate, now_s) if wish == "attach" else None
        if again:
            self.sight.gate = gates.entered(self.sight.gate, now_s)
        return again

    def _about_one(self, row: Row, wish: Wish, why_not: str | None) -> None:
        if why_not and wish not in keys.LOOKS:
            self.sight.tell(why_not, "stalls")
        else:
            self._doing.do(row, wish)

    def _about_everybody(self, wish: Wish | None, *, insists: bool) -> None:
        match wish:
            case "quit":
                self._quit(insists=insists)
            case "suspend":
                self._front.suspend_me()
            case "back":
                self._back()
            case "keys":
                self.sight.look(keys=not self.sight.view.keys, scroll=0)
            case "filter":
                self._writing.filter()
            case "new":
                self._writing.task()
            case _:
                board = self.sight.view.board
                self.sight.narrow(replace(board, with_dismissed=not board.with_dismissed))

    def _quit(self, *, insists: bool) -> None:
        count = self._front.under_way()
        if count and not insists:
            self._insists = True
            acts = "act is" if count == 1 else "acts are"
            self.sight.tell(f"{count} {acts} under way: q once more leaves it there", "calls")
        else:
            self._front.leave(0)

    def _back(self) -> None:
        if self.sight.view.keys or self.sight.view.peek:
            self.sight.look(keys=False, peek=False, scroll=0)
        elif self.sight.view.board.filter:
            self._writing.narrow("")

    # The mouse

    def wheeled(self, by: int) -> None:
        """What is on the screen moves, unless something is to be answered first."""
        if not (self.is_typing or self._doing.asks):
            self._moving.wheel(by)

    def clicked(self, x: int, y: int, now_s: float, *, again: bool) -> None:
        """The one on that line is selected, and peeked at by a second click."""
        if not (self.is_typing or self._doing.asks):
            self.pressed(now_s)
            self._moving.click(x, y, again=again)
