"""What holds of every run, whatever becomes of its tasks and whenever its controller is killed."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given

from tests.runs.manifests import manifests, seeds
from tests.runs.world import World
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.run import Again, Begin, Facts, Next, Settle, TaskRow
from tmuxagents.runs import apply, order, planner

LONG = 40
"""Steps in which anything happens; then nothing is lost any more, and everything comes to its end."""

Look = Callable[[Facts, Next], None]


def carried_out(world: World, look: Look) -> None:
    """The whole run, with a look at each step."""
    steps = 0
    while not world.is_over():
        world.is_eager = steps > LONG
        assert steps < 10 * LONG, "it never ends"
        facts = world.facts()
        step = planner.step(facts)
        look(facts, step)
        world.carry_out(step)
        world.pass_time()
        steps += 1


class Rules:
    """The promises of a step, found again from the facts without what the planner found."""

    def __init__(self, facts: Facts, step: Next) -> None:
        self.facts, self.step = facts, step
        self.rows = {row.key: row for row in facts.tasks}
        self.begins = [self.rows[each.key] for each in step.actions if isinstance(each, Begin) and each.attempt == 1]
        settled = {each.key: each.state for each in step.actions if isinstance(each, Settle)}
        self.states = {key: settled.get(key, row.state) for key, row in self.rows.items()}
        self.running = [row for row in facts.tasks if self._runs(row)]

    def _runs(self, row: TaskRow) -> bool:
        if self.states[row.key] in ("begun", "checking"):
            return True
        seen, kept = self.facts.seen.get(row.key), self.states[row.key] in ("done", "failed") and row.task.keep
        return bool(seen) and not kept and self.facts.seen[row.key].now in ("queued", "runs", "limited", "needs-you")

    def check(self) -> None:
        self.limit()
        self.alone()
        self.locks()
        self.dependencies()
        self.fairness()
        self.budgets()
        self.pause()
        self.attempts()

    def limit(self) -> None:
        most = self.facts.run.manifest.max_parallel
        assert not self.begins or most is None or len(self.running) + len(self.begins) <= most

    def alone(self) -> None:
        together = [*self.running, *self.begins]
        assert not self.begins or len(together) == 1 or all(row.task.parallel for row in together)

    def locks(self) -> None:
        held = [*self.facts.locks, *(lock for row in [*self.running, *self.begins] for lock in row.task.locks)]
        assert all(held.count(lock) == 1 for row in self.begins for lock in row.task.locks)

    def dependencies(self) -> None:
        for row in self.begins:
            owner = self.rows[row.of] if row.of else row
            assert all(self.states[name] == "done" for name in owner.task.depends_on)
            join = owner.task.join
            assert join is None or sum(self.states[name] == "done" for name in join.of) >= join.need

    def fairness(self) -> None:
        """Whoever is passed waits for a lock that somebody holds, and not for one that those who pass it take."""
        for late in self.begins:
            for first in (self.rows[key] for key in self.step.held if self._place(self.rows[key]) < self._place(late)):
                if not self.facts.locks.isdisjoint(first.task.locks):
                    continue
                held = {lock for row in [*self.running, *self.begins] for lock in row.task.locks}
                promised = {lock for key in self.step.held for lock in self.rows[key].task.locks}
                assert first.task.parallel
                assert {*first.task.locks}.isdisjoint(late.task.locks)
                assert {*first.task.locks} & (held | promised)

    def _place(self, row: TaskRow) -> tuple[int, int]:
        ids = [task.id for task in self.facts.run.manifest.tasks]
        return ids.index(row.of or row.key), int(row.key.rpartition("-")[2]) if row.of else 0

    def budgets(self) -> None:
        of_run, spent = self.facts.run.manifest.budget_tokens, {row.key: self._spent(row) for row in self.rows.values()}
        for action in self.step.actions:
            # A program of the user's own spends nothing of it.
            if isinstance(action, (Begin, Again)) and self.rows[action.key].task.kind != "command":
                most = self.rows[action.key].task.budget_tokens
                assert most is None or spent[action.key] < most
                assert of_run is None or sum(spent.values()) < of_run

    def _spent(self, row: TaskRow) -> int:
        seen = self.facts.seen.get(row.key)
        return (seen.tokens if seen and seen.tokens is not None else row.tokens) or 0

    def pause(self) -> None:
        if self.facts.run.state != "running":
            assert not any(isinstance(action, (Begin, Again)) for action in self.step.actions)

    def attempts(self) -> None:
        assert all(row.attempt <= row.task.retries + 1 for row in self.facts.tasks)


@given(manifests(), seeds, seeds)
def test_no_limit_budget_lock_or_dependency_is_ever_passed_and_nobody_is_passed_over(
    manifest: Manifest, seed: int, fate: int
) -> None:
    carried_out(World(manifest, seed, fate), lambda facts, step: Rules(facts, step).check())


@given(manifests(), seeds, seeds)
def test_a_run_always_ends_with_every_task_settled_its_agent_ended_and_each_attempt_begun_once(
    manifest: Manifest, seed: int, fate: int
) -> None:
    world = World(manifest, seed, fate)

    carried_out(world, lambda facts, step: None)

    assert world.is_settled()
    assert len(world.begun) == len(set(world.begun))
    assert all(world.is_ended(row) for row in world.rows if not row.task.keep)
    for group in (row for row in world.rows if row.group and row.expanded):
        elements = [row.state for row in world.rows if row.of == group.key]
        assert (group.state == "done") == all(state == "done" for state in elements)


@given(manifests(), seeds, seeds)
def test_nothing_stands_still_but_for_a_lock_that_somebody_else_holds(manifest: Manifest, seed: int, fate: int) -> None:
    world = World(manifest, seed, fate)

    def look(facts: Facts, step: Next) -> None:
        if world.is_quiet() and facts.run.state == "running" and not step.actions:
            assert step.held
            assert all(not facts.locks.isdisjoint(world.row(key).task.locks) for key in step.held)

    carried_out(world, look)


@given(manifests(), seeds, seeds)
def test_the_same_facts_give_the_same_step(manifest: Manifest, seed: int, fate: int) -> None:
    world = World(manifest, seed, fate)

    def look(facts: Facts, step: Next) -> None:
        assert planner.step(world.facts(), order.of(manifest)) == step

    carried_out(world, look)


@given(manifests(hurried=False), seeds, seeds, seeds)
def test_without_quorum_and_time_limits_it_comes_to_the_same_whoever_is_quick(
    manifest: Manifest, one: int, other: int, fate: int
) -> None:
    worlds = [World(manifest, seed, fate, kind=True) for seed in (one, other)]

    for world in worlds:
        carried_out(world, lambda facts, step: None)

    assert worlds[0].table() == worlds[1].table()


@given(manifests(), seeds, seeds)
def test_a_step_that_is_done_again_changes_nothing(manifest: Manifest, seed: int, fate: int) -> None:
    world = World(manifest, seed, fate)

    def look(facts: Facts, step: Next) -> None:
        done = [(action, "agent") for action in step.actions]
        once = apply.after(world.rows, done, world.now_ns)
        assert apply.after(once, done, world.now_ns + 1) == once

    carried_out(world, look)
