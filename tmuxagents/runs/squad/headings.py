"""What each heading of a squad is: an agent, all of them, their order, or what is said to everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from tmuxagents import names
from tmuxagents.model.manifest import Place
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad import markdown
from tmuxagents.runs.squad.markdown import Section
from tmuxagents.value import Value

GROUPS = ("agents", "team", "squad", "roles", "members", "roster", "the team", "the squad", "the agents",
          "squad members", "team members", "agent roster", "workers")  # fmt: skip
ORDER = ("orchestration", "workflow", "order", "coordination", "execution", "execution order", "pipeline", "flow",
         "plan", "execution plan", "sequence", "run order", "dependencies", "scheduling", "phases")  # fmt: skip
SHARED = ("rules", "conventions", "shared rules", "ground rules", "context", "goal", "goals", "overview", "project",
          "notes", "mission", "constraints", "about", "guidelines", "shared context", "background", "objective",
          "principles", "definition of done", "global rules", "common rules", "communication")  # fmt: skip
"""The titles that are no agent's, in small letters. Each other heading is one, or is not understood."""

What = Literal["name", "agents", "agent", "order", "shared"]


class Taken(Value):
    """A heading for what it is; an agent's with those below it."""

    what: What
    parts: Sequence[Section]


def taken(sections: Sequence[Section]) -> Iterator[Taken]:
    """Each of them, in their order; `Fault` where one is reached of which that cannot be told."""
    grouped = any(part.level > 1 and title(part) in GROUPS for part in sections)
    inside: What | None = None
    named, level = False, 0
    agent: list[Section] = []
    for part in sections:
        if agent and part.level > agent[0].level:
            agent.append(part)
            continue
        if agent:
            yield Taken("agent", agent)
        inside = None if part.level <= level else inside
        what = _what(part, inside, named=named, grouped=grouped)
        agent = [part] if what == "agent" else []
        if what == "name":
            named = bool(part.title)
        elif part.level and what in ("order", "agents", "shared") and what != inside:
            inside, level = what, part.level
        if not agent:
            yield Taken(what, [part])
    if agent:
        yield Taken("agent", agent)


def title(part: Section) -> str:
    """Its words in small letters, as they are looked up."""
    return re.sub(r"[^\w\s/&-]", "", part.title).strip().rstrip(":").lower()


def _what(part: Section, inside: What | None, *, named: bool, grouped: bool) -> What:
    words = title(part)
    if inside in ("order", "shared") or part.level == 0:
        return inside or "shared"
    if words in ORDER and inside != "agents":
        return "order"
    if part.level == 1 and not named and (words not in GROUPS or not markdown.rows(part.lines)):
        return "name"
    if words in GROUPS:
        return "agents"
    if inside == "agents" and words not in ORDER:
        return "agent"
    if words in SHARED:
        return "shared"
    if grouped or inside:
        known = [word for word in (*GROUPS, *ORDER, *SHARED) if word != words]
        near = "" if words in ORDER else names.did_you_mean(names.nearest(words, known))
        what = f"cannot tell whether '{cut(part.title)}' is an agent or the order"
        raise Fault(Place(part.line, 1), f"{what}{near}")
    return "agent"
