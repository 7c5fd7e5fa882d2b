"""An agent of a squad: its settings, and what it is told, parted line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.model.manifest import Place, Task
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad import markdown, settings
from tmuxagents.runs.squad.markdown import Item, Line
from tmuxagents.runs.squad.rosters import Written
from tmuxagents.value import Value, replace

Said = tuple[int, str]
"""A line, and what is written there, or how it was taken."""


class Agent(Value):
    """`told` are its lines that are no settings, `after` those that say for whom it waits; `said` is how all were
    taken."""

    title: str
    task: Task
    told: Sequence[str]
    after: Sequence[Said]
    said: Sequence[Said]


def read(written: Written, there: Mapping[str, Agent]) -> Agent:
    """The agent. `Fault` where one of `there`, which are by their ids, is called so."""
    identity, place = settings.identity(written.title), Place(written.line, 1)
    if not identity:
        raise Fault(place, f"'{cut(written.title)}' cannot be the name of an agent")
    if identity in there:
        before = there[identity].task.place.line
        raise Fault(place, f"the agent '{identity}' is there already, on line {before}")
    task, said = Task(identity, place=place), [(written.line, f"the agent '{identity}'")]
    told: list[str] = []
    after: list[Said] = []
    at = 0
    while at < len(written.lines):
        label, values, behind = _setting(written.lines, at)
        if label is None:
            told.append(written.lines[at].text)
        elif label in settings.AFTER:
            after += values
        else:
            task, how = _set(task, label, values)
            said.append((values[0][0], how))
        at = behind
    return Agent(markdown.plain(written.title), task, told, after, said)


def _setting(lines: Sequence[Line], at: int) -> tuple[str | None, Sequence[Said], int]:
    """The label of that line and what it says, on the lines below too, and the line behind; no label where it is none
    of a setting."""
    one = markdown.item(lines[at])
    label = None if lines[at].fenced else markdown.label(one.text)
    at += 1
    if label is None or not settings.is_setting(label[0]):
        return None, (), at
    values = [(one.line, label[1])] if label[1] else []
    while not label[1] and at < len(lines) and _belongs(lines[at], one):
        below = markdown.item(lines[at])
        values += [(below.line, below.text)] if below.text else []
        at += 1
    if not values:
        raise Fault(Place(one.line, 1), f"'{label[0]}' says nothing")
    return label[0], values, at


def _belongs(line: Line, one: Item) -> bool:
    """Whether the line is an item below a label that stands alone."""
    below = markdown.item(line)
    if not line.text.strip():
        return True
    return (
        below.indent is not None
        and (one.indent is None or below.indent > one.indent)
        and not markdown.label(below.text)
    )


def _set(task: Task, label: str, values: Sequence[Said]) -> tuple[Task, str]:
    """The task with that setting, and how it was taken."""
    if label in settings.SCOPE:
        globs = tuple(path for line, text in values for path in settings.paths(text, line))
        may = "nothing" if globs == (settings.NOTHING,) else ", ".join(globs) or "everything"
        return replace(task, scope=tuple(dict.fromkeys((*task.scope, *globs)))), f"'{task.id}' may change {may}"
    line, text = values[0]
    if len(values) > 1:
        raise Fault(Place(values[1][0], 1), f"'{label}' says more than one thing")
    field, value = settings.value(label, text, line)
    changed: dict[str, Any] = {field: value}
    return replace(task, **changed), f"'{task.id}' has the {label} {text.strip('`')}"
