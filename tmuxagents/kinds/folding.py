"""What a run of observations makes of a condition, whatever the kind: pure, and the same for everybody who reads on."""

from __future__ import annotations

from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.kinds import ending, setting_up, settling, straying
from tmuxagents.kinds.base import Folded, Kind
from tmuxagents.model import spending
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Ending, Exit, Observation, Outside, Settling, SetUp, Tick
from tmuxagents.model.spending import Spent
from tmuxagents.value import replace

_FARTHEST_NS = 60 * clock.SECOND
"""Nothing waits longer than some seconds for something better."""

_LINE = 120
"""Characters kept of what an agent does."""


def due_in(kind: Kind, condition: Condition, now_ns: int) -> float | None:
    """Seconds until time alone changes something; None when only an observation can.

    What would be due in a minute or more was noted before the clock was set back: it is due now.
    """
    due = kind.due_ns(condition) if not condition.set_up else None
    if due is None:
        return None
    return 0.0 if due <= now_ns or due > now_ns + _FARTHEST_NS else (due - now_ns) / clock.SECOND


def is_due(kind: Kind, condition: Condition, now_ns: int) -> bool:
    """Whether time alone changes something now."""
    return due_in(kind, condition, now_ns) == 0.0


def _tick(kind: Kind, condition: Condition, now_ns: int) -> Tick:
    due = kind.due_ns(condition)
    return Tick(due if due is not None and due > now_ns + _FARTHEST_NS else now_ns)


def fold(kind: Kind, condition: Condition, observations: Sequence[Observation], now_ns: int, *, asked: bool) -> Folded:
    """Fold observations in, in the kind's order, then the moment itself.

    `asked` says that the program was asked to end. What comes behind its end is told and revives nobody.
    """
    condition, drafts, _ = fold_spending(kind, condition, observations, now_ns, asked=asked)
    return condition, drafts


def fold_spending(
    kind: Kind, condition: Condition, observations: Sequence[Observation], now_ns: int, *, asked: bool
) -> tuple[Condition, list[NewEntry], list[Spent]]:
    """The same, and what was spent when."""
    drafts: list[NewEntry] = []
    spent: list[Spent] = []
    observations = setting_up.first(kind.in_order(observations))
    for index in range(len(observations) + 1):
        seen = observations[index] if index < len(observations) else _tick(kind, condition, now_ns)
        before, known = condition.state, condition
        if isinstance(seen, Ending):
            condition = replace(condition, ending=seen.why)
            continue
        if isinstance(seen, Outside):
            condition, told = straying.observe(condition, seen)
            drafts += told
            continue
        if before in OVER and isinstance(seen, SetUp):
            continue
        if before in OVER and not isinstance(seen, Exit):
            # What comes late (the last transcript lines) is still told, but revives nobody.
            after, told = kind.observe(condition, seen)
            drafts += [d for d in told if d.kind in ("text", "tool", "prompt", "turn")]
            condition = _same_state(after, condition)
            spent += spending.between(known, condition, seen.at_ns)
            continue
        if isinstance(seen, SetUp) or setting_up.tells_nothing(condition, seen):
            condition, told = setting_up.observe(condition, seen)
            drafts += told
            continue
        condition = was = setting_up.has_spoken(condition, seen)
        if isinstance(seen, Settling):
            condition, told = settling.take(condition, seen)
            drafts += told
        condition, caused = kind.observe(condition, seen)
        if isinstance(seen, Exit):
            condition, told = ending.observe(condition, seen, asked=asked)
            caused = [*caused, *told]
        condition = _unlimited(kind, condition)
        spent += spending.between(known, condition, seen.at_ns)
        condition, told = settling.dialog(kind, was, condition, seen.at_ns)
        # What was decided stands before what came of it, which may be the end of the program.
        drafts += [*told, *caused]
        if condition.state != before:
            drafts.append(
                NewEntry("state", condition.state, seen.at_ns, {"from": before, "evidence": condition.evidence})
            )
    drafts = [_ours(kind, draft) for draft in drafts] if asked else drafts
    return _doing(condition, drafts), drafts, spent


def _ours(kind: Kind, draft: NewEntry) -> NewEntry:
    """What `stop` has typed is nobody's word to the agent."""
    if draft.kind != "prompt" or kind.QUIT is None or draft.text.strip() != kind.QUIT:
        return draft
    return replace(draft, kind="note", text=f"asked to end: {kind.QUIT}")


def _unlimited(kind: Kind, condition: Condition) -> Condition:
    """When a limit ends is of interest while it stands, also where it has ended the program."""
    if condition.state == "failed" and (until := kind.limited_until(condition)) is not None:
        return replace(condition, resets_ns=until, goes_on=False)
    if condition.state == "limited" or (condition.resets_ns is None and not condition.goes_on):
        return condition
    return replace(condition, resets_ns=None, goes_on=False)


def _doing(condition: Condition, drafts: Sequence[NewEntry]) -> Condition:
    """With the last prompt or call that was told: what `ls` shows without asking the journal."""
    last = next((draft.text for draft in reversed(drafts) if draft.kind in ("prompt", "tool")), None)
    # Of a long text only the beginning is split.
    line = " ".join(last[: _LINE * 4].split()) if last is not None else condition.doing
    return replace(condition, doing=line[: _LINE - 1] + "…" if len(line) > _LINE else line)


def _same_state(after: Condition, before: Condition) -> Condition:
    return replace(
        after,
        state=before.state,
        since_ns=before.since_ns,
        evidence=before.evidence,
        dialog=before.dialog,
        reason=before.reason,
    )
