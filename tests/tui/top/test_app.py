"""The dashboard by its keys, on a fleet of scripted agents."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.output.dashboard.rows import NOW
from tests.output.dashboard.test_screen import VIEWS, team
from tests.support.fleet import PATIENCE_S, Fleet
from tmuxagents import clock
from tmuxagents.cli import own_lines
from tmuxagents.output.dashboard.pieces import plain
from tmuxagents.services.app import open_app
from tmuxagents.services.fleet.dashboard import Picture
from tmuxagents.tui.top.app import Top
from tmuxagents.tui.top.given import Given
from tmuxagents.tui.top.looking import Seen

Story = Callable[[Top, Pilot[Any]], Awaitable[None]]


@pytest.fixture
def play(three: Fleet, monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], None]:
    """Runs a story in a dashboard of that fleet, of 100 by 30."""
    for name in ("HOME", "TMUXAGENTS_STATE_DIR", "TMUXAGENTS_CONFIG"):
        monkeypatch.setenv(name, three.env[name])
    monkeypatch.delenv("NO_COLOR", raising=False)
    opener = functools.partial(open_app, str(three.state))

    def run(story: Story) -> None:
        async def played() -> None:
            top = Top(Given(opener, lambda _: True, lambda words: three.argv(*words), lambda: own_lines.takes("s")))
            async with top.run_test(size=(100, 30)) as pilot:
                await until(pilot, lambda: len(top.hands.sight.view.board.rows) == 3)
                await story(top, pilot)
            assert top.broken is None

        asyncio.run(played())

    return run


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait for a fact."""
    end = clock.monotonic() + PATIENCE_S
    while not holds():
        assert clock.monotonic() < end, [plain(line).rstrip() for line in shown(pilot)][-3:]
        await pilot.pause(0.02)


def shown(pilot: Pilot[Any]) -> Any:
    drawn = pilot.app.hands.sight.drawn  # type: ignore[attr-defined]
    return drawn.lines if drawn is not None else ()


def told(top: Top) -> str:
    return top.hands.sight.view.told[0]


def at_rest(top: Top, *keys: str) -> None:
    """Press them as if seconds had passed before each; the last that a story presses."""
    for number, key in enumerate(keys, 1):
        top.hands.key(key, key, clock.monotonic() + 5 * number)


async def select(top: Top, pilot: Pilot[Any], name: str) -> None:
    """By its number."""
    names = [row.name for row in top.hands.sight.view.board.shown]
    await pilot.press(str(names.index(name) + 1))
    board = top.hands.sight.view.board
    assert board.row is not None
    assert board.row.name == name


def test_a_line_is_delivered_and_proven_and_a_paste_goes_in_whole(play: Callable[[Story], None], three: Fleet) -> None:
    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await select(top, pilot, "idle-1")
        await pilot.press("t", *"say: q y n")
        await pilot.press("enter")
        await until(pilot, lambda: told(top).startswith("submitted: idle-1"))

        from textual import events

        # One after another, as a hand that is faster than the screen.
        for event in (events.Key("t", "t"), events.Paste("say: one\nsay: two"), events.Key("enter", None)):
            top.post_message(event)
        await until(pilot, lambda: told(top).startswith(("submitted: idle-1", "queued: idle-1")))

    play(story)
    three.wait_for("idle-1", lambda agent: agent["turns"] == 3 and agent["state"] == "idle")
    prompts = [entry["text"] for entry in three.entries("idle-1") if entry["kind"] == "prompt"]
    assert prompts[-2:] == ["say: q y n", "say: one\nsay: two"]


def test_what_a_dialog_refuses_stays_in_its_line(play: Callable[[Story], None], three: Fleet) -> None:
    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await select(top, pilot, "needy-1")
        await pilot.press("t", *"yes please", "enter")
        await until(pilot, lambda: told(top).startswith("t has it still: refused: needy-1"))
        await pilot.press("t")
        assert top.query_one("#entry").value == "yes please"  # type: ignore[attr-defined]

    play(story)
    assert three.agent("needy-1")["state"] == "waiting"


def test_who_is_dismissed_leaves_the_list_and_a_dot_shows_it(play: Callable[[Story], None]) -> None:
    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await select(top, pilot, "over-1")
        await pilot.press("x")
        await until(pilot, lambda: "over-1" not in [row.name for row in top.hands.sight.view.board.shown])
        await pilot.press("full_stop")
        await select(top, pilot, "over-1")
        at_rest(top, "x")
        await until(pilot, lambda: all(not row.dismissed for row in top.hands.sight.view.board.rows))

    play(story)


def test_a_filter_narrows_as_it_is_typed_and_a_click_selects(play: Callable[[Story], None]) -> None:
    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: any("idle-1" in plain(line) for line in shown(pilot)))
        row = next(n for n, line in enumerate(shown(pilot)) if "idle-1" in plain(line))
        await pilot.click("#screen", offset=(6, row))
        board = top.hands.sight.view.board
        assert board.row is not None
        assert board.row.name == "idle-1"
        await pilot.press("slash", *"state:ended")
        await until(pilot, lambda: [row.name for row in top.hands.sight.view.board.shown] == ["over-1"])
        await pilot.press("escape")
        await until(pilot, lambda: len(top.hands.sight.view.board.shown) == 3)

        await pilot.press("slash", *"state:ended", "enter", "slash", *"idle")
        assert top.hands.sight.view.board.filter == "idle"
        await pilot.press("enter", "slash", "end", *"-1")
        assert top.hands.sight.view.board.filter == "idle-1"

    play(story)


def test_its_window_is_shown_and_a_yes_settles_the_dialog_that_was_read(
    play: Callable[[Story], None], three: Fleet
) -> None:
    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await select(top, pilot, "needy-1")
        await until(pilot, lambda: any("Do you want to proceed?" in plain(line) for line in shown(pilot)))
        at_rest(top, "f8")
        await until(pilot, lambda: told(top).startswith("approved: needy-1"))

    play(story)
    three.wait_state("needy-1", "idle")


def test_a_stop_asks_first(play: Callable[[Story], None], three: Fleet) -> None:
    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await select(top, pilot, "needy-1")
        await pilot.press("s", "x")
        assert told(top) == "nothing was done"
        at_rest(top, "s", "f8")
        await until(pilot, lambda: told(top).startswith("stopped needy-1"))

    play(story)
    assert three.agent("needy-1")["state"] == "ended"


def test_a_task_starts_an_agent_that_is_selected_and_a_refused_one_stays(
    play: Callable[[Story], None], three: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in three.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(three.work)

    async def story(top: Top, pilot: Pilot[Any]) -> None:
        await pilot.press("+", *"--name idle-1 --kind demo task", "enter")
        await until(pilot, lambda: "+ has it still: 'idle-1' is taken" in told(top))
        await pilot.press("+", "home", *["delete"] * len("--name idle-1"), *"--name new-1", "enter")
        await until(pilot, lambda: told(top).startswith("started new-1"))
        await until(
            pilot, lambda: top.hands.sight.view.board.row is not None and top.hands.sight.view.board.row.name == "new-1"
        )

    play(story)
    assert three.agent("new-1")["task"] == "task"
    three.ok("stop", "new-1")
    three.ok("rm", "new-1")


@pytest.mark.parametrize("unicode", [True, False], ids=["unicode", "ascii"])
@pytest.mark.parametrize("size", [(80, 24), (40, 10), (12, 4)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_is_drawn_is_what_was_decided(
    size: tuple[int, int], unicode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Textual itself, without a fleet: nobody looks."""
    monkeypatch.setattr("tmuxagents.clock.now_ns", lambda: NOW)

    async def played() -> None:
        top = Top(Given(_nothing, lambda _: True, list, unicode=unicode), looks=False)
        async with top.run_test(size=size) as pilot:
            top.hands.sight.view = VIEWS["list"]
            top.show(Seen(Picture(team())))
            await pilot.pause()
            rows = ["".join(segment.text for segment in strip) for strip in top.screen._compositor.render_strips()]
            decided = [plain(line) for line in shown(pilot)]
            if unicode:
                assert rows[:-1] == decided
            else:
                assert all(row.isascii() for row in rows)
            for key in ("space", "escape", "escape", "question_mark", "escape", "slash", "a", "escape", "end", "9"):
                await pilot.press(key)

    asyncio.run(played())


def _nothing() -> Any:
    raise AssertionError("nothing is opened")
