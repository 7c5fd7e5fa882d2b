"""Measure and print one table: medians of several runs with their spread, beside floor and goal.

    make bench            all of it
    make bench ARGS=ls    those whose name begins so

Writes the same as JSON to `bench.json`. Absolute times are this machine's; the ratios carry over.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from tests.bench import chatting, commands, dashboard, delivery, following, keeping, planning, reviewing, running
from tests.bench.rows import Row, table

BENCHES: Mapping[str, Callable[[], list[Row]]] = {
    "version": commands.version,
    "ls": commands.ls,
    "spawn": commands.spawn,
    "worktree": commands.worktree,
    "hook": commands.hook,
    "first": delivery.first,
    "say": delivery.say,
    "approve": delivery.approve,
    "tail": following.tail,
    "plain": following.plain,
    "panes": following.panes,
    "idle": following.idle,
    "top": dashboard.top,
    "review": reviewing.review,
    "plan": planning.plan,
    "run": running.run,
    "chat-opens": chatting.opening,
    "chat-types": chatting.typing,
    "search": keeping.search,
    "growth": keeping.growth,
}


def main(wanted: str) -> None:
    """Run the benchmarks whose name begins with `wanted`."""
    before = os.getloadavg()[0]
    rows: list[Row] = []
    for name, bench in BENCHES.items():
        if name.startswith(wanted):
            print(f"measuring {name}", file=sys.stderr)
            rows += bench()
    print(table(rows))
    machine = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": before,
    }
    found = [{**asdict(one), "ratio": one.ratio, "reached": one.reached()} for one in rows]
    Path("bench.json").write_text(json.dumps({"v": 2, "machine": machine, "rows": found}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
