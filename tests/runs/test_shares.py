"""What the whole of a run may spend is split again when it is changed."""

from __future__ import annotations

from tmuxagents.model.manifest import ForEach, Manifest, Place, Task
from tmuxagents.runs import shares
from tmuxagents.value import replace

WRITTEN = {key: Place(1, 1) for key in shares.KEYS}


def _split() -> Manifest:
    tasks = [
        Task("own", budget_usd=2.0),
        Task("each", for_each=ForEach(items=["x", "y"])),
        Task("one"),
        Task("make", kind="command"),
    ]
    return shares.split(Manifest("m", tasks, budget_usd=5.0, budget_tokens=100), WRITTEN)


def _usd(manifest: Manifest) -> list[float | None]:
    return [task.budget_usd for task in manifest.tasks]


def test_another_budget_is_split_over_those_that_had_a_share_of_the_one_before() -> None:
    raised = shares.anew(replace(_split(), budget_usd=11.0, budget_tokens=200))

    assert _usd(_split()) == [2.0, 1.0, 1.0, None]
    assert _usd(raised) == [2.0, 3.0, 3.0, None]
    assert [task.budget_tokens for task in raised.tasks] == [50, 50, 50, None]
    assert shares.anew(raised) == raised


def test_without_a_bound_of_the_whole_nobody_has_a_share_and_the_next_bound_is_shared_again() -> None:
    unbound = shares.anew(replace(_split(), budget_usd=None))

    assert _usd(unbound) == [2.0, None, None, None]
    assert _usd(shares.anew(replace(unbound, budget_usd=8.0))) == [2.0, 2.0, 2.0, None]


def test_where_nothing_is_left_for_them_they_keep_the_shares_that_they_had() -> None:
    assert _usd(shares.anew(replace(_split(), budget_usd=1.0))) == [2.0, 1.0, 1.0, None]


def test_a_budget_that_is_not_split_stays_that_of_the_whole() -> None:
    whole = Manifest("m", [Task("a"), Task("b", budget_usd=0.5)], budget_usd=1.0)

    assert shares.anew(replace(whole, budget_usd=9.0)).tasks == whole.tasks
