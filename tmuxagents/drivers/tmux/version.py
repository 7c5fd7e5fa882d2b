"""Which tmux is installed."""

from __future__ import annotations

OLDEST = (3, 3)
"""What the private server relies on: `-N`, `C/r` in formats, per-pane options."""


def installed() -> tuple[int, int] | None:
    """Major and minor, as libtmux reads them (it knows the development versions' spellings); None
    when there is no tmux."""
    from libtmux.common import get_version
    from libtmux.exc import LibTmuxException

    try:
        version = str(get_version())
    except LibTmuxException:
        return None
    import re

    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found.group(1)), int(found.group(2))) if found else (99, 0)
