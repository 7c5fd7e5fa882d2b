"""How much memory is free on this machine."""

from __future__ import annotations

from pathlib import Path

from tmuxagents.drivers import files


def free_bytes() -> int | None:
    """What can be taken before the machine swaps; None where nobody can say."""
    # 30 µs; the import of psutil is 20 ms, and each `spawn` asks.
    text = files.read_from(Path("/proc/meminfo"), 0, 4096)
    if text:
        return parsed(text)
    import psutil

    return int(psutil.virtual_memory().available)


def parsed(text: bytes) -> int | None:
    """What `/proc/meminfo` says is available."""
    for line in text.splitlines():
        name, _, rest = line.partition(b":")
        if name == b"MemAvailable":
            number = rest.removesuffix(b"kB").strip()
            return int(number) * 1024 if number.isdigit() else None
    return None
