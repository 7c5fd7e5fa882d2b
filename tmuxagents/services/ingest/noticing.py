"""Record what a person may want to be called for, in the transaction that records the transition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import Condition, Dialog
from tmuxagents.model.notice import NewNotice, arises, dialog_id
from tmuxagents.store import notices

if TYPE_CHECKING:
    from tmuxagents.store.notices import Transaction


def note(tx: Transaction, agent: Agent, before: Condition, after: Condition, now_ns: int) -> None:
    """Whatever the configuration says: who reads on need not know it, and what is sent is decided by the controller."""
    kind = arises(before, after, asked=agent.phase in ("stopping", "stopped"))
    if kind is None or (kind == "limited" and _is_told(tx, agent, after)):
        return
    dialog = after.dialog if kind == "needs" else None
    new = NewNotice(
        kind=kind,
        state=after.state,
        at_ns=now_ns,
        since_ns=after.since_ns,
        needs=dialog.needs if dialog is not None else None,
        dialog=dialog_id(agent.id, agent.generation, after) if dialog is not None else None,
        verb=_verb(dialog) if dialog is not None else None,
        what=dialog.what if dialog is not None else _why(after),
    )
    notices.record(tx, agent.id, agent.name, agent.generation, new)


def _is_told(tx: Transaction, agent: Agent, after: Condition) -> bool:
    """Whether another agent is limited by the same, of which a person was told then."""
    from tmuxagents.model import continuing
    from tmuxagents.store import agents

    return any(continuing.is_same(other, after) for other in agents.limited(tx, but=agent.id))


def _verb(dialog: Dialog) -> str:
    # Not imported by who only reads on.
    from tmuxagents.kinds import choices

    return choices.verb(dialog)


def _why(condition: Condition) -> str:
    """In its own words, where it has some."""
    if condition.reason:
        return condition.reason
    return f"exit {condition.exit_code}" if condition.state == "failed" and condition.exit_code is not None else ""
