"""A run as it is recorded: what became of each task so far. What to do next follows from it alone
(`runs.planner`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tmuxagents.model.manifest import Manifest, Task
from tmuxagents.value import Value, fresh

RunState = Literal["running", "paused", "stopping", "done", "failed", "stopped"]
"""`paused`: nothing begins, what runs goes on. `stopping`: nothing begins, and what runs is being stopped. `done`:
every task succeeded. `failed`: all are over, and one did not."""

TaskState = Literal["waiting", "begun", "checking", "done", "failed", "timed-out", "skipped", "stopped"]
"""`waiting`: for its turn. `begun`: an agent has it, queued or running. `checking`: its agent has answered, and
its check runs. The others are the end of it."""

SETTLED: frozenset[TaskState] = frozenset({"done", "failed", "timed-out", "skipped", "stopped"})
"""The states in which nothing more becomes of a task, unless somebody retries it."""


class Told(Value):
    """The text that an attempt was begun with in an agent which had the task before: held as that message; what came
    of it stands behind `mark` in the journal, told apart by its `digest`. `cut` is the number of the turn that ran
    then, which is to be interrupted; None where none did."""

    message: int
    mark: int
    digest: str
    cut: int | None = None


class TaskRow(Value):
    """One task of a run, an element of a repeated one, or the repeated one itself (`group`: no agent ever has it;
    it is settled when its elements are, and holds their answers).

    `key` is unique in its run: the id of its task, or `id-N` for its N-th element, counted from 1; `item` is that
    element, `of` the key of the repeated one. `attempt` counts those that were begun. `agent_id` is the agent of
    the newest attempt, `check_id` that of its check. `begun_ns` is when its first attempt was begun,
    `attempt_ns` when its newest was, `ended_ns` when it was settled. `answer` and `error` are what results
    tell; costs and tokens are None while they are unknown, never 0 for that. `earlier` are the agents that had it
    before, and the checks of earlier attempts. `revived` counts how often the program of this attempt's agent was
    started again. `tried` and `worked_s` are how many attempts it had, and how long it worked, before somebody retried
    it.
    """

    key: str
    task: Task
    state: TaskState = "waiting"
    group: bool = False
    expanded: bool = False
    of: str | None = None
    item: Any = None
    attempt: int = 0
    agent_id: str | None = None
    check_id: str | None = None
    begun_ns: int | None = None
    attempt_ns: int | None = None
    ended_ns: int | None = None
    answer: str | None = None
    error: str | None = None
    cost_usd: float | None = None
    tokens: int | None = None
    earlier: tuple[str, ...] = ()
    told: Told | None = None
    revived: int = 0
    tried: int = 0
    worked_s: float = 0.0


class Run(Value):
    """One run: its manifest as it was read, when it began and ended, what is wanted of it. Its time limit counts
    from when it was created, or from `retried_ns` where somebody has retried it since."""

    id: str
    name: str
    manifest: Manifest
    state: RunState
    created_ns: int
    ended_ns: int | None = None
    dir: str = "."
    options: Mapping[str, Any] = fresh(default_factory=dict)
    retried_ns: int | None = None


AgentNow = Literal["queued", "runs", "limited", "needs-you", "answered", "failed", "over"]
"""An agent of a task as the planner sees it. `answered`: its turn has ended well, or its program with 0. `failed`:
the turn or the program ended badly. `over`: stopped by somebody, or forgotten."""


class Seen(Value):
    """What the agent of a begun task (or of its check) is doing at this moment; `answer` and `error` as far as known.
    It speaks of the newest attempt: one whose agent has not taken it yet is `queued`, whatever the one before has
    come to.

    `waits_for` is what keeps one that is `queued` from going on: None where that is its start alone.

    `started_ns` is when its program was started, None while it is queued: a time limit counts from then, less
    `waited_ns`, in which it waited for a limit to be reset. `cost_usd` and `tokens` are of every agent that the
    task has had. `resumes` is whether the task's agent can be told what was wrong, and go on. `by_person`: somebody
    has interrupted it, and it is not tried again by itself.
    """

    now: AgentNow
    answer: str | None = None
    error: str | None = None
    cost_usd: float | None = None
    tokens: int | None = None
    started_ns: int | None = None
    waited_ns: int = 0
    resumes: bool = True
    by_person: bool = False
    waits_for: Literal["queue", "paused", "needs-you", "window"] | None = None


class Facts(Value):
    """Everything that the next step depends on. `seen` is by the keys of the tasks that are `begun` or `checking`,
    and of settled ones whose agent is not `over` yet: until it is, `End` is said again, it holds its place and its
    locks while its turn runs, and the run does not finish. A begun one that is not seen goes on. `locks` are the
    names of locks that others hold (agents of other runs, people)."""

    run: Run
    tasks: Sequence[TaskRow]
    seen: Mapping[str, Seen]
    now_ns: int
    locks: frozenset[str] = frozenset()


class Expand(Value):
    """The elements of a repeated task are known now: record one row for each. Those of a glob are found by who carries
    this out: `items` is empty then."""

    key: str
    items: Sequence[Any]


class Begin(Value):
    """Give the task to a new agent, as its `attempt`: its first, or one after a failure (`why`) after which its old
    agent cannot go on. What runs of the old one is stopped."""

    key: str
    attempt: int = 1
    why: str | None = None


class Again(Value):
    """Go on in the agent that it has, with what was wrong; a turn of it that still runs is interrupted first."""

    key: str
    why: str
    attempt: int


class Check(Value):
    """Its agent has answered in this attempt: run its check."""

    key: str
    answer: str | None
    attempt: int
    cost_usd: float | None = None
    tokens: int | None = None


class Settle(Value):
    """Record how it ended, in this attempt (0: none was begun)."""

    key: str
    state: TaskState
    answer: str | None = None
    error: str | None = None
    attempt: int = 0
    cost_usd: float | None = None
    tokens: int | None = None


class End(Value):
    """Stop the agent of a task that is settled (`interrupt` first where its turn runs): its answer is recorded, its
    time is over, or nobody waits for it. Said in every step until that agent is `over`."""

    key: str
    why: str


class Finish(Value):
    """The whole is over."""

    state: RunState


Action = Expand | Begin | Again | Check | Settle | End | Finish

Held = Literal["limit", "locks", "alone", "paused"]
"""Why a task whose turn it is does not begin: `max_parallel`, a lock that is held or promised to one before it, one
that runs alone (or it, while others run), or a paused run."""


class Next(Value):
    """What to do now, in this order, and when to look again where nothing happens meanwhile. `held`: the tasks that
    would begin and may not yet."""

    actions: Sequence[Action]
    wake_ns: int | None = None
    held: Mapping[str, Held] = fresh(default_factory=dict)


Why = Literal["limit", "locks", "alone", "paused", "queue", "needs-you", "window", "limited"]
"""What a task waited for. The first four before it began (`Next.held`); then in the queue for room on the machine, for
a person's answer, for what stands at its agent's window to go, so that it can be told what was wrong, for a limit of
the account to be reset."""


class Span(Value):
    """A time in which one task waited, as it was recorded; `to_ns` is None while it does."""

    key: str
    why: Why
    from_ns: int
    to_ns: int | None = None
