"""The chat behind its fronts: it takes lines and keys, and has them carried out by whose affair they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.chat import help_page, line, panel, shown
from tmuxagents.chat.focus import Focus, moved_by_itself, turned
from tmuxagents.chat.roster import Member, Roster
from tmuxagents.chat.sending import Sending
from tmuxagents.errors import TmuxagentsError
from tmuxagents.names import AgentId
from tmuxagents.services.fleet import attach
from tmuxagents.tui.chat.feed import Feed
from tmuxagents.tui.chat.front import Entered, Front, Given
from tmuxagents.tui.chat.lanes import Lanes
from tmuxagents.tui.chat.ledger import Ledger
from tmuxagents.tui.chat.running import Running
from tmuxagents.tui.chat.saying import Saying
from tmuxagents.tui.chat.settling import Settling


class Room:
    """Everything but `heard` is called by the front's own thread. `always`: each verdict is told, also where the
    stream shows it. `folder` is where what was entered is kept."""

    def __init__(self, given: Given, front: Front, *, always: bool = False, folder: Path | None = None) -> None:
        self._given, self._front = given, front
        self._lanes = Lanes(given.guarded, self._trouble)
        self._ledger = Ledger(folder, lambda: front.printed)
        self._saying = Saying(given, front, self._lanes, always=always, ledger=self._ledger)
        self._running = Running(given, front, self._lanes, self._ledger)
        self._only: tuple[str, ...] = ()
        self._feed: Feed | None = None
        self.roster = Roster()
        self.focus = Focus()
        self.settling = Settling(self._running, unseen=always)

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
            self.settling.heard(roster)
            self.roster = roster
            self._front.changed()

    def settle_focus(self, text: str, key_s: float | None) -> None:
        """Before each drawing."""
        self.focus = moved_by_itself(self.focus, self.roster, text=text, key_s=key_s, now_s=clock.monotonic())

    def turn(self, step: int) -> None:
        """Another gets what is typed."""
        self.focus = turned(self.focus, self.roster, step)

    # What is done

    def key(self, verb: str, *, text: str, key_s: float | None) -> str:
        """A key that settles the dialog which is shown; why it did not, "" where it does."""
        return self.settling.key(verb, self.asking, text=text, key_s=key_s)

    def enter(self, text: str) -> Entered:
        """Carry out a line."""
        takes = {"s": self._takes("s")} if text.lstrip().startswith("/s") else {}
        meant = line.read(text, self.roster, self.focus.on, takes, gone=self.focus.name)
        match meant:
            case line.Nothing():
                return Entered()
            case line.Refused(why):
                return Entered(kept=True, said=why)
            case line.Say(to, words, left_out):
                self._saying.say([(agent, self._name(agent)) for agent in to], words)
                more = f"{len(left_out)} more in other projects ({', '.join(left_out)}): name them" if left_out else ""
                return Entered(said=more)
            case line.Run():
                return self._command(meant)

    def hurry(self) -> None:
        """Somebody leaves: what is proven need not be shown."""
        self._saying.hurries = True

    def hand_over(self) -> None:
        """What was not begun is the controller's."""
        self._saying.hand_over()

    def left(self) -> None:
        """Nobody waits any more: what has not ended is told."""
        self._saying.left()
        self._running.left()

    def close(self, *, told: bool) -> None:
        """The end. Where not all was `told` the next chat does it."""
        self._ledger.close(told=told)

    @property
    def trying(self) -> int:
        """How many texts are being delivered."""
        return self._saying.trying

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
            return self.settling.line(meant.word, argv, self.roster, self.asking)
        self._running.run(meant.word, argv)
        return Entered()

    def _own(self, meant: line.Run) -> Entered:
        match meant.word:
            case "quit":
                return Entered(leaves=True)
            case "help":
                self._front.put(help_page.rows(self._front.columns - 1, attach.keys()))
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
        self.focus = Focus(member.id, chosen=True, name=member.name)
        return Entered(said=f"what you type goes to {member.name}")

    def _name(self, agent: AgentId) -> str:
        member = self.roster.by_id(agent)
        return member.name if member is not None else str(agent)

    def _trouble(self, trouble: str) -> None:
        self._front.put([f"  {shown.plain(trouble)}"])
