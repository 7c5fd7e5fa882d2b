"""The channel `keyboard`: an agent is spoken to by what is typed at its terminal, and by the pipes of its hooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tmuxagents.drivers import hook_pipe
from tmuxagents.drivers.tmux.call import NoServer
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import Refused, StateDamaged, TmuxUnreachable
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import READY, Dialog, Request
from tmuxagents.services.app import App
from tmuxagents.services.talk import delivery, dialog_keys, terminal
from tmuxagents.services.talk.delivery import Order, Verdict
from tmuxagents.services.talk.dialog_keys import Outcome
from tmuxagents.services.talk.notes import note
from tmuxagents.services.talk.steps import (
    AwaitReceipt,
    Claim,
    Done,
    Heard,
    HearEnd,
    Keep,
    Note,
    Paste,
    Press,
    Seen,
    Step,
    Talk,
    look,
    noted,
    typed_within,
)
from tmuxagents.services.talk.terminal import perform
from tmuxagents.store import journal


def obstacle(app: App, agent: Agent, pane: PaneNow) -> str | None:
    """Why a text is not even typed: a try at an agent that cannot take it would look at its screen for 20 s."""
    seen = terminal.of(app, agent, pane).look()
    if seen.suspended is not None:
        return delivery.why_stuck(seen)
    if delivery.is_small(seen):
        return None  # the delivery itself gives it room, and looks again
    reading = seen.reading
    if reading.dialog is not None and not reading.dialog.asks_nothing:
        return f"a dialog is open: {reading.dialog.what}"
    return None if reading.draft is not None or reading.dialog is not None else "its screen shows no input box"


def deliver(app: App, agent: Agent, pane: PaneNow, said: str, hear: Callable[[float], Heard]) -> Verdict:
    """Paste the text, see it in the box, press Enter, and hear the agent's own word."""
    acts: list[Paste | Press] = []
    talk = noted(delivery.deliver(_order(app, agent, registry.kind(agent.kind), said)), acts)
    try:
        return perform(talk, terminal.of(app, agent, pane), partial(_do, app, agent, hear))
    except (StateDamaged, TmuxUnreachable) as error:
        # Without a server its program and its box are gone: what was not submitted is nowhere.
        if not acts or (isinstance(error, NoServer) and not any(isinstance(step, Press) for step in acts)):
            raise
        return delivery.cut_off(acts, error.message)


def interrupt(app: App, agent: Agent, pane: PaneNow) -> None:
    """Press the key that stops a turn. `Refused` in front of a dialog, which the key would settle, and
    where the program does not read its terminal."""
    talk = _interruption(registry.kind(agent.kind), app.config.draft_patience_s)
    done, seen = perform(talk, terminal.of(app, agent, pane), partial(_do, app, agent, None))
    if done == "held back" and seen.stuck:
        hint = delivery.way_on(seen) or f"tmuxagents attach {agent.name}"
        raise Refused(f"cannot interrupt {agent.name}: {delivery.why_stuck(seen)}", hint=hint)
    if done == "held back":
        raise Refused(f"a dialog is open in {agent.name}", hint=f"tmuxagents show {agent.name}")


def reply(app: App, agent: Agent, request: Request, line: str) -> bool:
    """Give the line to the hook that waits with that request; False when none waits (any more)."""
    return hook_pipe.send(app.folder(agent.id) / "asks" / request.id, line)


def choose(
    app: App,
    agent: Agent,
    pane: PaneNow,
    dialog: Dialog,
    wanted: Sequence[int] | None,
    seen: Seen,
    tell: Callable[[Claim | HearEnd], bool],
) -> Outcome:
    """Settle the dialog by its keys."""
    kind = registry.kind(agent.kind)
    talk = (
        dialog_keys.cancel(dialog, kind.INTERRUPT, seen, kind.FOOTER, kind.LEAVE)
        if wanted is None
        else dialog_keys.choose(dialog, wanted, seen, kind.FOOTER)
    )
    return perform(talk, terminal.of(app, agent, pane), partial(_choosing, app, agent, tell))


def leave_panel(app: App, agent: Agent, pane: PaneNow) -> bool:
    """Close a panel that nobody has closed, not under the hands of a person; True when none stands there any more."""
    talk = _leaving(registry.kind(agent.kind), app.config.draft_patience_s)
    seen = perform(talk, terminal.of(app, agent, pane), partial(_do, app, agent, None))
    return not delivery.is_left_open(seen)


def _order(app: App, agent: Agent, kind: Kind, said: str) -> Order:
    last = journal.newest(app.db, 1, agents=[agent.id], kinds=["receipt"])
    before = [entry for entry in last if entry.generation == agent.generation]
    return Order(
        typed=kind.as_prompt(said),
        kind=kind,
        name=agent.kind,
        # What has taken a prompt has shown its box.
        box_s=delivery.BOX_S if before and agent.condition.state != "starting" else delivery.READY_S,
        confirm_s=app.config.confirm_s,
        draft_patience_s=app.config.draft_patience_s,
        last=str(last[0].detail.get("digest", "")) if last else "",
        known=agent.condition.dialog,
        idle=agent.condition.state in READY,
        command=kind.command_of(said),
    )


def _do(app: App, agent: Agent, hear: Callable[[float], Heard] | None, step: Step) -> Any:
    """What no terminal can."""
    match step:
        case Keep():
            return note(app, agent, f"a draft was cleared from the input box: {step.draft}", {"draft": step.draft})
        case Note():
            return note(app, agent, step.text, {})
        case AwaitReceipt() if hear is not None:
            return hear(step.within)
        case _:
            raise AssertionError(step)


def _choosing(app: App, agent: Agent, tell: Callable[[Claim | HearEnd], bool], step: Step) -> Any:
    if isinstance(step, Claim | HearEnd):
        return tell(step)
    assert isinstance(step, Keep)
    words = f"a key that came too late for the dialog was deleted from the input box: {step.draft}"
    return note(app, agent, words, {"key": step.draft})


def _leaving(kind: Kind, patience_s: float) -> Talk[Seen]:
    seen = yield from look()
    if seen.unread:
        seen = yield from delivery.read(seen)
    if delivery.is_left_open(seen) and not typed_within(seen, patience_s) and not seen.stuck:
        seen = yield from delivery.leave_open(kind, seen)
    return seen


def _interruption(kind: Kind, patience_s: float) -> Talk[tuple[Done, Seen]]:
    seen = yield from _leaving(kind, patience_s)
    if seen.stuck:
        return "held back", seen
    return (yield from delivery.unless_dialog(kind, Press((kind.INTERRUPT,))))
