"""What was changed outside a scope is told once."""

from __future__ import annotations

from tmuxagents.kinds import demo, folding
from tmuxagents.model.condition import Condition
from tmuxagents.model.observation import Exit, Outside


def told(*seen: Outside | Exit) -> tuple[Condition, list[str]]:
    condition, drafts = folding.fold(demo.KIND, Condition("working", 1), seen, 9, asked=False)
    return condition, [draft.text for draft in drafts if draft.kind == "note"]


def outside(*paths: str, count: int | None = None, shared: bool = False) -> Outside:
    return Outside(paths, len(paths) if count is None else count, shared, 2)


def test_each_file_is_told_once_also_when_it_comes_and_goes() -> None:
    condition, notes = told(outside("a", "b"), outside("a"), outside("a", "b"), outside("a", "b", "c"), outside())

    assert notes == ["changed outside its scope: a, b", "changed outside its scope: c"]
    assert condition.outside == ()


def test_many_are_counted() -> None:
    _, notes = told(outside(*"abcdefg", count=100))

    assert notes == ["changed outside its scope: a, b, c, d, e, 95 more"]


def test_where_others_work_too_it_is_not_said_who_did_it() -> None:
    _, notes = told(outside("a", shared=True))

    assert notes == ["changed outside its scope: a, by it or by somebody else in that checkout"]


def test_what_is_seen_behind_its_end_is_told_and_revives_nobody() -> None:
    condition, notes = told(Exit(0, None, 1), outside("a"))

    assert (condition.state, condition.outside, len(notes)) == ("ended", ("a",), 1)
