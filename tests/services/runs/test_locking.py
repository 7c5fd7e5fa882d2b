"""When the locks of a run's tasks are given back."""

from __future__ import annotations

from tests.services.runs.recorded import AT_WORK, Recorded, begun
from tmuxagents.store import locks


def test_a_lock_is_free_when_its_agent_is_over_and_not_before(one: Recorded) -> None:
    agent = one.agent(**AT_WORK)
    one.run(begun(agent, task={"locks": ["db"], "timeout_s": 1.0}))
    with one.app.db.write() as tx:
        assert locks.keep(tx, ["db"], agent, run="run-1", now_ns=1)

    one.step()
    assert one.rows()["a"].state == "timed-out"
    assert [kept.name for kept in locks.kept(one.app.db)] == ["db"]

    one.set(agent, phase="stopped", state="ended", turn=1)
    one.step()
    assert locks.kept(one.app.db) == []
