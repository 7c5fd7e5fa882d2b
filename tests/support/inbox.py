"""An address on loopback that keeps what is posted to it, and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Posted:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Its body."""
        value: dict[str, Any] = json.loads(self.body)
        return value


@dataclass(slots=True)
class Inbox:
    """What came, and how it is answered: a status for each request, 200 where none is left. With `hangs` nothing is
    answered before `release`."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    hangs: bool = False
    trickles: bool = False
    release: threading.Event = field(default_factory=threading.Event)

    def at(self, path: str) -> list[Posted]:
        """What came there."""
        return [one for one in self.posted if one.path == path]


def _answerer(inbox: Inbox) -> Callable[..., BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            inbox.posted.append(Posted(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if inbox.hangs:
                inbox.release.wait(100)
            if inbox.trickles:
                self._trickle()
                return
            self.send_response(inbox.statuses.pop(0) if inbox.statuses else 200)
            if inbox.location:
                self.send_header("Location", inbox.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the name that the server calls

        def _trickle(self) -> None:
            """A byte of a header now and then: no read of it ever takes long."""
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
            while not inbox.release.wait(0.05):
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            pass

    return Answers


@contextmanager
def inbox() -> Iterator[Inbox]:
    """One of one's own."""
    made = Inbox()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answerer(made))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
