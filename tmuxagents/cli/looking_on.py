"""Look on at a run that was begun until it is over, print what came of it, and end as it did."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tmuxagents.cli.terminal import print_json, put, tell
from tmuxagents.errors import AgentFailed, TmuxagentsError
from tmuxagents.services.app import App
from tmuxagents.services.runs import viewing

if TYPE_CHECKING:
    from tmuxagents.model.run import Run
    from tmuxagents.services.runs.viewing import View


def go_on(app: App, run: Run, *, detach: bool, as_json: bool, compare: bool = False) -> None:
    """Its answers, or with `compare` those of its tasks side by side. `AgentFailed` where one did not succeed."""
    if detach:
        if as_json:
            now = viewing.view(app, run.id)
            assert now is not None, "it was recorded just now"
            print_json({"run": viewing.as_json(now)})
        return
    from tmuxagents.cli.render import following

    last = following.follow(app, run)
    if last is None:
        raise TmuxagentsError(f"{run.name} was removed", hint="tmuxagents runs")
    if last.run.ended_ns is None:
        # Who looked on has let it go on by itself.
        return
    if compare:
        put_compared(app, last, as_json=as_json)
    elif as_json:
        print_json({"run": viewing.as_json(last)})
    else:
        _put_answers(last)
    if not as_json:
        _tell_end(last)
    _raise_failed(last)


def put_compared(app: App, now: View, *, as_json: bool) -> None:
    """What its tasks came to, side by side, and the answer that was made of them."""
    from tmuxagents.cli.render import comparing as rendering
    from tmuxagents.services.runs import comparing

    found = comparing.of(app, now)
    if as_json:
        print_json({"run": viewing.as_json(now), "compare": [rendering.as_json(one) for one in found]})
        return
    rendering.put(app, now, found)


def _put_answers(last: View) -> None:
    from tmuxagents.cli.render import run as rendering

    for line in rendering.answers(last):
        put(line)
    sys.stdout.flush()


def _tell_end(last: View) -> None:
    from tmuxagents.cli.render import run as rendering

    for line in rendering.ending(last):
        tell(line)


def _raise_failed(last: View) -> None:
    if last.run.state != "done":
        from tmuxagents.runs import telling

        raise AgentFailed(telling.summary(last.run, last.rows), hint=f"tmuxagents show {last.run.name}")
