"""Whether the controller lives: it runs, it turns, it is not left for dead."""

from __future__ import annotations

from tmuxagents import clock
from tmuxagents.drivers import files, pulse
from tmuxagents.drivers.process import Process, known
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import TmuxUnreachable, word
from tmuxagents.services.app import App
from tmuxagents.services.server.panes import panes_now

GRACE_S = 2.0
"""How long after its moment, or after a nudge, a controller that has not turned counts as stuck."""

STARTS_S = 5.0
"""How long one that was started may take to take over."""

TURN, NUDGE, LEFT, FAILING = "controller.turn", "nudge", "controller.left", "controller.failing"


def runs(app: App) -> bool:
    """Whether a controller holds the lock."""
    path = app.state / "controller.lock"
    if not path.exists():
        return False
    with files.locked(path, within=0) as free:
        return not free


def is_up(app: App) -> bool:
    """Whether a controller runs; one that was started a moment ago and has not taken over yet is waited for."""

    def settled() -> bool | None:
        if runs(app):
            return True
        one = panes_now(app).controller
        starts = not is_over(one) and not has_left(app) and not is_left(app)
        return None if starts else False

    try:
        return runs(app) or clock.eventually(settled, within=STARTS_S, every=0.02) is True
    except TmuxUnreachable:
        return runs(app)


def is_over(pane: PaneNow | None) -> bool:
    """Whether no controller can come from that pane. tmux 3.3a may not hear of the end of a program before another
    of its children ends; the kernel knows."""
    return pane is None or pane.dead or known(pane.pid) is None


def turns_on(app: App, *, besides: str = "") -> bool:
    """Whether a controller runs and turns, so that nobody else need read on. What is wrong is remarked, with what
    else comes of it."""
    if not runs(app):
        if is_left(app):
            app.remark("the controller died five times within a minute and is left", start_hint(app))
        return False
    late = stuck_for(app)
    if late is not None:
        words = f"the controller is stuck (it has not turned for {late:.0f} s); this command reads on without it"
        app.remark(words + besides, "tmuxagents controller stop")
    return late is None


def is_left(app: App) -> bool:
    """Whether it has died too often to be started again by anybody who does not mean to."""
    return files.exists(app.state / FAILING)


def start_hint(app: App) -> str:
    """What to type when it has died."""
    return f"tail {word(app.state / 'controller.log')}; tmuxagents controller start"


def stuck_for(app: App) -> float | None:
    """How many seconds the controller is behind its own word; None while it is not, or gives none."""
    told, now = pulse.look(app.state / TURN), clock.monotonic()
    waited = [now - told.due] if told.due is not None else []
    called = nudged(app)
    if told.answered is not None and told.answered < called <= now:
        waited.append(now - called)
    late = max(waited, default=0.0)
    return late if late > GRACE_S else None


def nudge(app: App) -> None:
    """Wake the controller: an agent was added, a message is held, somebody was stopped.

    The file stays: a replaced one would have to be watched anew, and a second nudge meanwhile would be
    missed. It holds the moment, so that a nudge which nobody answers is noticed.
    """
    try:
        files.write_over(app.state / NUDGE, f"{clock.monotonic():020.3f}\n")
    except OSError:
        # A full disk has no room for a first one.
        files.touch(app.state / NUDGE)


def nudged(app: App) -> float:
    """When somebody nudged last, in monotonic seconds; 0 when nobody did."""
    try:
        return float(files.read_from(app.state / NUDGE, 0, 64))
    except ValueError:
        return 0.0


def holder(app: App) -> Process | None:
    """The process that controls, by the kernel's own word; None when none does, or it is of an older version."""
    pid = pulse.look(app.state / TURN).pid
    found = known(pid) if pid else None
    # Looked at again: between the two looks the pid could have become another's.
    return found if found is not None and pulse.look(app.state / TURN).pid == pid else None


def has_left(app: App) -> bool:
    """Whether the last controller ends on purpose, or has; one that takes over takes the note back."""
    return files.read_from(app.state / LEFT, 0, 64).strip() not in (b"", b"0")


def leave(app: App, pid: int | None) -> None:
    """Note that the controller of that pid ends on purpose, so that the server does not start it again;
    None takes the note back."""
    files.write_over(app.state / LEFT, f"{pid or 0:<19}\n")
