"""The chat behind its fronts: it takes lines and keys, has them carried out, and says what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.chat import gate, line, panel, shown
from tmuxagents.chat.focus import Focus, moved_by_itself, turned
from tmuxagents.chat.gate import Drawn
from tmuxagents.chat.roster import Member, Roster
from tmuxagents.chat.sending import Sending
from tmuxagents.chat.verbs import VERBS
from tmuxagents.errors import BadValue, TmuxagentsError
from tmuxagents.names import AgentId
from tmuxagents.tui.chat.feed import Feed
from tmuxagents.tui.chat.front import Front, Given
from tmuxagents.tui.chat.lanes import Lanes
from tmuxagents.tui.chat.running import Running
from tmuxagents.tui.chat.saying import Saying
from tmuxagents.value import Value

TYPES_S = 2.5
"""So long a short line takes to be typed."""

HELP = (
    "@NAME TEXT, @a,@b TEXT, @api-* TEXT, @all TEXT say it to these",
    "a text without a name goes to whom the prompt names",
    "Tab and Shift-Tab choose another; behind / and @ Tab completes",
    "Alt-Enter or Ctrl-J is a new line, Ctrl-X Ctrl-E opens your editor, Ctrl-R searches what was typed",
    "F8 (Alt-y) says yes to the dialog that is shown, F9 (Alt-n) no, F2 (Alt-o) shows all of it; Ctrl-D leaves",
    "what an agent or a command did not take is told in the stream; Up brings the line back",
)


class Entered(Value):
    """What became of a line. `kept`: it stays where it was typed, and `said` is why. `terminal` is a command that has
    the terminal meanwhile."""

    kept: bool = False
    said: str = ""
    terminal: tuple[str, ...] = ()
    leaves: bool = False
    edits: str | None = None


class Room:
    """Everything but `heard` is called by the front's own thread. `always`: each verdict is told, also where the
    stream shows it."""

    def __init__(self, given: Given, front: Front, *, always: bool = False) -> None:
        self._given, self._front, self._always = given, front, always
        self._lanes = Lanes(given.guarded, lambda trouble: self._put([f"  {shown.plain(trouble)}"]))
        self._saying = Saying(given, front, self._lanes, always=always)
        self._running = Running(given, front, self._lanes)
        self._only: tuple[str, ...] = ()
        self._feed: Feed | None = None
        self.roster = Roster()
        self.focus = Focus()
        self.drawn = self._known = Drawn()
        self.on_screen: frozenset[str] = frozenset()
        self.bound: frozenset[str] | None = None
        self.unfolded = False

    # What is shown

    @property
    def feed(self) -> Feed | None:
        """What follows the journal."""
        return self._feed

    @feed.setter
    def feed(self, feed: Feed) -> None:
        self._feed = self._saying.stream = feed

    @property
    def on_their_way(self) -> list[Sending]:
        """What was said and is not proven."""
        return self._saying.on_their_way

    @property
    def focused(self) -> Member | None:
        """Who gets a text without a name."""
        return self.roster.by_id(self.focus.on)

    @property
    def asking(self) -> Member | None:
        """Whose dialog is shown."""
        return panel.shown(self.roster, self.focus.on)

    @property
    def narrowed(self) -> str:
        """What of the stream is left out, for the prompt."""
        quiet = self.feed is not None and self.feed.quiet
        return (f" only {','.join(self._only)}" if self._only else "") + (" quiet" if quiet else "")

    def heard(self, roster: Roster) -> None:
        """The agents are as follows now; any thread may say so."""
        if roster != self.roster:
            self._known = gate.drawn(self._known, [m.asked.id for m in roster.waiting if m.asked], clock.monotonic())
            self.roster = roster
            self._front.changed()

    def settle_focus(self, text: str, key_s: float | None) -> None:
        """Before each drawing."""
        self.focus = moved_by_itself(self.focus, self.roster, text=text, key_s=key_s, now_s=clock.monotonic())

    def turn(self, step: int) -> None:
        """Another gets what is typed."""
        self.focus = turned(self.focus, self.roster, step)

    def was_drawn(self, ids: Sequence[str], *, whole: Sequence[str] = (), waiting: Sequence[str] = ()) -> None:
        """These dialogs are on the screen, those in `whole` to the last row; `waiting` are all that were told."""
        self.drawn = gate.drawn(self.drawn, list(ids), clock.monotonic(), whole)
        self.on_screen = frozenset(waiting)

    def was_printed(self, asked: str) -> None:
        """All of that dialog stands in the stream."""
        self.drawn = gate.drawn(self.drawn, list(self.drawn.since), clock.monotonic(), [asked])

    def began(self) -> None:
        """The first of a line was typed: it means the dialogs that are on the screen, and none that comes later."""
        self.bound = self.on_screen

    # What is done

    def key(self, verb: str, *, text: str, key_s: float | None) -> str:
        """A key that settles the dialog which is shown; why it did not, "" where it does."""
        member = self.asking
        asked = member.asked if member is not None else None
        now, wanted = clock.monotonic(), next(iter(self.drawn.since), None)
        why = gate.refused(
            wanted, self.drawn, stands=asked.id if asked is not None else None, text=text, key_s=key_s, now_s=now
        )
        if why is not None:
            return why
        assert member is not None
        assert asked is not None
        if not asked.takes_yes:
            return f"{member.name} asks something that takes no yes or no: /{asked.verb} {member.name}"
        unshown = gate.unshown(asked, member.name, self.drawn, now) if verb == "approve" else None
        if unshown is not None:
            return unshown
        self._running.run(verb, [verb, "--dialog", asked.id, member.name], settles=member)
        return ""

    def enter(self, text: str) -> Entered:
        """Carry out a line."""
        takes = {"s": self._takes("s")} if text.lstrip().startswith("/s") else {}
        meant = line.read(text, self.roster, self.focus.on, takes)
        match meant:
            case line.Nothing():
                return Entered()
            case line.Refused(why):
                return Entered(kept=True, said=why)
            case line.Say(to, words, left_out):
                for agent in to:
                    self._say(agent, words)
                more = f"{len(left_out)} more in other projects ({', '.join(left_out)}): name them" if left_out else ""
                return Entered(said=more)
            case line.Run():
                return self._command(meant)

    def left(self) -> None:
        """Nobody waits any more: what has not ended is told."""
        self._saying.left()
        self._running.left()

    @property
    def owed(self) -> int:
        """How much is still on its way."""
        return self._lanes.owed

    def _takes(self, word: str) -> dict[str, bool]:
        return {option: takes for option, (takes, _) in self._given.options(word).items()}

    def _command(self, meant: line.Run) -> Entered:
        verb, argv = meant.verb, list(meant.argv)
        if verb.how == "own":
            return self._own(meant)
        if verb.how == "terminal" and not (meant.word == "diff" and len(argv) == 1):
            return Entered(terminal=tuple(argv))
        # Behind `--` it is a text.
        if verb.settles and "--dialog" not in argv[: argv.index("--") if "--" in argv else None]:
            return self._settle(meant.word, argv)
        self._running.run(meant.word, argv)
        return Entered()

    def _settle(self, word: str, argv: list[str]) -> Entered:
        """Each the very dialog that was shown: what has come up since is not meant."""
        # Of `approve` all words are names, of the others the first.
        given, rest = (argv[1:], []) if word == "approve" else (argv[1:2], argv[2:])
        try:
            chosen = self._waiting(given)
        except TmuxagentsError as error:
            return Entered(kept=True, said=error.message)
        for member in chosen:
            why = self._why_not(member)
            if why:
                return Entered(kept=True, said=f"{member.name}: {why}")
        for member in chosen:
            assert member.asked is not None, "it was looked at"
            self._running.run(word, [word, "--dialog", member.asked.id, member.name, *rest], settles=member)
        return Entered() if chosen else Entered(kept=True, said="nobody waits for you")

    def _waiting(self, given: Sequence[str]) -> list[Member]:
        if not given:
            waiting = self.roster.waiting
            if len(waiting) > 1:
                # As the command line: which one is meant may change under one's hands.
                raise BadValue(f"{', '.join(each.name for each in waiting)} wait for you: name one")
            return [self.asking] if self.asking is not None else []
        return self.roster.meant(given, [member for member in self.roster.waiting if member.here])

    def _why_not(self, member: Member) -> str | None:
        if member.asked is None:
            return "it waits for nothing"
        unmeant = gate.unmeant(member.asked, self.bound)
        if unmeant is not None:
            return unmeant
        # Where the terminal keeps the line nobody knows when it was begun.
        now = clock.monotonic() - (TYPES_S if self._always else 0)
        return gate.unread(member.asked.id, self._known, stands=member.asked.id, now_s=now)

    def _own(self, meant: line.Run) -> Entered:
        match meant.word:
            case "quit":
                return Entered(leaves=True)
            case "help":
                rows = [f"  /{word} {verb.words}" for word, verb in VERBS.items()] + [f"  {row}" for row in HELP]
                self._put(rows)
            case "quiet" if self.feed is not None:
                self.feed.quiet = not self.feed.quiet
            case "only":
                return self._narrow(meant.argv)
            case "to":
                return self._turn_to(meant.argv)
            case "edit":
                return Entered(edits=" ".join(meant.argv))
        return Entered()

    def _narrow(self, given: Sequence[str]) -> Entered:
        assert self.feed is not None, "the chat has begun"
        try:
            chosen = self.roster.meant(given)
        except TmuxagentsError as error:
            return Entered(kept=True, said=error.message)
        self._only = tuple(given)
        self.feed.only = frozenset(member.id for member in chosen) if given else None
        return Entered()

    def _turn_to(self, given: Sequence[str]) -> Entered:
        try:
            chosen = self.roster.meant(given)
        except TmuxagentsError as error:
            return Entered(kept=True, said=error.message)
        if len(chosen) != 1:
            return Entered(kept=True, said="/to takes the name of one agent")
        (member,) = chosen
        self.focus = Focus(member.id, chosen=True)
        return Entered(said=f"what you type goes to {member.name}")

    def _say(self, agent: AgentId, text: str) -> None:
        member = self.roster.by_id(agent)
        self._saying.say(agent, member.name if member is not None else str(agent), text)

    def _put(self, rows: Sequence[str]) -> None:
        self._front.put(rows)
