"""Carry out what was begun beside the screen, each in a thread and on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tmuxagents.errors import TmuxagentsError, Unrecorded
from tmuxagents.services.app import App
from tmuxagents.value import Value, replace

Work = Callable[[App], "Done"]


class Done(Value):
    """What came of it, in words; `good` says that it was done, or may have been. `argv` is what is to be run in the
    terminal itself, `pale` what may have been done and is not proven, `new` the id of one that was started."""

    words: str
    good: bool = True
    pale: bool = False
    argv: tuple[str, ...] = ()
    new: str = ""


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
        try:
            with self._open() as app:
                done = work(app)
        except Unrecorded as error:
            done = Done("; ".join(filter(None, (error.message, error.hint))), pale=True)
        except TmuxagentsError as error:
            done = Done("; ".join(filter(None, (error.message, error.hint))), good=False)
        except BaseException as error:  # noqa: BLE001 - a bug in a thread is the program's: it ends, and is reported
            self._broke(error)
            return
        finally:
            clock.cancel()
            with self._lock:
                self._count -= 1
        if not done.good and (kept := undone()):
            done = replace(done, words=f"{kept}: {done.words}")
        self._done(done)
