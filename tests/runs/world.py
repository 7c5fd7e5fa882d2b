"""A world in which a run is carried out: agents that start, answer, fail and dawdle, and a controller that is killed
between any two actions, keeps nothing but the rows, and does things twice."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.runs.written import S
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import (
    SETTLED,
    Action,
    Again,
    AgentNow,
    Begin,
    Check,
    End,
    Facts,
    Finish,
    Next,
    Run,
    Seen,
    TaskRow,
    TaskState,
)
from tmuxagents.runs import apply, planner
from tmuxagents.value import replace


@dataclass
class Agent:
    """An agent, or a check, in one attempt at its task. Its fate is that of the attempt, whoever is quick."""

    key: str
    attempt: int
    check: bool
    now: AgentNow = "queued"
    started_ns: int | None = None
    ending: bool = False


class World:
    """`seed` decides what is quick and what is lost, `fate` what comes of each attempt. In a `kind` world nobody stops
    an agent, and no lock is held by others."""

    def __init__(self, manifest: Manifest, seed: int, fate: int, *, kind: bool = False) -> None:
        self.run = Run("id", "run-1", manifest, "running", 0)
        self.rows: Sequence[TaskRow] = apply.first(manifest)
        self.agents: dict[str, Agent] = {}
        self.chance, self.fate, self.kind = random.Random(seed), fate, kind
        self.is_eager = False
        self.now_ns = 0
        self.locks = self._held_by_others()
        self.begun: list[tuple[str, int]] = []

    def facts(self) -> Facts:
        """What is so now, the rows in any order."""
        rows = list(self.rows)
        self.chance.shuffle(rows)
        seen = {row.key: self._seen(row) for row in rows if row.agent_id in self.agents}
        return Facts(self.run, rows, seen, self.now_ns, self.locks)

    def _seen(self, row: TaskRow) -> Seen:
        ids = [row.check_id] if row.state == "checking" else [row.agent_id]
        if row.state in SETTLED:
            # Both have to be over.
            ids = [each for each in (row.agent_id, row.check_id) if each in self.agents]
        agent = next(
            (a for a in (self.agents[each or ""] for each in ids) if a.now != "over"), self.agents[ids[0] or ""]
        )
        answer = "\n".join(f"{row.key} {line}" for line in range(self._drawn(row.key, "lines") % 3))
        return Seen(agent.now, answer, f"{row.key} broke", tokens=self._tokens(row.key), started_ns=agent.started_ns)

    def _tokens(self, key: str) -> int | None:
        """What all attempts have used: half of the tasks never say."""
        if not self._drawn(key, "tells") % 2:
            return None
        return sum(self._drawn(key, attempt, "tokens") % 9 for begun, attempt in self.begun if begun == key)

    def _drawn(self, *of: object) -> int:
        return zlib.crc32(f"{self.fate} {of}".encode()) % 1000

    def carry_out(self, step: Next) -> None:
        """As much of it as is done before the controller is killed, some of it twice."""
        actions = list(step.actions)
        if not self.is_eager and self.chance.random() < 0.3:
            actions = actions[: self.chance.randrange(len(actions) + 1)]
        for action in actions:
            for _ in range(1 if self.chance.random() < 0.8 else 2):
                self._do(action)

    def _do(self, action: Action) -> None:
        agent_id = f"agent {len(self.agents)}"
        before, self.rows = self.rows, apply.apply(self.rows, action, self.now_ns, agent_id)
        match action:
            case Begin(key=key, attempt=attempt) | Again(key=key, attempt=attempt) if self.rows != before:
                self.begun.append((key, attempt))
                self.agents[agent_id] = Agent(key, attempt, check=False)
            case Check(key=key, attempt=attempt) if self.rows != before:
                self.agents[agent_id] = Agent(key, attempt, check=True)
            case End(key=key):
                self._end(key)
            case Finish():
                self.run = apply.finished(self.run, action, self.now_ns)

    def _end(self, key: str) -> None:
        row = self.row(key)
        for agent_id in {row.agent_id, row.check_id} - {None}:
            self.agents[agent_id or ""].ending = True

    def row(self, key: str) -> TaskRow:
        """The row of that key."""
        return next(row for row in self.rows if row.key == key)

    def pass_time(self) -> None:
        """Some time, in which each agent does something or nothing."""
        self.now_ns += self.chance.randrange(3) * S
        if not self.kind:
            self._others_act()
        for agent in self.agents.values():
            if self.is_eager or self.chance.random() < 0.5:
                self._moves(agent)

    def _held_by_others(self) -> frozenset[str]:
        others = 0 if self.kind or self.is_eager else self.chance.choice([0, 1])
        return frozenset(self.chance.sample("xyz", others))

    def _others_act(self) -> None:
        self.locks = (
            frozenset() if self.is_eager else frozenset(self.chance.sample("xyz", self.chance.choice([0, 0, 1])))
        )
        wanted = self.chance.choice([*["running"] * 8, "paused", *["stopping"] * (self.chance.random() < 0.03)])
        if self.run.state in ("running", "paused"):
            self.run = replace(self.run, state="running" if self.is_eager else wanted)

    def _moves(self, agent: Agent) -> None:
        if agent.ending or (not self.kind and agent.now == "runs" and self.chance.random() < 0.03):
            agent.now = "over"
        elif agent.now == "queued":
            agent.now, agent.started_ns = "runs", self.now_ns
        elif agent.now == "runs":
            agent.now = self.chance.choice(["limited", "needs-you", self._end_of(agent), self._end_of(agent)])
        elif agent.now in ("limited", "needs-you"):
            agent.now = "runs"

    def _end_of(self, agent: Agent) -> AgentNow:
        return "failed" if self._drawn(agent.key, agent.attempt, agent.check) < 300 else "answered"

    def is_quiet(self) -> bool:
        """Whether nothing happens by itself any more."""
        return all(agent.now in ("answered", "failed", "over") and not agent.ending for agent in self.agents.values())

    def table(self) -> dict[str, tuple[TaskState, str | None]]:
        """What came of each task."""
        return {row.key: (row.state, row.answer) for row in self.rows}

    def is_over(self) -> bool:
        """Whether the run is."""
        return self.run.state in planner.OVER

    def is_ended(self, row: TaskRow) -> bool:
        """Whether its agents are over."""
        return all(self.agents[each].now == "over" for each in (row.agent_id, row.check_id) if each in self.agents)

    def is_settled(self) -> bool:
        """Whether all its tasks are."""
        return all(row.state in SETTLED for row in self.rows)
