"""What the real programs were seen to do, kept under `tests/data`, and how the controller would fold it.

A screen is `NAME.ansi`, as `capture-pane -p -e` gave it; a conversation is `NAME.jsonl`, one
observation a line in the order in which they could be seen:

    {"at": NS, "late_ms": N, "hook": EVENT, "payload": {…}}
    {"at": NS, "late_ms": N, "record": {…}, "source": "main"}
    {"at": NS, "late_ms": N, "report": {…}}

`at` is the moment that `services.ingest.readers` would give it, `late_ms` how much later it could be read.
Beside each stands `NAME.json`, what it must be taken for. A new case is two new files;
`python -m tests.support.golden` writes the second one where it is missing, for reading and correcting.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tmuxagents.kinds import claude, folding, registry
from tmuxagents.kinds.base import Kind
from tmuxagents.model.condition import Condition, Dialog
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Hook, Observation, Record, SelfReport
from tmuxagents.model.reading import Reading
from tmuxagents.value import as_dict

DATA = Path(__file__).parent.parent / "data"

CONVERSATION = "00000000-0000-4000-8000-000000000001"

SCREENS = sorted(DATA.glob("*/*/screens/*.ansi"))
CONVERSATIONS = sorted(DATA.glob("*/*/conversations/*.jsonl"))


def name(path: Path) -> str:
    """`2.1.330-idle`, for a test's id."""
    return f"{path.parent.parent.name}-{path.stem}"


def rows(path: Path) -> list[str]:
    """The screen's rows, as the driver gives them."""
    return path.read_text().split("\n")[:-1]


def expected(path: Path) -> Any:
    """What the case must be taken for."""
    return json.loads(path.with_suffix(".json").read_text())


@cache
def read(path: Path) -> Reading:
    """What `claude` reads in the screen. Hundreds take seconds: no module reads them all when it is imported,
    which each process does that runs tests."""
    return claude.KIND.read_screen(rows(path))


SHOWN = [path for path in SCREENS if expected(path)["dialog"] is not None]
"""The screens that show a dialog."""


def reading(seen: Reading) -> dict[str, Any]:
    """A reading as a case states it; the tail is the screen itself."""
    return {"draft": seen.draft, "dialog": None if seen.dialog is None else _dialog(seen.dialog), "notice": seen.notice}


def _dialog(dialog: Dialog) -> dict[str, Any]:
    """What differs from the defaults, behind what is always told; the text is the screen itself."""
    always = ("needs", "what", "choices", "preselected", "numbered")
    usual = as_dict(Dialog("dialog", ""))
    told = {k: v for k, v in as_dict(dialog).items() if k in always or (v != usual[k] and k not in ("text", "about"))}
    same: dict[str, Any] = json.loads(json.dumps(told))
    return same


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation, and when it could be read; None when it is read together with the next one."""

    one: Observation
    ns: int | None


def observations(path: Path) -> list[Seen]:
    """The conversation in the order in which it could be seen."""
    seen: list[Seen] = []
    file = CONVERSATION
    for raw in path.read_text().splitlines():
        line = json.loads(raw)
        at = line["at"]
        one: Observation
        if "hook" in line:
            one = Hook(line["hook"], line["payload"], at)
            file = str(line["payload"]["session_id"]) if line["hook"] == "SessionStart" else file
        elif "record" in line:
            one = Record(line["record"], at, line["source"], file)
        else:
            one = SelfReport(line["report"], at)
        seen.append(Seen(one, at + line["late_ms"] * 1_000_000))
    return seen


@dataclass(frozen=True, slots=True)
class Folded:
    """What came of a sequence of observations."""

    condition: Condition
    drafts: Sequence[NewEntry]
    states: Sequence[str]

    def of(self, *kinds: str) -> list[NewEntry]:
        """The entries of these kinds, in order."""
        return [draft for draft in self.drafts if draft.kind in kinds]


def fold(kind: Kind, seen: Iterable[Seen], condition: Condition | None = None) -> Folded:
    """Fold as whoever reads on does: time passes after each observation, and what falls due between is done.

    At the end time passes until nothing is due.
    """
    condition = condition or Condition(conversation=CONVERSATION)
    drafts: list[NewEntry] = []
    states: list[str] = [condition.state]

    def take(batch: Sequence[Observation], at_ns: int) -> None:
        nonlocal condition
        assert condition is not None
        condition, told = folding.fold(kind, condition, batch, at_ns, asked=False)
        drafts.extend(draft for draft in told if draft.kind != "state")
        states.extend(draft.text for draft in told if draft.kind == "state")

    def pass_time(until_ns: float) -> None:
        for _ in range(20):
            assert condition is not None
            due = kind.due_ns(condition)
            if due is None or due > until_ns:
                return
            take([], due)
        pytest.fail(f"something stays due for ever: {condition.kind_state}")

    batch: list[Observation] = []
    for each in seen:
        if not batch and each.ns is not None:
            pass_time(each.ns)
        batch.append(each.one)
        if each.ns is not None:
            take(batch, each.ns)
            batch = []
    pass_time(math.inf)
    return Folded(condition, drafts, states)


def outcome(folded: Folded) -> dict[str, Any]:
    """What came of a conversation, as a case states it."""
    condition, usage = folded.condition, folded.condition.usage
    return {
        "states": list(folded.states),
        "needs": [[draft.detail["needs"], draft.text] for draft in folded.of("needs")],
        "entries": [_entry(draft) for draft in folded.drafts],
        "state": condition.state,
        "reason": condition.reason,
        "turns": condition.turns,
        "last_text": condition.last_text,
        "tokens": [usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens],
        "microusd": usage.microusd,
        "conversation": condition.conversation,
    }


def _entry(draft: NewEntry) -> list[Any]:
    told = {key: value for key, value in draft.detail.items() if key not in ("digest", "needs")}
    return [draft.kind, draft.text, told] if told else [draft.kind, draft.text]


def written(case: Mapping[str, Any]) -> str:
    """The text of an expectation: a key a line, an entry a line."""

    def brief(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = []
    for key, value in case.items():
        inside = ",\n".join(f"  {brief(entry)}" for entry in value) if key == "entries" else ""
        lines.append(f" {brief(key)}: " + (f"[\n{inside}\n ]" if inside else brief(value)))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _write_missing() -> None:
    made = [(path, reading(claude.KIND.read_screen(rows(path)))) for path in SCREENS]
    made += [(path, outcome(fold(registry.kind("claude"), observations(path)))) for path in CONVERSATIONS]
    for path, case in made:
        if not path.with_suffix(".json").exists():
            path.with_suffix(".json").write_text(written(case))


if __name__ == "__main__":
    _write_missing()
