"""What is told to be asked for next, behind what was just settled: never that itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tmuxagents.cli.render.stream import command_for
from tmuxagents.kinds import registry
from tmuxagents.model.condition import Closed, Condition, Dialog, Request, Settler
from tmuxagents.services.talk.dialogs import asked_since, next_asked
from tmuxagents.value import replace

CLAUDE = registry.kind("claude")


def _request(name: str, **changes: Any) -> Request:
    return replace(Request(name, "permission", f"Write({name})", 0, hints=(f"/x/{name}",)), **changes)


def _shows(name: str) -> Dialog:
    return Dialog("permission", f"Do you want to create {name}?", ("Yes", "No"), text=f"Write file\n/x/{name}\nYes\nNo")


def _waiting(*requests: Request, on: str | None = None) -> Condition:
    dialog = Dialog("permission", f"Write({on})", request=on, open=len(requests)) if on is not None else None
    return Condition("waiting" if dialog else "working", dialog=dialog, requests=requests)


@pytest.mark.parametrize("shown", [None, _shows("a")], ids=["gone", "still drawn"])
def test_a_request_whose_record_has_not_come_is_not_its_own_next(shown: Dialog | None) -> None:
    assert next_asked(_waiting(_request("a"), on="a"), "a", _shows("a"), shown, CLAUDE) is None


@pytest.mark.parametrize("known", ["a", "b", "c"])
def test_another_request_that_waits_is_next_and_the_one_on_the_screen_first(known: str) -> None:
    condition = _waiting(_request("a"), _request("b"), _request("c"), on=known)

    found = next_asked(condition, "a", _shows("a"), _shows("c"), CLAUDE)

    assert found is not None
    assert (found.what, found.open) == ("Write(c)", 2)


def test_one_whose_answer_was_taken_waits_for_none() -> None:
    condition = _waiting(_request("a"), _request("b", told="began"), _request("c", decided="allow"), on="a")

    assert next_asked(condition, "a", None, None, CLAUDE) is None


def test_questions_that_are_next_are_counted_for_the_command_that_answers_them() -> None:
    given = {"questions": [{"question": word, "options": [{"label": "x"}, {"label": "y"}]} for word in ("one", "two")]}
    asked = replace(_request("b"), needs="question", given=json.dumps(given))

    found = next_asked(_waiting(_request("a"), asked, on="a"), "a", None, None, CLAUDE)

    assert found is not None
    assert command_for("n", found) == "tmuxagents answer n CHOICE CHOICE"


@pytest.mark.parametrize("shown", [None, _shows("a")], ids=["gone", "still drawn"])
def test_a_dialog_that_no_hook_announced_is_not_its_own_next(shown: Dialog | None) -> None:
    condition = Condition("waiting", evidence="screen: a dialog is open", dialog=_shows("a"))

    assert next_asked(condition, None, _shows("a"), shown, CLAUDE) is None


@pytest.mark.parametrize(
    ("evidence", "since", "asked"),
    [("event permission", 9, True), ("event permission", 3, False), ("screen: a dialog is open", 9, False)],
    ids=["told behind its end", "told before", "only seen"],
)
def test_one_just_like_it_is_next_where_its_program_has_told_of_it(evidence: str, since: int, asked: bool) -> None:
    condition = Condition("waiting", since_ns=since, evidence=evidence, dialog=_shows("a"))
    closed = Closed(Settler("approved", "you"), "event answered", 5, told=True)

    assert asked_since(condition, closed) is asked


@pytest.mark.parametrize("settled", [None, "a"])
def test_another_dialog_on_the_screen_is_next(settled: str | None) -> None:
    condition = _waiting(_request("a", told="began")) if settled else Condition("waiting", dialog=_shows("a"))

    assert next_asked(condition, settled, _shows("a"), _shows("b"), CLAUDE) == _shows("b")


@pytest.mark.parametrize("form", ["panel", "list"])
def test_what_a_person_has_opened_is_not_asked(form: Any) -> None:
    opened = replace(_shows("b"), form=form)

    assert next_asked(Condition("working"), None, _shows("a"), opened, CLAUDE) is None
