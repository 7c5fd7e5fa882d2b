"""What `--plan` tells of a run before it begins."""

from __future__ import annotations

from tmuxagents.model.manifest import ForEach, Join, Manifest, Task
from tmuxagents.runs.outlook import Wave, outlook

DIAMOND = (
    Task("a"),
    Task("b", depends_on=("a",)),
    Task("c", depends_on=("a",), check="true"),
    Task("d", depends_on=("b", "c")),
)


def test_it_tells_when_each_would_begin_and_when_all_is_over() -> None:
    told = outlook(Manifest("m", DIAMOND), {"a": 10, "b": 5, "c": 20, "d": 1})

    assert told.waves == [Wave(0, ("a",)), Wave(10, ("b", "c")), Wave(30, ("d",))]
    assert (told.wall_s, told.at_once) == (31, 2)
    assert (told.path, told.path_s) == (["a", "c", "d"], 31)


def test_limits_and_locks_are_in_it_and_how_wide_it_is_without_them() -> None:
    tasks = tuple(Task(name, locks=("db",) * (name != "c")) for name in "abcd")

    told = outlook(Manifest("m", tasks, max_parallel=2), dict.fromkeys("abcd", 10))

    assert told.waves == [Wave(0, ("a", "c")), Wave(10, ("b",)), Wave(20, ("d",))]
    assert (told.at_once, told.widest, told.wall_s) == (2, 4, 30)


def test_what_follows_a_task_of_unknown_time_begins_nobody_knows_when() -> None:
    told = outlook(Manifest("m", DIAMOND), {"a": 10, "c": 20, "d": 1})

    assert told.waves == [Wave(0, ("a",)), Wave(10, ("b", "c")), Wave(None, ("d",))]
    assert (told.wall_s, told.path_s, told.unknown_times) == (None, None, ("b",))
    assert len(told.path) == 3


def test_the_elements_of_a_repeated_task_are_told_and_those_not_known_yet_stand_for_one() -> None:
    each = Task("each", for_each=ForEach(("x", "y", "z"), chunk=2))
    lines = Task("lines", depends_on=("each",), for_each=ForEach(lines_of="each"))

    told = outlook(Manifest("m", (each, lines)), {})

    assert told.waves[0].keys == ("each-1", "each-2")
    assert told.uncounted == ("lines",)


def test_a_join_begins_with_the_quickest() -> None:
    tasks = (Task("a"), Task("b"), Task("c"), Task("join", join=Join(("a", "b", "c"), 2, timeout_s=1)))

    told = outlook(Manifest("m", tasks), {"a": 5, "b": 10, "c": 90, "join": 1})

    assert told.waves[-1] == Wave(10, ("join",))
    assert told.wall_s == 11


def test_it_costs_at_most_what_all_budgets_are_together() -> None:
    tasks = (
        Task("a", budget_usd=1, for_each=ForEach(("x", "y"))),
        Task("b", budget_usd=0.5),
        Task("c", kind="command"),
    )

    assert outlook(Manifest("m", tasks), {}).cost_usd == 2.5
    assert outlook(Manifest("m", tasks, budget_usd=2), {}).cost_usd == 2


def test_what_it_costs_at_most_is_unknown_where_a_task_has_no_budget() -> None:
    told = outlook(Manifest("m", (Task("a", budget_usd=1, budget_tokens=10), Task("b", budget_tokens=5))), {})

    assert (told.cost_usd, told.unknown_costs) == (None, ("b",))
    assert (told.tokens, told.unknown_tokens) == (15, ())


def test_a_budget_or_a_time_limit_holds_nothing_back_in_a_plan() -> None:
    task = Task("a", timeout_s=1, budget_usd=0)

    assert outlook(Manifest("m", (task,), timeout_s=1, budget_usd=0), {"a": 50}).wall_s == 50
