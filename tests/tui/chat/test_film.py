"""The recorded pictures of the README show the chat and the dashboard as they are."""

from __future__ import annotations

from tests.support import cast, chat_film, film, pictures, recorder, top_film
from tests.support.cast import Frame, Span, Style
from tests.support.fleet import Roots


def test_what_was_recorded_is_what_the_chat_and_the_dashboard_show_today(roots: Roots) -> None:
    """It is recorded anew, both on one fleet. Any word is found that comes, goes or changes: in the stream, a dialog,
    the prompt, a row of the dashboard. Not found: another colour, and in the chat where a row stands."""
    chat, top = [cast.loaded((pictures.FOLDER / name).read_text())[0] for name in ("chat.cast", "top.cast")]

    with recorder.recorder(roots) as it:
        assert chat_film.told(chat) == chat_film.told(chat_film.recorded(it)), "make pictures"
        assert top[0].text == top_film.recorded(it).text, "make pictures"


def test_a_recorded_picture_is_drawn_from_its_cast() -> None:
    chat, top = [(pictures.FOLDER / name).read_text() for name in ("chat.cast", "top.cast")]
    wanted = {
        "chat.svg": chat_film.drawn(chat),
        "chat-still.svg": chat_film.drawn(chat, moves=False),
        "top.svg": top_film.drawn(top),
    }

    for name, drawn in wanted.items():
        assert (pictures.FOLDER / name).read_text() == drawn, "make pictures"
        assert len(drawn) < 150_000


def test_a_moment_is_told_by_the_same_ages_each_time() -> None:
    def screen(*ages: str) -> Frame:
        rows = [f"  {n} agent-{n}  idle              {age:3}  2     $0.03" for n, age in enumerate(ages)]
        return Frame((*rows, "── agent-3 · needs permission · 5s"), None, 1.0)

    assert top_film.pinned(screen("2s", "1m")) == top_film.pinned(screen("48s", "9s")) == screen("9s", "9s")


def test_a_cast_keeps_its_frames() -> None:
    frames = [
        Frame(("$ \x1b[1mls\x1b[0m", "", "“ä”"), (3, 2), 0.5),
        Frame(("", "\x1b[38;5;30mx"), None, 2.0, "F8"),
    ]

    assert cast.loaded(cast.dumped(frames, columns=80, rows=24, title="x")) == (frames, 80, 24)
    assert [frame.text for frame in frames] == ["$ ls\n\n“ä”", "\nx"]


def test_the_codes_of_a_row_become_texts_of_one_style() -> None:
    rows = ("a\x1b[1;31mb\x1b[0m c", "\x1b[38;5;26;7md\x1b[39;27me", "\x1b[48;2;1;2;3m f\x1b[49;2mg")

    assert list(cast.spans(rows)) == [
        (Span("a", Style()), Span("b", Style("#ff7b72", bold=True)), Span(" c", Style())),
        (Span("d", Style("#005fd7", reverse=True)), Span("e", Style())),
        (Span(" f", Style(ground="#010203")), Span("g", Style(dim=True))),
    ]


def test_a_picture_escapes_what_it_shows_and_its_still_moves_nothing() -> None:
    frames = [Frame(("<b> & \x1b[7m x\x1b[0m",), (0, 0), 1.0), Frame(("", "two"), (0, 0), 1.0, "Tab")]

    moving = film.drawn(frames, columns=20, rows=3, title="a < b", still=1)
    still = film.drawn(frames, columns=20, rows=3, title="a < b", still=0, moves=False)

    assert "<title>a &lt; b</title>" in moving
    assert "&lt;b&gt; &amp;" in still
    assert "two" not in still
    assert "animation" not in still
    assert "50%{transform:translateX(-168px)}" in moving
