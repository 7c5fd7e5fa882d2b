"""Start agents again with the same conversation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tmuxagents import clock
from tmuxagents.drivers import disk
from tmuxagents.drivers.tmux import window
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER
from tmuxagents.model.entry import Draft
from tmuxagents.services import follow, launching, reconcile, server
from tmuxagents.services.app import App
from tmuxagents.store import agents, journal

STAGGER_S = 10.0
"""The next one starts when this one is up, at the latest after this long."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """An agent that was started again, or the reason why it was not."""

    agent: Agent
    error: TmuxagentsError | None = None


def lost(known: Sequence[Agent]) -> list[Agent]:
    """What `resume --all` means: all whose window went away without their doing."""
    return [agent for agent in known if agent.condition.state == "lost"]


def resume(app: App, chosen: Sequence[Agent]) -> Iterator[Resumed]:
    """Start them one after another. One that fails keeps its record and does not stop the others."""
    for index, agent in enumerate(chosen):
        try:
            yield Resumed(_resume(app, agent))
        except TmuxagentsError as error:
            yield Resumed(agent, error)
            continue
        if index + 1 < len(chosen):
            _wait_until_up(app, agent)


def _resume(app: App, agent: Agent) -> Agent:
    if agent.condition.state not in OVER:
        raise Refused(f"{agent.name} is {agent.condition.state}, not ended", hint=f"tmuxagents attach {agent.name}")
    launching.check_folder(agent.dir)
    launching.check_program(agent.kind, agent.options, None)
    goes_on = _has_conversation(app, agent)
    disk.need_room(app.state)
    if not _claim(app, agent):
        raise Refused(f"{agent.name} is being started by somebody else", hint="tmuxagents ls")
    claimed = agents.by_id(app.db, agent.id)
    assert claimed is not None
    try:
        _close_old(app, agent)
        launching.start(app, claimed, resume=goes_on, given={})
    except BaseException as error:
        _give_back(app, claimed, agent, str(error))
        raise
    return claimed


def _has_conversation(app: App, agent: Agent) -> bool:
    """Whether there is something to go on with; an error when there was and it is gone."""
    wanted = registry.kind(agent.kind).sources(agent.condition, app.folder(agent.id))
    if any(path.exists() for path in wanted.transcripts.values()):
        return True
    if agent.condition.turns > 0 and wanted.transcripts:
        missing = next(iter(wanted.transcripts.values()))
        raise TmuxagentsError(
            f"{agent.name} cannot be resumed: its conversation is gone ({missing.name})",
            hint="tmuxagents search shows what it said; spawn starts a new one",
        )
    return False


def _claim(app: App, agent: Agent) -> bool:
    """Of two that resume one agent, one wins; the other finds the generation taken."""
    now = clock.now_ns()
    with app.db.write() as tx:
        if not agents.next_generation(tx, agent.id, agent.generation, now_ns=now, claimer=reconcile.claimer()):
            return False
        condition = agents.condition_of(tx, agent.id)
        fresh = replace(
            condition, state="starting", since_ns=now, evidence="resumed", dialog=None, reason=None, exit_code=None
        )
        agents.set_condition(tx, agent.id, fresh)
        journal.append(tx, agent.id, agent.generation + 1, [Draft("note", "resumed", now)])
    return True


def _give_back(app: App, claimed: Agent, before: Agent, why: str) -> None:
    with app.db.write() as tx:
        agents.set_condition(tx, claimed.id, before.condition)
        agents.place(tx, claimed.id, None, phase=before.phase if before.phase != "claimed" else "stopped")
        journal.append(tx, claimed.id, claimed.generation, [Draft("error", f"not resumed: {why}", clock.now_ns())])


def _close_old(app: App, agent: Agent) -> None:
    pane = server.panes(app).of(agent.id, agent.generation)
    if pane is not None and pane.dead:
        window.close(app.server, pane.window)


def _wait_until_up(app: App, agent: Agent) -> None:
    def up() -> bool | None:
        now = agents.by_id(app.db, agent.id)
        if now is not None:
            follow.pull(app, now)
        return True if now is None or now.condition.state != "starting" else None

    clock.eventually(up, within=STAGGER_S, every=0.05)
