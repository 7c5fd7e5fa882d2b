"""What is known of an agent at a moment, and where the knowledge comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tmuxagents.value import Value, fresh

State = Literal["starting", "working", "waiting", "idle", "limited", "ended", "failed", "lost", "queued", "unknown"]
Need = Literal["permission", "question", "plan", "trust", "login", "dialog"]

Form = Literal["choices", "ticks", "review", "text", "panel", "list", "unknown"]
"""How a dialog is settled. `choices`: pick one. `ticks`: tick several, then submit. `review`: the page
that submits or cancels the answers given. `text`: a field only. `list`: a picker that a person opened.
`panel`: information or settings that nobody asks about, closed with Esc; never a question.
`unknown`: a dialog that is not understood; no key may be pressed."""

Decided = Literal["", "allow", "deny"]
Ended = Literal["", "ran", "failed", "refused", "left"]
"""How a request ended: its tool ran, ran and failed, was refused, or is no longer asked and nothing more is known."""

OVER: frozenset[State] = frozenset({"ended", "failed", "lost"})
"""The states in which no program runs."""

READY: frozenset[State] = frozenset({"idle", "limited"})
"""The states in which a prompt starts a turn at once."""


class Dialog(Value):
    """What an agent is waiting on: a title, the choices as shown, which one is preselected.

    A numbered choice is chosen by its digit: the first is 1. `text` is the whole dialog as shown, the
    same wherever the pointer stands, whatever is ticked and whatever is typed into its field; two
    dialogs with unequal texts are two dialogs. `anchors` are rows that identify it (see `kinds.guard`).

    `free` is the choice that takes free text. `typed` is what stands in the field that the cursor is in,
    None when it is in none: while it is, digits are text. `ticks` runs beside the choices of a form of that name;
    `submit` is how many choices stand above its submit row, None where Enter confirms the whole list.
    `preselected` is None while the pointer is on that row. `tabs` are the questions of one dialog with
    whether each is answered, `tab` the one that is shown; the page behind the last is the review.
    `place` is what the program itself tells of a queue: (1, 3) for "1 of 3". `cut` says that its top is
    not on the screen: then two dialogs of equal text may still be two. `request` is the request that it
    belongs to, where one is known, and `open` how many requests wait, this one included. `about` is what has to
    be known to decide (a command, a diff, a plan, questions with their options), with its line breaks;
    `descriptions` run beside the choices, empty where none is described. `several`: more than one may be chosen.
    """

    needs: Need
    what: str
    choices: tuple[str, ...] = ()
    preselected: int | None = None
    numbered: bool = True
    form: Form = "choices"
    text: str = ""
    ticks: tuple[bool, ...] = ()
    submit: int | None = None
    free: int | None = None
    typed: str | None = None
    tabs: tuple[tuple[str, bool], ...] = ()
    tab: int | None = None
    place: tuple[int, int] | None = None
    cut: bool = False
    anchors: tuple[str, ...] = ()
    request: str | None = None
    open: int = 1
    about: str = ""
    descriptions: tuple[str, ...] = ()
    several: bool = False

    @property
    def asks_nothing(self) -> bool:
        """Whether it is there to be read, and leaving it settles nothing; what is not known to be so asks."""
        return self.form == "panel" and self.needs == "dialog" and bool(self.anchors)


Settled = Literal["approved", "denied", "answered", "left"]
"""What became of a dialog. `left`: nobody settled it; its program went on, or ended."""


class Settler(Value):
    """Who settles what is asked, how, and since when: `by` is what a person calls them (`you on pts/3`), "" where
    it was done at the agent's own window. `keys` says that its keys are pressed, and no hook is answered."""

    how: Settled
    by: str = ""
    chosen: str = ""
    keys: bool = False
    at_ns: int = 0


class Closed(Value):
    """How the last dialog that was no request's has ended: who settled it, what says so, when. `told`: its program's
    own word, not a look. Its settler is who had said so, with that moment; where nobody had, that is 0."""

    settler: Settler
    by: str
    at_ns: int
    told: bool = False


class Request(Value):
    """One thing that the program asked leave for, by a hook of its own; what it is stays when others ask too.

    `id` names the pipe on which it takes an answer. `call` is the tool call's own id, `alike` the same
    for calls with the same arguments, `thread` the subagent that asks (None: the main thread). `hints`
    are words that its dialog shows, most telling first, `shown` that it was seen on the screen. `given`
    is what the hook was given to answer with, JSON ("" where a bare yes does). `decided` is the answer of
    ours that the program took, `ended` how it ended, `by` what says so, and `told` what a person was
    told of it before that. `reason` was given to the program with a no. `about` is what has to be known to decide.
    `owed` says that the entry of what was decided is still to be written, `settler` who decides as far as is
    known, `ended_ns` when its end was seen. `offered` are the choices of its dialog, as the screen showed them.
    `ran` says that its tool has run, by a hook or a result: an error alone may be a no in words that nobody knows.
    """

    id: str
    needs: Need
    what: str
    at_ns: int
    call: str | None = None
    alike: str = ""
    thread: str | None = None
    hints: tuple[str, ...] = ()
    given: str = ""
    shown: bool = False
    decided: Decided = ""
    ended: Ended = ""
    by: str = ""
    told: str = ""
    reason: str = ""
    about: str = ""
    offered: tuple[str, ...] = ()
    owed: bool = False
    settler: Settler | None = None
    ended_ns: int = 0
    ran: bool = False

    @property
    def is_granted(self) -> bool:
        """Whether its program tells that it was allowed."""
        return self.ran or self.decided == "allow"


class Usage(Value):
    """Tokens in sum over an agent's life, subagents included, and money in micro-dollars.

    `microusd` is None until the agent program has said what it cost.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    microusd: int | None = None


class Condition(Value):
    """The state of one agent, folded from everything observed so far.

    `since_ns` is when the state began; `evidence` names the observation that says so;
    `reason` is shown beside the state (`429 · retrying in 4s`). `turn` counts turns begun,
    `turns` turns ended and told, so a prompt taken in turn N is answered, and the answer in the
    journal, when `turns >= N`. `requests` are the open ones, in the order in which they came, and the
    last that ended. `kind_state` is the kind's private memory, JSON only.

    What is still to come although the state may be `idle`: `task_due` until the task it was given has
    been taken, `queued` texts in the program's own queue, `closing` while the last text of a turn
    that has ended is not told. `ended` is how the last turn ended: done, failed or interrupted.
    `ending` is why its program is being ended, until it has.
    `settler` settles the dialog that stands there and is no request's; `closed` is how the last such one ended.
    `doing` is what it was given or
    did last, a prompt or a call, on one line; empty before the first. `set_up` is the command of its worktree's set-up
    that runs or is next, on one line: until it is empty the program has not been started.
    `outside` are the first paths of its checkout that have been changed outside its scope, by name; `strayed` those
    of them and of earlier ones that were told.
    `account` is what its usage is counted to and its limits are of, "" where nobody knows; `model` the one that it
    works by, `context_left` per cent of its context window. `resets_ns` is when the limit that it has met ends, or that
    has ended its program, None where it is not told; `goes_on` that its program says it will go on then by itself.
    `spent_told` are the warnings of its budget that were given, `reached_in` the turn in which that was reached.
    """

    state: State = "starting"
    since_ns: int = 0
    evidence: str = ""
    dialog: Dialog | None = None
    reason: str | None = None
    conversation: str | None = None
    turn: int = 0
    turns: int = 0
    last_text: str | None = None
    usage: Usage = fresh(default_factory=Usage)
    exit_code: int | None = None
    requests: tuple[Request, ...] = ()
    task_due: bool = False
    queued: int = 0
    closing: bool = False
    ended: str | None = None
    ending: str = ""
    settler: Settler | None = None
    closed: Closed | None = None
    doing: str = ""
    outside: tuple[str, ...] = ()
    strayed: tuple[str, ...] = ()
    set_up: str = ""
    account: str = ""
    model: str = ""
    context_left: int | None = None
    resets_ns: int | None = None
    goes_on: bool = False
    spent_told: tuple[str, ...] = ()
    reached_in: int | None = None
    kind_state: Mapping[str, Any] = fresh(default_factory=dict)

    OLD_NAMES = (("own", "kind_state"),)  # until 0.1

    @property
    def needs(self) -> Need | None:
        """Why it is waiting; None when it is not."""
        return self.dialog.needs if self.dialog is not None else None

    @property
    def is_limited(self) -> bool:
        """Whether a limit has stopped it; without a terminal that ends its program, and it has failed."""
        return self.state == "limited" or (self.state == "failed" and self.resets_ns is not None)

    @property
    def open_requests(self) -> list[Request]:
        """The requests that wait for an answer, in the order in which they came: one whose answer was taken,
        or whose tool was seen to begin, waits for none."""
        return [each for each in self.requests if not (each.ended or each.decided or each.told)]

    @property
    def words(self) -> str:
        """The state in a person's words: `working`, `needs permission (1 of 3)`."""
        if self.dialog is None:
            return self.state
        return f"needs {self.dialog.needs}" + (f" (1 of {self.dialog.open})" if self.dialog.open > 1 else "")
