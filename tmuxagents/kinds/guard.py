"""The question to tmux whether a dialog is still the one that was read.

Between a look of ours and a key another dialog could open. tmux answers `#{C/r:REGEX}` for the
visible rows and presses the key in one step, so that no program draws in between.

Measured on tmux 3.3a (`if-shell -F`): of all characters `#`, `{` and `}` alone end or change the
format, also nested in `#{&&:…}`; intervals (`x{2}`) are therefore out. `%` is a time in
`display-message`. Each of the four becomes a dot; letters beyond ASCII match themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from tmuxagents.model.condition import Dialog

_SPECIAL = frozenset("\\.[]()*+?^$|")
_BREAKS = frozenset("#{}%")


def guard(dialog: Dialog, *, pointed: int | None = None) -> tuple[str, ...]:
    """Regular expressions that are all found while the dialog is on the screen.

    Empty when nothing identifies it: then nothing may be pressed. `pointed` adds that the pointer
    stands on that choice.
    """
    if not dialog.anchors:
        return ()
    found = tuple(_row(anchor) for anchor in dialog.anchors)
    return found if pointed is None else (*found, _pointed(dialog, pointed))


def shown(patterns: Iterable[str], *, unless: str | None = None) -> str:
    """One tmux format, true while every pattern is found and `unless` is not."""
    whole = "1"
    for pattern in patterns:
        whole = f"#{{&&:{whole},#{{C/r:{pattern}}}}}"
    return whole if unless is None else f"#{{&&:{whole},#{{==:#{{C/r:{unless}}},0}}}}"


def _row(anchor: str) -> str:
    """A whole row, in its column, whether or not the pointer stands on it and whatever is ticked. One that
    ends in blanks goes on with something that changes."""
    words = anchor.strip(" ")
    rest = "" if anchor.endswith(" ") else " *✔? *$"
    return "^" + "[ ❯]" * (len(anchor) - len(anchor.lstrip(" "))) + _words(words) + rest


def _words(words: str) -> str:
    number, box, rest = words.partition("[ ] ")
    ticked = box and (not number or number.rstrip(". ").isdecimal())
    return f"{_literal(number)}\\[.\\] {_literal(rest)}" if ticked else _literal(words)


def _pointed(dialog: Dialog, index: int) -> str:
    # A label may be wrapped; its rows are among the anchors.
    if dialog.numbered:
        return f"^ *❯ *{index + 1}\\. *(\\[.\\] )?[^ ]"
    return f"^ *❯ *(\\[.\\] |✔ )?{_literal(dialog.choices[index])} *$"


def _literal(text: str) -> str:
    return "".join(map(_character, text))


def _character(c: str) -> str:
    # A question's mark says whether it is answered.
    return "." if c in _BREAKS else "[☐☒]" if c == "☐" else f"\\{c}" if c in _SPECIAL else c
