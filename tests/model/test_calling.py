"""Whether a person is called now, later or not at all."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support import made
from tmuxagents import clock
from tmuxagents.config_notices import CHANNELS, KINDS, Notices
from tmuxagents.model import calling
from tmuxagents.model.agent import Agent
from tmuxagents.model.calling import Decision, Moment
from tmuxagents.model.condition import Condition, Dialog
from tmuxagents.model.manifest import Manifest
from tmuxagents.model.notice import NewNotice, Notice, dialog_id
from tmuxagents.model.run import Run
from tmuxagents.names import AgentId, AgentName
from tmuxagents.value import replace

ME = AgentId("me")
NOW = 1_000 * clock.SECOND


def notice(kind: str = "needs", *, delayed: bool = False, **more: Any) -> Notice:
    new = NewNotice(kind, "waiting", NOW, **more)  # type: ignore[arg-type]
    return Notice(1, "id", ME, AgentName("api"), 1, new, delayed)


kinds = st.sampled_from(KINDS)
channels = st.lists(st.sampled_from(CHANNELS), unique=True).map(tuple)
settings = st.builds(
    Notices,
    on=st.lists(kinds, unique=True).map(tuple),
    channels=channels,
    escalate=channels,
    after=st.sampled_from([0.0, 1.0, 600.0]),
    cooldown=st.sampled_from([0.0, 60.0]),
)
moments = st.builds(
    Moment,
    now_ns=st.just(NOW),
    looked_at=st.booleans(),
    is_past=st.booleans(),
    holds=st.booleans(),
    last_ns=st.none() | st.integers(0, 2 * NOW),
)
some = st.builds(notice, kinds, delayed=st.booleans())


@given(some, moments, settings)
def test_it_goes_where_it_was_asked_to_or_says_why_not(one: Notice, moment: Moment, wanted: Notices) -> None:
    decision = calling.first(one, moment, wanted)

    assert decision.channels in ((), wanted.channels)
    assert decision.why == "" if decision.channels else decision.why != "" or wanted.channels == ()
    if one.new.kind not in wanted.on:
        assert decision == Decision(why="not asked for")


@given(some, moments, settings)
def test_what_is_decided_again_is_decided_later_than_now(one: Notice, moment: Moment, wanted: Notices) -> None:
    decision = calling.first(one, moment, wanted)

    assert decision.next_ns is None or decision.next_ns > moment.now_ns
    assert not decision.later or (decision.next_ns is not None and not decision.channels)


@given(some, moments, settings)
def test_what_was_kept_back_is_decided_when_it_has_cooled_down(one: Notice, moment: Moment, wanted: Notices) -> None:
    first = calling.first(one, moment, wanted)

    if first.later and first.next_ns is not None:
        then = replace(moment, now_ns=first.next_ns, looked_at=False)
        second = calling.first(replace(one, delayed=True), then, wanted)
        assert second.channels == (wanted.channels if moment.holds and not moment.is_past else ())
        assert not second.later


@given(some, moments, settings)
def test_who_resumed_or_removed_it_is_not_called(one: Notice, moment: Moment, wanted: Notices) -> None:
    assert calling.first(one, replace(moment, is_past=True), wanted).channels == ()


def test_the_end_of_a_run_holds_until_the_run_is_resumed_or_removed() -> None:
    one = replace(notice("failed", since_ns=NOW), generation=0)
    run = Run("me", "run-1", Manifest("m", ()), "failed", 0, ended_ns=NOW)
    resumed = replace(run, state="running", ended_ns=None)

    assert (calling.holds(one, run), calling.over(one, run)) == (True, "")
    assert (calling.is_past(one, resumed), calling.over(one, resumed)) == (True, "the run was resumed meanwhile")
    assert (calling.is_past(one, None), calling.over(one, None)) == (True, "the run was removed meanwhile")


@given(moments, settings)
def test_a_dialog_never_cools_down(moment: Moment, wanted: Notices) -> None:
    assert not calling.first(notice("needs"), moment, wanted).later


@given(some, moments, settings)
def test_who_looks_at_it_is_not_called(one: Notice, moment: Moment, wanted: Notices) -> None:
    seen = replace(moment, looked_at=True)

    assert calling.first(one, seen, wanted).channels == ()
    assert calling.escalated(one, seen, wanted).channels == ()


@given(some, moments, settings)
def test_only_what_still_holds_is_escalated_and_once(one: Notice, moment: Moment, wanted: Notices) -> None:
    decision = calling.escalated(one, moment, wanted)

    assert decision.next_ns is None
    still = moment.holds and not moment.looked_at and not moment.is_past
    assert decision.channels == (wanted.escalate if still else ())


def test_what_somebody_looked_at_and_left_is_escalated() -> None:
    wanted = Notices(escalate=("ntfy",), after=600.0)

    decision = calling.first(notice(), Moment(NOW, looked_at=True), wanted)

    assert (decision.channels, decision.next_ns) == ((), NOW + 600 * clock.SECOND)


def test_a_turn_that_has_ended_needs_no_reaction() -> None:
    wanted = Notices(on=("finished",), escalate=("ntfy",), after=600.0)

    assert calling.first(notice("finished"), Moment(NOW), wanted) == Decision(("tmux",))


def test_a_dialog_holds_while_it_is_that_very_one() -> None:
    ask = Dialog("permission", "Bash(make)", text="make")
    waits = Condition(state="waiting", since_ns=5, dialog=ask)
    agent = _agent(waits)
    one = notice(dialog=dialog_id(ME, 1, waits), needs="permission", since_ns=5)

    assert calling.holds(one, agent)
    assert not calling.holds(one, None)
    assert not calling.holds(one, replace(agent, generation=2))
    assert calling.is_past(one, replace(agent, generation=2))
    assert calling.is_past(one, None)
    assert not calling.is_past(one, agent)
    assert not calling.holds(one, _agent(replace(waits, dialog=replace(ask, text="rm x"))))
    assert not calling.holds(one, _agent(Condition(state="working")))


def test_a_dialog_of_which_more_is_known_by_now_is_that_very_one() -> None:
    told = Condition(state="waiting", since_ns=5, dialog=Dialog("dialog", "dialog open"))
    one = notice(dialog=dialog_id(ME, 1, told), needs="dialog", what="dialog open", since_ns=5)
    shown = Dialog("trust", "Trust this folder?", ("Yes", "No"), text="Trust this folder?")

    assert calling.holds(one, _agent(replace(told, dialog=shown)))
    assert not calling.holds(one, _agent(replace(told, dialog=shown, since_ns=6)))


def test_a_dialog_that_is_settled_before_anybody_could_be_called_calls_nobody() -> None:
    wanted = Notices(escalate=("ntfy",), after=600.0)

    assert calling.first(notice(), Moment(NOW, holds=False), wanted) == Decision(
        why="settled before anybody could be called"
    )
    assert calling.first(notice("failed"), Moment(NOW, holds=False), wanted).channels == ("tmux",)


def test_a_failure_holds_until_it_is_another_state_or_another_failure() -> None:
    one = Notice(1, "id", ME, AgentName("api"), 1, NewNotice("failed", "failed", NOW, since_ns=5))

    assert calling.holds(one, _agent(Condition(state="failed", since_ns=5)))
    assert not calling.holds(one, _agent(Condition(state="failed", since_ns=6)))
    assert not calling.holds(one, _agent(Condition(state="idle", since_ns=5)))


def test_another_try_is_made_for_what_still_holds_or_stays_true() -> None:
    waits = Condition(state="waiting", since_ns=5, dialog=Dialog("permission", "Bash(make)", text="make"))
    one = notice(dialog=dialog_id(ME, 1, waits), needs="permission", since_ns=5)
    idle = _agent(Condition(state="idle"))

    assert calling.over(one, _agent(waits)) == ""
    assert calling.over(one, idle) == "its dialog was settled meanwhile"
    assert calling.over(notice("limited"), idle) == "it has passed meanwhile"
    assert calling.over(notice("finished"), _agent(waits)) == ""
    assert calling.over(one, replace(_agent(waits), generation=2)) == "the agent was resumed meanwhile"
    assert calling.over(notice("finished"), None) == "the agent was removed meanwhile"


@given(st.integers(1, 20))
def test_a_channel_that_refuses_is_tried_ever_more_seldom_and_not_for_ever(tries: int) -> None:
    pause, following = calling.pause_s(tries), calling.pause_s(tries + 1)

    assert (pause is None) == (tries >= calling.TRIES)
    assert following is None or (pause is not None and following > pause)


@given(st.integers(0, 10**6))
def test_who_has_not_typed_for_long_does_not_look(ago_s: int) -> None:
    assert calling.looks(NOW / clock.SECOND - ago_s, NOW) == (ago_s <= calling.LOOKS_S)


def _agent(condition: Condition) -> Agent:
    return made.agent("api", id=ME, condition=condition)
