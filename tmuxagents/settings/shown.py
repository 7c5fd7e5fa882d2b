"""A setting's value as a person reads it: as it is written in the file, with nothing in it that is not seen."""

from __future__ import annotations

from typing import Any

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def value(key: str, given: Any) -> str:
    """The value of that setting; a number of seconds that is a time gets its unit."""
    if is_time(key) and isinstance(given, float):
        return duration(given)
    return _literal(given)


def is_time(key: str) -> bool:
    """Whether it is a time with a unit: `timeout`, `notices.after`."""
    return key.rpartition(".")[2] in ("timeout", "after", "cooldown")


def duration(seconds: float) -> str:
    """`2h`, `90s`: in the largest unit that divides it."""
    if not seconds:
        return "0"
    unit, size = next((one for one in _UNITS if seconds % one[1] == 0), _UNITS[-1])
    return f"{seconds / size:.0f}{unit}" if seconds % size == 0 else f"{seconds:g}s"


def visible(text: str) -> str:
    """Each character that a terminal obeys or does not show as its number, so that two texts that differ look it."""
    return "".join(c if _is_seen(c) else _number(c) for c in text)


def _literal(given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        return '"' + visible(given.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) + '"'
    if isinstance(given, list | tuple):
        return "[" + ", ".join(map(_literal, given)) + "]"
    return f"{given:g}" if isinstance(given, float) else str(given)


def _is_seen(character: str) -> bool:
    # Variation selectors and joiners are printable to nobody, and letters that only combine hang on what is before.
    return (
        character.isprintable() and not 0xFE00 <= ord(character) <= 0xFE0F and not 0xE0100 <= ord(character) <= 0xE01EF
    )


def _number(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
