"""Whether a port of this machine is free for a server."""

from __future__ import annotations

import errno
import socket

_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def is_free(port: int) -> bool:
    """Whether a server could listen there now, on loopback: nobody does, there or everywhere."""
    return all(_can_be_bound(family, address, port) for family, address in _LOOPBACK)


def _can_be_bound(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        tried = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        # A machine without that family.
        return True
    with tried:
        # As servers do: a connection that has just ended is in nobody's way.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((address, port))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
    return True
