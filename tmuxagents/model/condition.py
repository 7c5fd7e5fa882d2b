"""What is known of an agent at a moment, and where the knowledge comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["starting", "working", "waiting", "idle", "limited", "ended", "failed", "lost", "queued", "unknown"]
Need = Literal["permission", "question", "plan", "trust", "login", "dialog"]

OVER: frozenset[State] = frozenset({"ended", "failed", "lost"})
"""The states in which no program runs."""

READY: frozenset[State] = frozenset({"idle", "limited"})
"""The states in which a prompt starts a turn at once."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """What an agent is waiting on: a title, the choices as shown, which one is preselected."""

    needs: Need
    what: str
    choices: tuple[str, ...] = ()
    preselected: int | None = None
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in sum over an agent's life, subagents included, and money in micro-dollars.

    `microusd` is None until the agent program has said what it cost.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    microusd: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """The state of one agent, folded from everything observed so far.

    `since_ns` is when the state began; `evidence` names the observation that says so;
    `reason` is shown beside the state (`429 · retrying in 4s`). `turn` counts turns begun,
    `turns` turns ended, so a prompt taken in turn N is answered when `turns >= N`.
    `own` is the kind's private memory, JSON only.
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
    usage: Usage = field(default_factory=Usage)
    exit_code: int | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> Need | None:
        """Why it is waiting; None when it is not."""
        return self.dialog.needs if self.dialog is not None else None


def to_json(condition: Condition) -> dict[str, Any]:
    """A JSON object from which `from_json` makes an equal condition."""
    return asdict(condition)


def from_json(raw: Mapping[str, Any]) -> Condition:
    """The condition that `to_json` wrote, also by an older version: unknown keys are dropped."""
    values = _known(Condition, raw)
    if values.get("dialog") is not None:
        dialog = _known(Dialog, values["dialog"])
        values["dialog"] = Dialog(**{**dialog, "choices": tuple(dialog.get("choices", ()))})
    values["usage"] = Usage(**_known(Usage, values.get("usage", {})))
    return Condition(**values)


def _known(model: type, raw: Mapping[str, Any]) -> dict[str, Any]:
    names = model.__dataclass_fields__  # type: ignore[attr-defined]
    return {key: value for key, value in raw.items() if key in names}
