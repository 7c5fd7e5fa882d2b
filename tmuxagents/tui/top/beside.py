"""Carry out what was begun beside the screen, each in a thread and on a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tmuxagents.drivers import disk
from tmuxagents.errors import StateDamaged, TmuxagentsError, Unrecorded
from tmuxagents.services.app import App
from tmuxagents.value import Value, replace

Work = Callable[[App], "Done"]


class Done(Value):
    """What came of it, in words; `good` says that it was done, or may have been. `argv` is what is to be run in the
    terminal itself, `pale` what may have been done and is not proven, `new` the id of one that was started. `after`: it
    is told in place of these words, and not where others are told by now."""

    words: str
    good: bool = True
    pale: bool = False
    argv: tuple[str, ...] = ()
    new: str = ""
    after: str = ""


AGAIN_S = 1.0
"""So often it is looked whether a database that could not be used can be."""

LATE_S = 10.0
"""What has not come to an end by then is told."""


class Acts:
    """Those that are under way."""

    def __init__(
        self,
        opener: Callable[[], App],
        done: Callable[[Done], None],
        late: Callable[[str], None],
        broke: Callable[[BaseException], None],
    ) -> None:
        self._open, self._done, self._late, self._broke = opener, done, late, broke
        self._lock = threading.Lock()
        self._count = 0
        self._ails: tuple[str, str] | None = None

    @property
    def under_way(self) -> int:
        """How many have not come to an end."""
        return self._count

    def begin(self, work: Work, undone: Callable[[], str], words: str) -> None:
        """Have it done; nobody waits for it. `undone` is called where it could not be, and says what comes of that;
        `words` say what it is where it takes long."""
        with self._lock:
            self._count += 1
        threading.Thread(target=self._carry_out, args=(work, undone, words), daemon=True).start()

    def _carry_out(self, work: Work, undone: Callable[[], str], words: str) -> None:
        clock = threading.Timer(LATE_S, self._late, (words,))
        clock.daemon = True
        clock.start()
        ails = False
        try:
            with self._open() as app:
                done = work(app)
        except TmuxagentsError as error:
            ails = isinstance(error, StateDamaged)
            said = "; ".join(filter(None, (error.message, error.hint)))
            was_done = isinstance(error, Unrecorded)
            done = Done(said, good=was_done, pale=was_done)
        except BaseException as error:  # noqa: BLE001 - a bug in a thread is the program's: it ends, and is reported
            self._broke(error)
            return
        finally:
            clock.cancel()
            with self._lock:
                self._count -= 1
        kept = "" if done.good else undone()
        if kept:
            done = replace(done, words=f"{kept}: {done.words}")
        self._done(done)
        if ails:
            self._tell_when_well(done.words, kept)

    def _tell_when_well(self, words: str, kept: str) -> None:
        """Nobody is to read for long of what is over. One thread looks, for the newest words."""
        with self._lock:
            looks, self._ails = self._ails is not None, (words, kept)
        if looks:
            return
        while not self._is_well():
            time.sleep(AGAIN_S)
        with self._lock:
            ailed, self._ails = self._ails, None
        assert ailed is not None
        words, kept = ailed
        self._done(Done("; ".join(filter(None, ("the database can be used again", kept))), after=words))

    def _is_well(self) -> bool:
        try:
            with self._open() as app:
                disk.need_room(app.state)
                app.db.check_writable()
        except (TmuxagentsError, OSError):
            return False
        return True
