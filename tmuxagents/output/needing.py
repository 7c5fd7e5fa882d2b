"""What an agent needs a person for, with all that has to be known to decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from tmuxagents.output.safe_text import one_line, visible

ROWS = 12
"""Rows of a command, a diff or a plan that stand in the stream; `show` has all."""

_PLAIN = (["Yes", "No"], ["No", "Yes"])


def beneath(detail: Mapping[str, object], *, show: str | None) -> list[str]:
    """The rows under the line that says what is needed: what it is about, and the choices with their numbers.
    `show` is the command that shows what is left out; None leaves nothing out."""
    # In the stream `approve` says all; that there are choices which allow more stands on the page.
    several = [f"  {detail['several']}"] if detail.get("several") and not detail.get("questions") else []
    brief = show is not None and detail.get("needs") == "permission" and "verb" not in detail
    return [*_about(str(detail.get("about") or ""), show), *([] if brief else offered(detail)), *several]


def _about(text: str, show: str | None) -> Iterator[str]:
    rows = [visible(row) for row in text.split("\n")] if text else []
    if show is None or len(rows) <= ROWS:
        yield from (f"  {row}" for row in rows)
        return
    yield from (f"  {row}" for row in rows[: ROWS - 1])
    yield f"  … {len(rows) - ROWS + 1} more lines: {show}"


def offered(detail: Mapping[str, object]) -> list[str]:
    """`  1 Postgres: the usual one`; nothing where a plain yes and no are all there is and a verb means them, or where
    several questions are asked: those stand in what it is about."""
    labels, words = _texts(detail.get("choices")), _texts(detail.get("descriptions"))
    meant = detail.get("needs") != "dialog" and detail.get("verb") != "attach"
    if (meant and labels in _PLAIN) or detail.get("questions"):
        return []
    pairs = zip_longest(labels, words[: len(labels)], fillvalue="")
    return [
        f"  {number} {one_line(label, 160)}" + (f": {one_line(said, 300)}" if said and said != label else "")
        for number, (label, said) in enumerate(pairs, 1)
    ]


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
