"""What an agent of a squad is told: its own lines, what is said to everybody, and what those before it answered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tmuxagents.model.manifest import Place
from tmuxagents.runs import expressions
from tmuxagents.runs.nodes import Fault
from tmuxagents.runs.squad.agents import Said
from tmuxagents.runs.squad.markdown import Line, Section
from tmuxagents.runs.squad.naming import Titles


def shared(part: Section, *, titled: bool) -> Said | None:
    """What is said to everybody below that heading, with its title or without, and on which line; None where nothing
    is."""
    body = _body(part.lines)
    if not body:
        return None
    first = next(line.number for line in part.lines if line.text.strip())
    return part.line if titled and part.level else first, f"{part.title}:\n{body}" if titled and part.title else body


def _body(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines if not re.fullmatch(r"\s*(?:-{3,}|\*{3,}|<br>)\s*", line.text)).strip()


def prompt(
    identity: str, place: Place, lines: Sequence[str], said: Sequence[str], *, titles: Titles, after: Sequence[str]
) -> str:
    """The whole as a template: what is written means itself, and the answers of those that it waits for are filled
    in."""
    own = re.sub(r"\n\s*\n\s*\n", "\n\n", "\n".join(lines).strip())
    if not own:
        raise Fault(place, f"the agent '{identity}' is told nothing")
    literal = "\n\n".join([f"You are '{titles[identity]}'.", own, *said])
    if expressions.is_template(literal):
        if "endraw" in literal:
            raise Fault(place, f"what the agent '{identity}' is told holds 'endraw' beside braces")
        literal = f"{{% raw %}}{literal}{{% endraw %}}"
    answers = [f"What '{titles[one]}' answered:\n{{{{ tasks.{one}.answer }}}}" for one in after]
    return "\n\n".join([literal, *answers])
