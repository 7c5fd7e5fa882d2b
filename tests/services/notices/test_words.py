"""What a notice says: text stays text, and what was not asked for is not in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.security.corpus import EVERYTHING
from tmuxagents.model.notice import NewNotice, Notice
from tmuxagents.names import AgentId, AgentName
from tmuxagents.output.safe_text import is_clean
from tmuxagents.output.widths import width_of
from tmuxagents.services.notices import words

texts = st.text() | st.sampled_from(EVERYTHING)


def notice(kind: str = "needs", **more: str) -> Notice:
    values = {"needs": "permission", "dialog": "4f1c09a2be", "verb": "approve", **more} if kind == "needs" else more
    new = NewNotice(kind, "waiting", 1, **values)  # type: ignore[arg-type]
    return Notice(1, "id", AgentId("me"), AgentName("docs"), 1, new)


@given(texts)
def test_nothing_in_a_notice_acts_on_a_terminal_or_makes_a_second_line(text: str) -> None:
    one = notice(what=text)

    said = words.for_terminal(one, with_text=True)
    for line in (words.line(one), said.title, said.body):
        assert is_clean(line)
        assert "\n" not in line


@given(texts.filter(lambda text: len(text) > 12))
def test_what_is_asked_is_in_nothing_that_leaves_without_leave(text: str) -> None:
    one = notice(what=text)

    leaving = [
        json.dumps(words.as_json(one, escalated=True, with_text=False)),
        words.headline(one),
        words.body(one, with_text=False),
        words.for_terminal(one, with_text=False).body,
    ]

    assert leaving == [
        json.dumps({**words.as_json(notice(what=""), escalated=True, with_text=False)}),
        "docs needs permission",
        "tmuxagents approve docs --dialog 4f1c09a2be",
        "tmuxagents approve docs --dialog 4f1c09a2be",
    ]


@pytest.mark.parametrize(
    ("one", "headline", "command"),
    [
        (notice(), "docs needs permission", "tmuxagents approve docs --dialog 4f1c09a2be"),
        (
            notice(needs="question", verb="answer"),
            "docs needs question",
            "tmuxagents answer docs --dialog 4f1c09a2be CHOICE",
        ),
        (notice(needs="login", verb="attach"), "docs needs login", "tmuxagents attach docs"),
        (notice(needs="dialog", verb="show"), "docs needs dialog", "tmuxagents show docs"),
        (notice("failed"), "docs failed", "tmuxagents show docs"),
        (notice("limited"), "docs is limited", "tmuxagents show docs"),
        (notice("lost"), "docs is lost", "tmuxagents resume docs"),
        (notice("finished"), "docs has finished", "tmuxagents tail docs"),
        (notice("test"), "tmuxagents can reach you here", ""),
    ],
)
def test_it_says_who_what_and_the_command(one: Notice, headline: str, command: str) -> None:
    assert words.headline(one) == headline
    assert words.command(one) == command
    assert words.line(one).startswith(headline)


def of_run(kind: str = "failed", state: str = "failed") -> Notice:
    new = NewNotice(kind, state, 1, 1, what="1 of 2 done, 1 failed (secret-task)")  # type: ignore[arg-type]
    return Notice(1, "id", AgentId("a-run"), AgentName("run-1"), 0, new)


@pytest.mark.parametrize(("kind", "headline"), [("failed", "run-1 failed"), ("finished", "run-1 has finished")])
def test_the_end_of_a_run_says_which_and_how_to_look_at_it(kind: str, headline: str) -> None:
    one = of_run(kind)

    assert (words.headline(one), words.command(one)) == (headline, "tmuxagents show run-1")
    assert words.line(one) == f"{headline}: 1 of 2 done, 1 failed (secret-task)   tmuxagents show run-1"
    assert words.as_json(one, escalated=False, with_text=False)["run"] == "run-1"
    assert words.as_json(notice(), escalated=False, with_text=False)["run"] is None
    leaving = [words.body(one, with_text=False), *words.as_json(one, escalated=False, with_text=False).values()]
    assert not any("secret-task" in str(each) for each in leaving)


@given(texts, st.integers(1, 250), st.sampled_from(["", "/home/me/second fleet"]))
def test_in_a_message_the_command_is_whole_or_not_there(text: str, width: int, fleet: str) -> None:
    assume("tmuxagents" not in text)
    one = notice(what=text)

    told = words.line(one, fleet, width=width)

    assert width_of(told) <= width
    assert told.endswith(f"   {words.command(one, fleet)}") or "tmuxagents" not in told
    assert told == words.line(one, fleet) or width_of(words.line(one, fleet)) > width


def test_the_command_of_a_fleet_that_is_not_the_usual_one_names_it() -> None:
    one = notice(needs="question", verb="answer")
    command = "tmuxagents --state-dir '/home/me/second fleet' answer docs --dialog 4f1c09a2be CHOICE"

    assert words.command(one, "/home/me/second fleet") == command
    assert words.line(one, "/home/me/second fleet").endswith(command)
    assert words.as_json(one, escalated=False, with_text=True, fleet="/home/me/second fleet")["command"] == command
    assert words.for_terminal(one, with_text=False, fleet="/home/me/second fleet").body == command
    assert words.command(notice("test"), "/s") == ""


def test_only_a_dialog_with_a_plain_yes_and_no_has_buttons() -> None:
    assert words.for_desktop(notice(needs="trust"), "/s").buttons == (("approve", "Trust"), ("deny", "Do not trust"))
    assert words.for_desktop(notice(needs="question", verb="answer"), "/s").buttons == ()
    assert words.for_desktop(notice("failed"), "/s").buttons == ()
