"""What a sentence about the order of a squad means: who waits for whom, how many at once; or that it is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from tmuxagents import clock
from tmuxagents.value import Value

Ids = tuple[str, ...]
Find = Callable[[str], str | None]
"""The id of the agent that a word means; None where it means none."""


class Meaning(Value):
    """`waits`: pairs of who waits and for whom. `step`: those who begin together, in a numbered list after the number
    before. `told` is what one of them is told beside. The others bound the whole."""

    waits: Sequence[tuple[str, str]] = ()
    step: Ids = ()
    alone: Ids = ()
    told: str = ""
    max_parallel: int | None = None
    budget_usd: float | None = None
    timeout_s: float | None = None
    words: str = ""
    nothing: bool = False


_ARROW = re.compile(r"\s*(?:-+>|=+>|→|⟶|➜|➡️?)\s*")
_AFTER = re.compile(
    r"(.+?)\s+(?:(?:starts?|begins?|runs?|goes|works?|comes?)\s+)?(?:only\s+)?"
    r"(?:after|depends on|depend on|waits? for|waits? until|once|when)\s+(.+?)"
    r"(?:\s+(?:is|are|has|have)?\s*(?:done|finished|complete|completed|merged|ready|succeeded))?",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"(.+?)\s+(?:(?:starts?|begins?|runs?|goes|comes?)\s+)?before\s+(.+)", re.IGNORECASE)
_READS = re.compile(
    r"(.+?)\s+(?:reviews?|checks?|tests?|verif(?:y|ies)|summari[sz]es?|combines?|merges?)\s+"
    r"(?:the work of\s+|the results? of\s+)?(.+)",
    re.IGNORECASE,
)
_ALONE = re.compile(r"(.+?)\s+(?:runs?|works?)\s+alone", re.IGNORECASE)
_TOGETHER = re.compile(
    r"(?:(?:run|start|launch|spawn)\s+)?(.+?)\s+(?:(?:can\s+|may\s+)?(?:run|work|start)s?\s+)?"
    r"(?:in parallel|together|at the same time|at once|concurrently|simultaneously|side by side)",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:(?:run\s+)?(?:at most|no more than|up to|max(?:imum)?(?:\s+of)?)\s+(\d+)(?:\s+agents?)?"
    r"(?:\s+(?:run\s+)?(?:in parallel|at once|at a time|at the same time|together|concurrently))?"
    r"|max(?:imum)?[ _-](?:parallel|agents|concurrency):?\s+(\d+))",
    re.IGNORECASE,
)
_BUDGET = re.compile(r"(?:total\s+)?budget:?\s+\$?(\d+(?:\.\d+)?)(?:\s*(?:usd|dollars))?", re.IGNORECASE)
_TIME = re.compile(r"(?:time ?out|time limit):?\s+(\d+[smhd]?)", re.IGNORECASE)
_DIAGRAM = re.compile(r"(?:graph|flowchart)(?:\s+\w+)?;?|```+\s*\w*|~~~+\s*\w*", re.IGNORECASE)
_LEAD = re.compile(r"(?:first|then|next|finally|last|lastly|step \d+|phase \d+|wave \d+)[,:]?\s+", re.IGNORECASE)
_EVERYBODY = re.compile(
    r"(?:all(?: the)? (?:agents|of them)|everybody|everyone|all|(?:all )?(?:the )?(?:others|other agents)|the rest)",
    re.IGNORECASE,
)


def meaning(text: str, find: Find, everybody: Sequence[str]) -> Meaning | None:
    """What the sentence means; None where that is not known."""
    if _DIAGRAM.fullmatch(text.strip()):
        return Meaning(nothing=True)
    text = re.sub(r"\*\*|__|`", "", text).strip().rstrip(".;!").strip()
    if not text:
        return Meaning(nothing=True)
    bound = _bound(text)
    if bound is not None:
        return bound

    def group(words: str) -> Ids | None:
        return ids(words, find, everybody)

    return _chain(text, group) or _sentence(_LEAD.sub("", text, count=1), group)


def ids(words: str, find: Find, everybody: Sequence[str]) -> Ids | None:
    """The agents of `api, web and docs`; None where a word of it is none."""
    words = words.strip().strip("()[]{};").strip()
    words = re.sub(r"^(?:both|the)\s+", "", words, flags=re.IGNORECASE)
    if _EVERYBODY.fullmatch(words):
        return tuple(everybody)
    found = []
    for word in re.split(r"\s*(?:,\s*and\s|,|\s\+\s|\s&\s|\s\|\|\s|\s\|\s|\sand\s|\splus\s)\s*", words):
        one = find(word.strip("()[]{} "))
        if one is None:
            return None
        found.append(one)
    return tuple(dict.fromkeys(found))


def _bound(text: str) -> Meaning | None:
    if most := _MOST.fullmatch(text):
        number = int(most[1] or most[2])
        return Meaning(max_parallel=number, words=f"at most {number} at once") if number else None
    if budget := _BUDGET.fullmatch(text):
        return Meaning(budget_usd=float(budget[1]), words=f"a budget of ${float(budget[1]):g}")
    if time := _TIME.fullmatch(text):
        limit = clock.duration(time[1])
        return Meaning(timeout_s=limit, words=f"a time limit of {time[1]}") if limit else None
    return None


def _chain(text: str, group: Callable[[str], Ids | None]) -> Meaning | None:
    """`api, web -> tests -> docs`."""
    links = [group(part) for part in _ARROW.split(text)] if _ARROW.search(text) else []
    if len(links) < 2 or any(link is None for link in links):
        return None
    known = [link for link in links if link is not None]
    pairs = [(late, early) for before, after in pairwise(known) for late in after for early in before if late != early]
    return Meaning(waits=pairs, words=_waiting(pairs))


def _sentence(text: str, group: Callable[[str], Ids | None]) -> Meaning | None:
    for pattern, turned in ((_AFTER, False), (_BEFORE, True), (_READS, False)):
        match = pattern.fullmatch(text)
        late, early = (group(match[1]), group(match[2])) if match else (None, None)
        if late is not None and early is not None:
            late, early = (early, late) if turned else (late, early)
            pairs = [(one, other) for one in late for other in early if one != other]
            return Meaning(waits=pairs, words=_waiting(pairs)) if pairs else None
    if (match := _ALONE.fullmatch(text)) and (alone := group(match[1])) is not None:
        return Meaning(alone=alone, words=f"nothing runs beside {_and(alone)}")
    if (match := _TOGETHER.fullmatch(text)) and (together := group(match[1])) is not None:
        return Meaning(step=together, words=f"{_and(together)} begin together")
    step = group(text)
    if step is not None:
        return Meaning(step=step, words=f"{_and(step)} begin{'s' if len(step) == 1 else ' together'}")
    return _told(text, group)


def _told(text: str, group: Callable[[str], Ids | None]) -> Meaning | None:
    """`api: the endpoints first`, where one agent is meant."""
    match = re.fullmatch(r"(.+?)(?::|\s[–—-])\s+(.+)", text)
    who = group(match[1]) if match else None
    if match is None or who is None or len(who) != 1:
        return None
    return Meaning(step=who, told=match[2], words=f"{who[0]} begins, and is told: {match[2]}")


def _waiting(pairs: Iterable[tuple[str, str]]) -> str:
    waits: dict[str, list[str]] = {}
    for late, early in pairs:
        waits.setdefault(late, []).append(early)
    return "; ".join(f"{late} waits for {_and(early)}" for late, early in waits.items())


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
