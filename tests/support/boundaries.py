"""A controller that is killed, or whose tmux server is, between two steps of a run: as a killer would who sees what it
does.

Its folder is on the PYTHONPATH of the fleet's server, so that every controller is one of these, whoever starts it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from tests.support.fleet import Fleet

Who = Literal["controller", "server"]

STEPS = (
    "asked",
    "recorded",
    "woken",
    "taken",
    "begun",
    "opened",
    "noted",
    "ending",
    "signalled",
    "ended",
    "counted",
    "revived",
    "forgotten",
    "reopened",
)
"""Each stands for two moments, `-asked` right before it and `asked` right behind it. `asked`: what an agent is begun
with is in its folder. `recorded`: the step's transaction. `woken`: the queue knows. `taken`: it has claimed a start.
`opened`: its window is there. `begun`: that is recorded. `noted`: what the run waits for. `ending`: a stop has said so.
`signalled`: its program was told to end. `ended`: that is recorded. `counted`: one that was lost is to be
started again. `revived`: it was. `forgotten`: a check that has passed.
`reopened`: the window of one that was lost is there again."""

_INSTALL = """
import os, signal, sys

if "controller" in sys.orig_argv and "run" in sys.orig_argv:
    import json
    from pathlib import Path

    from tmuxagents.drivers.tmux import window
    from tmuxagents.services.lifecycle import forget, queued, resume, stop
    from tmuxagents.services.runs import ending, recording, reviving, stepping
    from tmuxagents.services.server import startup
    from tmuxagents.store import agents

    MARKS = Path({marks!r})

    def server():
        pid = os.getpid()
        while pid > 1:
            stat = Path(f"/proc/{{pid}}/stat").read_text()
            if "tmux" in stat[stat.index("(") : stat.rindex(")")]:
                return pid
            pid = int(stat[stat.rindex(")") + 2 :].split()[1])
        return os.getpid()

    def die(moment):
        most = json.loads((MARKS / "wishes").read_text()).get(moment, 0)
        for number in range(most):
            try:
                (MARKS / f"{{moment}}.{{number}}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(server() if {who!r} == "server" else os.getpid(), signal.SIGKILL)
            # What is killed with the server dies a moment later; nothing more is done in it.
            signal.pause() if {who!r} == "server" else None

    def dying(real, moment):
        def act(*args, **more):
            die(f"-{{moment}}")
            done = real(*args, **more)
            die(moment)
            return done
        return act

    queued.ask = dying(queued.ask, "asked")
    recording.record = dying(recording.record, "recorded")
    startup.nudge = dying(startup.nudge, "woken")
    queued.take = dying(queued.take, "taken")
    queued.begin = dying(queued.begin, "begun")
    real_open = window.open_window
    window.open_window = lambda *a, generation, **m: dying(
        real_open, "opened" if generation == 1 else "reopened"
    )(*a, generation=generation, **m)
    stepping._note_waits = dying(stepping._note_waits, "noted")
    stop._ask = dying(stop._ask, "ending")
    stop._signal = dying(stop._signal, "signalled")
    ending.end = dying(ending.end, "ended")
    reviving._count = dying(reviving._count, "counted")
    resume.resume = (lambda real: lambda *a: iter(dying(lambda: list(real(*a)), "revived")()))(resume.resume)
    forget.forget = dying(forget.forget, "forgotten")
"""


class Boundaries:
    """Kills at each of these moments, so often each; nobody else's than this fleet's."""

    def __init__(self, fleet: Fleet, wishes: Mapping[str, int], who: Who = "controller") -> None:
        self.marks = fleet.root / "marks"
        self.marks.mkdir()
        (self.marks / "wishes").write_text(json.dumps(wishes))
        folder = fleet.root / "python"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_INSTALL.format(marks=str(self.marks), who=who))
        fleet.env["PYTHONPATH"] = str(folder)

    def killed(self) -> list[str]:
        """The moments at which somebody was killed."""
        return sorted(path.name for path in self.marks.iterdir() if path.name != "wishes")


def moments(times: int) -> dict[str, int]:
    """All of them, so often each."""
    return {moment: times for step in STEPS for moment in (f"-{step}", step)}
