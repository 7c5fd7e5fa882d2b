"""What tasks use of each other: what they wait for follows from it, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from tmuxagents import names
from tmuxagents.model.manifest import Place, Task
from tmuxagents.runs import expressions, graph, quoting
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.expressions import TemplateInvalid, Use
from tmuxagents.runs.faults import Faults
from tmuxagents.runs.nodes import Fault, Node
from tmuxagents.runs.written import SHELL, Text, Written
from tmuxagents.value import replace


def linked(tasks: Sequence[Written], there: Sequence[Task] = ()) -> list[Written]:
    """The tasks with everything in `depends_on` that they wait for; `Fault` for what cannot be. `there` are tasks of a
    live run, which they may use."""
    known = {task.id: task for task in (*there, *(one.task for one in tasks))}
    faults, found = Faults(), {}
    for task in there:
        again = next((one for one in tasks if one.task.id == task.id), None)
        with faults:
            if again is not None:
                raise Fault(again.task.place, f"'{task.id}' is the id of a task of the run already")
    for one in tasks:
        with faults:
            _check_element(one, known)
    for one in tasks:
        with faults:
            check_ids(one, known)
    for one in tasks:
        with faults:
            found[one.task.id] = list(_uses(one, known))
    faults.tell()
    made = [replace(one, task=_waiting(one.task, found[one.task.id])) for one in tasks]
    _check_cycles(made)
    for one in made:
        with faults:
            _check_unused(one, made, found)
    faults.tell()
    return made


def _check_element(one: Written, known: Mapping[str, Task]) -> None:
    """`map-1` is the first element of `map`."""
    stem, _, number = one.task.id.rpartition("-")
    if number.isdecimal() and stem in known and known[stem].for_each is not None:
        raise Fault(one.task.place, f"'{one.task.id}' is what an element of the repeated task '{stem}' is called")


def check_ids(one: Written, known: Collection[str]) -> None:
    """`Fault` for what it waits for by name and cannot."""
    faults = Faults()
    for place, identity in _named(one):
        with faults:
            if identity not in known:
                raise Fault(place, _no_task(identity, known))
            if identity == one.task.id:
                raise Fault(place, f"task '{identity}' waits for itself: {identity} -> {identity}")
    faults.tell()
    join = one.task.join
    both = [identity for identity in one.task.depends_on if join is not None and identity in join.of]
    if both:
        raise Fault(one.node.value["depends_on"].place, f"'{both[0]}' is waited for by the join already")


def _no_task(identity: str, known: Collection[str]) -> str:
    listed = f": {', '.join(list(known)[:8])}{', …' if len(known) > 8 else ''}"
    return f"there is no task '{cut(identity)}'{names.did_you_mean(names.nearest(identity, known), listed)}"


def _named(one: Written) -> Iterator[tuple[Place, str]]:
    """The ids that are written, each with its place."""
    found = one.node.value
    if "depends_on" in found:
        yield from _each(found["depends_on"])
    if "join" in found:
        yield from _each(found["join"].value["of"])
    if one.task.for_each is not None and one.task.for_each.lines_of is not None:
        yield found["for_each"].value["lines_of"].place, one.task.for_each.lines_of


def _each(node: Node) -> Iterator[tuple[Place, str]]:
    parts = node.value if isinstance(node.value, tuple) else (node,)
    return ((part.place, part.value) for part in parts)


def _uses(one: Written, known: Mapping[str, Task]) -> Iterator[Use]:
    for text in one.texts:
        try:
            if text.key in SHELL and expressions.is_template(text.text):
                quoting.check(text.text)
            for use in expressions.uses(text.text):
                _check(use, one.task, known, text)
                yield use
        except TemplateInvalid as error:
            raise Fault(text.place(error.line, error.word), error.what, source=text.source) from error


def _check(use: Use, task: Task, known: Mapping[str, Task], text: Text) -> None:
    """What is used exists, and does before it is used."""
    each = task.for_each
    if use.name == "tasks":
        _check_task(use, task, known)
    elif use.name == "join" and task.join is None:
        raise TemplateInvalid(f"'join' is used, and task '{task.id}' has none", use.line, use.word)
    elif use.name in ("item", "index") and each is None:
        raise TemplateInvalid(f"'{use.name}' is used, and task '{task.id}' has no 'for_each'", use.line, use.name)
    elif use.name == "item" and use.field and each is not None and use.field not in each.matrix:
        known_words = ", ".join(each.matrix)
        meant = names.did_you_mean(names.nearest(use.field, each.matrix), f": {known_words}" if known_words else "")
        what = "the matrix has no" if each.matrix else "only an item of a matrix has fields, and no"
        raise TemplateInvalid(f"{what} '{cut(use.field)}'{meant}", use.line, use.word)


def _check_task(use: Use, task: Task, known: Mapping[str, Task]) -> None:
    if use.task not in known:
        raise TemplateInvalid(_no_task(use.task, known), use.line, use.word)
    if use.task == task.id:
        raise TemplateInvalid(f"task '{task.id}' uses itself: {task.id} -> {task.id}", use.line, use.word)
    if use.field in expressions.REPEATED and known[use.task].for_each is None:
        raise TemplateInvalid(f"'{use.task}' has no '{use.field}': it is not repeated", use.line, use.field)


def _waiting(task: Task, used: Sequence[Use]) -> Task:
    source = task.for_each.lines_of if task.for_each is not None else None
    joined = task.join.of if task.join is not None else ()
    wanted = [*task.depends_on, *([source] if source else []), *(use.task for use in used if use.task)]
    return replace(task, depends_on=tuple(dict.fromkeys(each for each in wanted if each not in joined)))


def _check_cycles(tasks: Sequence[Written]) -> None:
    waits = {one.task.id: (*one.task.depends_on, *(one.task.join.of if one.task.join else ())) for one in tasks}
    ring = graph.cycle(waits)
    if ring is None:
        return
    first = next(one for one in tasks if one.task.id in ring)
    at = ring.index(first.task.id)
    turned = [*ring[at:-1], *ring[:at], first.task.id]
    shown = turned if len(turned) <= 12 else [*turned[:6], "…", *turned[-5:]]
    raise Fault(first.task.place, f"tasks wait for each other: {' -> '.join(shown)}")


def _check_unused(one: Written, tasks: Sequence[Written], found: Mapping[str, Sequence[Use]]) -> None:
    """An answer that was made for somebody, and that nobody reads, is a slip of the pen. A join whose prompt uses none
    at all is told of all (`joining`)."""
    task = one.task
    if task.join is not None and task.kind != "command" and not any(use.name == "join" for use in found[task.id]):
        used = {use.task for use in found[task.id]}
        unread = [identity for identity in task.join.of if identity not in used]
        if unread and len(unread) < len(task.join.of):
            what = f"the prompt uses nothing of '{unread[0]}', which it joins"
            raise Fault(one.node.keys["join"], f"{what}: write {{{{ tasks.{unread[0]}.answer }}}}, or join.answers")
    if task.json_schema is not None:
        _check_schema_used(one, tasks, found)


def _check_schema_used(one: Written, tasks: Sequence[Written], found: Mapping[str, Sequence[Use]]) -> None:
    waiting = [each.task for each in tasks if one.task.id in _awaited(each.task)]
    if waiting and not any(_reads(each, one.task.id, found[each.id]) for each in waiting):
        what = f"the answer of '{one.task.id}' has a json_schema, and no task that waits for it uses it"
        raise Fault(one.node.keys["json_schema"], what)


def _awaited(task: Task) -> Sequence[str]:
    return (*task.depends_on, *(task.join.of if task.join is not None else ()))


def _reads(task: Task, identity: str, used: Sequence[Use]) -> bool:
    lines = task.for_each is not None and task.for_each.lines_of == identity
    of = task.join.of if task.join is not None else ()
    # A join whose prompt uses none of what it joins is told all of it.
    joined = identity in of and (any(use.name == "join" for use in used) or not {use.task for use in used} & set(of))
    return lines or joined or any(use.task == identity for use in used)
