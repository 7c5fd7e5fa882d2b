"""Start agents again with the same conversation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from tmuxagents import clock
from tmuxagents.drivers import disk, files
from tmuxagents.drivers.tmux import window
from tmuxagents.errors import Refused, TmuxagentsError
from tmuxagents.kinds import registry
from tmuxagents.model.agent import Agent
from tmuxagents.model.condition import OVER, Condition
from tmuxagents.model.entry import NewEntry
from tmuxagents.services import agent_folder
from tmuxagents.services.app import App
from tmuxagents.services.fleet import claims
from tmuxagents.services.ingest import ingest, readers
from tmuxagents.services.lifecycle import launch, ports
from tmuxagents.services.server.panes import panes_now
from tmuxagents.store import agents, journal, messages
from tmuxagents.store.messages import Message
from tmuxagents.value import Value, replace

STAGGER_S = 10.0
"""The next one starts when this one is up, at the latest after this long."""


class Resumed(Value):
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
            yield Resumed(once(app, agent))
        except TmuxagentsError as error:
            yield Resumed(agent, error)
            continue
        if index + 1 < len(chosen):
            _wait_until_up(app, agent)


def once(app: App, agent: Agent, *, text: str | None = None) -> Agent:
    """Start one again, with `text` as its prompt where one is given. What ran without a terminal goes on so where it
    has a prompt, which may be a message that is held for it, and where it was cut off, or ended by a limit; else it
    gets one, to be spoken to."""
    if agent.phase == "queued" and text is None:
        return _begin(app, agent)
    if agent.condition.state not in OVER:
        raise Refused(f"{agent.name} is {agent.condition.state}, not ended", hint=f"tmuxagents attach {agent.name}")
    if agent.options.get("branch_off"):
        from tmuxagents.services.lifecycle import branch_off

        branch_off.refuse_unfinished(app, agent)
    if agent.worktree is not None or agent.options.get("worktree"):
        from tmuxagents.services.worktrees import making

        agent = making.ensure(app, agent)
        _follow(app, agent)
    launch.check_folder(agent.dir)
    launch.check_program(agent.kind, agent.options, None, agent.dir)
    ingest.pull(app, agent)
    now = agents.by_id(app.db, agent.id)
    if now is None or now.generation != agent.generation:
        raise _taken(agent)
    agent = now
    goes_on = _conversation(app, agent)
    disk.need_room(app.state)
    held = next(iter(messages.held(app.db, agent.id)), None) if agent.is_headless and text is None else None
    prompt = _prompt(agent, goes_on, held.text if held is not None else text)
    if not _claim(app, agent, goes_on, prompt, held):
        raise _taken(agent)
    claimed = agents.by_id(app.db, agent.id)
    assert claimed is not None
    try:
        _close_old(app, agent)
        launch.start(app, claimed, resume=goes_on is not None, given={}, text=prompt)
    except BaseException as error:
        if not agent_folder.has_begun(app.folder(claimed.id), claimed.generation):
            _give_back(app, claimed, agent, str(error))
        raise
    return claimed


def _begin(app: App, agent: Agent) -> Agent:
    """One that waits for room begins at once: only starts that nobody insists on are held back."""
    from tmuxagents.services.fleet import claims
    from tmuxagents.services.lifecycle import queued

    claimed = queued.take(app, agent.id)
    if claimed is None:
        raise _taken(agent)
    try:
        queued.begin(app, claimed)
    except BaseException:
        # Where that cannot be done either, whoever looks next does it when we are gone.
        with contextlib.suppress(TmuxagentsError, OSError):
            if not claims.runs_after_all(app, claimed):
                claims.give_back(app, claimed)
        raise
    now = agents.by_id(app.db, agent.id)
    assert now is not None
    if now.condition.state == "failed":
        raise TmuxagentsError(now.condition.evidence, hint=f"tmuxagents show {agent.name}")
    return now


def _prompt(agent: Agent, goes_on: str | None, text: str | None) -> str | None:
    """What it is told at its start; None where nothing is, or its task."""
    if text is None and agent.is_headless and goes_on is not None and agent.condition.state == "lost":
        from tmuxagents.services.lifecycle import headless

        return headless.GO_ON
    if text is None and agent.is_headless and agent.condition.is_limited:
        from tmuxagents.model import continuing

        text = continuing.TEXT_ANEW
    return f"{agent.task}\n\n{text}" if text is not None and goes_on is None and agent.task else text


def _follow(app: App, agent: Agent) -> None:
    """What a start that was killed may not have come to."""
    asked = agent.options.get("worktree") or {}
    if asked.get("follow") and not agent_folder.raw_path(app.folder(agent.id), 1).exists():
        from tmuxagents.services.lifecycle import trust_following

        trust_following.follow(app, agent, {})


def _taken(agent: Agent) -> Refused:
    return Refused(f"{agent.name} is being started by somebody else", hint="tmuxagents ls")


def _conversation(app: App, agent: Agent) -> str | None:
    """The conversation to go on with: the last one that exists, None when there never was one. An error
    when there was and it is gone."""
    known = registry.kind(agent.kind).conversations(agent.condition, app.folder(agent.id))
    for one in known:
        if files.holds(readers.located(one.path, one.elsewhere), one.signs):
            return one.id
    if agent.condition.turns > 0 and known:
        raise TmuxagentsError(
            f"{agent.name} cannot be resumed: its conversation is gone ({known[0].path.name})",
            hint=f"tmuxagents tail --no-follow {agent.name}",
        )
    return None


def _claim(app: App, agent: Agent, goes_on: str | None, prompt: str | None, held: Message | None) -> bool:
    """Of two that resume one agent, or one conversation, one wins; the other finds it taken."""
    now = clock.now_ns()
    with app.db.write() as tx:
        _refuse_shared(agent, agents.in_conversation(tx, goes_on or agent.id, but=agent.id))
        if not agents.next_generation(tx, agent.id, agent.generation, now_ns=now, claimer=claims.claimer()):
            return False
        if held is not None:
            messages.take(tx, held.id)
            messages.settle(tx, held.id, state="delivered", verdict="its prompt as it was started again")
        if agent.is_headless and goes_on is not None and prompt is None:
            agents.set_option(tx, agent.id, "mode", None)
        if agent.options.get("worktree"):
            taken, kept = agents.ports(tx, but=agent.id), agent.options.get("port")
            agents.set_port(tx, agent.id, ports.give(app.state, taken, kept=kept))
        condition = agents.condition_of(tx, agent.id)
        told = prompt if prompt is not None or goes_on is not None else agent.task
        drafts = [NewEntry("note", f"resumed{_gone_back(condition, goes_on)}", now)]
        if goes_on is not None:
            condition = registry.kind(agent.kind).gone_back(condition, goes_on, now)
        fresh = replace(
            condition,
            state="starting",
            since_ns=now,
            evidence="resumed",
            dialog=None,
            reason=None,
            exit_code=None,
            # Without a conversation to go on with it is given its task again.
            task_due=told is not None and registry.kind(agent.kind).CONFIRMS,
            queued=0,
            closing=False,
        )
        agents.set_condition(tx, agent.id, fresh)
        journal.append(tx, agent.id, agent.generation + 1, drafts)
    return True


def _gone_back(condition: Condition, goes_on: str | None) -> str:
    if goes_on is None or goes_on == condition.conversation:
        return ""
    return f" in conversation {goes_on}, the last that exists: {condition.conversation} is gone"


def _refuse_shared(agent: Agent, others: Sequence[str]) -> None:
    """Two programs in one conversation would each write what the other does not know."""
    for other in others[:1]:
        raise Refused(
            f"{agent.name} cannot be resumed: {other} goes on with its conversation", hint=f"tmuxagents show {other}"
        )


def _give_back(app: App, claimed: Agent, before: Agent, why: str) -> None:
    with app.db.write() as tx:
        agents.set_condition(tx, claimed.id, before.condition)
        agents.place(tx, claimed.id, None, phase=before.phase if before.phase != "claimed" else "stopped")
        journal.append(tx, claimed.id, claimed.generation, [NewEntry("error", f"not resumed: {why}", clock.now_ns())])


def _close_old(app: App, agent: Agent) -> None:
    pane = panes_now(app).of(agent.id, agent.generation)
    if pane is not None and pane.dead:
        window.close(app.server, pane.window)


def _wait_until_up(app: App, agent: Agent) -> None:
    def up() -> bool | None:
        now = agents.by_id(app.db, agent.id)
        if now is not None:
            ingest.pull(app, now)
        # A set-up may take its time: they wait for each other themselves.
        return True if now is None or now.condition.state != "starting" or now.condition.set_up else None

    clock.eventually(up, within=STAGGER_S, every=0.05)
