"""A pull request in words: for the list, and for the agent whose branch it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tmuxagents import clock
from tmuxagents.model.pull import Check, Pull, Remark
from tmuxagents.output.safe_text import clean, one_line

LONGEST_REMARK = 2_000
"""Characters of one comment that are quoted."""

MOST = 20
"""Comments, and checks, that are told at once: more stand behind the address."""

_CHECKS = {"none": "no checks", "pass": "checks pass", "fail": "checks fail", "pending": "checks run"}


def summary(pull: Pull) -> str:
    """`pr #12: checks fail, 1 of 3 rounds`"""
    if pull.state != "open":
        return f"pr #{pull.number}: {pull.state}"
    if not pull.watched:
        used = f": {pull.told} of {pull.rounds} rounds, not watched any more" if pull.told else ""
        return f"pr #{pull.number}{used}"
    checks = _CHECKS.get(pull.checks, "checks wait for somebody")
    if pull.trouble or pull.looked_ns is None:
        checks = "GitHub cannot be asked" if pull.trouble else "not looked at yet"
    paused = ", paused" if pull.paused else ""
    return f"pr #{pull.number}: {checks}, {pull.told} of {pull.rounds} rounds{paused}"


def as_json(pull: Pull) -> dict[str, object]:
    """What is recorded of it, by the contract."""
    return {
        "number": pull.number,
        "url": pull.url,
        "state": pull.state,
        "watched": pull.watched,
        "paused": pull.paused,
        "checks": pull.checks if pull.looked_ns is not None else None,
        "told": pull.told,
        "rounds": pull.rounds,
        "others": pull.others,
        "trouble": pull.trouble,
        "looked": clock.rfc3339(pull.looked_ns),
    }


def left_out(pull: Pull) -> str:
    """How many comments did not go to the agent; empty where all did."""
    if not pull.others:
        return ""
    many = pull.others > 1
    return f"{pull.others} {'comments' if many else 'comment'} of others {'are' if many else 'is'} not told to it"


def prompt(pull: Pull, head: str, checks: Sequence[Check], remarks: Sequence[Remark]) -> str:
    """What the agent is told. What people wrote is quoted, row by row, and cut; nothing in it can act on a terminal."""
    parts = [f"Pull request #{pull.number} of your branch '{_named(pull.branch, 200)}' ({pull.url}):"]
    if checks:
        rows = [f"- {_named(each.name, 100)}: {_named(each.said, 40)} {_address(each.url)}" for each in checks[:MOST]]
        parts.append("\n".join([f"Checks that fail at commit {head[:8]}:", *(row.rstrip() for row in rows)]))
    if remarks:
        parts.append("Comments of people with write access, each quoted:")
        parts += [_quoted(one) for one in remarks[:MOST]]
    more = max(0, len(checks) - MOST) + max(0, len(remarks) - MOST)
    if more:
        parts.append(f"{more} more stand at that address.")
    parts.append("See to it and commit what you change. Push that branch if you may; without force.")
    return "\n\n".join(parts)


def _quoted(remark: Remark) -> str:
    text = _unmentioned(clean(remark.text)).strip()
    cut = [f"(cut; the rest: {_address(remark.url)})"] if len(text) > LONGEST_REMARK else []
    rows = [f"> {row}".rstrip() for row in text[:LONGEST_REMARK].split("\n")]
    return "\n".join([f"{_named(remark.author, 60)} {_named(remark.place, 300)}:", *rows, *cut])


def _unmentioned(text: str) -> str:
    """Agent programs read `@name` in a prompt as a file that they are to take in, asking nobody."""
    return re.sub(r"(?<![\w./:-])@(?=\S)", "@ ", text)


def _named(text: str, limit: int) -> str:
    return one_line(_unmentioned(clean(text)), limit)


def _address(url: str) -> str:
    """One as GitHub gives it; of anything else nothing is kept."""
    plain = one_line(url, 300)
    return plain if plain.startswith(("https://", "http://")) and " " not in plain else ""
