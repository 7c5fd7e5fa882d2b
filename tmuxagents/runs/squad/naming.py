"""Which agents of a squad are meant by words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tmuxagents import names
from tmuxagents.model.manifest import Place
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad import markdown, sentences, settings

Titles = Mapping[str, str]
"""What each agent is called, by its id."""


def find(word: str, titles: Titles) -> str | None:
    """The id of the agent that the word means; None where it means none."""
    bare = re.sub(r"(?i)\s+agents?$|^(?:the|agent)\s+|^@", "", markdown.plain(word))
    meant = names.suggest(bare) if re.search(r"[A-Za-z]", bare) else ""
    return next((one for one, title in titles.items() if meant == one or word.strip() == title), None)


def named(words: str, line: int, titles: Titles) -> list[str]:
    """The ids of those that are listed; `Fault` where one is no agent."""
    plain = markdown.plain(words)
    if plain.lower() in ("none", "nothing", "nobody", "-", "—", "no one", "n/a"):
        return []
    found = sentences.ids(plain, lambda word: find(word, titles), list(titles))
    if found is None:
        near = names.did_you_mean(names.nearest(settings.identity(plain), titles), f": {', '.join(titles)}")
        raise Fault(Place(line, 1), f"cannot tell which agents '{cut(plain)}' are{near}")
    return list(found)
