"""Which agents a command means: by their names, of those that it applies to, in the project that one stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tmuxagents import names
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import State
from tmuxagents.value import Value, fresh

Applies = Callable[[Agent], bool]
Removed = Callable[[str], Agent | None]
"""The newest agent that had a name and was removed."""


class Place(Value):
    """A folder, without links on the way to it, and the repository that it is in."""

    folder: str
    repository: str | None


def is_here(here: Place, other: Place) -> bool:
    """Whether `other` belongs to the project that `here` is in: the repository with all its worktrees, else
    that folder and what is below."""
    if here.repository is not None:
        return here.repository == other.repository
    return other.folder == here.folder or other.folder.startswith(here.folder.rstrip("/") + "/")


class Choice(Value):
    """Who is meant, and who would be in other projects."""

    chosen: Sequence[Agent]
    elsewhere: Sequence[Agent] = ()


def choose(
    known: Sequence[Agent],
    patterns: Sequence[str],
    applies: Applies,
    here: Applies | None,
    *,
    whole: bool = False,
    removed: Removed = lambda name: None,
) -> Choice:
    """`all` and globs mean those that the verb `applies` to and that are `here` (None: everywhere); a name
    means its agent, whatever it does and wherever it is."""

    def select(fit: set[str]) -> list[names.AgentName]:
        return names.select(patterns, by_name, fit, whole=whole, removed=lambda name: removed(name) is not None)

    by_name = {str(agent.name): agent for agent in known}
    fit = {str(agent.name) for agent in known if applies(agent)}
    everywhere = select(fit)
    if here is None or not any(map(names.is_wide, patterns)):
        return Choice([by_name[name] for name in everywhere])
    near = {name for name in fit if here(by_name[name])}
    chosen = select(near)
    return Choice(
        [by_name[name] for name in chosen], [by_name[name] for name in everywhere if name not in frozenset(chosen)]
    )


def find(known: Sequence[Agent], patterns: Sequence[str], removed: Removed) -> list[Agent]:
    """Those that a command which reads means: a name means the agent that has it, then the newest removed one."""
    by_name = {str(agent.name): agent for agent in known}
    found: dict[str, Agent] = {}
    for pattern in (part for given in patterns for part in names.parts(given)):
        taken = pattern in by_name or names.numbered(pattern) in by_name or names.is_wide(pattern)
        gone = None if taken else removed(pattern) or removed(names.numbered(pattern))
        meant = [gone] if gone is not None else [by_name[name] for name in names.select([pattern], by_name)]
        found.update((agent.id, agent) for agent in meant)
    return list(found.values())


class Narrowing(Value):
    """What a command that reads is narrowed to: these states, all of these labels, `here`; nothing narrows nothing."""

    states: frozenset[State] = fresh(default_factory=frozenset)
    labels: frozenset[str] = fresh(default_factory=frozenset)
    here: Applies | None = None

    def takes(self, agent: Agent) -> bool:
        """Whether that agent is among them."""
        in_state = not self.states or agent.condition.state in self.states
        return in_state and self.labels <= agent.labels and (self.here is None or self.here(agent))

    @property
    def is_empty(self) -> bool:
        """Whether it takes everybody."""
        return not self.states and not self.labels and self.here is None
