"""The graph of a run is made of what its tasks wait for, and says how far each is."""

from __future__ import annotations

from tests.support.fleet import Fleet, eventually
from tmuxagents.output.dashboard import graph
from tmuxagents.services.app import open_app
from tmuxagents.tui.top import runs

PLAN = """
tasks:
  - {id: lint, kind: demo, prompt: "say: clean"}
  - {id: api, kind: demo, prompt: "permission: Write a.rs"}
  - {id: report, kind: demo, prompt: "say: done", depends_on: [lint, api]}
"""


def test_each_task_stands_below_one_that_it_waits_for(fleet: Fleet) -> None:
    (fleet.work / "plan.yaml").write_text(PLAN)
    run = fleet.ok("run", "plan.yaml", "--detach", "--json").json["run"]
    wanted = [
        ("", "lint", "done", ()),
        ("", "api", "needs permission", ()),
        ("└─", "report", "waiting", ("lint",)),
    ]

    def drawn() -> list[tuple[str, str, str, tuple[str, ...]]]:
        with open_app(str(fleet.state)) as app:
            nodes = runs.nodes(app, run["id"])
        return [(one.before, one.node.key, one.node.state, one.also) for one in graph.tree(nodes)]

    eventually(lambda: drawn() == wanted, explain=lambda: str(drawn()))
