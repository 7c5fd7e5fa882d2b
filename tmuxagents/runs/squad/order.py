"""The order of a squad: who waits for whom, who runs alone, and what bounds the whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tmuxagents.model.manifest import Place
from tmuxagents.runs.cutting import cut_long
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad import markdown, naming, sentences
from tmuxagents.runs.squad.agents import Agent, Said
from tmuxagents.runs.squad.markdown import Item, Line
from tmuxagents.runs.squad.naming import Titles
from tmuxagents.runs.squad.sentences import Ids, Meaning
from tmuxagents.value import Value, fresh


class Order(Value, frozen=False):
    """`waits`: for whom each waits, by their ids. `told` is what one is told there. `bounds` are fields of the
    manifest; `budget` is where that one was said. `said` is how each line was taken."""

    waits: dict[str, list[str]]
    alone: set[str] = fresh(default_factory=set)
    told: dict[str, list[str]] = fresh(default_factory=dict)
    bounds: dict[str, Any] = fresh(default_factory=dict)
    budget: Place = Place(1, 1)
    said: list[Said] = fresh(default_factory=list)


def read(agents: Mapping[str, Agent], lines: Iterable[Line]) -> Order:
    """By what each agent says of itself, then by the lines about their order."""
    titles = {identity: agent.title for identity, agent in agents.items()}
    order = Order({identity: [] for identity in agents})
    for identity, agent in agents.items():
        for line, words in agent.after:
            others = [one for one in naming.named(words, line, titles) if one != identity]
            order.said.append((line, f"'{identity}' waits for {', '.join(others) or 'nobody'}"))
            order.waits[identity] += others
    before: Ids = ()
    for each in lines:
        one = markdown.item(each)
        for sentence in _sentences(one):
            meant = _meaning(sentence, each.number, titles)
            if not meant.nothing:
                _take(order, meant, each.number, before if one.number is not None and meant.step else ())
                before = meant.step if one.number is not None and meant.step else before
    return order


def _sentences(one: Item) -> Iterator[str]:
    """Those of a line; a full stop within a name or a number ends none."""
    yield from (part for part in re.split(r"(?<=[a-z)`])[.;]\s+(?=[A-Z`*@(])", one.text) if part.strip())


def _meaning(sentence: str, line: int, titles: Titles) -> Meaning:
    meant = sentences.meaning(sentence, lambda word: naming.find(word, titles), list(titles))
    if meant is None:
        what = f"cannot tell what this means for the order: {cut_long(markdown.plain(sentence))}"
        raise Fault(Place(line, 1), what)
    return meant


def _take(order: Order, meant: Meaning, line: int, before: Ids) -> None:
    """`before` are those of the number before, for whom those of this one wait."""
    order.said.append((line, f"{meant.words}, after {', '.join(before)}" if before else meant.words))
    for late, early in meant.waits:
        order.waits[late].append(early)
    for late in meant.step if before else ():
        order.waits[late] += [early for early in before if early != late]
    for field in ("max_parallel", "budget_usd", "timeout_s"):
        value = getattr(meant, field)
        if value is not None:
            order.bounds[field] = value
    if meant.budget_usd:
        order.budget = Place(line, 1)
    order.alone.update(meant.alone)
    if meant.told:
        order.told.setdefault(meant.step[0], []).append(meant.told)
