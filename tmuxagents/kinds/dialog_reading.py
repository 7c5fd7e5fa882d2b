"""Read a dialog from the rows of a screen: what it asks, its choices, what identifies it.

Measured on Claude Code 2.1.197 and 2.1.330 (the demo agent draws the first):

    ────────────────────────                 ────────────────────────────────
     Bash command                            ←  ☒ Colour  ☐ Toppings  ✔ Submit  →
       touch a
     Do you want to proceed?                 Which toppings?
     ❯ 1. Yes                                ❯ 1. [✔] Ham
       2. Yes, and always allow …              2. [ ] Type something
       3. No                                      Submit
                                             ────────────────────────────────
     Esc to cancel · Tab to amend              3. Chat about this

A field that is typed into has a cursor, the one inverse cell of its row: digits go into it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from tmuxagents.kinds import tui
from tmuxagents.kinds.tui import Cell
from tmuxagents.model.condition import Dialog, Form, Need
from tmuxagents.value import Value, replace

_FOOTER = re.compile(r"(?:\b(?:Enter|Esc|Tab|Space)|↑/↓) to [a-z]+")
_POINTER = re.compile(r"^[ │]*❯ *\S")
# 2.1.197 leaves the blank out where a label is long: `2.Yes, and don't ask again for …`.
_NUMBERED = re.compile(r"^[ │]*(❯)?[ │]*(\d{1,2})\. *(?:\[(.)\] )?(.*?)[ │]*$")
_PLAIN = re.compile(r"^[ │]*❯(?: ✔)? +(\S)")
_TICK = re.compile(r"\[(.)\] ")
_SUBMIT = re.compile(r"^[ ❯]{4,}(Submit|Next|Enable selected)$")
_TABS = re.compile(r"^←?\s+(?:[☐☒] .*\s)?✔ Submit\b|^←\s+[☐☒] |^ ?[☐☒] \S")
_TAB = re.compile(r"([☐☒]) (.+?)(?=\s{2,}|$)")
_PLACE = re.compile(r"\s{2,}(\d+) of (\d+)$")
_ASIDE = re.compile(r"\s{2,}(?=[┌│├└])")
_SPEECH = re.compile(r"^(?:❯ (?! |\d+\.)|[●✻⏺] |  ⎿ )")
_MORE = re.compile(r"↑ \d+ more lines?\b")
_ANY_NUMBER = re.compile(r"^[ │]*[❯↑↓]?[ │]*(\d{1,2})\. *\S")
_TIP = re.compile(r"^ *Tip: ")
_CALLED = re.compile(r"[A-Z]\w*(?: [A-Z]\w*)?\(.+\)$")
_AMENDED = re.compile(r"^(Yes|No), ")
_ANCHORS = (6, 12)
"""How many rows of a long dialog identify it: these at its top, those at its bottom."""


class _Choice(Value):
    row: int
    column: int
    label: str
    pointed: bool
    ticked: bool | None = None
    typed: str | None = None


class _Seen(Value):
    """The screen, where its dialog begins and what can be chosen."""

    bare: Sequence[str]
    lines: Sequence[Sequence[Cell]]
    start: int
    first: int
    choices: Sequence[_Choice]
    numbered: bool
    cut: bool

    @property
    def end(self) -> int:
        """Behind the last choice; without one, behind everything."""
        return self.choices[-1].row + 1 if self.choices else len(self.bare)


def read(rows: Sequence[str], classify: Sequence[tuple[str, Need]], known: str = r"(?!)") -> Dialog | None:
    """The dialog on a screen without an input box; None when nothing on it looks like one.

    `known` matches a row of a dialog that has neither a footer nor numbered choices at its end.
    `classify` maps regular expressions to what is needed, first match wins. They see the first row,
    the question and the choices, a line each: what else the dialog shows may be anybody's words.
    """
    bare = tui.plain(rows)
    # The line over a box with a name in it may be left from before the dialog.
    while bare and (not bare[-1] or (tui.is_rule(bare[-1]) and bare[-1].strip("─"))):
        bare.pop()
    seen = _seen(bare, tui.cells(rows))
    footer = _FOOTER.search(" ".join(row.strip() for row in bare[-6:])) is not None
    if seen is None or not (footer or _is_asked(seen) or any(re.search(known, row) for row in bare)):
        return None
    dialog = _dialog(seen, classify)
    # Without a footer the row behind the last choice is empty: where there is none, more may be cut off.
    return dialog if footer or len(bare) < len(rows) else replace(dialog, form="unknown", anchors=())


def _seen(bare: list[str], lines: Sequence[Sequence[Cell]]) -> _Seen | None:
    pointer = max((i for i, r in enumerate(bare) if _POINTER.match(r) and not _SPEECH.match(r)), default=None)
    run = _run(bare, lines, pointer)
    near = bare[max(0, pointer - 3) : pointer + 4] if pointer is not None else []
    windowed = not run and any(_ANY_NUMBER.match(row) for row in near)
    choices = run or ([] if windowed else _unnumbered(bare, lines, pointer))
    first = choices[0].row if choices else len(bare) if pointer is None else pointer
    rules = [i for i in range(first) if tui.is_rule(bare[i])]
    start = rules[-1] + 1 if rules else 0
    if not rules and any(_SPEECH.match(row) for row in bare[:first]):
        # A dialog whose top has scrolled away fills the screen; this is a conversation.
        return None
    cut = not rules or any(_MORE.search(row) for row in bare[start:])
    return _Seen(bare, lines, _whole_plan(bare, rules, start), first, choices, bool(run), cut)


def _whole_plan(bare: Sequence[str], rules: Sequence[int], start: int) -> int:
    """A plan stands above the rule over its question, and is what the question is about."""
    if len(rules) > 1 and bare[rules[-2] + 1 : rules[-2] + 2] == [" Ready to code?"]:
        return rules[-2] + 1
    return start


def _is_asked(seen: _Seen) -> bool:
    """Without a footer (a plan, a review, a fetch): a pointer at numbered choices, which a conversation
    has in its first column at most."""
    pointed = [choice for choice in seen.choices if choice.pointed]
    if not seen.numbered or not pointed or len(seen.bare) - seen.end > 6:
        return False
    tabs = any(_TABS.match(row) for row in seen.bare[seen.start : seen.choices[0].row])
    return tabs or _is_review(seen) or not seen.bare[pointed[0].row].startswith("❯")


def _run(bare: Sequence[str], lines: Sequence[Sequence[Cell]], pointer: int | None) -> list[_Choice]:
    """The last choices numbered from 1 whose numbers stand under each other; the pointer is on or among them."""
    runs: dict[int, list[_Choice]] = {}
    for index, row in enumerate(bare):
        match = _NUMBERED.match(row)
        if match is None:
            continue
        run = runs.setdefault(match.end(2), [])
        if match.group(2) == "1":
            run.clear()
        if int(match.group(2)) == len(run) + 1:
            ticked = None if match.group(3) is None else match.group(3) != " "
            typed = _typed(lines[index], match.start(4)) if match.group(1) else None
            label = _ASIDE.split(match.group(4), maxsplit=1)[0].rstrip()
            run.append(_Choice(index, match.start(4), label, match.group(1) is not None, ticked, typed))
    if pointer is None:
        return []
    pointed = [run for run in runs.values() if any(choice.row == pointer for choice in run)]
    others = [run for run in runs.values() if run and run[0].row < pointer and _among(bare, run, pointer)]
    found = max(pointed or others, key=lambda run: run[-1].row, default=[])
    if _has_others(bare, found):
        return []
    return [_with_wrapped(bare, lines, found, i) for i in range(len(found))]


def _has_others(bare: Sequence[str], run: Sequence[_Choice]) -> bool:
    """Whether choices of the same list are hidden: a small terminal shows 1, 2 and 4, or `↓ 2. Oil`."""
    if not run:
        return False
    rows = {choice.row for choice in run}
    columns = {match.end(1) for row in rows if (match := _ANY_NUMBER.match(bare[row]))}
    behind = (i for i in range(run[0].row, len(bare)) if i not in rows)
    return any((match := _ANY_NUMBER.match(bare[i])) and match.end(1) in columns for i in behind)


def _among(bare: Sequence[str], run: Sequence[_Choice], pointer: int) -> bool:
    """The pointer is on a row without a number that belongs to these choices: Submit, Next, Chat about this."""
    belongs = _SUBMIT.match(bare[pointer]) or bare[pointer].strip("❯ ") == "Chat about this"
    return bool(belongs) and sum(tui.is_rule(bare[i]) for i in range(run[0].row, pointer)) <= 1


def _typed(line: Sequence[Cell], column: int) -> str | None:
    """What is typed into the choice's field; None when it is not being typed into."""
    cursor = next((i for i, cell in enumerate(line) if i >= column and cell.inverse), None)
    if cursor is None:
        return None
    ghost = cursor + 1 < len(line) and line[cursor + 1].dim
    text = "".join(
        cell.char for i, cell in enumerate(line) if i >= column and not cell.dim and not (ghost and i == cursor)
    )
    return _AMENDED.sub("", text + " ").strip()


def _with_wrapped(bare: Sequence[str], lines: Sequence[Sequence[Cell]], run: Sequence[_Choice], at: int) -> _Choice:
    """The choice with the rows into which its label is wrapped: under it, in its colour. A description is grey."""
    choice, row = run[at], run[at].row
    until = run[at + 1].row if at + 1 < len(run) else min(len(bare), row + 4)
    label = choice.label
    for index in range(row + 1, until):
        indent = len(bare[index]) - len(bare[index].lstrip(" "))
        if (
            not bare[index]
            or bare[index].lstrip().startswith("shift+tab to ")
            or indent != choice.column
            or _colour(lines[index], 0) != _colour(lines[row], -1)
        ):
            break
        label, row = f"{label} {bare[index].strip()}", index
    return replace(choice, label=label)


def _colour(line: Sequence[Cell], at: int) -> str:
    shown = [cell for cell in line if not cell.char.isspace()]
    return shown[at].colour + ("dim" if shown[at].dim else "") if shown else ""


def _unnumbered(bare: Sequence[str], lines: Sequence[Sequence[Cell]], pointer: int | None) -> list[_Choice]:
    match = _PLAIN.match(bare[pointer]) if pointer is not None else None
    if match is None or pointer is None:
        return []
    column = match.start(1)
    first = last = pointer
    while first > 0 and _is_option(bare[first - 1], column):
        first -= 1
    while last + 1 < len(bare) and _is_option(bare[last + 1], column):
        last += 1
    if _SUBMIT.match(bare[pointer]):
        # The pointer is on the row that submits the ticked ones above it.
        first = last = pointer - 1
        column = len(bare[first]) - len(bare[first].lstrip(" "))
        while first > 0 and _is_option(bare[first - 1], column):
            first -= 1
    found: list[_Choice] = []
    for index in range(first, last + 1):
        if found and _goes_on(bare[index - 1].replace("❯", " ", 1), bare[index], max(map(len, bare))):
            # Nothing tells the second row of a label from the next label.
            return []
        label = bare[index][column:].rstrip(" │")
        tick = _TICK.match(label)
        ticked = None if tick is None else tick.group(1) != " "
        typed = _typed(lines[index], column) if index == pointer else None
        found.append(_Choice(index, column, _TICK.sub("", label, count=1), index == pointer, ticked, typed))
    return found


def _is_option(row: str, column: int) -> bool:
    bare = re.sub("[│✔]", " ", row)
    return bool(bare.strip()) and len(bare) - len(bare.lstrip()) == column and not _FOOTER.search(row)


def _dialog(seen: _Seen, classify: Sequence[tuple[str, Need]]) -> Dialog:
    choices = seen.choices
    labels = tuple(re.sub(r" ✔$", "", choice.label) for choice in choices)
    tabs, tab = _tabs(seen)
    what = _title(seen)
    needs: Need = next((n for pattern, n in classify if re.search(pattern, _telling(seen, what, labels))), "dialog")
    asked = _call(seen, what) if needs == "permission" else what
    free, form = _free(seen, needs), _form(seen, what)
    submit = next((i for i, row in enumerate(seen.bare[: seen.end + 1]) if i > seen.start and _SUBMIT.match(row)), None)
    return Dialog(
        needs=needs,
        what=short(asked),
        choices=labels,
        preselected=next((i for i, choice in enumerate(choices) if choice.pointed), None),
        numbered=seen.numbered or not choices,
        form=form,
        text=" ".join(_words(seen, free)),
        ticks=tuple(bool(c.ticked) for c in choices) if any(c.ticked is not None for c in choices) else (),
        submit=None if submit is None else sum(choice.row < submit for choice in choices),
        free=free,
        typed=next((choice.typed for choice in choices if choice.typed is not None), None),
        tabs=tabs,
        tab=tab,
        place=_place(seen),
        cut=seen.cut,
        anchors=_anchors(seen, free, form),
        about=_about(seen, titled=short(asked) == asked),
    )


def short(what: str) -> str:
    """As a title; a cut shows as `…`."""
    return what if len(what) <= 160 else f"{what[:159]}…"


def _about(seen: _Seen, *, titled: bool) -> str:
    """What stands under the title and over the choices, without its frame; with its title where that is not whole
    elsewhere."""
    above = min((choice.row for choice in seen.choices), default=seen.end + 1)
    rows = [re.sub(r"[│╭╮╰╯─]", " ", row).rstrip() for row in seen.bare[seen.start : above]]
    return textwrap.dedent("\n".join([row for row in rows if row.strip()][1 if titled else 0 :]))


def _form(seen: _Seen, what: str) -> Form:
    hidden = not seen.numbered and len(seen.choices) == 1
    if not seen.choices or (seen.cut and (hidden or not _subject(seen, what))):
        return "unknown"
    if _is_review(seen):
        return "review"
    if any(choice.ticked is not None for choice in seen.choices):
        return "ticks"
    return "choices"


def _subject(seen: _Seen, what: str) -> str:
    """What stands above the question: where its top is cut off and nothing does, any other could look the same."""
    above = [row.strip() for row in seen.bare[seen.start : seen.first]]
    words = " ".join(row for row in above if row and not tui.is_rule(row) and not _MORE.search(row))
    return words.replace(what, "").strip("╌ ")


def _is_review(seen: _Seen) -> bool:
    return [choice.label for choice in seen.choices] == ["Submit answers", "Cancel"]


def _telling(seen: _Seen, what: str, labels: Sequence[str]) -> str:
    head = next((row.strip(" │") for row in seen.bare[seen.start :] if row.strip(" │")), "")
    return "\n".join([head, what, *labels])


def _title(seen: _Seen) -> str:
    """The question: the last paragraph above the choices that ends in a question mark, else the first row."""
    if _is_review(seen):
        return "Review your answers"
    above = seen.bare[seen.start : seen.first]
    above = ["" if _MORE.search(row) or row.strip().startswith("╌") else row for row in above]
    asked = max((i for i, row in enumerate(above) if row.endswith("?") and not _NUMBERED.match(row)), default=None)
    if asked is not None:
        first = asked
        while first > 0 and _goes_on(above[first - 1], above[first], max(map(len, seen.bare))):
            first -= 1
        return " ".join(row.strip(" │") for row in above[first : asked + 1])
    rows = [row.strip(" │") for row in above if row.strip(" │") and not tui.is_rule(row.strip())]
    if len(rows) > 1 and _TABS.match(above[next(i for i, row in enumerate(above) if row)]):
        return rows[1]
    return _PLACE.sub("", rows[0]) if rows else "a dialog"


def _call(seen: _Seen, what: str) -> str:
    """What leave is asked for, where the question does not name it: `Bash(touch a)`, `Read(/etc/hosts)`, else the
    title. 2.1.330 draws a command between two rules, 2.1.197 under the title, with a description behind it."""
    if what != "Do you want to proceed?" or seen.cut:
        return what
    parts: list[list[str]] = [[]]
    tip, width = False, max(map(len, seen.bare), default=0)
    for index in range(seen.start, seen.first):
        row = seen.bare[index]
        tip = bool(_TIP.match(row)) or (tip and _goes_on(seen.bare[index - 1], row, width))
        if row.strip() == what:
            break
        if row.startswith("╌"):
            # In the first column, where nothing of what is asked for can stand.
            parts.append([])
        elif row.strip(" │") and not tip:
            parts[-1].append(_PLACE.sub("", row).strip(" │"))
    rows = [row for part in parts for row in part]
    title = rows[0].partition(" · from the ")[0] if rows else ""
    if title == "Bash command":
        command = parts[1] if len(parts) > 1 else parts[0][1:-1] or parts[0][1:]
        return f"Bash({command[0]}{' …' if len(command) > 1 else ''})" if command else title
    # An argument's own rows may look like anything.
    heads = [*parts[0][1:2], *(row for part in parts[1:2] for row in part[:1])]
    named = next((row for row in heads if _CALLED.match(row)), None)
    return named or (rows[1] if title == "Tool use" and len(rows) > 1 else title) or what


def _goes_on(row: str, below: str, width: int) -> bool:
    """Whether the row was wrapped: the first word of the one below it had no room."""
    indent = len(below) - len(below.lstrip())
    return len(row) - len(row.lstrip()) == indent and bool(row) and len(row) + len(below.split()[0]) + 2 > width


def _free(seen: _Seen, needs: Need) -> int | None:
    """The choice that takes a text: above the rule of a question, and what a plan is told to change."""
    if needs == "plan":
        return next((i for i, c in enumerate(seen.choices) if c.typed is not None or "what to change" in c.label), None)
    if needs != "question":
        return None
    under = [c for c in seen.choices if not any(tui.is_rule(seen.bare[i]) for i in range(seen.choices[0].row, c.row))]
    return len(under) - 1 if under and len(under) < len(seen.choices) else None


def _tabs(seen: _Seen) -> tuple[tuple[tuple[str, bool], ...], int | None]:
    index = next((i for i in range(seen.start, seen.end) if _TABS.match(seen.bare[i])), None)
    if index is None or "✔ Submit" not in seen.bare[index]:
        return (), None
    found = list(_TAB.finditer(seen.bare[index]))
    names = tuple((match.group(2), match.group(1) == "☒") for match in found)
    if _is_review(seen):
        return names, len(names)
    line = seen.lines[index]
    current = [i for i, match in enumerate(found) if line[match.start(2)].ground]
    return names, current[0] if len(current) == 1 else None


def _place(seen: _Seen) -> tuple[int, int] | None:
    match = next((m for row in seen.bare[seen.start : seen.start + 3] if (m := _PLACE.search(row))), None)
    return None if match is None else (int(match.group(1)), int(match.group(2)))


def _rows(seen: _Seen, free: int | None) -> list[str]:
    """The rows up to the last choice as they are whatever is pointed at, ticked and typed; "" where one may change."""
    fields = {c.row for i, c in enumerate(seen.choices) if i == free or c.typed is not None}
    aside = min((m.start() for c in seen.choices if (m := _ASIDE.search(seen.bare[c.row]))), default=None)
    first = seen.first
    rows: list[str] = []
    tip, width = False, max(map(len, seen.bare), default=0)
    for index in range(seen.start, seen.end):
        # A tip comes and goes.
        tip = bool(_TIP.match(seen.bare[index])) or (tip and _goes_on(seen.bare[index - 1], seen.bare[index], width))
        row = seen.bare[index][: aside if index >= first else None].rstrip()
        kept = (
            index not in fields
            and not tip
            and not _MORE.search(row)
            # A row without words may be a moving picture (the first start).
            and re.search(r"\w{2}|\d", row)
            and not tui.is_rule(row.strip())
            and not _PLACE.search(row)
        )
        rows.append(re.sub(r" ✔$", "", row.replace("❯", " ", 1) if index >= first else row) if kept else "")
    marked = [re.sub(r"☒", "☐", re.sub(r"^( *(?:\d+\. )?)\[.\] ", r"\1[ ] ", row)) for row in rows]
    return [
        row + "  " if aside is not None and row and i + seen.start >= first else row for i, row in enumerate(marked)
    ]


def _words(seen: _Seen, free: int | None) -> list[str]:
    """The words of it all; a field counts by its place, an amended yes is a yes."""
    rows = _rows(seen, free)
    for index, choice in enumerate(seen.choices):
        amended = _AMENDED.match(choice.label)
        if index == free or choice.typed is not None:
            rows[choice.row - seen.start] = f"{index + 1}. {amended[1] if amended else '…'}"
    for index, row in enumerate(seen.bare[seen.start : seen.start + 3]):
        if _PLACE.search(row) and index < len(rows):
            rows[index] = _PLACE.sub("", row)
    return " ".join(rows).split()


def _anchors(seen: _Seen, free: int | None, form: Form) -> tuple[str, ...]:
    if form == "unknown":
        return ()
    rows = [row for row in _rows(seen, free) if row.strip()]
    top, bottom = _ANCHORS
    return tuple(rows if len(rows) <= top + bottom else [*rows[:top], *rows[-bottom:]])
