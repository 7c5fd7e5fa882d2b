"""Post what there is to tell to an address of the user's, which never appears in what is said of it."""

from __future__ import annotations

import base64
import contextlib
import socket
from collections.abc import Mapping
from http import client
from threading import Thread
from urllib.parse import SplitResult, unquote, urlsplit

from tmuxagents.drivers.notices.outcome import LIMIT_S, Outcome


def post(address: str, body: bytes, headers: Mapping[str, str], *, within: float = LIMIT_S) -> Outcome:
    """Post it once, and follow no redirect: it would be sent on without its body, or to somebody else. No answer
    `within` that time is a failure, however slowly one trickles in."""
    where = urlsplit(address)
    kind = client.HTTPSConnection if where.scheme == "https" else client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=within)
    found: list[Outcome] = []
    # A socket's own limit is for each read of it, and none at all for a name that is looked up.
    thread = Thread(target=lambda: found.append(_asked(connection, where, body, headers)), daemon=True)
    thread.start()
    thread.join(within)
    if found:
        return found[0]
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    return Outcome(False, f"no answer within {within:g} s", again=True)


def _asked(connection: client.HTTPConnection, where: SplitResult, body: bytes, headers: Mapping[str, str]) -> Outcome:
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        connection.request("POST", path, body, {**headers, **_who(where)})
        status = connection.getresponse().status
    except (OSError, ValueError, client.HTTPException) as error:
        return Outcome(False, f"not reached: {type(error).__name__}", again=True)
    finally:
        connection.close()
    # What is wrong with the request stays wrong; "too many" and the server's own trouble do not.
    return Outcome(200 <= status < 300, f"answered {status}", again=status in (408, 425, 429) or status >= 500)


def _who(where: SplitResult) -> dict[str, str]:
    """The header that says who asks, where the address does."""
    if where.username is None:
        return {}
    who = f"{unquote(where.username)}:{unquote(where.password or '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(who).decode()}"}
