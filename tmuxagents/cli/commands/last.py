"""`tmuxagents last`"""

from __future__ import annotations

import click

from tmuxagents import clock
from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.scope import found
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.output.safe_text import clean
from tmuxagents.services.app import App
from tmuxagents.services.fleet import answered
from tmuxagents.services.fleet.answered import Answer
from tmuxagents.services.fleet.now import fleet_now, read_on


@click.command()
@names_argument(required=True)
@json_option
@with_app
def command(app: App, names: tuple[str, ...], as_json: bool) -> int:
    """Print the last answer of each NAME, whole: all that it said in its last turn that said something."""
    read_on(app)
    answers = [answered.last(app, agent) for agent in found(fleet_now(app), names)]
    if as_json:
        print_json({"answers": [_as_json(one) for one in answers]})
        return 0
    for place, one in enumerate(answers):
        _print(one, heading=len(answers) > 1, behind=place > 0)
    return 0 if any(one.text is not None for one in answers) or not answers else 1


def _print(one: Answer, *, heading: bool, behind: bool) -> None:
    if one.text is None:
        tell(f"tmuxagents: {one.agent} has said nothing yet")
        return
    # So that `last api > answer.md` is the answer and nothing else, headings are for several.
    put(("\n" if behind else "") + (f"[{one.agent}]\n" if heading else "") + clean(one.text).rstrip("\n"))


def _as_json(one: Answer) -> dict[str, object]:
    return {"agent": one.agent, "id": one.agent_id, "at": clock.rfc3339(one.at_ns), "text": one.text}
