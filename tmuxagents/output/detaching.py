"""The keys that come back from an agent's window, as everybody says them."""

from __future__ import annotations

NESTED_PREFIX = "C-]"
"""The prefix inside another tmux. Telnet's; neither shells, editors nor the agent programs we know use it."""

KEYS = "{keys}"
"""What stands for them in a text that is written beforehand."""


def keys(*, nested: bool) -> str:
    """A tmux around takes C-b for itself: there C-b d detaches that one."""
    return f"{NESTED_PREFIX if nested else 'C-b'} d"
