"""Tell the world what the demo agent does, one JSON line an event."""

import errno
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tmuxagents.value import Value, as_dict, replace


class Usage(Value):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class Totals(Value):
    """What the conversation has cost so far; money is whole micro-dollars."""

    microusd: int = 0
    usage: Usage = Usage()


class Events:
    """An event is whole in the file when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        os.fchmod(self._fd, 0o600)

    def write(self, event: str, **fields: object) -> None:
        line = {"at": time.time_ns(), "event": event, **fields}
        rest = json.dumps(line).encode() + b"\n"
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except OSError as error:
                # A full disk is waited out, also in the middle of a line.
                if error.errno != errno.ENOSPC:
                    raise
                time.sleep(0.1)


def spend(before: Totals, *, prompt: str, steps: int, said: int) -> Totals:
    """Add one turn: 0.0031 dollars a step and 0.00002 a character of the prompt, to four decimals."""
    turn = round((3100 * steps + 20 * len(prompt)) / 100) * 100
    usage = Usage(
        input_tokens=before.usage.input_tokens + 4 + len(prompt) // 4,
        output_tokens=before.usage.output_tokens + 25 * steps + said // 4,
        cache_read_tokens=before.usage.cache_read_tokens + 1800 * steps,
        cache_write_tokens=before.usage.cache_write_tokens + 320,
    )
    return replace(before, microusd=before.microusd + turn, usage=usage)


def more(before: Totals, usd: float, tokens: int) -> Totals:
    """Add what a script wants spent."""
    usage = replace(before.usage, output_tokens=before.usage.output_tokens + tokens)
    return replace(before, microusd=before.microusd + round(usd * 1e6), usage=usage)


def so_far(totals: Totals) -> dict[str, object]:
    """Return the fields of a `usage` event."""
    return {"total_cost_usd": totals.microusd / 1e6, "usage": as_dict(totals.usage)}


def turn_end(before: Totals, after: Totals, last_text: str) -> dict[str, object]:
    """Return the fields of a `turn_end` event."""
    return {
        "cost_usd": (after.microusd - before.microusd) / 1e6,
        "total_cost_usd": after.microusd / 1e6,
        "usage": as_dict(after.usage),
        "last_text": last_text,
    }


def totals_in(path: Path) -> Totals:
    """Read what the last turn in an events file came to; nothing when there is none."""
    ends = [event for event in _events_in(path) if event["event"] == "turn_end"]
    if not ends:
        return Totals()
    return Totals(round(ends[-1]["total_cost_usd"] * 1e6), Usage(**ends[-1]["usage"]))


def _events_in(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:  # The machine stopped in the middle of this line.
            continue
