"""The film of the README shows the chat as it is."""

from __future__ import annotations

from tests.support import cast, chat_film, film, pictures
from tests.support.cast import Frame, Span, Style
from tests.support.fleet import Roots


def test_the_film_tells_what_the_chat_tells_today(roots: Roots) -> None:
    """It is recorded anew: any word is found that comes, goes or is another: in the stream, a dialog, the prompt.
    Not found: a colour that is another, and where a row stands on the screen."""
    kept, _, _ = cast.loaded((pictures.FOLDER / "chat.cast").read_text())

    assert chat_film.told(kept) == chat_film.told(chat_film.recorded(roots)), "make pictures"


def test_the_picture_of_the_chat_is_that_of_its_cast() -> None:
    kept = (pictures.FOLDER / "chat.cast").read_text()

    for name, moves in (("chat.svg", True), ("chat-still.svg", False)):
        drawn = (pictures.FOLDER / name).read_text()
        assert drawn == chat_film.drawn(kept, moves=moves), "make pictures"
        assert len(drawn) < 150_000


def test_a_cast_keeps_its_frames() -> None:
    frames = [
        Frame(("$ \x1b[1mls\x1b[0m", "", "“ä”"), (3, 2), 0.5),
        Frame(("", "\x1b[38;5;30mx"), (0, 1), 2.0, "F8"),
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
