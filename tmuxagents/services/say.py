"""Deliver text to an agent and prove what became of it.

The order is fixed: take the agent's lock, look at the screen, refuse in front of a dialog, empty
the input box, paste, look again, press Enter only where no dialog shows (tmux checks that itself
in the same step), then wait for the agent's own evidence and repeat Enter alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tmuxagents import clock
from tmuxagents.drivers import disk, files
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import DiskFull, Refused, TimedOut, TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.kinds.prompts import digest
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Dialog
from tmuxagents.model.entry import Draft, Entry
from tmuxagents.model.reading import Reading
from tmuxagents.names import AgentId
from tmuxagents.output.clean import sendable
from tmuxagents.services import byfile, follow, server
from tmuxagents.services.app import App
from tmuxagents.store import agents, journal, messages

Word = Literal["submitted", "queued", "held", "refused", "unconfirmed", "gone"]

GOOD: frozenset[str] = frozenset({"submitted", "queued", "held"})

READY_S = 20.0
"""How long a starting agent may take to show its input box."""

FIRST_RETRY_S = 1.0

DRAFT_S = 0.15
"""How long a draft must stand still in the box before it is taken for one."""

LAST_PROMPT_S = 1.5
"""The same for a draft that is the prompt submitted last."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a text, and what says so. `mark` is the journal's place before it was sent."""

    word: Word
    evidence: str
    ms: int = 0
    mark: int = 0
    digest: str = ""
    dialog: Dialog | None = None


@dataclass(slots=True)
class _Sending:
    """One delivery under way."""

    app: App
    agent: Agent
    kind: Kind
    pane: PaneNow
    text: str
    wake: Wake
    mark: int
    keep: bool


def deliver(app: App, agent_id: AgentId, text: str, *, interrupt: bool = False, keep: bool = True) -> Verdict:
    """Send `text` now. Where a person is typing it is held: kept as a message, unless `keep` is off
    because it is one already. Nothing is typed where no evidence of it could be kept."""
    began = clock.monotonic()
    disk.need_room(app.state)
    cleaned = sendable(text)
    with speaking(app, agent_id) as spoken:
        verdict = _deliver(app, agent_id, cleaned, interrupt=interrupt, keep=keep) if spoken else _busy()
    return replace(verdict, ms=round((clock.monotonic() - began) * 1000))


def hold(app: App, agent: Agent, text: str) -> Verdict:
    """Keep `text` durably; the controller delivers it when the agent's turn has ended, in order."""
    cleaned = sendable(text)
    mark, wanted = journal.last_seq(app.db), digest(_said(app, agent, cleaned))
    with app.db.write() as tx:
        number = messages.hold(tx, agent.id, cleaned, now_ns=clock.now_ns())
    return Verdict("held", f"message {number} waits for the turn to end", mark=mark, digest=wanted)


@contextlib.contextmanager
def speaking(app: App, agent_id: AgentId, *, within: float = 120) -> Iterator[bool]:
    """One at a time: twenty senders are twenty whole prompts."""
    folder = files.private_folder(app.folder(agent_id))
    with files.locked(folder / "say.lock", within=within) as held:
        yield held


def _busy() -> Verdict:
    return Verdict("refused", "somebody else has been talking to it for two minutes")


def _deliver(app: App, agent_id: AgentId, text: str, *, interrupt: bool, keep: bool) -> Verdict:
    agent, pane, gone = present(app, agent_id)
    if pane is None:
        return Verdict("gone", gone)
    if not text.strip():
        return Verdict("refused", "there is nothing to say")
    kind = registry.kind(agent.kind)
    with open_wake() as wake:
        _watch(app, agent, kind, wake)
        sending = _Sending(app, agent, kind, pane, text, wake, journal.last_seq(app.db), keep)
        if interrupt:
            interrupt_turn(app, agent, pane, kind)
        refusal = _make_ready(sending)
        return refusal or _send(sending, app.config.confirm_s)


def present(app: App, agent_id: AgentId) -> tuple[Agent, PaneNow | None, str]:
    """The agent now, its living pane, and why there is none."""
    agent = agents.by_id(app.db, agent_id)
    assert agent is not None
    panes = server.panes(app)
    pane = panes.of(agent.id, agent.generation)
    follow.pull(app, agent, pane=pane)
    if pane is None or pane.dead:
        follow.record_lost(app, panes)
    agent = agents.by_id(app.db, agent_id)
    assert agent is not None
    if pane is None or pane.dead or agent.condition.state in OVER:
        return agent, None, f"{agent.name} is {agent.condition.state}: {agent.condition.evidence}"
    return agent, pane, ""


def read(app: App, kind: Kind, pane: PaneNow) -> Reading:
    """What the agent's screen says now."""
    return kind.read_screen(keyboard.screen(app.server, pane.pane))


def ended(app: App, agent: Agent) -> bool:
    """Whether its program has ended; the window goes on showing its last screen."""
    now = server.panes(app).of(agent.id, agent.generation)
    return now is None or now.dead


def interrupt_turn(app: App, agent: Agent, pane: PaneNow, kind: Kind) -> bool:
    """Stop the running turn; True when the agent says that it has stopped."""
    if agent.condition.state != "working":
        return False
    if read(app, kind, pane).dialog is not None:
        raise Refused(f"a dialog is open in {agent.name}", hint=f"tmuxagents show {agent.name}")
    keyboard.press(app.server, pane.pane, kind.INTERRUPT)

    def stopped() -> bool | None:
        follow.pull(app, agent, pane=pane)
        now = agents.by_id(app.db, agent.id)
        return True if now is not None and now.condition.state != "working" else None

    return clock.eventually(stopped, within=5.0) is not None


def _watch(app: App, agent: Agent, kind: Kind, wake: Wake) -> None:
    folder = app.folder(agent.id)
    wake.watch(folder / "spool")
    wake.watch(folder)
    for path in kind.sources(agent.condition, folder).transcripts.values():
        wake.watch(path)


def _make_ready(sending: _Sending) -> Verdict | None:
    """An empty input box, or the reason why there is none."""
    reading = clock.eventually(lambda: _ready(sending), within=READY_S)
    if reading is None:
        return Verdict("refused", "its screen shows no input box", mark=sending.mark)
    if reading.dialog is None and reading.draft:
        reading = _settled(sending, reading)
    if reading.dialog is not None:
        return _refused(sending, reading.dialog)
    return _clear(sending, reading.draft) if reading.draft else None


def _settled(sending: _Sending, reading: Reading) -> Reading:
    """The screen once its draft has stood for a moment: the prompt that was submitted last is still
    drawn for some milliseconds after its hook, under load for half a second."""
    patience = LAST_PROMPT_S if _was_submitted(sending, reading.draft or "") else DRAFT_S
    moved = clock.eventually(lambda: _other(sending, reading), within=patience)
    return moved or reading


def _was_submitted(sending: _Sending, draft: str) -> bool:
    last = journal.newest(sending.app.db, 1, agents=[sending.agent.id], kinds=["receipt"])
    return bool(last) and last[0].detail.get("digest") == digest(draft)


def _other(sending: _Sending, before: Reading) -> Reading | None:
    reading = _ready(sending)
    return reading if reading is not None and reading.draft != before.draft else None


def _ready(sending: _Sending) -> Reading | None:
    reading = read(sending.app, sending.kind, sending.pane)
    return reading if reading.dialog is not None or reading.draft is not None else None


def _refused(sending: _Sending, dialog: Dialog) -> Verdict:
    known = sending.agent.condition.dialog
    shown = dialog if known is None else replace(dialog, needs=known.needs, what=known.what or dialog.what)
    return Verdict("refused", f"a dialog is open: {shown.what}", mark=sending.mark, dialog=shown)


def _clear(sending: _Sending, draft: str) -> Verdict | None:
    """Save what stands in the box and delete it; hold back from what a person is typing."""
    app, pane = sending.app, sending.pane
    active = keyboard.person_active_ns(app.server, pane.window)
    if active is not None and clock.now_ns() - active < app.config.draft_patience_s * clock.SECOND:
        kept = hold(app, sending.agent, sending.text).evidence if sending.keep else "it stays held"
        return Verdict("held", f"a person is typing there; {kept}", mark=sending.mark)
    with app.db.write() as tx:
        saved = Draft("note", f"a draft was cleared from the input box: {draft}", clock.now_ns(), {"draft": draft})
        journal.append(tx, sending.agent.id, sending.agent.generation, [saved])
    # One key deletes to the start (or end) of a row, a second one joins it with its neighbour.
    for _ in range(2 * draft.count("\n") + 12):
        keyboard.press(app.server, pane.pane, *sending.kind.CLEAR.split() * 2)
        if clock.eventually(lambda: True if _box(sending) == "" else None, within=0.3) is not None:
            return None
    return Verdict("refused", "its input box cannot be emptied", mark=sending.mark)


def _box(sending: _Sending) -> str | None:
    return read(sending.app, sending.kind, sending.pane).draft


def _send(sending: _Sending, within: float) -> Verdict:
    app, pane, kind = sending.app, sending.pane, sending.kind
    said = _said(app, sending.agent, sending.text)
    typed, wanted = kind.typed(said), digest(said)
    if not keyboard.paste(app.server, pane.pane, typed):
        return Verdict("gone", "its program has ended", mark=sending.mark)
    if not kind.CONFIRMS:
        return _unconfirmable(sending)
    arrived = clock.eventually(lambda: _arrived(sending), within=3.0, every=0.01)
    if arrived is None:
        return Verdict("unconfirmed", "the pasted text did not appear in its input box", mark=sending.mark)
    if arrived.dialog is not None:
        return _refused(sending, arrived.dialog)
    return _submit(sending, wanted, within)


def _said(app: App, agent: Agent, text: str) -> str:
    """The text, or the short prompt that points to the file it is in."""
    return byfile.pointer(app, agent.id, text) if len(text) > app.config.paste_limit else text


def _arrived(sending: _Sending) -> Reading | None:
    reading = read(sending.app, sending.kind, sending.pane)
    return reading if reading.dialog is not None or reading.draft else None


def _unconfirmable(sending: _Sending) -> Verdict:
    keyboard.press(sending.app.server, sending.pane.pane, sending.kind.SUBMIT)
    return Verdict("unconfirmed", f"a {sending.agent.kind} does not tell what it has read", mark=sending.mark)


def _submit(sending: _Sending, wanted: str, within: float) -> Verdict:
    """Press Enter, wait for the evidence, and press Enter again only while the text is still in the box."""
    end = clock.monotonic() + within
    pause = FIRST_RETRY_S
    while True:
        if not _press_submit(sending):
            reading = read(sending.app, sending.kind, sending.pane)
            if reading.dialog is not None:
                return _refused(sending, reading.dialog)
            return Verdict("gone", "its program has ended", mark=sending.mark)
        receipt = _receipt(sending, wanted, min(pause, end - clock.monotonic()))
        if receipt is not None:
            return _by_receipt(sending, receipt, wanted)
        left = end - clock.monotonic()
        if left <= 0 or not _box(sending):
            receipt = _receipt(sending, wanted, max(left, 0.0))
            if receipt is not None:
                return _by_receipt(sending, receipt, wanted)
            return _unconfirmed(sending, within)
        pause *= 1.5


def _press_submit(sending: _Sending) -> bool:
    """Press Enter in the step in which tmux sees no dialog's footer. Where it sees one in a mere
    text (the agent talks about dialogs, or we do), a look of our own has to do."""
    kind, where, pane = sending.kind, sending.app.server, sending.pane.pane
    if kind.FOOTER and keyboard.press_unless(where, pane, kind.SUBMIT, kind.FOOTER):
        return True
    if ended(sending.app, sending.agent) or read(sending.app, kind, sending.pane).dialog is not None:
        return False
    keyboard.press(where, pane, kind.SUBMIT)
    return True


def _receipt(sending: _Sending, wanted: str, within: float) -> Entry | None:
    """The agent's own word that it has the prompt. A `queued` one may follow a moment after another."""
    end = clock.monotonic() + within
    while True:
        # Typed is typed: that the evidence cannot be kept now is no reason to say that nothing was done.
        with contextlib.suppress(DiskFull):
            follow.pull(sending.app, sending.agent)
        found = journal.after(sending.app.db, sending.mark, agents=[sending.agent.id], kinds=["receipt"])
        match = next((e for e in found if e.detail.get("digest") == wanted), None)
        if match is not None or clock.monotonic() >= end:
            return match
        sending.wake.wait(min(0.25, max(0.0, end - clock.monotonic())))


def _by_receipt(sending: _Sending, receipt: Entry, wanted: str) -> Verdict:
    how = str(receipt.detail.get("how"))
    word: Word = "queued" if how == "queued" else "refused" if how == "refused" else "submitted"
    return Verdict(word, str(receipt.detail.get("by")), mark=sending.mark, digest=wanted)


def _unconfirmed(sending: _Sending, within: float) -> Verdict:
    try:
        reading = read(sending.app, sending.kind, sending.pane)
    except TmuxUnreachable:
        reading = Reading()
    where = "the text is still in its input box" if reading.draft else "the text has left its input box"
    return Verdict("unconfirmed", f"no evidence within {within:g} s; {where}", mark=sending.mark)


def answer(app: App, agent_id: AgentId, verdict: Verdict, *, within: float | None) -> str:
    """What the agent said to a delivered text, when the turn that took it has ended. `TimedOut` else."""
    from tmuxagents.services import waiting

    deadline = None if within is None else clock.monotonic() + within
    found = waiting.until_turn_end(app, agent_id, verdict.mark, verdict.digest, deadline=deadline)
    if found is None:
        raise TimedOut(f"no answer within {within:g} s; the message was {verdict.word}", hint="tmuxagents tail")
    return found
