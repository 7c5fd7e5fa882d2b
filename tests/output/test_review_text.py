"""Comments in a diff are found where they were written, and nothing else is one."""

from __future__ import annotations

import difflib

from hypothesis import assume, given
from hypothesis import strategies as st

from tmuxagents.output import review_text
from tmuxagents.output.diff_text import Place, places
from tmuxagents.output.review_text import Comment

DIFF = b"""\
diff --git a/src/auth.rs b/src/auth.rs
index 1111111..2222222 100644
--- a/src/auth.rs
+++ b/src/auth.rs
@@ -10,4 +10,5 @@ fn check() {
 let a = 1;
-log(token);
+if token.is_empty() {
+    return Err(Expired);
 }
 last
diff --git a/logo.png b/logo.png
index 1111111..2222222 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/old b/new name
similarity index 90%
rename from old
rename to new name
--- a/old\t
+++ b/new name\t
@@ -1 +1 @@
->> was here
+>> is here
\\ No newline at end of file
"""

LINES = st.text(st.sampled_from("ab >+-@\\#\r\t\u2028\x0b\x1b\udcff"), max_size=6)
FILES = st.lists(LINES, max_size=12)


def made(old: list[str], new: list[str]) -> bytes:
    """A diff as git writes it."""
    rows = list(difflib.unified_diff(old, new, "a/x y", "b/x y", lineterm="", n=1))
    rows = ["diff --git a/x y b/x y", "index 1..2 100644", *rows] if rows else []
    return "".join(f"{row}\n" for row in rows).encode("utf-8", "surrogateescape")


def with_comment(diff: bytes, below: str, *said: str) -> str:
    rows = review_text.shown(diff)
    at = rows.index(below) + 1
    return "\n".join([*rows[:at], *(f">> {row}" for row in said), *rows[at:]])


def only(text: str, diff: bytes = DIFF) -> Comment:
    found = review_text.read(text, diff)
    assert found.strays == ()
    (comment,) = found.comments
    return comment


@given(FILES, FILES)
def test_each_line_of_a_file_is_where_it_is_there(old: list[str], new: list[str]) -> None:
    rows = made(old, new).decode("utf-8", "surrogateescape").split("\n")[:-1]

    known = places(rows)

    assert len(known) == len(rows)
    for row, place in zip(rows, known, strict=True):
        if place.kind in ("context", "added", "removed"):
            assert place.line is not None
            assert (old if place.kind == "removed" else new)[place.line - 1] == row[1:]
    assert sum(place.kind == "added" for place in known) - sum(place.kind == "removed" for place in known) == len(
        new
    ) - len(old)


@given(FILES, FILES)
def test_no_line_of_a_diff_is_a_comment_however_an_editor_breaks_lines(old: list[str], new: list[str]) -> None:
    rows = review_text.shown(made(old, new))

    text = "\n".join(rows)

    assert [row for row in text.splitlines() if row.startswith((">>", "#"))] == []
    assert text.splitlines() == rows
    assert review_text.read(text, made(old, new)) == review_text.Read((), ())


@given(FILES, FILES, st.data(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_comment_is_about_the_line_above_it_whatever_the_editor_does_to_blanks(
    old: list[str], new: list[str], data: st.DataObject, line_break: str, stripped: bool
) -> None:
    diff = made(old, new)
    rows = review_text.shown(diff)
    known = places(diff.decode("utf-8", "surrogateescape").split("\n")[:-1])
    numbers = [number for number, place in enumerate(known) if place.kind in ("context", "added", "removed")]
    assume(numbers)
    at = data.draw(st.sampled_from(numbers))
    given_back = [*rows[: at + 1], ">> why?", ">>", ">> really", *rows[at + 1 :]]
    given_back = [row.rstrip() for row in given_back] if stripped else given_back

    comment = only(line_break.join(given_back) + line_break, diff)

    assert (comment.path, comment.line, comment.text) == ("x y", known[at].line, "why?\n\nreally")
    assert comment.removed == (known[at].kind == "removed")
    assert comment.quoted[-1].rstrip() == rows[at].removesuffix("^M").rstrip()
    assert len(comment.quoted) <= 3


@given(st.sets(st.integers(0, 11)))
def test_lines_that_were_deleted_do_not_move_a_comment(gone: set[int]) -> None:
    rows = with_comment(DIFF, "+    return Err(Expired);", "missing").split("\n")
    kept = [row for number, row in enumerate(rows) if number not in gone or row.startswith(("+    ret", ">>"))]

    comment = only("\n".join(kept))

    assert (comment.path, comment.line, comment.text) == ("src/auth.rs", 12, "missing")


def test_a_removed_line_is_one_of_the_old_file() -> None:
    comment = only(with_comment(DIFF, "-log(token);", "keep it"))

    assert comment == Comment("src/auth.rs", 11, True, (" let a = 1;", "-log(token);"), "keep it")


def test_below_the_head_of_a_hunk_it_is_about_how_that_begins() -> None:
    comment = only(with_comment(DIFF, "@@ -10,4 +10,5 @@ fn check() {", "all of this"))

    assert (comment.line, comment.quoted) == (10, (" let a = 1;", "-log(token);", "+if token.is_empty() {"))


def test_below_a_files_own_head_it_is_about_the_file() -> None:
    comment = only(with_comment(DIFF, "Binary files a/logo.png and b/logo.png differ", "too big"))

    assert comment == Comment("logo.png", None, False, (), "too big")


def test_before_any_file_it_is_about_the_whole() -> None:
    assert only(">> add tests\n# ours\n" + "\n".join(review_text.shown(DIFF))).path is None


def test_a_line_of_a_file_that_begins_with_the_mark_is_none() -> None:
    comment = only(with_comment(DIFF, "+>> is here", "no"))

    assert comment == Comment("new name", 1, False, ("->> was here", "+>> is here"), "no")


def test_below_the_note_of_a_missing_line_break_it_is_about_the_line() -> None:
    assert only(with_comment(DIFF, "\\ No newline at end of file", "add it")).quoted[-1] == "+>> is here"


def test_two_below_one_line_are_one_and_an_empty_one_is_none() -> None:
    text = with_comment(DIFF, "+if token.is_empty() {", "one").replace(">> one", ">> one\n\n>> two\n")

    assert only(text).text == "one\n\ntwo"
    assert review_text.read(with_comment(DIFF, " }", "", " "), DIFF).comments == ()


def test_what_is_neither_the_diffs_nor_a_comment_is_told() -> None:
    text = with_comment(DIFF, " }", "ok").replace("-log(token);", "-log(tokens);").replace(" last", " last\nforgot it")

    found = review_text.read(text, DIFF)

    assert found.strays == ("-log(tokens);", "forgot it")
    assert found.comments[0].line == 13


def test_without_the_diff_itself_its_own_lines_count() -> None:
    text = with_comment(DIFF, "+    return Err(Expired);", "missing")

    assert review_text.read(text, review_text.without_comments(text)) == review_text.read(text, DIFF)


def test_names_are_read_as_git_quotes_them() -> None:
    head = 'diff --git "a/caf\\351 \\"x\\"\\n" "b/caf\\351 \\"x\\"\\n"'

    assert places([head]) == [Place("file", 'caf\udce9 "x"\n', None)]
    assert review_text.named('caf\udce9 "x"\n') == '"caf\\351 \\042x\\042\\012"'
    assert review_text.named("src/é 漢.rs") == "src/é 漢.rs"


def test_the_message_has_each_with_its_place_and_its_lines() -> None:
    comments = [
        Comment(None, None, False, (), "add tests"),
        Comment("a", 3, False, (" x", "+y"), "why?\nreally"),
        Comment("b", 7, True, ("-z",), "keep it"),
        Comment("c", None, False, (), "too big"),
    ]

    assert review_text.message(comments, {"b"}) == (
        "A review of your changes, 4 comments. The quoted lines are from the diff, the last of them is the one that a"
        " comment is about.\n\n"
        "1. On the whole:\nadd tests\n\n"
        "2. a, line 3:\n>  x\n> +y\nwhy?\nreally\n\n"
        "3. b, line 7 of the file before (removed) (the file has changed since):\n> -z\nkeep it\n\n"
        "4. c:\ntoo big"
    )
