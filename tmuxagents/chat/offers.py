"""What Tab offers for the word before the cursor: commands, their options, agents."""

from __future__ import annotations

from collections.abc import Mapping

from tmuxagents.chat.roster import Member, Roster
from tmuxagents.chat.verbs import VERBS
from tmuxagents.value import Value


class Offer(Value):
    """A word in place of the last `length` characters, and what is said of it."""

    word: str
    length: int
    about: str = ""


Options = Mapping[str, Mapping[str, str]]
"""The options of each command of the chat, with their help."""


def offers(before: str, roster: Roster, options: Options) -> list[Offer]:
    """For the text before the cursor; nothing where it is a text for an agent."""
    line = before.lstrip()
    if line.startswith("@") and not any(c.isspace() for c in line):
        return _agents(line[1:], roster, all_=True)
    if not line.startswith("/"):
        return []
    word, blank, rest = line[1:].partition(" ")
    if not blank:
        found = [Offer(f"/{each}", len(word) + 1, verb.words) for each, verb in VERBS.items() if each.startswith(word)]
        return [] if [offer.word for offer in found] == [line] else found
    if word not in VERBS or "\n" in rest:
        return []
    last = rest.rpartition(" ")[2]
    if last.startswith("-"):
        known = options.get(word, {})
        return [Offer(option, len(last), about) for option, about in known.items() if option.startswith(last)]
    if VERBS[word].reads == "text" or word in ("run", "usage", "help", "quit", "quiet"):
        return []
    if VERBS[word].reads == "name+text" and rest.strip() != last.strip():
        return []
    return _agents(
        last.removeprefix("@"),
        roster,
        all_=word not in ("attach", "diff", "review", "last", "show"),
        settles=VERBS[word].settles,
    )


def is_offered(before: str) -> bool:
    """Whether Tab completes here; elsewhere it moves the focus."""
    line = before.lstrip()
    return line.startswith("/") or (line.startswith("@") and not any(c.isspace() for c in line))


def _agents(given: str, roster: Roster, *, all_: bool, settles: bool = False) -> list[Offer]:
    head, _, last = given.rpartition(",")
    had = frozenset(each.removeprefix("@") for each in head.split(","))
    last = last.removeprefix("@")
    chosen = [member for member in roster.members if not settles or member.asked is not None]
    found = [Offer(member.name, len(last), _about(member)) for member in chosen if member.name not in had]
    everybody = [Offer("all", len(last), "each of them")] if all_ and chosen and not head else []
    return [offer for offer in [*found, *everybody] if offer.word.startswith(last)]


def _about(member: Member) -> str:
    return f"needs {member.asked.needs}" if member.asked is not None else member.state
