"""`tmuxagents conflicts`"""

from __future__ import annotations

import click

from tmuxagents.cli.options import json_option, names_argument, with_app
from tmuxagents.cli.render import clashing
from tmuxagents.cli.scope import found
from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.model.agent import Agent
from tmuxagents.output.safe_text import one_line
from tmuxagents.services.app import App
from tmuxagents.services.fleet.now import fleet_now
from tmuxagents.services.review import conflicts, sides


def _has_worktree(agent: Agent) -> bool:
    return agent.worktree is not None


@click.command()
@names_argument(_has_worktree)
@json_option
@with_app
def command(app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Whose work would conflict: every pair of agents in worktrees of a repository, and each with the branch that it
    goes into, as they are now, uncommitted work included. With NAMEs only pairs with one of those."""
    team = fleet_now(app)
    about = None
    if names:
        chosen = found(team, names)
        sides.refuse_trashed(app, chosen)
        for agent in chosen:
            if not _has_worktree(agent):
                # It says so.
                sides.one(agent)
        about = frozenset(agent.id for agent in chosen)
    seen = conflicts.find(team.agents, about)
    if as_json:
        print_json(clashing.as_json(seen))
        return
    for agent, error in seen.unseen:
        tell(f"tmuxagents: {agent.name} was not looked at: {one_line(error.message, 300)}")
    if seen.pairs:
        put("\n".join(clashing.rows(seen)))
    else:
        tell(f"tmuxagents: no conflicts ({seen.tried} {'pair' if seen.tried == 1 else 'pairs'} tried)")
