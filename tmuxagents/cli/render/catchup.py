"""What happened since somebody looked last: a page of text, or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents import clock
from tmuxagents.cli.render.stream import as_told, command_for, show_command
from tmuxagents.kinds import choices
from tmuxagents.output import needing, rendering
from tmuxagents.output.safe_text import clean, one_line
from tmuxagents.services.fleet.catchup import Account, Catchup

_MOST = 5
"""So many things of one sort are told; how many more there are is counted."""

_SAYS = 3
"""Lines of what it says now."""

_RED, _YELLOW, _DIM = "31", "33;1", "2"
_STYLES = {"failed": _RED, "waits": _YELLOW}
_LABEL = 9


def page(found: Catchup, *, now_ns: int, width: int | None, color: bool) -> str:
    """A head with the sums, then each agent; no row is wider than `width`."""
    rows = rendering.hang("", head(found, now_ns), width)
    for account in found.accounts:
        rows += ["", *_agent(account, now_ns, width, color)]
    return "\n".join(rows)


def head(found: Catchup, now_ns: int) -> str:
    """`Since 22:10:04 (9h ago): 3 agents, 12 turns, 40 tool calls, $1.2345; 1 waits for you`"""
    if found.since_ns is None:
        return f"Nothing new{_waiting(found)}"
    began = f"Since {clock.local_hms(found.since_ns)} ({clock.ago(found.since_ns, now_ns)} ago)"
    told = [one for one in found.accounts if one.entries]
    parts = [
        counted(len(told), "agent"),
        counted(sum(one.turns for one in told), "turn"),
        counted(sum(sum(one.tools.values()) for one in told), "tool call"),
        *money([one.cost_usd for one in told]),
    ]
    return f"{began}: {', '.join(parts)}{_waiting(found)}"


def lines(account: Account) -> list[tuple[str, str]]:
    """What is told of an agent: a label and a text, which may have several lines."""
    pairs = [
        ("asked", _several([_first_line(text) for text in account.asked])),
        ("did", _did(account)),
        ("files", _listed(account.files)),
        ("ran", _listed(account.commands)),
        ("decided", _several([one_line(text, 200) for text in account.decisions])),
        ("failed", _several([one_line(as_told(text), 400) for text in account.failures])),
        ("exit", _several([one_line(as_told(text), 400) for text in account.ends])),
        ("noted", _several([one_line(text, 200) for text in account.notes])),
        ("says", _first_lines(account.says or "")),
    ]
    pairs.append(("waits", _waits(account)))
    return [(label, text) for label, text in pairs if text]


def title(account: Account, now_ns: int) -> str:
    """`working for 3m, 2 turns, $0.0312`"""
    state = "removed" if account.now is None else f"{account.now.words} for {clock.ago(account.now.since_ns, now_ns)}"
    cut_short = f" ({account.interrupted} interrupted)" if account.interrupted else ""
    turns = [counted(account.turns, "turn") + cut_short] if account.turns else []
    return ", ".join([state, *turns, *money([account.cost_usd])])


def _agent(account: Account, now_ns: int, width: int | None, color: bool) -> list[str]:
    name = one_line(account.agent)
    rows = rendering.hang(f"{name}  ", title(account, now_ns), width)
    rows[0] = rendering.named(rows[0], len(name), account.color) if color else rows[0]
    for label, text in lines(account):
        told = rendering.hang(f"  {label:<{_LABEL}}", text, width)
        style = _STYLES.get(label, _DIM)
        rows += [_painted(told[0], label, style) if color else told[0], *told[1:]]
    return rows


def _painted(row: str, label: str, sgr: str) -> str:
    return f"  \x1b[{sgr}m{label}\x1b[0m{row[2 + len(label) :]}"


def _waits(account: Account) -> str:
    """What must be known to decide, and the command that settles it."""
    if not account.waits or account.now is None or account.now.dialog is None:
        return account.now.words if account.waits and account.now is not None else ""
    dialog = account.now.dialog
    beneath = needing.beneath(choices.needed(dialog), show=show_command(account.agent))
    said = f"{account.now.words}: {one_line(dialog.what, 200)}"
    return "\n".join([said, *beneath, command_for(account.agent, dialog)])


def _did(account: Account) -> str:
    if not account.tools:
        return ""
    calls = ", ".join(f"{count} {one_line(name, 40)}" for name, count in account.tools.items())
    tests = f"; {account.tests} of the commands {'was a test' if account.tests == 1 else 'were tests'}"
    return f"{counted(sum(account.tools.values()), 'tool call')}: {calls}" + (tests if account.tests else "")


def _several(texts: Sequence[str]) -> str:
    """One a line; the last ones, where there are many."""
    left = len(texts) - _MOST
    return "\n".join([*([f"({left} earlier)"] if left > 0 else []), *texts[-_MOST:]])


def _listed(texts: Sequence[str]) -> str:
    left = len(texts) - _MOST
    named = [one_line(text, 60) for text in texts[:_MOST]]
    return ", ".join([*named, *([f"{left} more"] if left > 0 else [])])


def _first_line(text: str) -> str:
    told = [row for row in clean(text).split("\n") if row.strip()]
    return (one_line(told[0], 200) + (" …" if len(told) > 1 else "")) if told else ""


def _first_lines(text: str) -> str:
    told = [row.rstrip() for row in clean(text).strip().split("\n") if row.strip()]
    return "\n".join([one_line(row, 200) for row in told[:_SAYS]] + (["…"] if len(told) > _SAYS else []))


def _waiting(found: Catchup) -> str:
    count = sum(1 for one in found.accounts if one.waits)
    return f"; {count} {'waits' if count == 1 else 'wait'} for you" if count else ""


def counted(count: int, word: str) -> str:
    """`1 turn`, `2 turns`"""
    return f"{count} {word}{'' if count == 1 else 's'}"


def money(costs: Sequence[float | None]) -> list[str]:
    """The sum; nothing where nothing is known."""
    known = [cost for cost in costs if cost is not None]
    return [f"${sum(known):.4f}"] if known else []


def as_json(found: Catchup) -> dict[str, Any]:
    """By the contract: no key is ever missing, unknown is None."""
    return {"since": clock.rfc3339(found.since_ns), "agents": [_account_json(one) for one in found.accounts]}


def _account_json(one: Account) -> Mapping[str, Any]:
    dialog = one.now.dialog if one.now is not None else None
    waits = None
    if one.waits and one.now is not None:
        waits = {
            "needs": one.now.needs,
            "what": dialog.what if dialog is not None else None,
            "choices": list(dialog.choices) if dialog is not None else [],
            "command": command_for(one.agent, dialog) if dialog is not None else None,
        }
    return {
        "agent": one.agent,
        "id": one.agent_id,
        "state": one.now.state if one.now is not None else None,
        "entries": one.entries,
        "first": clock.rfc3339(one.first_ns) if one.entries else None,
        "last": clock.rfc3339(one.last_ns) if one.entries else None,
        "asked": list(one.asked),
        "tools": dict(one.tools),
        "files": list(one.files),
        "commands": list(one.commands),
        "tests": one.tests,
        "turns": one.turns,
        "interrupted": one.interrupted,
        "cost_usd": one.cost_usd,
        "decisions": list(one.decisions),
        "failures": [as_told(text) for text in one.failures],
        "ends": [as_told(text) for text in one.ends],
        "notes": list(one.notes),
        "says": one.says,
        "waits": waits,
    }
