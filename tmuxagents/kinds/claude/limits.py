"""When a limit that Claude Code has met ends, as far as it says so.

Measured with a scripted API, as a subscriber and with a key. 2.1.330 writes the moment into the transcript's record of
the error (`quotaLimits.resetsAt`), and goes on by itself some 70 s behind it, which it writes down too ("set to
continue automatically"); 2.1.197 says it in the text alone, less its seconds ("resets 7:18pm (UTC)"), and opens a
dialog. With a key both retry a 429 up to ten times, as its `retry-after` says; what then ends the turn is the API's own
message, in which a gateway may say when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tmuxagents.clock import SECOND
from tmuxagents.kinds.claude.memory import remember
from tmuxagents.model.condition import Condition
from tmuxagents.value import replace

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

GOES_ON = "set to continue automatically"
"""What 2.1.330 writes where it will go on by itself."""

_FRESH_NS = 60 * SECOND
"""How far the record of an error and its hook may be apart."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = re.compile(r"(?:\||resets?(?: at)? )(\d{10})\b")
_DATED = re.compile(r"resets?(?: at)?:? (\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?) ?(Z|UTC|[+-]\d\d:?\d\d)?")
_TIME = r"\d+(?:\.\d+)? ?(?:s(?:ec|econds?)?|m(?:in|inutes?)?|h(?:ours?)?|d(?:ays?)?)(?![a-z])[ ,]*"
_AFTER = re.compile(rf"(?:again|retry|resets) (?:in|after) ((?:{_TIME})+)")
_PART = re.compile(r"(\d+(?:\.\d+)?) ?([smhd])")
_CLOCK = re.compile(
    r"resets? (?:at )?(?:([A-Z][a-z]{2}) (\d{1,2})(?:,| at) ?)?"
    r"(\d{1,2})(?::(\d\d))? ?([ap]m)(?: \(([A-Za-z0-9_+/-]+)\))?"
)
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def told(said: str, at_ns: int) -> int | None:
    """The moment in what was said at `at_ns`; None where it says none. Of a minute it is the end."""
    if found := _EPOCH.search(said):
        return int(found[1]) * SECOND
    if found := _DATED.search(said):
        return _dated(found[1], found[2])
    if found := _AFTER.search(said):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(found[1]))
        return at_ns + round(seconds * SECOND)
    found = _CLOCK.search(said)
    return _by_the_clock(found, at_ns) if found else None


def recorded(condition: Condition, line: Mapping[str, Any], at_ns: int) -> Condition:
    """The condition with what the record of an error says; its hook may have come before."""
    quota = line.get("quotaLimits")
    resets = quota.get("resetsAt") if isinstance(quota, Mapping) and quota.get("status") == "rejected" else None
    if not isinstance(resets, int) or isinstance(resets, bool) or not 0 < resets < 10**11:
        return condition
    return _known(remember(condition, limit=[resets * SECOND, at_ns]))


def goes_on(condition: Condition, at_ns: int) -> Condition:
    """It says that it will go on by itself."""
    return _known(remember(condition, goes_on=at_ns))


def met(condition: Condition, said: str, at_ns: int) -> Condition:
    """The limited condition with when that ends: by the record of the error, else by its text."""
    condition = _known(replace(condition, resets_ns=told(said, at_ns), goes_on=False))
    return remember(condition, limited=[condition.turn, at_ns, condition.evidence, condition.reason])


def stands(condition: Condition) -> Condition:
    """The condition as the limit has left it, while no other turn has begun: what 2.1.197 asks about it then
    (`screen.WAITS`) is no question to a person, and when that is closed nothing has changed."""
    met = condition.kind_state.get("limited")
    if met is None or condition.state not in ("idle", "waiting") or met[0] != condition.turn:
        return condition
    if condition.state == "waiting" and not (condition.dialog is not None and condition.dialog.asks_nothing):
        return condition
    return replace(condition, state="limited", since_ns=met[1], evidence=met[2], reason=met[3], dialog=None)


def _known(condition: Condition) -> Condition:
    """What was recorded counts for the limit that it is about."""
    if condition.state != "limited":
        return condition
    limit, on = condition.kind_state.get("limit"), condition.kind_state.get("goes_on")
    if limit is not None and abs(int(limit[1]) - condition.since_ns) < _FRESH_NS:
        condition = replace(condition, resets_ns=int(limit[0]))
    if on is not None and abs(int(on) - condition.since_ns) < _FRESH_NS:
        condition = replace(condition, goes_on=True)
    return condition


def _dated(text: str, zone: str | None) -> int | None:
    from datetime import datetime

    try:
        written = text.replace(" ", "T") + ("+00:00" if zone in (None, "Z", "UTC") else str(zone))
        return round(datetime.fromisoformat(written).timestamp()) * SECOND
    except (ValueError, OverflowError):
        return None


def _by_the_clock(found: re.Match[str], at_ns: int) -> int | None:
    from datetime import datetime, timedelta

    zone = _zone(found[6]) if found[6] else datetime.fromtimestamp(at_ns / SECOND).astimezone().tzinfo
    hour, minute = int(found[3]), int(found[4] or 0)
    if zone is None or not 1 <= hour <= 12 or minute > 59:
        return None
    at = datetime.fromtimestamp(at_ns / SECOND, zone)
    hour = hour % 12 + (12 if found[5] == "pm" else 0)
    try:
        day = _day(at, found[1], found[2])
        then = day.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(minutes=1)
    except ValueError:
        return None
    if found[1] is None and then <= at:
        then += timedelta(days=1)
    return round(then.timestamp()) * SECOND


def _day(at: datetime, month: str | None, day: str | None) -> datetime:
    """The day that is named, in the year in which it is next; ValueError for none."""
    if month is None or day is None:
        return at
    number = _MONTHS.index(month.lower()) + 1
    year = at.year + (1 if number < at.month - 6 else 0)
    return at.replace(year=year, month=number, day=int(day))


def _zone(name: str) -> tzinfo | None:
    """The one of that name; None where nobody knows it."""
    from datetime import UTC

    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
