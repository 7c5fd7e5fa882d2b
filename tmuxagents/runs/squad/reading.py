"""Read a `SQUAD.md`: agents as headings, what each may touch, and in which order they work."""

from __future__ import annotations

from tmuxagents.model.manifest import Manifest, Place, Task
from tmuxagents.runs import graph, shares
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad import agents, headings, markdown, order, rosters, telling
from tmuxagents.runs.squad.agents import Agent, Said
from tmuxagents.runs.squad.headings import Taken
from tmuxagents.runs.squad.markdown import Section
from tmuxagents.runs.squad.order import Order
from tmuxagents.runs.squad.rosters import Written
from tmuxagents.value import Value, fresh, replace


class _Squad(Value, frozen=False):
    """What was read so far; `shared` is told to everybody."""

    name: str = ""
    agents: dict[str, Agent] = fresh(default_factory=dict)
    shared: list[str] = fresh(default_factory=list)
    order: list[Section] = fresh(default_factory=list)
    said: list[Said] = fresh(default_factory=list)


def read(text: str, source: str) -> Manifest:
    """The squad as a run, with `understood`: how each line was taken. `Fault` names the line that was not."""
    squad = _Squad()
    for one in headings.taken(markdown.sections(text)):
        _take(squad, one)
    if not squad.agents:
        raise Fault(Place(1, 1), "no agent is here: a heading '## Agents' with one heading below it for each")
    found = order.read(squad.agents, [line for part in squad.order for line in part.lines])
    if not squad.order and not any(found.waits.values()):
        found.said.append((1, "nothing is said of an order: all begin together"))
    if ring := graph.cycle(found.waits):
        raise Fault(squad.agents[ring[0]].task.place, f"agents wait for each other: {' -> '.join(ring)}")
    tasks = [_task(squad, found, agent) for agent in squad.agents.values()]
    said = sorted([*squad.said, *found.said], key=lambda one: one[0])
    understood = [f"line {line}: {what}" for line, what in said]
    made = Manifest(name=squad.name or "squad", tasks=tasks, source=source, understood=understood)
    return shares.split(replace(made, **found.bounds), {"budget_usd": found.budget})


def _take(squad: _Squad, one: Taken) -> None:
    part = one.parts[0]
    match one.what:
        case "agent":
            _add(squad, rosters.of_headings(one.parts))
        case "agents":
            roster = rosters.of_roster(part)
            for written in roster or ():
                _add(squad, written)
            if roster is None:
                _share(squad, part, titled=False)
        case "order":
            squad.order.append(part)
        case "name":
            squad.name = part.title
            squad.said.append((part.line, f"the run is called '{cut(part.title)}'"))
            _share(squad, part, titled=False)
        case "shared":
            _share(squad, part, titled=True)


def _add(squad: _Squad, written: Written) -> None:
    agent = agents.read(written, squad.agents)
    squad.agents[agent.task.id] = agent
    squad.said += agent.said


def _share(squad: _Squad, part: Section, *, titled: bool) -> None:
    found = telling.shared(part, titled=titled)
    if found is not None:
        line, text = found
        squad.said.append((line, "said to every agent"))
        squad.shared.append(text)


def _task(squad: _Squad, found: Order, agent: Agent) -> Task:
    task, titles = agent.task, {identity: each.title for identity, each in squad.agents.items()}
    after = tuple(dict.fromkeys(found.waits[task.id]))
    lines = [*agent.told, *found.told.get(task.id, ())]
    prompt = telling.prompt(task.id, task.place, lines, squad.shared, titles=titles, after=after)
    return replace(task, prompt=prompt, depends_on=after, parallel=task.parallel and task.id not in found.alone)
