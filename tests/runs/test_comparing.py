"""Which tasks of a run are compared, and what is known of their checks."""

from __future__ import annotations

from tmuxagents.model.manifest import ForEach, Join, Task
from tmuxagents.model.run import TaskRow
from tmuxagents.runs import comparing

MAP = Task("map", for_each=ForEach(items=("x", "y")))
ELEMENTS = [TaskRow("map", MAP, group=True), *(TaskRow(f"map-{n}", MAP, of="map", item=n) for n in (1, 2))]


def test_those_that_are_joined_are_compared_and_of_a_repeated_one_its_elements() -> None:
    join = TaskRow("join", Task("join", join=Join(("map", "a"), 1)))

    rows = [*ELEMENTS, TaskRow("a", Task("a")), TaskRow("b", Task("b")), join]

    assert [row.key for row in comparing.compared(rows)] == ["map-1", "map-2", "a"]


def test_where_nothing_is_joined_all_are() -> None:
    assert [row.key for row in comparing.compared([*ELEMENTS, TaskRow("b", Task("b"))])] == ["map-1", "map-2", "b"]


def test_a_check_is_known_when_it_is_over() -> None:
    task = Task("a", check="true")

    assert comparing.check(TaskRow("a", task, "done", check_id="c")) == "passed"
    assert comparing.check(TaskRow("a", task, "failed", check_id="c")) == "failed"
    assert comparing.check(TaskRow("a", task, "checking", check_id="c")) is None
    assert comparing.check(TaskRow("a", task, "failed")) is None
    assert comparing.check(TaskRow("a", Task("a"), "done")) is None
