"""Read the terminal, until it is gone."""

from __future__ import annotations

import os
import select
import signal
from codecs import getincrementaldecoder

from textual.drivers.linux_driver import LinuxDriver

from tmuxagents import clock
from tmuxagents.tui.top.typed import Typed

_TICK_S = 0.1
_READ = 4096


class Driver(LinuxDriver):
    """Textual's, but for what it takes pasted text for, and what it does without a terminal: read its end for ever."""

    def start_application_mode(self) -> None:
        """Where the terminal went while it was another program's nobody reads it."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not os.isatty(self.fileno):
            _hang_up()

    def run_input_thread(self) -> None:
        """In a thread, until the terminal is another program's or gone."""
        typed, decode = Typed(), getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], _TICK_S)[0]:
                data = self._read()
                if data is None:
                    _hang_up()
                    return
                for message in typed.fed(decode(data), clock.monotonic()):
                    self.process_message(message)
            for message in typed.tick():
                self.process_message(message)

    def _read(self) -> bytes | None:
        """None: there is no terminal any more."""
        try:
            data = os.read(self.fileno, _READ)
        except OSError:
            return None
        return data if data or os.isatty(self.fileno) else None


def _hang_up() -> None:
    """As its signal does, which is not sent to who is of another session than the terminal (`setsid`)."""
    os.kill(os.getpid(), signal.SIGHUP)
