"""Worktrees of a large repository: what looking at all of them costs."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench.rows import Goal, Row, fleet, row, script, timed
from tests.support.fleet import Fleet
from tests.support.worktrees import Project, commit, git
from tmuxagents.names import AgentId
from tmuxagents.store import agents
from tmuxagents.store.database import Database

FILES, BRANCHES, RUNS = 10_000, 20, 7


def review() -> list[Row]:
    """`diff` and `conflicts` of twenty branches of ten thousand files, each with commits and with work that is not
    committed, beside one `git status` in each of them, one after the other."""
    with fleet() as made:
        project = _repository(made.root / "project")
        trees = [_worked_on(project, number) for number in range(BRANCHES)]
        _record(made, project)
        floor = sum(_median_status(tree) for tree in trees)
        rows = []
        for verb, goal in (("diff", 1000), ("conflicts", 3000)):
            times = timed([script(), verb], made.env, RUNS)
            what = f"{verb}: {BRANCHES} branches of {FILES} files, beside git status in each"
            rows.append(row(what, times, unit="ms", floor=floor, goals=[Goal(goal)]))
        return rows


def _repository(folder: Path) -> Project:
    main = folder / "main"
    for number in range(FILES):
        path = main / f"part{number // 100}" / f"file{number % 100}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{number} {line}\n" for line in range(30)))
    git(main, "init", "-q", "-b", "main")
    commit(main)
    return Project(main)


def _worked_on(project: Project, number: int) -> Path:
    """A commit, a change, a new file; every second one changes what its neighbour does."""
    tree = project.worktree(f"t{number}")
    (tree / f"part{number}" / "file1").write_text(f"changed by {number}\n")
    commit(tree)
    (tree / f"part{number // 2}" / "file2").write_text(f"not committed by {number}\n")
    (tree / f"new{number}").write_text("new\n")
    # As it is where an agent has worked: git has looked since the files were written. Right after a checkout every
    # file is as old as the index, and git has to read it (2.39 is built to see whole seconds).
    later = os.stat(project.common / "worktrees" / f"t{number}" / "index").st_mtime + 2
    os.utime(project.common / "worktrees" / f"t{number}" / "index", (later, later))
    git(tree, "status")
    return tree


def _record(made: Fleet, project: Project) -> None:
    for number in range(BRANCHES):
        name, tree = f"t{number}", str(project.worktree(f"t{number}"))
        made.ok("spawn", "--kind", "command", "--name", name, "-C", tree, "--", "true")
        agent_id = AgentId(made.wait_state(name, "ended")["id"])
        with Database(made.state / "tmuxagents.db") as db, db.write() as tx:
            agents.set_worktree(tx, agent_id, project.record(name), folder=tree)


def _median_status(tree: Path) -> float:
    argv = ["git", "--no-optional-locks", "-C", str(tree), "status", "--porcelain"]
    return sorted(timed(argv, dict(os.environ), 3))[1]
