"""The times in which tasks of a run waited, and for what: recorded as it goes, told at its end."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents.model.run import AgentNow, Facts, Next, Span, Why
from tmuxagents.value import replace

_WAITS: Mapping[AgentNow, Why] = {"needs-you": "needs-you", "limited": "limited"}


def moved(waiting: Mapping[str, Span], facts: Facts, step: Next) -> list[Span]:
    """The spans to be recorded after a step: those of `waiting` (by key, the ones without an end) that are over, and
    those that begin. A span is known by its key and `from_ns`; one that goes on is not among them."""
    now = _waits(facts, step)
    over = [replace(span, to_ns=facts.now_ns) for key, span in waiting.items() if now.get(key) != span.why]
    new = [Span(key, why, facts.now_ns) for key, why in now.items() if key not in waiting or waiting[key].why != why]
    return over + new


def _waits(facts: Facts, step: Next) -> dict[str, Why]:
    open_keys = {row.key for row in facts.tasks if row.state in ("begun", "checking")}
    found = {key: seen.waits_for or _WAITS.get(seen.now) for key, seen in facts.seen.items() if key in open_keys}
    return {**{key: why for key, why in found.items() if why is not None}, **step.held}
