"""Delivery as a pure conversation: given these looks, expect these keys. No tmux, no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmuxagents.kinds import claude, registry
from tmuxagents.kinds.guard import guard
from tmuxagents.kinds.prompts import shown
from tmuxagents.model.condition import Dialog
from tmuxagents.model.reading import Reading
from tmuxagents.services.talk.delivery import Order, Verdict, deliver
from tmuxagents.services.talk.steps import (
    AwaitReceipt,
    Enlarge,
    GiveBack,
    Heard,
    Keep,
    Look,
    Note,
    Paste,
    Press,
    Seen,
    Step,
    drive,
)
from tmuxagents.value import replace

EMPTY = Reading(draft="")
NO_BOX = Reading(tail=("a transcript",))
ASKS = Reading(dialog=Dialog("permission", "Write(a.txt)", ("Yes", "No")))
PANEL = Reading(dialog=Dialog("dialog", "Settings", form="panel"), tail=("Settings", "Esc to close"))
LEFT = Reading(
    dialog=Dialog("dialog", "Settings", form="panel", text="  Settings\n  Esc to close", anchors=("  Settings",)),
    tail=("  Settings", "  Esc to close"),
)
VIEW = Reading(dialog=Dialog("dialog", "transcript", form="panel", text="transcript"))
MENU = (("/clear",), ("/usage", "/cost"))


def box(text: str, menu: tuple[tuple[str, ...], ...] | None = None) -> Reading:
    return Reading(draft=text, menu=menu)


TEXT = "please go on"


@dataclass
class World:
    """Answers steps from a list of readings; the last one stays. Each step costs a tenth of a second."""

    readings: Sequence[Reading | Seen | str]
    receipts: Sequence[str] = ()
    guarded: bool = False
    person_s: float | None = None
    at: float = 0.0
    seen: Seen = field(default_factory=Seen)
    steps: list[Step] = field(default_factory=list)
    _looks: int = 0
    _heard: int = 0

    def answer(self, step: Step) -> Any:
        self.at += 0.1
        match step:
            case Look():
                return self._look(step)
            case Paste() | Press():
                held = self.guarded and bool(step.unless)
                if not held:
                    self.steps.append(step)
                return "held back" if held else "done"
            case AwaitReceipt():
                self.at += step.within
                how = self.receipts[self._heard] if self._heard < len(self.receipts) else ""
                self._heard += 1
                return Heard(self.at, how, "hook" if how else "")
            case _:
                self.steps.append(step)
                return None

    def _look(self, step: Look) -> Seen:
        self.at += step.after
        reading = self.readings[min(self._looks, len(self.readings) - 1)]
        self._looks += 1
        if isinstance(reading, str):
            self.seen = Seen(at=self.at, ended=True, person_s=self.person_s)
        elif isinstance(reading, Seen):
            self.seen = replace(reading, at=self.at, person_s=self.person_s)
        else:
            self.seen = Seen(reading, at=self.at, person_s=self.person_s)
        return self.seen


def told(world: World, order: Order, watch: Callable[[Step, World], None] = lambda step, world: None) -> Verdict:
    def answer(step: Step) -> Any:
        watch(step, world)
        return world.answer(step)

    return drive(deliver(order), answer)


def order(text: str = TEXT, **more: Any) -> Order:
    return Order(
        typed=claude.KIND.as_prompt(text),
        kind=registry.kind("claude"),
        name="claude",
        command=claude.KIND.command_of(text),
        confirm_s=2.0,
        **more,
    )


def keys(world: World) -> list[str]:
    return [key for step in world.steps if isinstance(step, Press) for key in step.keys]


def pasted(world: World) -> list[str]:
    return [step.text for step in world.steps if isinstance(step, Paste)]


def test_into_an_empty_box_it_is_pasted_and_sent() -> None:
    world = World([EMPTY, box(TEXT)], ["submitted"])

    assert told(world, order()).word == "submitted"
    assert (pasted(world), keys(world)) == ([f"{TEXT} "], ["Enter"])


def test_in_front_of_a_dialog_nothing_is_typed() -> None:
    world = World([ASKS])

    verdict = told(world, order())

    assert (verdict.word, verdict.dialog, world.steps) == ("refused", ASKS.dialog, [])


def test_a_dialog_that_opens_behind_the_look_holds_the_paste_back() -> None:
    world = World([EMPTY, ASKS], guarded=True)

    assert told(world, order()).word == "refused"
    assert world.steps == []


def test_a_footer_on_a_screen_without_a_box_holds_the_paste_back() -> None:
    world = World([EMPTY, NO_BOX], guarded=True)

    assert told(world, order()).word == "refused"
    assert world.steps == []


def test_a_dialog_that_opens_behind_the_paste_gets_no_enter() -> None:
    world = World([EMPTY, ASKS])

    assert told(world, order()).word == "refused"
    assert keys(world) == []


def test_a_footer_in_a_mere_text_does_not_keep_it_back() -> None:
    world = World([EMPTY, EMPTY, box(TEXT)], ["submitted"], guarded=True)

    assert told(world, order()).word == "submitted"
    assert keys(world) == ["Enter"]


def test_a_swallowed_enter_is_pressed_again_while_the_text_stands_there() -> None:
    world = World([EMPTY, box(TEXT)], ["", "submitted"])

    assert told(world, order()).word == "submitted"
    assert keys(world) == ["Enter", "Enter"]


@pytest.mark.parametrize("after", [EMPTY, box("something of a person's"), NO_BOX, ASKS])
def test_no_second_enter_where_the_text_is_not_proven_to_be_there(after: Reading) -> None:
    world = World([EMPTY, box(TEXT), after])

    assert told(world, order()).word == "unconfirmed"
    assert keys(world) == ["Enter"]


def test_what_a_person_types_into_the_text_is_not_sent_and_nothing_stays_there() -> None:
    world = World([EMPTY, *[box(f"wait {TEXT}")] * 20, EMPTY])

    assert told(world, order()).word == "refused"
    assert "Enter" not in keys(world)
    assert Keep(f"wait {TEXT}") in world.steps


def test_a_person_who_types_is_left_alone() -> None:
    world = World([box("half a")], person_s=3.0)

    assert told(world, order()).word == "held"
    assert world.steps == []


def test_a_screen_without_a_box_is_told_in_two_seconds() -> None:
    world = World([NO_BOX])

    assert told(world, order(box_s=1.5)).word == "refused"
    assert world.at < 2.0


@pytest.mark.parametrize(
    "marker", ["[Pasted text #3 +12 lines]", "[Pasted text #1]", "[...Truncated text #2 +9 lines...]"]
)
def test_a_marker_stands_for_a_pasted_text(marker: str) -> None:
    world = World([EMPTY, box(marker)], ["submitted"])

    assert told(world, order("line\n" * 13)).word == "submitted"


def test_a_box_that_shows_a_part_is_waited_for_until_it_stands_still() -> None:
    text = "\n".join(f"row {n} of many" for n in range(40))
    part = box("row 3 of many\nrow 4 of many")
    world = World([EMPTY, box("row 1 of many"), part, part, part], ["submitted"])
    at_enter: list[Reading] = []

    def watch(step: Step, world: World) -> None:
        if isinstance(step, Press):
            at_enter.append(world.seen.reading)

    assert told(world, order(text), watch).word == "submitted"
    assert at_enter == [part]


def test_a_command_is_sent_where_the_menu_shows_exactly_that_one_first() -> None:
    world = World([EMPTY, box("/clear", MENU)], ["submitted"])

    assert told(world, order("/clear")).word == "submitted"
    assert (pasted(world), keys(world)) == (["/clear"], ["Enter"])


def test_a_command_is_known_by_its_other_names() -> None:
    world = World([EMPTY, box("/cost", MENU[::-1])], ["submitted"])

    assert told(world, order("/cost")).word == "submitted"


def test_the_arguments_of_a_command_follow_its_name() -> None:
    world = World([EMPTY, box("/clear", MENU), box("/clear now")], ["submitted"])

    assert told(world, order("/clear now")).word == "submitted"
    assert "".join(pasted(world)) == "/clear now "


def test_a_command_is_not_sent_while_its_menu_would_take_it_without_its_arguments() -> None:
    world = World([EMPTY, box("/clear", MENU), *[box("/clear now", MENU)] * 3, box("/clear now")], ["submitted"])
    entered: list[Reading] = []

    def watch(step: Step, world: World) -> None:
        if isinstance(step, Press) and step.keys == ("Enter",):
            entered.append(world.seen.reading)

    assert told(world, order("/clear now"), watch).word == "submitted"
    assert entered == [box("/clear now")]


def test_a_menu_that_stays_over_the_arguments_keeps_the_command_from_being_sent() -> None:
    world = World([EMPTY, box("/clear", MENU), box("/clear now", MENU)])

    told(world, order("/clear now"))

    assert "Enter" not in keys(world)


@pytest.mark.parametrize("menu", [None, (), MENU, (("/copy",), ("/co",))])
def test_another_command_s_beginning_is_refused_within_a_second_and_the_box_left_empty(menu: Any) -> None:
    world = World([EMPTY, *[box("/co", menu)] * 12, EMPTY])

    verdict = told(world, order("/co"))

    assert verdict.word == "refused"
    assert verdict.never
    assert "Enter" not in keys(world)
    assert world.seen.reading.draft == ""


def test_the_panel_that_a_command_opens_is_closed_only_while_it_is_shown() -> None:
    world = World([EMPTY, box("/cost", MENU[::-1]), PANEL, PANEL, PANEL, EMPTY])

    verdict = told(world, order("/cost"))

    assert (verdict.word, verdict.evidence) == ("submitted", "/cost opened a panel, which was closed again")
    escapes = [step for step in world.steps if isinstance(step, Press) and step.keys == ("Escape",)]
    assert len(escapes) == 1
    assert "Esc to" in escapes[0].only[0]
    assert any(isinstance(step, Note) for step in world.steps)


def test_a_panel_that_opens_while_a_turn_runs_is_closed_by_one_escape() -> None:
    world = World([EMPTY, box("/cost", MENU[::-1]), *[LEFT] * 8, EMPTY])

    verdict = told(world, order("/cost", idle=False))

    assert (verdict.word, verdict.evidence) == ("submitted", "/cost opened a panel, which was closed again")
    (escape,) = [step for step in world.steps if isinstance(step, Press) and step.keys == ("Escape",)]
    assert LEFT.dialog is not None
    assert escape.only == (claude.KIND.LEAVE, *guard(LEFT.dialog))


def test_a_panel_that_is_slow_to_go_gets_no_second_escape_which_would_stop_the_turn() -> None:
    world = World([EMPTY, box("/cost", MENU[::-1]), LEFT])

    verdict = told(world, order("/cost", idle=False))

    assert "still open" in verdict.evidence
    assert keys(world).count("Escape") == 1


@pytest.mark.parametrize("idle", [True, False])
def test_a_panel_that_was_left_open_is_told_and_closed_and_the_text_is_sent_behind_it(idle: bool) -> None:
    world = World([*[LEFT] * 8, EMPTY, EMPTY, box(TEXT)], ["submitted"])

    assert told(world, order(idle=idle)).word == "submitted"
    assert [type(step) for step in world.steps] == [Press, Note, Paste, Press]
    assert keys(world) == ["Escape", "Enter"]


@pytest.mark.parametrize(("shown", "person_s"), [(LEFT, 2.0), (VIEW, None), (VIEW, 2.0), (ASKS, None)])
def test_what_a_person_reads_and_what_asks_is_left_alone(shown: Reading, person_s: float | None) -> None:
    world = World([shown], person_s=person_s)

    assert told(world, order()).word == "refused"
    assert world.steps == []


def test_a_panel_whose_top_is_not_on_the_screen_gets_room_first() -> None:
    cut = Reading(dialog=Dialog("dialog", "a panel", form="panel", cut=True))
    world = World([cut, *[LEFT] * 8, EMPTY, EMPTY, box(TEXT)], ["submitted"])

    assert told(world, order()).word == "submitted"
    assert [type(step) for step in world.steps] == [Enlarge, Press, Note, Paste, Press, GiveBack]


@pytest.mark.parametrize(("text", "shown"), [("/clear", 1), ("/clear now", 4)])
def test_a_panel_that_shows_a_command_at_work_is_left_alone(text: str, shown: int) -> None:
    world = World([EMPTY, box("/clear", MENU), *([box(text)] if " " in text else []), *[PANEL] * shown, EMPTY])

    told(world, order(text))

    assert "Escape" not in keys(world)


def test_a_permission_that_opens_behind_a_command_is_not_closed() -> None:
    world = World([EMPTY, box("/cost", MENU[::-1]), ASKS])

    told(world, order("/cost"))

    assert "Escape" not in keys(world)


def small(reading: Reading) -> Seen:
    return Seen(reading, width=40, height=9)


def test_in_a_small_terminal_the_window_gets_room_and_is_given_back() -> None:
    world = World([small(NO_BOX), small(NO_BOX), EMPTY, box(TEXT)], ["submitted"])

    assert told(world, order()).word == "submitted"
    assert [type(step) for step in world.steps] == [Enlarge, Paste, Press, GiveBack]


def test_a_small_terminal_that_a_person_types_at_keeps_its_size() -> None:
    world = World([small(NO_BOX)], person_s=2.0)

    assert told(world, order()).word == "held"
    assert world.steps == []


def test_whatever_becomes_of_it_the_room_is_given_back() -> None:
    for reading in (ASKS, NO_BOX, EMPTY, box("half"), box(TEXT)):
        world = World([small(EMPTY), reading])

        told(world, order())

        assert world.steps[-1] == GiveBack()


@pytest.mark.parametrize("text", ["/exit", "/exit now"])
def test_a_command_that_ends_the_program_says_so(text: str) -> None:
    world = World([EMPTY, box("/exit", (("/exit",),)), *([box(text)] if " " in text else []), "ended"])

    verdict = told(world, order(text))

    assert (verdict.word, verdict.evidence) == ("submitted", "it ended its program")


SUSPENDED, UNREAD = Seen(EMPTY, suspended=7), Seen(EMPTY, unread=True)
EACH = pytest.mark.parametrize("text", [TEXT, "/cost", "/clear now"])


@EACH
@pytest.mark.parametrize("shown", [EMPTY, NO_BOX, ASKS, box("half a")])
def test_at_a_suspended_program_nothing_is_typed_and_it_is_told_at_once(text: str, shown: Reading) -> None:
    world = World([Seen(shown, suspended=7)])

    verdict = told(world, order(text))

    assert (verdict.word, verdict.evidence, verdict.hint) == ("refused", "its program (7) is suspended", "kill -CONT 7")
    assert (verdict.never, world.steps) == (False, [])
    assert world.at < 0.5


@EACH
def test_where_something_typed_before_is_not_read_nothing_is_typed(text: str) -> None:
    world = World([UNREAD])

    verdict = told(world, order(text))

    assert (verdict.word, verdict.evidence) == ("refused", "its program does not read its terminal")
    assert (verdict.never, world.steps) == (False, [])


def test_what_is_read_late_is_seen_and_deleted_before_the_paste() -> None:
    world = World([UNREAD, UNREAD, EMPTY, box("late"), box("late"), EMPTY, box(TEXT)], ["submitted"])

    assert told(world, order()).word == "submitted"
    assert [type(step) for step in world.steps] == [Keep, Press, Paste, Press]


@EACH
@pytest.mark.parametrize("after", [EMPTY, UNREAD, SUSPENDED, Seen(box(TEXT), unread=True)])
def test_behind_a_paste_that_is_not_drawn_nothing_is_pressed(text: str, after: Reading | Seen) -> None:
    world = World([EMPTY, after])

    verdict = told(world, order(text))

    assert (verdict.word, verdict.unsent, verdict.never) == ("unconfirmed", True, False)
    assert "its commands" not in verdict.evidence
    assert [type(step) for step in world.steps] == [Paste]


@pytest.mark.parametrize("after", [Seen(box(TEXT), unread=True), Seen(box(TEXT), suspended=7)])
def test_an_enter_that_is_not_read_is_not_followed_by_another(after: Seen) -> None:
    world = World([EMPTY, box(TEXT), after])

    verdict = told(world, order())

    assert (verdict.word, verdict.unsent) == ("unconfirmed", False)
    assert keys(world) == ["Enter"]


@pytest.mark.parametrize("after", [SUSPENDED, UNREAD, Seen(box("old"), unread=True)])
def test_nothing_is_pasted_behind_clearing_keys_that_are_not_read(after: Seen) -> None:
    world = World([box("old"), box("old"), box("old"), box("old"), after])

    verdict = told(world, order())

    assert (verdict.word, verdict.never) == ("refused", False)
    assert [type(step) for step in world.steps] == [Keep, Press]


@pytest.mark.parametrize("text", [TEXT, "/cost", "line\n" * 13])
def test_a_text_beside_a_late_one_may_be_said_again(text: str) -> None:
    mine = "[Pasted text #2 +13 lines]" if "\n" in text else text
    world = World([EMPTY, *[box(f"late {mine}")] * 10, EMPTY])

    verdict = told(world, order(text))

    assert (verdict.word, verdict.never) == ("refused", False)
    assert "did not take the text as it is" in verdict.evidence
    assert "Enter" not in keys(world)


def test_a_text_that_the_program_makes_another_of_is_not_tried_again() -> None:
    world = World([EMPTY, *[box("[Image #1]")] * 10, EMPTY])

    assert told(world, order("look at a.png")).never


def test_a_panel_is_left_alone_by_whoever_cannot_see_it_go() -> None:
    world = World([EMPTY, box("/cost", MENU[::-1]), PANEL, PANEL, PANEL, Seen(PANEL, unread=True)])

    told(world, order("/cost"))

    assert keys(world).count("Escape") == 1


TEXTS = st.sampled_from([TEXT, "/clear", "/co", "/cost", "/clear now", "a\\", "!ls", "two\nrows", "see @f", "exit"])
READINGS = st.one_of(
    st.sampled_from([EMPTY, NO_BOX, ASKS, PANEL, LEFT, VIEW, "ended", box("half typed"), box("[Pasted text #1]")]),
    st.sampled_from(
        [SUSPENDED, UNREAD, Seen(box(TEXT), unread=True), Seen(PANEL, unread=True), Seen(LEFT, unread=True)]
    ),
    st.builds(
        box, TEXTS.map(lambda text: claude.KIND.as_prompt(text).strip()), st.sampled_from([None, (), MENU, MENU[::-1]])
    ),
)


@given(
    text=TEXTS,
    readings=st.lists(READINGS, min_size=1, max_size=12),
    receipts=st.lists(st.sampled_from(["", "", "submitted", "queued", "refused"]), max_size=4),
    guarded=st.booleans(),
    person_s=st.sampled_from([None, 1.0, 100.0]),
)
def test_whatever_is_seen_no_enter_goes_out_without_the_text_and_no_claim_without_evidence(
    text: str, readings: list[Reading | Seen | str], receipts: list[str], guarded: bool, person_s: float | None
) -> None:
    world = World(readings, receipts, guarded, person_s)
    given_order = order(text)

    def watch(step: Step, world: World) -> None:
        if isinstance(step, Press | Paste):
            assert not world.seen.stuck
        if isinstance(step, Paste) and step.unless:
            # Whatever was cleared was seen to be gone; arguments follow the name.
            assert world.seen.reading.draft == "" or step.text.startswith(" ")
        if isinstance(step, Press) and step.keys == ("Enter",):
            # The step in front of it, or the guard's own look, saw our text and no dialog.
            assert world.seen.reading.dialog is None
            assert step.unless or world.seen.reading.draft is not None
            if step.unless:
                assert shown(world.seen.reading.draft or "", given_order.typed) or world.seen.reading.draft == text
        if isinstance(step, Press) and step.keys == ("Escape",):
            assert step.only
            dialog = world.seen.reading.dialog
            assert dialog is not None
            assert dialog.asks_nothing or given_order.command is not None

    verdict = told(world, given_order, watch)

    assert isinstance(verdict, Verdict)
    assert given_order.typed.startswith("".join(pasted(world)))
    if verdict.word in ("submitted", "queued"):
        panel_or_end = "panel" in verdict.evidence or "ended" in verdict.evidence
        assert verdict.word in receipts or panel_or_end
    if verdict.word == "gone":
        assert world.seen.ended
