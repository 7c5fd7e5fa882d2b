"""The pictures of the README: `make pictures`.

The chat and one screen of the dashboard are recorded from a fleet that runs (`chat_film`, `top_film`). The two large
ones of the dashboard show a team of claudes on one afternoon (budgets, a conflict, a queue, a diff that asks leave),
which nobody has at hand: they are drawn by the very widgets of `tmuxagents top`, from rows that are given here.
"""

from __future__ import annotations

import asyncio
import html
import io
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME, TerminalTheme

from tests.support import chat_film, recorder, top_film
from tmuxagents import clock
from tmuxagents.model.condition import Dialog
from tmuxagents.output.dashboard.pieces import Line
from tmuxagents.output.dashboard.row import Row
from tmuxagents.services.fleet.dashboard import Picture
from tmuxagents.tui.top.app import Top
from tmuxagents.tui.top.given import Given
from tmuxagents.tui.top.looking import Seen

FOLDER = Path(__file__).parents[2] / "contrib" / "pictures"
SIZE = (116, 28)
NOW = 1_795_000_000 * clock.SECOND

THEMES: Mapping[str, TerminalTheme] = {"dark": SVG_EXPORT_THEME, "light": DEFAULT_TERMINAL_THEME}

_DIFF = """ def test_expired_token(client):
-    response = client.get("/me")
+    response = client.get("/me", headers=expired())
     assert response.status_code == 401"""


def _row(number: int, name: str, since_s: int, **more: Any) -> Row:
    """An agent of the picture."""
    state = more.pop("state")
    given = {"id": name, "name": name, "kind": "claude", "color": number, "state": state, "words": state}
    return Row(**{**given, "since_ns": NOW - since_s * clock.SECOND, "created_ns": number, **more})


def team() -> Sequence[Row]:
    """Six agents on one afternoon."""
    asks = Dialog("permission", "Edit(tests/test_auth.py)", ("Yes", "Yes, allow all edits", "No"), about=_DIFF)
    return (
        _row(0, "auth", 41, state="waiting", words="needs permission", said=asks.what, dialog=asks, dialog_id="1",
             turn=4,
             rate=58.0, cost="$1.12", microusd=1_120_000, budget="$2.50", context_left=61, files=3, folder="api"),
        _row(1, "parser", 15, state="working", said="Bash: cargo test --all", turn=7, rate=74.0, cost="$0.84",
             microusd=840_000, context_left=38, files=6, conflicts=1, pinned=True),
        _row(2, "docs", 190, state="working", said="Read: docs/tokens.md", turn=2, rate=66.0, cost="$0.21",
             microusd=210_000, context_left=88, files=1),
        _row(3, "night-lint", 95, state="queued", said="1st; max_agents = 4", place=1, run="night"),
        _row(4, "search", 640, state="idle", said="All 14 tests pass. I have added three for empty queries.", turn=3,
             rate=71.0, cost="$0.40", microusd=400_000, context_left=70, files=2, unread=4),
        _row(5, "build", 4000, state="ended", said="exit 0", kind="command"),
    )  # fmt: skip


WINDOW: Sequence[Line] = (
    (("● ", "cell:00:32:"), ("Now I will have the test send a token that has expired.", "")),
    (("● ", "cell:00:32:"), ("Update", "bold"), ("(tests/test_auth.py)", "")),
)


def drawn(theme: str) -> str:
    """The dashboard in that theme, as SVG: the same each time."""

    async def played() -> str:
        top = Top(Given(lambda: (_ for _ in ()).throw(AssertionError), lambda _: True, list), looks=False)
        async with top.run_test(size=SIZE) as pilot:
            top.show(Seen(Picture(tuple(team()))))
            top.put_window("auth", WINDOW)
            await pilot.pause()
            width, height = SIZE
            console = Console(
                width=width,
                height=height,
                file=io.StringIO(),
                force_terminal=True,
                color_system="truecolor",
                record=True,
                legacy_windows=False,
            )
            console.print(top.screen._compositor.render_update(full=True, simplify=True))
            return console.export_svg(title="tmuxagents top", theme=THEMES[theme], unique_id="top")

    before, clock.now_ns = clock.now_ns, lambda: NOW
    try:
        return asyncio.run(played())
    finally:
        clock.now_ns = before


def words(svg: str) -> str:
    """What is written in a picture, without how it is drawn: a newer library may draw it otherwise."""
    return "\n".join(
        html.unescape(text).replace("\xa0", " ").rstrip() for text in re.findall(r"<text[^>]*>(.*?)</text>", svg)
    )


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for theme in THEMES:
        _write(f"top-{theme}.svg", drawn(theme))
    with recorder.recorder() as it:
        chat, top = chat_film.dumped(chat_film.recorded(it)), top_film.dumped(top_film.recorded(it))
    _write("chat.cast", chat)
    _write("chat.svg", chat_film.drawn(chat))
    _write("chat-still.svg", chat_film.drawn(chat, moves=False))
    _write("top.cast", top)
    _write("top.svg", top_film.drawn(top))


def _write(name: str, text: str) -> None:
    (FOLDER / name).write_text(text)
    print(FOLDER / name, file=sys.stderr)


if __name__ == "__main__":
    main()
