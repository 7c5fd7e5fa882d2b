"""Carry out what a key asks for by the services of the commands, each in a thread and on a connection of its own."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Sequence
from typing import Literal

from tmuxagents.errors import AgentNotFound, TmuxagentsError
from tmuxagents.model.agent import Agent
from tmuxagents.names import AgentId
from tmuxagents.services.app import App
from tmuxagents.store import agents
from tmuxagents.value import Value, replace

Work = Callable[[App], "Done"]


class Done(Value):
    """What came of it, in words; `good` says that it was done, or may have been. `argv` is what is to be run in the
    terminal itself, `pale` what may have been done and is not proven, `new` the id of one that was started."""

    words: str
    good: bool = True
    pale: bool = False
    argv: tuple[str, ...] = ()
    new: str = ""


LATE_S = 10.0
"""What has not come to an end by then is told."""


class Acts:
    """Those that are under way."""

    def __init__(
        self,
        opener: Callable[[], App],
        done: Callable[[Done], None],
        late: Callable[[str], None],
        broke: Callable[[BaseException], None],
    ) -> None:
        self._open, self._done, self._late, self._broke = opener, done, late, broke
        self._lock = threading.Lock()
        self._count = 0

    @property
    def under_way(self) -> int:
        """How many have not come to an end."""
        return self._count

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        """Have it done; nobody waits for it. `undone` is called where it could not be, and says what comes of that;
        `words` say what it is where it takes long."""
        with self._lock:
            self._count += 1
        threading.Thread(target=self._carry_out, args=(work, undone, words), daemon=True).start()

    def _carry_out(self, work: Work, undone: Callable[[], str], words: str) -> None:
        clock = threading.Timer(LATE_S, self._late, (words,))
        clock.daemon = True
        clock.start()
        try:
            with self._open() as app:
                done = work(app)
        except TmuxagentsError as error:
            done = Done("; ".join(filter(None, (error.message, error.hint))), good=False)
        except BaseException as error:  # noqa: BLE001 - a bug in a thread is the program's: it ends, and is reported
            self._broke(error)
            return
        finally:
            clock.cancel()
            with self._lock:
                self._count -= 1
        if not done.good and (kept := undone()):
            done = replace(done, words=f"{kept}: {done.words}")
        self._done(done)


def _agent(app: App, agent_id: str) -> Agent:
    now = agents.by_id(app.db, AgentId(agent_id))
    if now is None:
        raise AgentNotFound("that agent was removed", hint="tmuxagents ls")
    return now


def say(agent_id: str, text: str) -> Work:
    """Deliver a text and prove it. What is refused stays the person's."""

    def work(app: App) -> Done:
        from tmuxagents.services.talk import say as talk

        agent = _agent(app, agent_id)
        verdict = talk.deliver(app, agent.id, text)
        words = f"{verdict.word}: {agent.name} ({verdict.evidence}, {verdict.ms} ms)"
        # What is unconfirmed may have been taken: to have it in the line again would be to send it twice.
        return Done(words, good=verdict.word not in ("refused", "gone"), pale=verdict.word == "unconfirmed")

    return work


def settle(agent_id: str, dialog: str, how: Literal["approved", "denied", "answered"], text: str = "") -> Work:
    """Settle that very dialog: `denied` with a reason, `answered` by the words of a line."""

    def work(app: App) -> Done:
        from tmuxagents.services.talk import dialogs

        agent = _agent(app, agent_id)
        if how == "approved":
            settled = dialogs.approve(app, agent, only=dialog)
        elif how == "denied":
            settled = dialogs.deny(app, agent, text or None, only=dialog)
        else:
            settled = dialogs.answer(app, agent, _words(text), only=dialog)
        if settled.word == "unconfirmed":
            return Done(f"unconfirmed: {agent.name}: {settled.what} ({settled.evidence})", pale=True)
        began = ", began" if settled.word == "began" else ""
        return Done(f"{how}: {agent.name}: {settled.what} ({settled.chosen}{began})")

    return work


def _words(text: str) -> Sequence[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def interrupt(agent_id: str) -> Work:
    """Stop its turn."""

    def work(app: App) -> Done:
        from tmuxagents.services.talk import interrupt as talk

        word, now = talk.interrupt(app, _agent(app, agent_id))
        if word == "interrupted":
            return Done(f"interrupted: {now.name}")
        if word == "unconfirmed":
            return Done(f"{now.name} has not stopped yet", good=False)
        return Done(f"{now.name} is {now.condition.state}, not working", good=False)

    return work


def stop(agent_id: str) -> Work:
    """Ask it to end, then terminate, then kill."""

    def work(app: App) -> Done:
        from tmuxagents.services.lifecycle import stop as stopping
        from tmuxagents.services.server import startup

        [one] = stopping.stop(app, [_agent(app, agent_id)])
        startup.nudge(app)
        return Done(f"{one.agent.name} was over" if one.how == "was over" else f"stopped {one.agent.name} ({one.how})")

    return work


def resume(agent_id: str) -> Work:
    """Start it again with the same conversation."""

    def work(app: App) -> Done:
        from tmuxagents.services.lifecycle import resume as resuming
        from tmuxagents.services.server import startup

        now = resuming.once(app, _agent(app, agent_id))
        startup.nudge(app)
        return Done(f"resumed {now.name}")

    return work


def pin(agent_id: str, *, pinned: bool) -> Work:
    """Keep it first, or no more."""

    def work(app: App) -> Done:
        from tmuxagents.services.fleet import aside

        agent = _agent(app, agent_id)
        aside.pin(app, agent, pinned=pinned)
        return Done(f"{'pinned' if pinned else 'unpinned'} {agent.name}")

    return work


def dismiss(agent_id: str, *, off: bool) -> Work:
    """Have it leave the list, or in it again."""

    def work(app: App) -> Done:
        from tmuxagents.services.fleet import aside

        agent = _agent(app, agent_id)
        if off:
            aside.take_back(app, agent)
            return Done(f"{agent.name} is in the list again")
        aside.dismiss(app, agent)
        return Done(f"dismissed {agent.name}; . shows who was dismissed")

    return work


def attach(agent_id: str) -> Work:
    """What is to be run to have the terminal at its window."""

    def work(app: App) -> Done:
        from tmuxagents.services.fleet import attach as attaching
        from tmuxagents.services.fleet.now import fleet_now

        agent = _agent(app, agent_id)
        argv = attaching.arguments(app, fleet_now(app), agent)
        return Done(f"leave with {attaching.keys()}; the agents go on", argv=tuple(argv))

    return work
