"""Say something to an agent and prove what became of it: the service around its channel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

from tmuxagents import clock
from tmuxagents.drivers import disk, files, process
from tmuxagents.drivers.tmux.snapshot import PaneNow, Snapshot
from tmuxagents.drivers.wake import Wake, open_wake
from tmuxagents.errors import Refused, StateDamaged
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind, Lines
from tmuxagents.kinds.prompts import BY_COMMAND, digest, is_blank
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, READY
from tmuxagents.model.entry import Entry
from tmuxagents.model.owed import is_free
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import sendable
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.done import done
from tmuxagents.services.fleet import lost
from tmuxagents.services.ingest import budgeting, ingest
from tmuxagents.services.server.panes import panes_now
from tmuxagents.services.talk import channels, keyboard, long_text
from tmuxagents.services.talk.delivery import GOOD, Verdict
from tmuxagents.services.talk.notes import note
from tmuxagents.services.talk.steps import Heard
from tmuxagents.store import agents, journal, messages
from tmuxagents.value import Value, replace

__all__ = [
    "GOOD",
    "Verdict",
    "busy",
    "deliver",
    "hold",
    "interrupt_turn",
    "note",
    "present",
    "speaking",
    "watch",
]

LOCK = "say.lock"

LOCK_S = 120.0
"""How long one sender waits for the others."""

TELL_S = 3.0
"""After so long a wait for the others is told."""

_WAITED_FOR = {
    "queued": "for its turn in the queue",
    "starting": "for its program to be ready",
    "waiting": "for the dialog to be settled",
    "lost": "for the agent to be resumed",
}
"""What a held message waits for in a state in which no turn goes on by itself."""


class _Sending(Value, frozen=False):
    """One delivery under way."""

    app: App
    agent: Agent
    wake: Wake
    mark: int
    wanted: str
    command: str | None
    # What keeps the agent's sources from being taken in.
    trouble: str = ""


def deliver(
    app: App,
    agent_id: AgentId,
    text: str,
    *,
    interrupt: bool = False,
    keep: bool = True,
    within: float = LOCK_S,
    panes: Snapshot | None = None,
    unless: Callable[[Agent], str | None] = lambda _: None,
) -> Verdict:
    """Send `text` now. Where a person is typing it is held: kept as a message, unless `keep` is off
    because it is one already. Nothing is typed where no evidence of it could be kept.

    It waits `within` seconds for whoever else is talking to that agent. `panes` is a snapshot that was
    just taken, which saves one of our own. `unless` says of the agent as it is then why it is not to be sent any more.
    """
    began = clock.monotonic()
    disk.need_room(app.state)
    cleaned = sendable(text)
    with speaking(app, agent_id, within=within) as spoken:
        waited = clock.monotonic() - began
        fresh = panes if waited < 1.0 else None
        verdict = (
            _deliver(app, agent_id, cleaned, interrupt, keep, fresh, unless) if spoken else _busy(app, agent_id, within)
        )
    return replace(verdict, ms=round((clock.monotonic() - began) * 1000))


def hold(app: App, agent: Agent, text: str, *, until: str = "") -> Verdict:
    """Keep `text` durably; the controller delivers it when the agent's turn has ended, in order. `until` says what
    it waits for beside that."""
    if channels.find(agent) is None:
        return _unknown(agent)
    if agent.condition.state in ("ended", "failed"):
        # One that is lost is brought back by `resume --all`, and has it then.
        return Verdict("gone", _told_over(agent))
    cleaned = sendable(text)
    mark, wanted = journal.last_seq(app.db), digest(_said(app, agent, cleaned))
    with app.db.write() as tx:
        number = messages.hold(tx, agent.id, cleaned, now_ns=clock.now_ns())
    return Verdict("held", f"message {number} waits {until or _until_when(app, agent)}", mark=mark, digest=wanted)


def _until_when(app: App, agent: Agent) -> str:
    """What a held message waits for, as far as is known now."""
    program = agent_folder.program_pid(app.folder(agent.id), agent.generation)
    if program is not None and process.is_suspended(program):
        return f"for its program ({program}) to go on, which is suspended"
    state = agent.condition.state
    if state in READY:
        return "to be delivered"
    return _WAITED_FOR.get(state, "for the turn to end")


@contextlib.contextmanager
def speaking(app: App, agent_id: AgentId, *, within: float = LOCK_S) -> Iterator[bool]:
    """One at a time: twenty senders are twenty whole prompts. Nobody waits for one that is suspended; who
    waits longer than a moment says so."""
    lock = app.own_folder(agent_id) / LOCK
    began = clock.monotonic()

    def give_up() -> bool:
        if clock.monotonic() - began > TELL_S:
            app.remark("somebody else is talking to that agent; this command waits", "tmuxagents ls")
        return suspended_speaker(app, agent_id) is not None

    with files.locked(lock, within=within, give_up=give_up) as held:
        yield held


def suspended_speaker(app: App, agent_id: AgentId) -> int | None:
    """The pid of a command that is talking to that agent and is suspended in its shell."""
    pid = files.holder(app.folder(agent_id) / LOCK)
    return pid if pid is not None and process.is_suspended(pid) else None


def _suspended(app: App, agent_id: AgentId, who: str) -> tuple[str, str] | None:
    """That a command which talks to `who` is suspended, and what to type then; None when none is."""
    pid = suspended_speaker(app, agent_id)
    return None if pid is None else (f"a command that is talking to {who} is suspended ({pid})", f"kill -CONT {pid}")


def busy(app: App, agent: Agent) -> Refused:
    """Why it is not our turn to talk to that agent."""
    words, hint = _suspended(app, agent.id, agent.name) or (
        f"somebody else is talking to {agent.name}",
        "tmuxagents ls",
    )
    return Refused(words, hint=hint)


def _busy(app: App, agent_id: AgentId, within: float) -> Verdict:
    words, hint = _suspended(app, agent_id, "it") or (
        f"somebody else is talking to it, and was after {within:g} s",
        "",
    )
    return Verdict("refused", words, hint=hint)


def _deliver(
    app: App,
    agent_id: AgentId,
    text: str,
    interrupt: bool,
    keep: bool,
    panes: Snapshot | None,
    unless: Callable[[Agent], str | None],
) -> Verdict:
    agent, pane, gone = present(app, agent_id, panes=panes)
    if pane is None and (agent.condition.set_up or agent.phase in ("queued", "claimed")):
        return _before_its_program(app, agent, text, gone, keep=keep)
    if pane is None:
        return Verdict("gone", gone)
    if is_blank(text):
        return Verdict("refused", "there is nothing to say", never=True)
    channel, kind = channels.find(agent), registry.kind(agent.kind)
    if channel is None:
        return _unknown(agent)
    if (passed := unless(agent)) is not None:
        return Verdict("refused", passed, never=True)
    if budgeting.has_one(agent) and text.strip() not in kind.QUITS:
        over = _by_its_budget(app, agent, text, keep=keep, interrupt=interrupt)
        if over is not None:
            return over
    with open_wake() as wake:
        watch(app, agent, kind, wake)
        mark, began_ns = journal.last_seq(app.db), clock.now_ns()
        interrupted = interrupt and interrupt_turn(app, agent, pane)
        _check_writable(app, agent, interrupted=interrupted)
        said = _said(app, agent, text)
        sending = _Sending(app, agent, wake, mark, digest(said), kind.command_of(said))
        verdict = channel.deliver(app, agent, pane, said, partial(_heard, sending))
    if verdict.word == "unconfirmed" and sending.trouble and not verdict.trouble:
        told = f"{verdict.evidence}; what it says cannot be taken in: {sending.trouble}"
        verdict = replace(verdict, evidence=told, trouble=sending.trouble)
    if verdict.word == "held":
        until = "" if agent.condition.state == "working" else "until they are done"
        kept = hold(app, agent, text, until=until).evidence if keep else "it stays held"
        verdict = replace(verdict, evidence=f"{verdict.evidence}; {kept}")
    if verdict.word == "queued" and keep and agent.options.get("run"):
        # Its run takes what we say to it for a part of its task, and what is typed at its window not.
        with contextlib.suppress(StateDamaged), app.db.write() as tx:
            number = messages.hold(tx, agent_id, text, now_ns=began_ns)
            messages.settle(tx, number, state="delivered", verdict=f"{verdict.word}: {verdict.evidence}")
    return replace(verdict, mark=mark, digest=sending.wanted)


def _check_writable(app: App, agent: Agent, *, interrupted: bool) -> None:
    """A text is claimed by nothing but the lock: where no word of its agent could be recorded it is not typed."""
    said = done(f"the turn of {agent.name} was interrupted, and nothing said", f"tmuxagents show {agent.name}")
    with said if interrupted else contextlib.nullcontext():
        app.db.check_writable()


def _by_its_budget(app: App, agent: Agent, text: str, *, keep: bool, interrupt: bool) -> Verdict | None:
    """What its budget makes of a text: no turn begins once it is reached. While a turn runs nobody knows what it will
    have spent, and a text in the program's own queue begins the next: it is kept here until then."""
    from tmuxagents.services import budgets

    refused = budgets.refusal(agent)
    if refused is not None:
        return Verdict("refused", refused.message, hint=refused.hint or "")
    if is_free(agent.condition) or agent.condition.state not in ("starting", "working") or interrupt:
        return None
    if not keep:
        return Verdict("held", "its turn runs, and it has a budget")
    kept = hold(app, agent, text)
    return replace(kept, evidence=f"it has a budget: {kept.evidence}") if kept.word == "held" else kept


def _before_its_program(app: App, agent: Agent, text: str, why: str, *, keep: bool) -> Verdict:
    """Nothing is typed at a set-up, which would not read it, and leave it to the program as keys; and where no program
    is started yet."""
    if not registry.kind(agent.kind).CONFIRMS or is_blank(text):
        return Verdict(
            "refused", why, hint=way_back(agent) if agent.phase == "queued" else f"tmuxagents tail {agent.name}"
        )
    return hold(app, agent, text) if keep else Verdict("held", why)


def _heard(sending: _Sending, within: float) -> Heard:
    receipt = _receipt(sending, within)
    if receipt is None:
        return Heard(clock.monotonic())
    if receipt.kind == "note":
        return Heard(clock.monotonic(), how="submitted", by=receipt.text)
    return Heard(clock.monotonic(), how=str(receipt.detail.get("how")), by=str(receipt.detail.get("by")))


def _unknown(agent: Agent) -> Verdict:
    error = channels.unknown(agent)
    return Verdict("refused", error.message, never=True, hint=error.hint or "")


def _receipt(sending: _Sending, within: float) -> Entry | None:
    """The agent's own word that it has the prompt. A `queued` one may follow a moment after another."""
    end = clock.monotonic() + within
    while True:
        # Typed is typed: that the evidence cannot be kept now is no reason to say that nothing was done.
        try:
            ingest.pull(sending.app, sending.agent)
            sending.trouble = ""
        except StateDamaged as error:
            sending.trouble = error.message
        found = journal.after(sending.app.db, sending.mark, agents=[sending.agent.id], kinds=["receipt", "note"])
        match = next((e for e in found if _is_ours(sending, e)), None)
        if match is not None or clock.monotonic() >= end:
            return match
        sending.wake.wait(min(0.25, max(0.0, end - clock.monotonic())))


def _is_ours(sending: _Sending, receipt: Entry) -> bool:
    if receipt.kind == "note":
        return sending.command is not None and "by_command" in receipt.detail
    own = sending.command is not None and receipt.detail.get("by") in BY_COMMAND
    return own or receipt.detail.get("digest") == sending.wanted


def present(app: App, agent_id: AgentId, *, panes: Snapshot | None = None) -> tuple[Agent, PaneNow | None, str]:
    """The agent now, its living pane, and why there is none. `panes` is a snapshot that was just taken:
    where it shows the pane alive tmux is not asked again."""
    agent = agents.by_id(app.db, agent_id)
    assert agent is not None
    pane = panes.of(agent.id, agent.generation) if panes is not None else None
    if panes is None or pane is None or pane.dead:
        panes = panes_now(app)
        pane = panes.of(agent.id, agent.generation)
    ingest.pull(app, agent, pane=pane)
    if pane is None or pane.dead:
        lost.record_lost(app, panes)
    agent = agents.by_id(app.db, agent_id)
    assert agent is not None
    if pane is None or pane.dead or agent.condition.state in OVER:
        return agent, None, _told_over(agent)
    if agent.condition.set_up:
        return agent, None, _told_over(agent)
    return agent, pane, ""


def way_back(agent: Agent) -> str:
    """What is typed next about an agent that nothing can be said to now."""
    if agent.phase == "queued":
        return "tmuxagents queue"
    return f"tmuxagents tail {agent.name}" if agent.condition.set_up else _after_its_end(agent)


def _after_its_end(agent: Agent) -> str:
    """What is typed next about an agent whose program has ended. One that talks goes on; another would be carried out
    once more, so what it said is shown first."""
    talks = registry.kind(agent.kind).CONFIRMS
    return f"tmuxagents resume {agent.name}" if talks else f"tmuxagents tail --no-follow {agent.name}"


def _told_over(agent: Agent) -> str:
    """`api is failed: exit 2: no such file`"""
    return f"{agent.name} is {agent.condition.state}" + (
        f": {agent.condition.reason}" if agent.condition.reason else ""
    )


def interrupt_turn(app: App, agent: Agent, pane: PaneNow) -> bool:
    """Stop the running turn; True when the agent says that it has stopped. `Refused` where that cannot be done now."""
    if agent.condition.state != "working":
        return False
    app.db.check_writable()
    channels.of(agent).interrupt(app, agent, pane)

    def stopped() -> bool | None:
        ingest.pull(app, agent, pane=pane)
        now = agents.by_id(app.db, agent.id)
        return True if now is not None and now.condition.state != "working" else None

    with done(f"the key that stops its turn was sent to {agent.name}", f"tmuxagents show {agent.name}"):
        return clock.eventually(stopped, within=5.0) is not None


def leave_panel(app: App, agent: Agent, *, within: float = LOCK_S) -> bool:
    """Close what a command of an earlier text opened and nobody has closed, and which keeps what is behind it from
    being taken; not under the hands of a person. True when nothing of the kind stands there any more."""
    with speaking(app, agent.id, within=within) as spoken:
        now, pane, _ = present(app, agent.id)
        return spoken and pane is not None and keyboard.leave_panel(app, now, pane)


def watch(app: App, agent: Agent, kind: Kind, wake: Wake) -> None:
    """Have what the agent's own word comes from wake us."""
    folder = app.folder(agent.id)
    wake.watch(folder / "spool")
    wake.watch(folder)
    for reader in kind.readers(agent.condition, folder):
        if isinstance(reader, Lines):
            wake.watch(reader.path)


def _said(app: App, agent: Agent, text: str) -> str:
    """The text, or the short prompt that points to the file it is in."""
    return long_text.pointer(app, agent.id, text) if len(text) > app.config.paste_limit else text
