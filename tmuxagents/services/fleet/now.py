"""All agents as they are now: what is recorded, set against what tmux shows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tmuxagents import names
from tmuxagents.drivers import files, process
from tmuxagents.drivers.tmux.snapshot import PaneNow, Snapshot
from tmuxagents.errors import AgentNotFound, AgentRemoved, TmuxMissing, TmuxUnreachable, word
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.services import agent_folder
from tmuxagents.services.app import CONFIG_WRONG, App
from tmuxagents.services.fleet import lost
from tmuxagents.services.server import controller_alive
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents
from tmuxagents.value import Value, replace

if TYPE_CHECKING:
    from tmuxagents.services.fleet.selection import Choice


class Fleet(Value):
    """The agents that are not forgotten, and the panes. `snapshot` is None when tmux cannot be asked:
    then `trouble` says why, and `hint` what to do. `removed` finds the newest forgotten agent of a name, `in_trash`
    says whether its worktree is kept."""

    agents: Sequence[Agent]
    snapshot: Snapshot | None
    folders: Path
    trouble: str | None = None
    hint: str | None = None
    removed: Callable[[str], Agent | None] = lambda name: None
    in_trash: Callable[[Agent], bool] = lambda agent: False

    def must_be_seen(self) -> None:
        """`TmuxUnreachable` where the states are unknown: who is lost cannot be said."""
        if self.snapshot is None:
            raise TmuxUnreachable(self.trouble or "tmux cannot be asked", hint=self.hint)

    def pane(self, agent: Agent) -> PaneNow | None:
        """The agent's pane, if it has one."""
        return self.snapshot.of(agent.id, agent.generation) if self.snapshot is not None else None

    def select(self, patterns: Sequence[str], applies: Callable[[Agent], bool] | None = None) -> list[Agent]:
        """The agents that the patterns mean, of `all` and globs those that the verb `applies` to.
        `LinkFound` when the folder of one holds a link."""
        by_name = {agent.name: agent for agent in self.agents}
        fit = {agent.name for agent in self.agents if applies(agent)} if applies is not None else None
        with self._told_of_trash():
            chosen = names.select(
                self._expanded(patterns), by_name, fit, removed=lambda name: self.removed(name) is not None
            )
        return self._without_links([by_name[name] for name in chosen])

    def find(self, patterns: Sequence[str]) -> list[Agent]:
        """Like `select`, for a command that reads: a name that nobody has means the newest removed agent of it."""
        from tmuxagents.services.fleet.selection import find

        return self._without_links(find(self.agents, self._expanded(patterns), self.removed))

    def _expanded(self, patterns: Sequence[str]) -> list[str]:
        """The name of a run means the agents that it has, those of its checks without."""
        return names.expanded(patterns, {agent.name: agent.run for agent in self.agents})

    def choose(
        self, patterns: Sequence[str], applies: Callable[[Agent], bool], *, everywhere: bool, whole: bool = False
    ) -> Choice:
        """Like `select`, but `all` and globs mean those of the project that the caller stands in, unless
        `everywhere`; the others are told apart."""
        from tmuxagents.services.fleet.selection import choose

        here = None
        if not everywhere and any(map(names.is_wide, patterns)):
            from tmuxagents.services.fleet import project

            here = project.here()
        with self._told_of_trash():
            choice = choose(self.agents, self._expanded(patterns), applies, here, whole=whole, removed=self.removed)
        self._without_links(choice.chosen)
        return choice

    @contextlib.contextmanager
    def _told_of_trash(self) -> Iterator[None]:
        """One whose worktree is in the trash comes back by one command."""
        try:
            yield
        except AgentRemoved as error:
            gone = self.removed(error.name)
            if gone is None or not self.in_trash(gone):
                raise
            words = f"'{error.name[:60]}' was removed, and its worktree is in the trash"
            raise AgentNotFound(words, hint=f"tmuxagents restore {error.name[:60]}") from error

    def _without_links(self, chosen: Sequence[Agent]) -> list[Agent]:
        for agent in chosen:
            files.refuse_links(self.folders / agent.id)
        return list(chosen)

    def one(self, pattern: str) -> Agent:
        """The one agent of that name; a run is none."""
        if self._expanded([pattern]) != [pattern]:
            raise AgentNotFound(f"'{pattern[:60]}' is a run, and no agent", hint=f"tmuxagents show {word(pattern)}")
        found = self.select([pattern])
        if not found:
            raise AgentNotFound("there is no agent", hint="tmuxagents spawn --edit")
        return found[0]


def fleet_now(app: App) -> Fleet:
    """The truth at this moment. Without a controller that turns the sources are read on here first."""
    try:
        panes, trouble, hint = panes_now(app), None, None
    except (TmuxUnreachable, TmuxMissing) as error:
        panes, trouble, hint = None, error.message, error.hint
    known = _claims_finished(app, agents.known(app.db), panes)
    turns_on = controller_alive.turns_on(app)
    _remark_settings(app)
    if not turns_on:
        for agent in known:
            files.refuse_links(app.folder(agent.id))
        lost.pull_all(app, known, panes)
        known = agents.known(app.db)
    elif panes is not None and any(lost.is_gone(agent, panes) for agent in known):
        lost.record_lost(app, panes)
        known = agents.known(app.db)
    if any(agent.phase == "queued" for agent in known):
        known = _lined_up(app, known, turns_on=turns_on)
    seen = [_seen(app, agent, panes, trouble) for agent in known]
    return Fleet(
        seen,
        panes,
        app.state / "agents",
        trouble,
        hint,
        lambda name: agents.removed(app.db, name),
        partial(_in_trash, app),
    )


def _lined_up(app: App, known: list[Agent], *, turns_on: bool) -> list[Agent]:
    from tmuxagents.services.fleet import lined_up

    if not turns_on:
        lined_up.remark_unattended(app, known)
    return lined_up.told(app, known)


def _in_trash(app: App, agent: Agent) -> bool:
    if agent.worktree is None:
        return False
    from tmuxagents.services.worktrees import trash

    return trash.of_agent(app, agent.id) is not None


def _remark_settings(app: App) -> None:
    """That the user's file was wrong when somebody was to be called; `ls` loads nothing for it otherwise."""
    if files.exists(app.state / CONFIG_WRONG):
        from tmuxagents.services.settings import counted

        counted.remark(app)


def _claims_finished(app: App, known: list[Agent], panes: Snapshot | None) -> list[Agent]:
    """At once where somebody was killed while starting one, whether a controller runs or not."""
    if panes is None or not any(agent.phase == "claimed" for agent in known):
        return known
    from tmuxagents.services.fleet import claims

    claims.finish_claims(app, panes)
    return agents.known(app.db)


def read_on(app: App) -> None:
    """Have everything said so far in the journal: a controller that turns sees to that, else we do."""
    if not controller_alive.turns_on(app):
        fleet_now(app)


def is_over(agent: Agent) -> bool:
    """Whether its program has ended."""
    return agent.condition.state in OVER


def has_ended(agent: Agent) -> bool:
    """Whether its program has ended, and not only its window is gone."""
    return is_over(agent) and agent.condition.state != "lost"


_ENDED_BY_US = ("stopping", "stopped")
"""Its program's end is known a moment before whoever stopped it says so, who may be killed in between."""


def can_come_back(agent: Agent) -> bool:
    """Whether it is over without having come to an end of its own: lost, or stopped on request."""
    stopped = is_over(agent) and agent.phase in _ENDED_BY_US and not is_out_of_time(agent)
    return agent.condition.state == "lost" or stopped


def is_done(agent: Agent) -> bool:
    """Whether it is a program of the user's own choice that has ended by itself: run again it does its work again."""
    by_itself = has_ended(agent) and agent.phase not in _ENDED_BY_US
    return registry.kind(agent.kind).TAKES_PROGRAM and by_itself


def is_out_of_time(agent: Agent) -> bool:
    """Whether its own time limit ended it: of what we stop only that has failed. What was killed while it
    started has no exit code."""
    over = agent.condition.state == "failed" and agent.phase in _ENDED_BY_US
    return over and agent.condition.exit_code is not None


def is_there(agent: Agent) -> bool:
    """Whether its program runs, as far as is known."""
    return not is_over(agent)


def is_queued(agent: Agent) -> bool:
    """Whether it waits for room to begin."""
    return agent.phase == "queued"


def is_waiting(agent: Agent) -> bool:
    """Whether it waits on a dialog."""
    return is_there(agent) and (agent.condition.state == "waiting" or bool(agent.condition.open_requests))


def _seen(app: App, agent: Agent, panes: Snapshot | None, trouble: str | None) -> Agent:
    """As it is recorded, but for what only a look can tell: nothing of this is kept."""
    if agent.condition.state in OVER or agent.phase == "queued":
        return agent
    if panes is not None:
        return _suspended(app, agent)
    unknown = replace(
        agent.condition,
        state="unknown",
        evidence=f"tmux cannot be asked: {trouble}; last known: {agent.condition.state}",
    )
    return replace(agent, condition=unknown)


def _suspended(app: App, agent: Agent) -> Agent:
    """With that as its reason while it is; the state stays what the program said last."""
    # For each of them at every `ls`: paths that are joined by `pathlib` take as long as the files.
    program = agent_folder.program_pid(f"{app.state}/agents/{agent.id}", agent.generation)
    if program is None or not process.is_suspended(program):
        return agent
    before = agent.condition.reason
    reason = f"its program ({program}) is suspended" + (f"; {before}" if before else "")
    return replace(agent, condition=replace(agent.condition, reason=reason))
