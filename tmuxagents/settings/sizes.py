"""A number of bytes as the settings say it: `500M`, `1.5G`."""

from __future__ import annotations

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def parsed(text: str) -> int | None:
    """The bytes; None where it is no such text."""
    import re

    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([KMGT]?)(?:i?B)?", text.strip(), re.ASCII)
    return round(float(found[1]) * _UNITS[found[2]]) if found else None


def words(count: int) -> str:
    """The bytes in the largest unit that they fill."""
    unit = next((unit for unit in ("T", "G", "M", "K") if count >= _UNITS[unit]), "")
    return f"{round(count / _UNITS[unit], 1):g}{unit}"
