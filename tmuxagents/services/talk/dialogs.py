"""Settle what an agent waits on: approve, deny, answer.

A request of the program's own (a permission, a question, a plan) is answered on the pipe of the hook
that announced it: no key is pressed, and the answer reaches that request or none. What no hook announces
is settled by its keys (`dialog_keys`). Both are the channel's to do. Both end with the program's own evidence, or say
`unconfirmed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tmuxagents import clock
from tmuxagents.drivers.tmux.snapshot import Snapshot
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import Refused, StateDamaged, TmuxagentsError, TmuxUnreachable
from tmuxagents.kinds import choices, registry
from tmuxagents.kinds.base import Kind, Reports
from tmuxagents.kinds.choices import ChoiceWrong, Question, same
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Closed, Condition, Dialog, Request, Settler
from tmuxagents.model.condition import Settled as SettledHow
from tmuxagents.model.decision import Decision
from tmuxagents.model.notice import dialog_id
from tmuxagents.model.observation import Denied, Screen, Settling, Told
from tmuxagents.services.app import App
from tmuxagents.services.fleet import speaker
from tmuxagents.services.ingest import ingest, readers
from tmuxagents.services.talk import channels, delivery, say, taken
from tmuxagents.services.talk import terminal as terminals
from tmuxagents.services.talk.channels import Channel
from tmuxagents.services.talk.dialog_keys import Outcome
from tmuxagents.services.talk.steps import Claim, HearEnd, Seen, typed_since
from tmuxagents.services.talk.taken import Taken
from tmuxagents.services.talk.terminal import Terminal
from tmuxagents.store import agents
from tmuxagents.value import Value, replace

LOCK_S = 5.0
"""How long a key waits for somebody else who is talking to that agent. An answer on a pipe waits for nobody."""

HOOK_AHEAD_S = 2.0
"""A hook may be this far ahead of the screen."""

BEGAN_S = 0.4
"""After this long without a result a tool may be one that takes its time."""

RECORD_S = 1.5
"""How much later than the hook that tells of the result its record may come."""

WORDS_S = 1.0
"""How much later than a dialog is drawn its program may tell of it."""

Word = Literal["settled", "began", "unconfirmed"]


class Settled(Value):
    """What was chosen, and what says that it was taken. `next` is what is asked for behind it.

    `began`: the tool runs, and how it ends is not known yet. `unconfirmed`: nothing says so.
    """

    agent: Agent
    what: str
    chosen: str
    word: Word
    evidence: str
    ms: int = 0
    next: Dialog | None = None


class _Open(Value, frozen=False):
    """An agent that waits, its terminal, how it is spoken to, what it waits on, and the look that showed it."""

    app: App
    agent: Agent
    terminal: Terminal
    channel: Channel
    kind: Kind
    seen: Seen
    dialog: Dialog | None
    request: Request | None
    began: float
    panes: Snapshot | None = None
    closed: Closed | None = None

    @property
    def what(self) -> str:
        """What it is about."""
        known = self.agent.condition.dialog
        told = known.what if known is not None and known.request is None else ""
        if self.request is not None:
            return self.request.what
        return told or (self.dialog.what if self.dialog is not None else "a dialog")


def approve(app: App, agent: Agent, *, panes: Snapshot | None = None, only: str | None = None) -> Settled:
    """Say yes, once. A question has no yes: `Refused` with the command that answers it. `only` that very dialog
    (its `dialog_id`): `Refused` when another stands by now; so do `deny` and `answer`."""
    opened = _look(app, agent, panes, only)
    if opened.request is not None and opened.request.needs != "question":
        settled = _by_pipe(opened, Decision(allow=True), "Yes")
        if settled is not None:
            return settled
    index = choices.starting_with(_labels(opened), "yes") if _drawn(opened) is not None else None
    if index is None:
        raise _not_yes_or_no(opened)
    return _by_keys(opened, (index,), "approved")


def deny(
    app: App, agent: Agent, text: str | None, *, panes: Snapshot | None = None, only: str | None = None
) -> Settled:
    """Say no. Without a text the turn stops, as the dialog's own No does; with one the agent is told why
    and goes on. A dialog that takes no reason is left, and the text is said then."""
    opened = _look(app, agent, panes, only)
    if opened.request is not None:
        settled = _by_pipe(opened, Decision(allow=False, text=text), "No")
        if settled is not None:
            return settled
    dialog = _drawn(opened)
    if dialog is None:
        raise _nothing_shown(opened)
    index = choices.starting_with(dialog.choices, "no")
    settled = _by_keys(opened, None if index is None else (index,), "denied")
    return settled if text is None else _say(opened, settled, text)


def answer(
    app: App,
    agent: Agent,
    words: Sequence[str],
    texts: Sequence[str] = (),
    *,
    panes: Snapshot | None = None,
    only: str | None = None,
) -> Settled:
    """Answer every question of the dialog: one of `words` each, in order, then the free `texts`."""
    opened = _look(app, agent, panes, only)
    try:
        if opened.request is not None and opened.request.needs == "question":
            given = choices.answers(opened.kind.questions(opened.request), words, texts)
            settled = _by_pipe(opened, Decision(allow=True, answers=given), " · ".join(given))
            if settled is not None:
                return settled
        return _answer_shown(opened, words, texts)
    except ChoiceWrong as error:
        name = opened.agent.name
        hint = f"tmuxagents attach {name}" if error.verb == "attach" else f"tmuxagents show {name}"
        raise Refused(str(error), hint=hint) from error


def _answer_shown(opened: _Open, words: Sequence[str], texts: Sequence[str]) -> Settled:
    """Choose in the dialog on the screen."""
    dialog = _drawn(opened)
    if dialog is None:
        raise _nothing_shown(opened)
    if texts or len(dialog.tabs) > 1:
        raise Refused(
            f"{opened.agent.name} asks something that only its own keys answer",
            hint=f"tmuxagents attach {opened.agent.name}",
        )
    several = dialog.form == "ticks"
    (argument,) = choices.arguments(words, 1)
    wanted = choices.positions(Question(dialog.what, dialog.choices, several), argument)
    if opened.request is not None and not several:
        label = [dialog.choices[wanted[0]]]
        for word, allow in (("yes", True), ("no", False)):
            if choices.starting_with(label, word) == 0:
                settled = _by_pipe(opened, Decision(allow=allow), label[0])
                if settled is not None:
                    return settled
    return _by_keys(opened, wanted, "answered")


def _look(app: App, agent: Agent, panes: Snapshot | None, only: str | None) -> _Open:
    """What the agent waits on now: the request that its screen shows, else the one that was told."""
    began = clock.monotonic()
    now, pane, gone = say.present(app, agent.id, panes=panes)
    if pane is None:
        raise Refused(gone, hint=say.way_back(now))
    channel, kind = channels.of(now), registry.kind(now.kind)
    terminal = terminals.of(app, now, pane)
    seen = terminal.look()
    if seen.reading.dialog is None and now.condition.dialog is not None and now.condition.dialog.request is None:
        found = clock.eventually(lambda: _with_dialog(terminal), within=HOOK_AHEAD_S)
        seen = found or seen
    # The dialog before may have been settled, and this one told of, between the two looks.
    now = _read_on(app, now)
    request = _request(now, kind, seen)
    if only is not None and not _is_that(only, now, request, seen.reading.dialog):
        raise no_longer(now, only)
    if seen.reading.dialog is None and request is None:
        raise _nothing_open(now)
    return _Open(app, now, terminal, channel, kind, seen, seen.reading.dialog, request, began, panes)


def _read_on(app: App, agent: Agent) -> Agent:
    ingest.pull(app, agent)
    now = agents.by_id(app.db, agent.id)
    return now if now is not None and now.generation == agent.generation else agent


def is_that(agent: Agent, wanted: str) -> bool:
    """Whether what the agent waits on, as far as is known, is the dialog of that id."""
    return dialog_id(agent.id, agent.generation, agent.condition) == wanted


def _is_that(wanted: str, agent: Agent, request: Request | None, shown: Dialog | None) -> bool:
    """Whether what would be settled is the dialog of that id: the one that is known, and no other on the screen."""
    known = agent.condition.dialog
    if known is None or dialog_id(agent.id, agent.generation, agent.condition) != wanted:
        return False
    if known.request is not None or request is not None:
        return request is not None and request.id == known.request
    # What an event told has no text to compare.
    return shown is None or not known.text or same(shown, known)


def _drawn(opened: _Open) -> Dialog | None:
    """The dialog on the screen, which a request's may be behind its hook."""
    if opened.dialog is None and opened.request is not None:
        found = clock.eventually(lambda: _with_dialog(opened.terminal), within=HOOK_AHEAD_S)
        if found is not None:
            opened.seen, opened.dialog = found, found.reading.dialog
    return opened.dialog


def _with_dialog(terminal: Terminal) -> Seen | None:
    seen = terminal.look()
    return seen if seen.reading.dialog is not None else None


def _request(agent: Agent, kind: Kind, seen: Seen) -> Request | None:
    waiting = agent.condition.open_requests
    shown = kind.shown_by(seen.reading.dialog, waiting) if seen.reading.dialog is not None else None
    known = agent.condition.dialog
    told = next((r for r in waiting if known is not None and r.id == known.request), None)
    return shown or told


def _labels(opened: _Open) -> Sequence[str]:
    return opened.dialog.choices if opened.dialog is not None else ()


# On the pipe of its hook


def _by_pipe(opened: _Open, decision: Decision, chosen: str) -> Settled | None:
    """The request settled on its pipe; None when it takes no answer there (any more)."""
    app, agent, request = opened.app, opened.agent, opened.request
    assert request is not None
    line = opened.kind.reply(request, decision)
    if line is None:
        return None
    with open_wake() as wake:
        say.watch(app, agent, opened.kind, wake)
        # Before the program can know it: its end may be read by somebody else.
        settling = _settling(opened, _how(decision), decision.text or (chosen if decision.answers else ""))
        denied = [Denied(request.id, decision.text, clock.now_ns())] if decision.text else []
        ingest.take_in(app, agent, [settling, *denied])
        if not opened.channel.reply(app, agent, request, line):
            ingest.take_in(app, agent, [replace(settling, undone=True)])
            return None
        try:
            word, evidence = _evidence(opened, request, decision, wake)
            if word == "began":
                ingest.take_in(app, agent, [Told(request.id, "began", clock.now_ns())])
            return _told(opened, request.what, chosen, word, evidence)
        except _UNTOLD as error:
            return _cut_off(opened, request.what, chosen, "it was answered", error)


def _settling(opened: _Open, how: SettledHow, chosen: str, *, keys: bool = False) -> Settling:
    """Who settles it, for the journal."""
    now = clock.now_ns()
    settler = Settler(how, speaker.name(opened.app, opened.panes), chosen, keys, now)
    return Settling(opened.request.id if opened.request is not None else "", settler, now)


def _how(decision: Decision) -> SettledHow:
    if decision.answers:
        return "answered"
    return "approved" if decision.allow else "denied"


def _evidence(opened: _Open, request: Request, decision: Decision, wake: Wake) -> tuple[Word, str]:
    """The program's own word on what became of an answer that was given on a pipe."""
    sent = clock.monotonic()
    ended_at: float | None = None
    while True:
        ingest.pull(opened.app, opened.agent)
        now = _again(opened, request)
        at = clock.monotonic()
        if now is None:
            return "unconfirmed", "its program has ended"
        found = taken.by_record(now, allow=decision.allow)
        if found is not None:
            return _word(opened, found)
        done = now.ended in ("ran", "failed", "refused")
        ended_at = at if ended_at is None and done else ended_at
        if ended_at is not None and at - ended_at > RECORD_S:
            person = typed_since(opened.terminal.look(), opened.began)
            return _word(opened, taken.by_end(now, allow=decision.allow, person=person))
        late = at - sent > opened.app.config.confirm_s
        # The answer to a question is its result: nothing runs behind it that could take its time.
        if not done and decision.allow and (late if decision.answers else at - sent > BEGAN_S) and _began(opened):
            return "began", "its dialog is gone and it runs"
        if late:
            left = f"{now.by}; " if now.ended else ""
            return "unconfirmed", f"{left}no evidence within {opened.app.config.confirm_s:g} s"
        wake.wait(0.05 if ended_at is not None else 0.1)


def _word(opened: _Open, found: Taken) -> tuple[Word, str]:
    """What is told of it; `Refused` where it was settled the other way at the keyboard."""
    if found.word == "approved" or found.word == "refused":
        raise _at_the_keyboard(opened, opened.what, found.word)
    return found.word, found.evidence


def _typed(opened: _Open, seen: Seen) -> bool:
    """Whether a person typed there since it was asked. Not since our look alone: at a load of 12 an Esc that went half
    a second behind the start of `answer` was more than a second older than that."""
    asked = opened.request.at_ns if opened.request is not None else clock.now_ns()
    ago = max(0.0, (clock.now_ns() - asked) / clock.SECOND)
    return typed_since(seen, min(opened.began, clock.monotonic() - ago))


def _began(opened: _Open) -> bool:
    """Whether the tool of that request was seen to begin: its dialog gone, the program busy by its own
    report, and no key of a person since it was asked. What shows no dialog (a subagent in the background) has nobody
    else to answer it: that its hook took the answer is enough."""
    assert opened.request is not None
    seen = opened.terminal.look()
    if seen.ended or _typed(opened, seen):
        return False
    if seen.reading.dialog is not None and opened.kind.shown_by(seen.reading.dialog, [opened.request]) is not None:
        return False
    hidden = opened.request.thread is not None and not opened.request.shown and opened.dialog is None
    return hidden or _says_busy(opened)


def _says_busy(opened: _Open) -> bool:
    folder = opened.app.folder(opened.agent.id)
    reports = [r for r in opened.kind.readers(opened.agent.condition, folder) if isinstance(r, Reports)]
    told = [readers.report(opened.agent, folder, each.folder) for each in reports]
    return any(report is not None and opened.kind.is_busy(report) for report in told)


def _again(opened: _Open, request: Request) -> Request | None:
    agent = agents.by_id(opened.app.db, opened.agent.id)
    if agent is None or agent.generation != opened.agent.generation:
        return None
    return next((r for r in agent.condition.requests if r.id == request.id), None)


# By its keys


def _by_keys(opened: _Open, wanted: Sequence[int] | None, how: SettledHow) -> Settled:
    """The dialog on the screen settled by its keys; None as the choice leaves it."""
    agent, dialog = opened.agent, opened.dialog
    if dialog is None:
        raise _nothing_open(agent)
    if opened.seen.stuck:
        hint = delivery.way_on(opened.seen) or f"tmuxagents attach {agent.name}"
        raise Refused(f"nothing was chosen in {agent.name}: {delivery.why_stuck(opened.seen)}", hint=hint)
    chosen = "cancelled" if wanted is None else ", ".join(dialog.choices[i] for i in wanted)
    with say.speaking(opened.app, agent.id, within=LOCK_S) as held:
        if not held:
            raise say.busy(opened.app, agent)
        claimed = _Claimed(opened, how, "" if how == "denied" else chosen)
        pane = opened.terminal.pane
        try:
            outcome = opened.channel.choose(opened.app, agent, pane, dialog, wanted, opened.seen, claimed.tell)
        except _UNTOLD as error:
            if claimed.settling is None:
                # The key that decides goes out behind the claim.
                raise
            return _cut_off(opened, opened.what, chosen, "its keys may have been pressed", error)
    try:
        ingest.pull(opened.app, agent)
        return _judged(opened, outcome, chosen, claimed)
    except _UNTOLD as error:
        return _cut_off(opened, opened.what, chosen, "its keys were pressed", error)


_UNTOLD = (StateDamaged, TmuxUnreachable)
"""What keeps us from knowing what came of an answer that was given."""


def _cut_off(opened: _Open, what: str, chosen: str, done: str, error: TmuxagentsError) -> Settled:
    ms = round((clock.monotonic() - opened.began) * 1000)
    evidence = f"{done}, and what came of it cannot be told: {error.message}"
    return Settled(opened.agent, what, chosen, "unconfirmed", evidence, ms)


class _Claimed(Value, frozen=False):
    """Who settles a dialog by its keys, as it was said when the key that decides went out."""

    opened: _Open
    how: SettledHow
    chosen: str
    settling: Settling | None = None

    @property
    def says_no(self) -> bool:
        """Whether what was chosen is a no."""
        return self.how == "denied" or choices.starting_with([self.chosen], "no") == 0

    def tell(self, step: Claim | HearEnd) -> bool:
        """Carry out a step of the conversation with its keys."""
        app, agent = self.opened.app, self.opened.agent
        if isinstance(step, HearEnd):
            ingest.pull(app, agent)
            return self.opened.request is None and _closed_by(self) is not None
        if step.undone:
            self.take_back()
            return False
        if _has_moved_on(self.opened, _read_on(app, agent).condition):
            return False
        settling = _settling(self.opened, self.how, self.chosen, keys=True)
        ingest.take_in(app, agent, [settling])
        self.settling = settling
        return True

    def take_back(self, *, unsure: bool = False) -> None:
        """It was not settled so; or nobody has told whether it was."""
        if self.settling is not None:
            word = replace(self.settling, undone=not unsure, unsure=unsure)
            ingest.take_in(self.opened.app, self.opened.agent, [word])


def _has_moved_on(opened: _Open, now: Condition) -> bool:
    """Whether what was looked at is settled already: one just like it may stand in its place."""
    if opened.request is not None:
        mine = next((r for r in now.requests if r.id == opened.request.id), None)
        return mine is None or bool(mine.ended)
    return now.closed != opened.agent.condition.closed


def _closed_by(claimed: _Claimed, *, other: bool = False) -> Closed | None:
    """What its program tells of the end of the dialog, where that agrees with what was claimed, or (`other`) where it
    came behind the claim and does not; None while nothing is told."""
    opened, settling = claimed.opened, claimed.settling
    now = agents.by_id(opened.app.db, opened.agent.id)
    closed = now.condition.closed if now is not None and now.generation == opened.agent.generation else None
    if settling is None or closed is None or not closed.told:
        return None
    agrees = (closed.settler.by, closed.settler.at_ns) == (settling.settler.by, settling.settler.at_ns)
    return closed if agrees or (other and closed != opened.agent.condition.closed) else None


def _judged(opened: _Open, outcome: Outcome, chosen: str, claimed: _Claimed) -> Settled:
    name = opened.agent.name
    match outcome.how:
        case "unknown":
            raise Refused(f"the dialog in {name} is not understood: {opened.what}", hint=f"tmuxagents attach {name}")
        case "changed":
            raise Refused(f"the dialog in {name} changed; nothing was chosen", hint=f"tmuxagents show {name}")
        case "stuck":
            raise Refused(f"the dialog in {name} does not take its keys", hint=f"tmuxagents attach {name}")
        case "strayed":
            raise Refused(f"the dialog in {name} had gone; the key was taken back", hint=f"tmuxagents show {name}")
        case "over":
            raise Refused(f"{name} has ended; nothing was chosen", hint=say.way_back(opened.agent))
        case "gone" | "told" | "stands" | "ended":
            word, evidence = _by_end(opened, outcome, claimed)
            if word == "unconfirmed":
                claimed.take_back(unsure=True)
            return _told(opened, opened.what, chosen, word, evidence)


def _by_end(opened: _Open, outcome: Outcome, claimed: _Claimed) -> tuple[Word, str]:
    """A request's end, where there is one; else its program's own word; else what the screen shows."""
    if opened.request is None:
        return _by_word(opened, outcome, claimed) or _by_screen(outcome, claimed)
    request = opened.request
    ended = clock.eventually(lambda: _ended(opened, request), within=opened.app.config.confirm_s)
    if ended is None:
        seen = "still shown" if outcome.how == "stands" else "gone"
        return "unconfirmed", f"the dialog is {seen}, and nothing else is told"
    return _word(opened, taken.by_keys(ended, allow=not claimed.says_no))


def _by_word(opened: _Open, outcome: Outcome, claimed: _Claimed) -> tuple[Word, str] | None:
    """What its program tells of how the dialog ended; None where it tells nothing."""
    known = opened.agent.condition
    tells = opened.kind.TELLS_ENDS and known.dialog is not None and not known.evidence.startswith("screen:")

    def told() -> Closed | None:
        ingest.pull(opened.app, opened.agent)
        return _closed_by(claimed) or _closed_by(claimed, other=True)

    patience = opened.app.config.confirm_s if tells and outcome.how != "ended" else 0.0
    found = clock.eventually(told, within=patience) if patience else told()
    opened.closed = _closed_by(claimed)
    if opened.closed is not None:
        return "settled", opened.closed.by
    if found is None:
        return None
    claimed.take_back()
    raise _at_the_keyboard(opened, opened.what, found.settler.how)


def _by_screen(outcome: Outcome, claimed: _Claimed) -> tuple[Word, str]:
    """That the dialog closed when nobody else typed. A no may end the program, which proves no yes."""
    match outcome.how:
        case "stands" | "told":
            return "unconfirmed", "the dialog, or one just like it, is still shown"
        case "ended":
            return ("settled" if claimed.says_no else "unconfirmed"), "its program has ended"
        case _ if outcome.person:
            return "unconfirmed", "the dialog is gone, and somebody typed there too"
        case _:
            return "settled", "screen: it closed on this key alone"


def _ended(opened: _Open, request: Request) -> Request | None:
    ingest.pull(opened.app, opened.agent)
    now = _again(opened, request)
    return now if now is not None and now.ended and now.ended != "left" else None


def _say(opened: _Open, settled: Settled, text: str) -> Settled:
    name = opened.agent.name
    try:
        verdict = say.deliver(opened.app, opened.agent.id, text)
    except TmuxagentsError as error:
        raise Refused(f"denied, but the text was not said: {error.message}", hint=f"tmuxagents show {name}") from error
    if verdict.word not in say.GOOD:
        raise Refused(f"denied, but the text was {verdict.word}: {verdict.evidence}", hint=f"tmuxagents show {name}")
    return replace(settled, evidence=f"{settled.evidence}; the text was {verdict.word}")


def _told(opened: _Open, what: str, chosen: str, word: Word, evidence: str) -> Settled:
    ms = round((clock.monotonic() - opened.began) * 1000)
    shown = opened.terminal.look().reading.dialog
    drawn = None if opened.closed is not None and same(shown, opened.dialog) else shown
    if shown is not None and _next(opened, shown) is drawn:
        # It is drawn before it is told of: its own words come in a moment, if any do.
        clock.eventually(lambda: True if _next(opened, shown, read=True) is not drawn else None, within=WORDS_S)
    following = _next(opened, _now_shown(opened))
    agent = agents.by_id(opened.app.db, opened.agent.id) or opened.agent
    return Settled(agent, what, chosen, word, evidence, ms, following)


def _next(opened: _Open, shown: Dialog | None, *, read: bool = False) -> Dialog | None:
    """What is asked for behind what was settled: by the program's own words, where it has told of it by now."""
    if read:
        ingest.pull(opened.app, opened.agent)
    now = agents.by_id(opened.app.db, opened.agent.id) or opened.agent
    if opened.closed is not None and asked_since(now.condition, opened.closed):
        return now.condition.dialog
    settled = opened.request.id if opened.request is not None else None
    following = next_asked(now.condition, settled, opened.dialog, shown, opened.kind)
    was, told = opened.agent.condition, now.condition
    if following is not shown or shown is None or told.evidence.startswith("screen:"):
        return following
    # What was known of the dialog before may stand there until its answer is read.
    is_new = told.dialog is not None and (told.since_ns, told.dialog) != (was.since_ns, was.dialog)
    return told.dialog if is_new else following


def _now_shown(opened: _Open) -> Dialog | None:
    """The dialog on the screen now. The look is taken in: a dialog that has gone is waited on by nobody."""
    at_ns = clock.now_ns()
    seen = opened.terminal.look()
    if seen.ended:
        return None
    ingest.pull_chunk(opened.app, opened.agent, screen=Screen(seen.reading, at_ns))
    return seen.reading.dialog


def asked_since(condition: Condition, closed: Closed) -> bool:
    """Whether its program has told of another dialog, which may look the same, behind that one's end."""
    dialog = condition.dialog
    by_screen = condition.evidence.startswith("screen:")
    return dialog is not None and dialog.request is None and not by_screen and condition.since_ns >= closed.at_ns


def next_asked(
    condition: Condition, settled: str | None, was: Dialog | None, shown: Dialog | None, kind: Kind
) -> Dialog | None:
    """What is asked for behind the request `settled`, or behind the dialog `was`: another request that waits,
    the one that the screen shows first, else what is `shown` and was not settled.

    What is known of a dialog without a request may be older than its answer, so it is none.
    """
    others = [r for r in condition.open_requests if r.id != settled]
    if others:
        known = condition.dialog.request if condition.dialog is not None else None
        on_screen = kind.shown_by(shown, others) if shown is not None else None
        one = on_screen or next((r for r in others if r.id == known), others[0])
        return choices.dialog_of(one, kind.questions(one), len(others))
    if shown is None or shown.form in ("panel", "list") or same(shown, was):
        return None
    mine = [r for r in condition.requests if r.id == settled]
    return None if kind.shown_by(shown, mine) is not None else shown


# What cannot be done


def no_longer(agent: Agent, only: str) -> Refused:
    """That very dialog was meant, and it is gone."""
    words = f"{agent.name} no longer waits on the dialog '{only[:20]}'; nothing was chosen"
    return Refused(words, hint=f"tmuxagents show {agent.name}")


def _nothing_open(agent: Agent) -> Refused:
    if agent.condition.state == "waiting":
        told = agent.condition.dialog.what if agent.condition.dialog is not None else agent.condition.evidence
        return Refused(
            f"{agent.name} waits ({told}), and its screen shows no dialog", hint=f"tmuxagents attach {agent.name}"
        )
    return Refused(f"no dialog is open in {agent.name}", hint=f"tmuxagents show {agent.name}")


def _nothing_shown(opened: _Open) -> Refused:
    """A request whose dialog the program does not draw has nothing to choose from, but a yes and a no."""
    name = opened.agent.name
    if opened.request is None:
        return _nothing_open(opened.agent)
    return Refused(f"{name} asks for {opened.what}, and shows no dialog for it", hint=f"tmuxagents show {name}")


def _not_yes_or_no(opened: _Open) -> Refused:
    name = opened.agent.name
    labels = _labels(opened)
    if opened.dialog is not None and opened.dialog.asks_nothing:
        return Refused(f"{name} shows: {opened.what}; that asks nothing", hint=f"tmuxagents deny {name}")
    if opened.dialog is not None and opened.dialog.form in ("unknown", "panel"):
        return Refused(f"{name} shows: {opened.what}; that is not understood", hint=f"tmuxagents attach {name}")
    if labels and opened.dialog is not None and len(opened.dialog.tabs) < 2:
        asked = f"{name} asks: {opened.what} ({choices.listed(labels)})"
        return Refused(asked, hint=f"tmuxagents answer {name} CHOICE")
    return Refused(f"{name} asks: {opened.what}", hint=f"tmuxagents show {name}")


def _at_the_keyboard(opened: _Open, what: str, how: str) -> Refused:
    name = opened.agent.name
    return Refused(f"{what} was {how} at the keyboard of {name}", hint=f"tmuxagents show {name}")
