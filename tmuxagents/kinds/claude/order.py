"""Tell a prompt before what it caused, and a command before its effect.

Measured: 2.1.197 may write the first answers of a conversation in front of the prompt that they answer (4 of 10
under load: the prompt's record, 0.3 s older, three lines behind them, with its own time); the record of `/compact`
comes some hundredths of a second behind its PostCompact hook (more than a second at a load of sixteen a core). So what
was caused waits until its cause is told, at most `PATIENCE`, the effect of a command `EFFECT_PATIENCE`. No state waits
for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents.clock import SECOND
from tmuxagents.kinds.base import Folded
from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import HIDDEN, NewEntry
from tmuxagents.model.observation import Observation, Record
from tmuxagents.value import replace

PATIENCE = SECOND

EFFECT_PATIENCE = 5 * SECOND

_MOST = 100
"""Entries that wait at most."""


def in_order(observations: Sequence[Observation]) -> list[Observation]:
    """What was read at once, each record behind the one that it answers."""
    places = {one.line["uuid"]: n for n, one in enumerate(observations) if isinstance(one, Record) and _named(one)}
    done: set[int] = set()
    ordered: list[Observation] = []
    for number in range(len(observations)):
        chain: list[int] = []
        at: int | None = number
        while at is not None and at not in done:
            done.add(at)
            chain.append(at)
            one = observations[at]
            parent = one.line.get("parentUuid") if isinstance(one, Record) else None
            at = places.get(parent) if isinstance(parent, str) else None
        ordered += [observations[place] for place in reversed(chain)]
    return ordered


def _named(record: Record) -> bool:
    return isinstance(record.line.get("uuid"), str)


def settle(condition: Condition, drafts: Sequence[NewEntry], now_ns: int, *, now: bool = False) -> Folded:
    """The entries that are due, in their order: these, and those that have waited for a cause that is told now."""
    held = _held(condition)
    told = max((index for index, each in enumerate(drafts) if each.kind == "prompt"), default=-1) + 1
    if told:
        condition, waited = release(remember(condition, effect=None, prompted=condition.turn))
        first = min((each.at_ns for each in waited), default=now_ns)
        # Where it stands out of place it was read with the time of what stands before it.
        causes = [replace(each, at_ns=min(each.at_ns, first)) if waited else each for each in drafts[:told]]
        return condition, [*causes, *waited, *drafts[told:]]
    if now or condition.state in OVER or len(held) > _MOST or _is_over(condition, now_ns):
        # It will not come: nothing more waits for it.
        condition, waited = release(remember(condition, effect=None, prompted=condition.turn))
        return condition, [*waited, *drafts]
    if held and not (_wants_prompt(condition) or condition.kind_state.get("effect")):
        condition, waited = release(condition)
        return condition, [*waited, *drafts]
    late = [each for each in drafts if _waits(condition, each, behind=bool(held))]
    if not late:
        return condition, list(drafts)
    since = condition.kind_state.get("held_at") or now_ns
    condition = remember(condition, held=[*condition.kind_state.get("held", []), *map(_packed, late)], held_at=since)
    return condition, [each for each in drafts if each not in late]


def release(condition: Condition) -> Folded:
    """Whatever waits, told now."""
    held = _held(condition)
    return (remember(condition, held=None, held_at=None), held) if held else (condition, [])


def is_holding(condition: Condition, until_ns: int) -> bool:
    """Whether something waits that was said until then."""
    return any(each.at_ns <= until_ns for each in _held(condition))


def due_ns(condition: Condition) -> int | None:
    """When what waits is told at the latest."""
    if not condition.kind_state.get("held"):
        return None
    patience = EFFECT_PATIENCE if condition.kind_state.get("effect") else PATIENCE
    return int(condition.kind_state["held_at"]) + patience


def _is_over(condition: Condition, now_ns: int) -> bool:
    due = due_ns(condition)
    return due is not None and now_ns >= due


def _waits(condition: Condition, draft: NewEntry, *, behind: bool) -> bool:
    """Whether its cause is not told yet, or what waits stands before it."""
    if draft.kind in HIDDEN:
        return False
    if condition.kind_state.get("effect") and (behind or draft.kind == "note"):
        return True
    # What is older than the turn belongs to the one before.
    mine = draft.at_ns >= int(condition.kind_state.get("began_at") or 0)
    return _wants_prompt(condition) and mine and (behind or draft.kind in ("text", "tool"))


def _wants_prompt(condition: Condition) -> bool:
    """Whether the hook has told of the prompt that began the turn under way, and the transcript has not."""
    own, under_way = condition.kind_state, condition.turn > condition.turns
    return under_way and own.get("began_by") is not None and own.get("prompted") != condition.turn


def _held(condition: Condition) -> list[NewEntry]:
    return [NewEntry(*each) for each in condition.kind_state.get("held", [])]


def _packed(draft: NewEntry) -> list[object]:
    kind, text, at_ns, detail = draft.kind, draft.text, draft.at_ns, draft.detail
    return [kind, text, at_ns, dict(detail)]
