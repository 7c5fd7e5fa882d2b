"""Who is in the chat, as far as the chat has to know them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from tmuxagents import names
from tmuxagents.kinds import choices
from tmuxagents.model import settling_key
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Dialog, State
from tmuxagents.model.notice import dialog_id
from tmuxagents.names import AgentId
from tmuxagents.output import needing
from tmuxagents.value import Value


class Asked(Value):
    """A dialog that an agent waits on: its `id`, what it needs, what it is about on one line, all that has to be known
    to decide in `beneath`, and the verb that settles it. `whole`: nothing of it was cut away before it came here."""

    id: str
    needs: str
    what: str
    beneath: tuple[str, ...]
    verb: choices.Verb
    open: int = 1
    whole: bool = True

    @property
    def takes_yes(self) -> bool:
        """Whether one key can say yes or no to it."""
        return self.verb == "approve"


class Member(Value):
    """An agent. `here`: it works in the project that the reader stands in. `run`: the run that it belongs to."""

    id: AgentId
    name: str
    state: State
    since_ns: int
    color: int = 0
    microusd: int | None = None
    here: bool = True
    asked: Asked | None = None
    run: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether its program runs, as far as is known."""
        return self.state not in OVER


class Roster(Value):
    """All that are not forgotten, oldest first, and the names of those that are."""

    members: tuple[Member, ...] = ()
    removed: frozenset[str] = frozenset()

    def meant(self, patterns: Sequence[str], fit: Iterable[Member] | None = None) -> list[Member]:
        """Whom these words mean, as on the command line; of `all` and globs those who are `fit`. `AgentNotFound` says
        whom one could mean that means nobody, or several by their beginning."""
        known = {member.name: member for member in self.members}
        named = None if fit is None else {member.name for member in fit}
        meant = names.expanded(patterns, {member.name: member.run for member in self.members})
        chosen = names.select(meant, known, named, removed=self.removed.__contains__)
        return [known[name] for name in chosen]

    def by_id(self, wanted: AgentId | None) -> Member | None:
        """That one, if it is not forgotten."""
        return next((member for member in self.members if member.id == wanted), None)

    @property
    def there(self) -> list[Member]:
        """Those whose programs run."""
        return [member for member in self.members if member.is_there]

    @property
    def waiting(self) -> list[Member]:
        """Those who wait on a dialog, who has waited longest first."""
        found = [member for member in self.there if member.asked is not None]
        return sorted(found, key=lambda member: member.since_ns)


def roster(
    agents: Iterable[Agent], here: Sequence[AgentId] | None = None, removed: frozenset[str] = frozenset()
) -> Roster:
    """The chat's view of these agents; `here` are those of this project (None: all)."""
    return Roster(tuple(_member(agent, here is None or agent.id in here) for agent in agents), removed)


def _member(agent: Agent, here: bool) -> Member:
    condition = agent.condition
    return Member(
        agent.id,
        str(agent.name),
        condition.state,
        condition.since_ns,
        agent.color,
        condition.usage.microusd,
        here,
        _asked(agent),
        agent.run,
    )


def _asked(agent: Agent) -> Asked | None:
    dialog, known = agent.condition.dialog, dialog_id(agent.id, agent.generation, agent.condition)
    if dialog is None or known is None or agent.condition.state != "waiting":
        return None
    whole = settling_key.is_whole(dialog)
    return Asked(known, dialog.needs, dialog.what, _beneath(dialog), choices.verb(dialog), dialog.open, whole)


@functools.lru_cache(maxsize=64)
def _beneath(dialog: Dialog) -> tuple[str, ...]:
    """Kept: the agents are looked at ten times a second, and a dialog stands for minutes."""
    detail = choices.needed(dialog)
    if dialog.needs == "permission" and choices.verb(dialog) == "approve":
        # Yes and no say all; that there are choices which allow more stands on the page of the agent.
        detail.pop("choices", None)
    return tuple(needing.beneath(detail, show=None))
