"""A run whose database is lost comes back with what its agents' own sources prove, and begins nothing by itself."""

from __future__ import annotations

import json
from collections import Counter

from tests.support.fleet import Fleet, eventually

MANIFEST = """
defaults: {kind: demo}
tasks:
  well: {prompt: "say: well is there"}
  runs: {prompt: "think: 600"}
  checked: {prompt: "say: checked is there", check: "true"}
  each: {for_each: [x, y], prompt: "say: {{ item }} is there"}
  later: {prompt: "say: after {{ tasks.runs.answer }}"}
"""


def _states(fleet: Fleet) -> dict[str, str]:
    [run] = fleet.ok("show", "run-1", "--json").json["runs"]
    return {task["key"]: task["state"] for task in run["tasks"]}


def test_what_is_proved_is_done_and_all_else_is_tried_again_only_when_somebody_says_so(fleet: Fleet) -> None:
    (fleet.work / "m.yaml").write_text(MANIFEST)
    fleet.ok("run", "m.yaml", "--detach")
    settled = {"well": "done", "checked": "done", "each": "done", "each-1": "done", "each-2": "done"}
    eventually(lambda: settled.items() <= _states(fleet).items() and _states(fleet)["runs"] == "begun")
    assert [path.stat().st_mode & 0o777 for path in fleet.state.glob("runs/*/run.json")] == [0o600]
    fleet.wait_state("run-1-runs", "working")
    fleet.ok("controller", "stop")
    for path in fleet.state.glob("tmuxagents.db*"):
        path.unlink(missing_ok=True)

    told = fleet.ok("runs").err

    assert "run-1: what became of runs, checked, later: tmuxagents run --retry-failed run-1 tries that again" in told
    lost = {"checked": "failed", "runs": "failed", "later": "failed"}
    assert _states(fleet) == settled | lost
    [run] = fleet.ok("show", "run-1", "--json").json["runs"]
    assert run["state"] == "failed"
    answers = {task["key"]: task["answer"] for task in run["tasks"]}
    assert (answers["well"], answers["each-2"]) == ("well is there", "y is there")
    assert json.dumps(run["tasks"]).count("lost with the database") == 3
    before = Counter(entry["agent"] for entry in fleet.entries("--only", "spawned"))
    # Nothing of it is begun: a run after it is carried out meanwhile.
    (fleet.work / "n.yaml").write_text('defaults: {kind: demo}\ntasks:\n  one: {prompt: "say: x"}\n')
    assert fleet.ok("run", "n.yaml", "--json").json["run"]["name"] == "run-2"
    assert _states(fleet) == settled | lost

    fleet.ok("run", "--retry-failed", "run-1", "--detach")

    eventually(lambda: _states(fleet)["checked"] == "done" and _states(fleet)["runs"] == "begun")
    after = Counter(entry["agent"] for entry in fleet.entries("--only", "spawned"))
    assert {name for name in after - before if not name.startswith("run-2")} >= {"run-1-runs-2"}
    assert not {"run-1-well", "run-1-each-1", "run-1-well-2", "run-1-each-1-2"} & set(after - before)
    # Who had it before is stopped: nobody works at it twice.
    fleet.wait_for("run-1-runs", lambda agent: agent["state"] in ("ended", "failed"))
