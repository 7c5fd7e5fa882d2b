"""Read a `SQUAD.md`: agents as headings, what each may touch, and in which order they work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tmuxagents import names
from tmuxagents.model.manifest import Manifest, Place, Task
from tmuxagents.runs import expressions, graph, shares, squad_order, squad_settings, squad_text
from tmuxagents.runs.cutting import cut, cut_long
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad_text import Item, Line, Section
from tmuxagents.value import Value, replace

GROUPS = ("agents", "team", "squad", "roles", "members", "roster", "the team", "the squad", "the agents",
          "squad members", "team members", "agent roster", "workers")  # fmt: skip
ORDER = ("orchestration", "workflow", "order", "coordination", "execution", "execution order", "pipeline", "flow",
         "plan", "execution plan", "sequence", "run order", "dependencies", "scheduling", "phases")  # fmt: skip
SHARED = ("rules", "conventions", "shared rules", "ground rules", "context", "goal", "goals", "overview", "project",
          "notes", "mission", "constraints", "about", "guidelines", "shared context", "background", "objective",
          "principles", "definition of done", "global rules", "common rules", "communication")  # fmt: skip
"""The titles that are no agent's, in small letters. Each other heading is one, or is not understood."""


class _Agent(Value):
    """An agent as it was written: its lines that are told to it, and what of them was a setting."""

    task: Task
    told: Sequence[str]
    after: Sequence[tuple[int, str]]


def read(text: str, source: str) -> Manifest:
    """The squad as a run, with `understood`: how each line was taken. `Fault` names the line that was not."""
    return _Squad(text, source).manifest()


class _Squad:
    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._sections = squad_text.sections(_without_front_matter(text))
        self._said: list[tuple[int, str]] = []
        self._agents: dict[str, _Agent] = {}
        self._titles: dict[str, str] = {}
        self._shared: list[str] = []
        self._order: list[Section] = []
        self._grouped = False
        self._budget = Place(1, 1)

    def manifest(self) -> Manifest:
        name = self._sort_sections()
        if not self._agents:
            raise Fault(Place(1, 1), "no agent is here: a heading '## Agents' with one heading below it for each")
        made = Manifest(name=name, tasks=(), source=self._source)
        tasks = {identity: agent.task for identity, agent in self._agents.items()}
        waits: dict[str, list[str]] = {identity: [] for identity in tasks}
        for identity, agent in self._agents.items():
            for line, words in agent.after:
                others = [one for one in self._named(words, line) if one != identity]
                self._say(line, f"'{identity}' waits for {', '.join(others) or 'nobody'}")
                waits[identity] += others
        made, tasks = self._ordered(made, tasks, waits)
        if ring := graph.cycle(waits):
            raise Fault(tasks[ring[0]].place, f"agents wait for each other: {' -> '.join(ring)}")
        whole = [self._whole(task, waits[identity]) for identity, task in tasks.items()]
        said = sorted(self._said, key=lambda one: one[0])
        made = replace(made, tasks=whole, understood=[f"line {line}: {what}" for line, what in said])
        return shares.split(made, {"budget_usd": self._budget})

    def _say(self, line: int, what: str) -> None:
        self._said.append((line, what))

    # What each heading is.

    def _sort_sections(self) -> str:
        """Take each section for what it is; the name of the whole."""
        self._grouped = any(part.level > 1 and self._title(part) in GROUPS for part in self._sections)
        name, inside, level = "", "", 0
        agent: list[Section] = []
        for part in self._sections:
            if agent and part.level > agent[0].level:
                agent.append(part)
                continue
            self._take(agent)
            agent = []
            inside = "" if part.level <= level else inside
            what = self._what(part, inside, named=bool(name))
            if what == "agent":
                agent = [part]
            elif what == "name":
                name = part.title
                self._say(part.line, f"the run is called '{cut(name)}'")
            elif part.level and what in ("order", "agents", "shared") and what != inside:
                inside, level = what, part.level
            self._keep(part, what)
        self._take(agent)
        return name or "squad"

    def _what(self, part: Section, inside: str, *, named: bool) -> str:
        title = self._title(part)
        if inside in ("order", "shared") or part.level == 0:
            return inside or "shared"
        if title in ORDER and inside != "agents":
            return "order"
        if part.level == 1 and not named and (title not in GROUPS or not _is_roster(part)):
            return "name"
        if title in GROUPS:
            return "agents"
        if inside == "agents" and title not in ORDER:
            return "agent"
        if title in SHARED:
            return "shared"
        if self._grouped or inside:
            known = [word for word in (*GROUPS, *ORDER, *SHARED) if word != title]
            near = "" if title in ORDER else names.did_you_mean(names.nearest(title, known))
            what = f"cannot tell whether '{cut(part.title)}' is an agent or the order"
            raise Fault(Place(part.line, 1), f"{what}{near}")
        return "agent"

    def _keep(self, part: Section, what: str) -> None:
        if what == "order":
            self._order.append(part)
        elif what == "agents":
            self._roster(part)
        elif what in ("shared", "name"):
            self._share(part, titled=what == "shared")

    def _title(self, part: Section) -> str:
        return re.sub(r"[^\w\s/&-]", "", part.title).strip().rstrip(":").lower()

    def _share(self, part: Section, *, titled: bool = True) -> None:
        body = _body(part.lines)
        if body:
            first = next(line.number for line in part.lines if line.text.strip())
            self._say(part.line if titled and part.level else first, "said to every agent")
            self._shared.append(f"{part.title}:\n{body}" if titled and part.title else body)

    # Agents.

    def _roster(self, part: Section) -> None:
        """Agents of a table, or of a list, below the heading of them all."""
        table = squad_text.rows(part.lines)
        if table:
            self._table(table)
            return
        items = [squad_text.item(line) for line in part.lines if line.text.strip()]
        if not items or all(one.indent is None for one in items):
            self._share(part, titled=False)
            return
        self._list(part)

    def _table(self, table: Sequence[tuple[int, list[str]]]) -> None:
        head = [squad_text.plain(cell) for cell in table[0][1]]
        for line, cells in table[1:]:
            rest = [
                (label, cell) for label, cell in zip(head[1:], cells[1:], strict=False) if cell not in ("", "-", "—")
            ]
            lines = [Line(line, f"{label}: {cell}") for label, cell in rest]
            self._agent(cells[0], line, lines)

    def _list(self, part: Section) -> None:
        """`- **api**: what it does`, with more of it indented below."""
        title, line, deep, lines = "", 0, 0, list[Line]()
        for each in part.lines:
            one = squad_text.item(each)
            if one.indent == 0:
                if title:
                    self._agent(title, line, lines)
                match = re.fullmatch(r"(.+?)(?::(?:\*\*)?|\s[–—-])\s+(.+)", one.text)
                title, line = (match[1] if match else one.text), each.number
                lines, deep = [Line(each.number, match[2])] if match else [], 0
            elif each.text.strip():
                if not title:
                    raise Fault(Place(each.number, 1), "cannot tell which agent this is about")
                deep = deep or len(each.text) - len(each.text.lstrip())
                lines.append(Line(each.number, each.text[:deep].lstrip() + each.text[deep:], each.fenced))
        if title:
            self._agent(title, line, lines)

    def _take(self, parts: Sequence[Section]) -> None:
        if not parts:
            return
        lines = list(parts[0].lines)
        for part in parts[1:]:
            label = self._title(part)
            known = label in squad_settings.SCOPE or label in squad_settings.AFTER
            lines.append(Line(part.line, f"{label}:" if known else f"{part.title}:"))
            lines += part.lines
        self._agent(parts[0].title, parts[0].line, lines)

    def _agent(self, title: str, line: int, lines: Sequence[Line]) -> None:
        identity = squad_settings.identity(title)
        place = Place(line, 1)
        if not identity:
            raise Fault(place, f"'{cut(title)}' cannot be the name of an agent")
        if identity in self._agents:
            raise Fault(
                place, f"the agent '{identity}' is there already, on line {self._agents[identity].task.place.line}"
            )
        self._say(line, f"the agent '{identity}'")
        self._titles[identity] = squad_text.plain(title)
        self._agents[identity] = self._settings(Task(identity, place=place), lines)

    def _settings(self, task: Task, lines: Sequence[Line]) -> _Agent:
        told: list[str] = []
        after: list[tuple[int, str]] = []
        at = 0
        while at < len(lines):
            one = squad_text.item(lines[at])
            label = None if lines[at].fenced else squad_text.label(one.text)
            at += 1
            if label is None or not squad_settings.is_setting(label[0]):
                told.append(lines[at - 1].text)
                continue
            values = [(one.line, label[1])] if label[1] else []
            while not label[1] and at < len(lines) and _belongs(lines[at], one):
                below = squad_text.item(lines[at])
                values += [(below.line, below.text)] if below.text else []
                at += 1
            if not values:
                raise Fault(Place(one.line, 1), f"'{label[0]}' says nothing")
            if label[0] in squad_settings.AFTER:
                after += values
            else:
                task = self._set(task, label[0], values)
        return _Agent(task, told, after)

    def _set(self, task: Task, label: str, values: Sequence[tuple[int, str]]) -> Task:
        if label in squad_settings.SCOPE:
            globs = tuple(path for line, text in values for path in squad_settings.paths(text, line))
            said = "nothing" if globs == (squad_settings.NOTHING,) else ", ".join(globs) or "everything"
            self._say(values[0][0], f"'{task.id}' may change {said}")
            return replace(task, scope=tuple(dict.fromkeys((*task.scope, *globs))))
        line, text = values[0]
        if len(values) > 1:
            raise Fault(Place(values[1][0], 1), f"'{label}' says more than one thing")
        field, value = squad_settings.value(label, text, line)
        self._say(line, f"'{task.id}' has the {label} {text.strip('`')}")
        changed: dict[str, Any] = {field: value}
        return replace(task, **changed)

    # The order.

    def _named(self, words: str, line: int) -> list[str]:
        plain = squad_text.plain(words)
        if plain.lower() in ("none", "nothing", "nobody", "-", "—", "no one", "n/a"):
            return []
        found = squad_order.ids(plain, self._find, list(self._agents))
        if found is None:
            near = names.did_you_mean(
                names.nearest(squad_settings.identity(plain), self._agents), f": {', '.join(self._agents)}"
            )
            raise Fault(Place(line, 1), f"cannot tell which agents '{cut(plain)}' are{near}")
        return list(found)

    def _find(self, word: str) -> str | None:
        bare = re.sub(r"(?i)\s+agents?$|^(?:the|agent)\s+|^@", "", squad_text.plain(word))
        meant = names.suggest(bare) if re.search(r"[A-Za-z]", bare) else ""
        return next((one for one, title in self._titles.items() if meant == one or word.strip() == title), None)

    def _ordered(
        self, made: Manifest, tasks: dict[str, Task], waits: dict[str, list[str]]
    ) -> tuple[Manifest, dict[str, Task]]:
        before: tuple[str, ...] = ()
        if not self._order and not any(waits.values()):
            self._say(1, "nothing is said of an order: all begin together")
        for line in (line for part in self._order for line in part.lines):
            one = squad_text.item(line)
            for sentence in _sentences(one):
                meant = squad_order.meaning(sentence, self._find, list(tasks))
                if meant is None:
                    what = f"cannot tell what this means for the order: {cut_long(squad_text.plain(sentence))}"
                    raise Fault(Place(line.number, 1), what)
                if meant.nothing:
                    continue
                numbered = one.number is not None and meant.step and before
                self._say(line.number, f"{meant.words}, after {', '.join(before)}" if numbered else meant.words)
                for late, early in meant.waits:
                    waits[late].append(early)
                if one.number is not None and meant.step:
                    for late in meant.step:
                        waits[late] += [early for early in before if early != late]
                    before = meant.step
                made = _bounded(made, meant)
                self._budget = Place(line.number, 1) if meant.budget_usd else self._budget
                for identity in meant.alone:
                    tasks[identity] = replace(tasks[identity], parallel=False)
                if meant.told:
                    told = self._agents[meant.step[0]]
                    self._agents[meant.step[0]] = replace(told, told=[*told.told, meant.told])
        return made, tasks

    def _whole(self, task: Task, waits: Sequence[str]) -> Task:
        own = re.sub(r"\n\s*\n\s*\n", "\n\n", "\n".join(self._agents[task.id].told).strip())
        if not own:
            raise Fault(task.place, f"the agent '{task.id}' is told nothing")
        early = list(dict.fromkeys(waits))
        texts = [f"You are '{self._titles[task.id]}'.", own, *self._shared]
        literal = "\n\n".join(texts)
        if expressions.is_template(literal):
            if "endraw" in literal:
                raise Fault(task.place, f"what the agent '{task.id}' is told holds 'endraw' beside braces")
            literal = f"{{% raw %}}{literal}{{% endraw %}}"
        answers = [f"What '{self._titles[one]}' answered:\n{{{{ tasks.{one}.answer }}}}" for one in early]
        return replace(task, prompt="\n\n".join([literal, *answers]), depends_on=tuple(early))


def _bounded(made: Manifest, meant: squad_order.Meaning) -> Manifest:
    for field in ("max_parallel", "budget_usd", "timeout_s"):
        value = getattr(meant, field)
        if value is not None:
            changed: dict[str, Any] = {field: value}
            made = replace(made, **changed)
    return made


def _is_roster(part: Section) -> bool:
    return bool(squad_text.rows(part.lines))


def _belongs(line: Line, one: Item) -> bool:
    """Whether the line is an item below a label that stands alone."""
    below = squad_text.item(line)
    if not line.text.strip():
        return True
    return (
        below.indent is not None
        and (one.indent is None or below.indent > one.indent)
        and not squad_text.label(below.text)
    )


def _body(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines if not re.fullmatch(r"\s*(?:-{3,}|\*{3,}|<br>)\s*", line.text)).strip()


def _sentences(one: Item) -> Iterator[str]:
    """Those of a line; a full stop within a name or a number ends none."""
    yield from (part for part in re.split(r"(?<=[a-z)`])[.;]\s+(?=[A-Z`*@(])", one.text) if part.strip())


def _without_front_matter(text: str) -> str:
    """Its lines stay, so that numbers are right."""
    match = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    return "\n" * match[0].count("\n") + text[match.end() :] if match else text
