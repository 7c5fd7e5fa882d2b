"""What is told of an answer is what its program's own record says of that very request: pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from tests.kinds.claude.test_requests import CLAUDE, START, WORKING, asks, fold, hook, result, shows
from tmuxagents.kinds import folding
from tmuxagents.model.condition import Request, Settler
from tmuxagents.model.observation import Hook, Observation, Record, Settling
from tmuxagents.services.talk import taken
from tmuxagents.services.talk.taken import Taken

AT_A_SUBAGENTS_DIALOG = (
    "Permission for this tool use was denied. The tool use was rejected (eg. if it was a file edit, the new_string was"
    " NOT written to the file). Try a different approach or report the limitation to complete your task."
)


def after(*seen: Observation, thread: str = "") -> Request:
    """The request as it is known when all that was read."""
    condition, _ = fold([*asks("a.txt", "b.txt", thread=thread), shows("a.txt"), *seen])
    return next(r for r in condition.requests if r.what.endswith("a.txt)"))


@pytest.mark.parametrize("person", [True, False])
def test_a_subagents_request_that_escape_refused_is_never_told_approved(person: bool) -> None:
    """Both versions, at its dialog; 2.1.197 records no decision of ours there."""
    now = after(result("a.txt", AT_A_SUBAGENTS_DIALOG, failed=True), thread="sub")

    assert taken.by_record(now, allow=True) == Taken("refused", "transcript tool_result")
    assert taken.by_end(now, allow=True, person=person).word == "unconfirmed"
    assert taken.by_keys(now, allow=True).word == "refused"


@pytest.mark.parametrize("thread", ["", "sub"])
def test_an_error_in_words_that_nobody_knows_tells_neither_yes_nor_no(thread: str) -> None:
    now = after(result("a.txt", "Something went wrong", failed=True), thread=thread)

    for allow in (True, False):
        assert taken.by_record(now, allow=allow) is None
        assert taken.by_end(now, allow=allow, person=False).word == "unconfirmed"
        assert taken.by_keys(now, allow=allow).word == "unconfirmed"


@pytest.mark.parametrize("hook_first", [True, False])
def test_a_tool_that_ran_and_failed_was_granted(hook_first: bool) -> None:
    told = [hook("PostToolUseFailure", "a.txt", 700, "sub"), result("a.txt", "Exit code 1", failed=True)]

    now = after(*(told if hook_first else reversed(told)), thread="sub")

    assert taken.by_end(now, allow=True, person=False) == Taken("settled", "transcript tool_result")
    assert taken.by_end(now, allow=True, person=True).word == "unconfirmed"
    assert taken.by_end(now, allow=False, person=False).word == "approved"


@pytest.mark.parametrize(
    "other",
    [
        hook("PostToolUse", "b.txt", 700, "sub"),
        result("b.txt"),
        Hook("PostToolUse", {"tool_name": "Read", "tool_use_id": "x", "agent_id": "sub"}, START + 700),
    ],
    ids=["its hook", "its result", "a call that asked nothing"],
)
def test_what_is_told_of_another_request_says_nothing_of_this_one(other: Any) -> None:
    now = after(other, thread="sub")

    assert (now.ended, now.is_granted, taken.by_record(now, allow=True)) == ("", False, None)


def test_of_two_requests_alike_each_has_its_own_end() -> None:
    """The same command twice: their calls have ids."""

    def ask(call: str, at: int) -> list[Observation]:
        payload = {"tool_name": "Bash", "tool_input": {"command": "touch same"}}
        before = Hook("PreToolUse", {**payload, "tool_use_id": call}, START + at)
        return [before, Hook("PermissionRequest", payload, START + at + 5, f"r-{call}")]

    ran = Hook(
        "PostToolUse", {"tool_name": "Bash", "tool_input": {"command": "touch same"}, "tool_use_id": "one"}, START + 50
    )

    condition, _ = fold([*ask("one", 0), *ask("two", 10), ran])

    assert [(r.id, r.ended, r.is_granted) for r in condition.requests] == [("r-one", "ran", True), ("r-two", "", False)]


def _ask_at_once(*calls: str, asked: Sequence[str]) -> list[Observation]:
    """The same read several times in one message: the hooks of each kind come in an order of their own."""
    payload = {"tool_name": "Read", "tool_input": {"file_path": "/x/same"}}
    before = [Hook("PreToolUse", {**payload, "tool_use_id": call}, START + n) for n, call in enumerate(calls)]
    return [*before, *(Hook("PermissionRequest", payload, START + 50 + n, f"r-{of}") for n, of in enumerate(asked))]


@pytest.mark.parametrize("told", ["hook", "record"])
@pytest.mark.parametrize("asked", list(itertools.permutations(("one", "two", "three"))))
def test_of_the_same_call_made_at_once_the_one_that_was_answered_has_its_end(asked: Sequence[str], told: str) -> None:
    """Whichever of them its hook was: the first is allowed, the second denied, the third allowed."""
    seen = _ask_at_once("one", "two", "three", asked=asked)
    for n, (of, how) in enumerate(zip(asked, ("allow", "deny", "allow"), strict=True)):
        at = 100 + 10 * n
        settler = Settler("denied" if how == "deny" else "approved", "you", at_ns=START + at)
        seen.append(Settling(f"r-{of}", settler, START + at))
        if told == "hook" and how == "allow":
            seen.append(Hook("PostToolUse", {"tool_name": "Read", "tool_use_id": of}, START + at + 1))
        attachment = {"type": "hook_permission_decision", "decision": how, "toolUseID": of}
        seen.append(Record({"type": "attachment", "attachment": attachment}, START + at + 2))
        block = {"type": "tool_result", "tool_use_id": of, "content": "x", "is_error": how == "deny"}
        seen.append(Record({"type": "user", "message": {"content": [block]}}, START + at + 3))

        condition = WORKING
        for one in seen:
            condition, _ = folding.fold(CLAUDE, condition, [one], one.at_ns, asked=False)

        request = next(r for r in condition.requests if r.id == f"r-{of}")
        assert taken.by_record(request, allow=how == "allow") is not None
        assert taken.by_record(request, allow=how == "allow").word == "settled"  # type: ignore[union-attr]
        assert [r.id for r in condition.open_requests] == [f"r-{left}" for left in asked[n + 1 :]]


def test_keys_that_said_yes_are_not_told_approved_where_it_was_refused() -> None:
    refused = after(result("a.txt", "The user doesn't want to proceed with this tool use.", failed=True))

    assert taken.by_keys(refused, allow=True).word == "refused"
    assert taken.by_keys(refused, allow=False).word == "settled"
    assert taken.by_keys(after(result("a.txt")), allow=False).word == "approved"
