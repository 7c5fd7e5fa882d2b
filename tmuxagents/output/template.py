"""Fill a template such as `{name} {usage.cost_usd}` from one JSON object, and nothing but from its keys."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from typing import Any

from tmuxagents.output.safe_text import one_line
from tmuxagents.output.widths import padded, width_of
from tmuxagents.value import Value

_ALIGNED = re.compile(r"([<>]?)(\d{1,3})")
_ESCAPES = {r"\t": "\t", r"\n": "\n", r"\\": "\\"}


class TemplateInvalid(ValueError):
    """The template asks for something that is no key, or is not one; `key` is the one that is not known."""

    def __init__(self, words: str, *, key: str = "") -> None:
        super().__init__(words)
        self.key = key


class Part(Value):
    """A stretch of literal text and the key behind it, None at the end; `width` is negative to the left of blanks."""

    literal: str
    key: str | None = None
    width: int = 0


def parse(template: str, keys: frozenset[str]) -> list[Part]:
    r"""The parts of a template. `{key}`, `{outer.inner}` and `{key:<12}` (or `>`) are all there is; `{{` is a brace,
    `\t` and `\n` are what they are in a shell's `printf`."""
    try:
        return list(_parts(template, keys))
    except TemplateInvalid:
        raise
    except ValueError as error:
        raise TemplateInvalid(f"is no template: {error}") from error


def _parts(template: str, keys: frozenset[str]) -> Iterator[Part]:
    for literal, key, wanted, conversion in string.Formatter().parse(template):
        text = re.sub(r"\\[tn\\]", lambda found: _ESCAPES[found.group()], literal)
        if key is None:
            yield Part(text)
            continue
        if key not in keys:
            raise TemplateInvalid(f"knows no '{key[:40]}'", key=key)
        found = _ALIGNED.fullmatch(wanted or "<0")
        if conversion or found is None:
            raise TemplateInvalid(f"takes {{{key}}} or {{{key}:<12}}, nothing more")
        yield Part(text, key, int(found[2]) * (-1 if found[1] == ">" else 1))


def fill(parts: list[Part], row: Mapping[str, Any]) -> str:
    """The template with this object's values, each on one line; what is not known, or empty, is `-`."""
    return "".join(part.literal + (_placed(_words(row, part.key), part.width) if part.key else "") for part in parts)


def _placed(text: str, width: int) -> str:
    return padded(text, width) if width >= 0 else " " * max(0, -width - width_of(text)) + text


def _words(row: Mapping[str, Any], key: str) -> str:
    value: Any = row
    for name in key.split("."):
        value = value[name] if isinstance(value, Mapping) else None
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    given = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return one_line(given, 4000) or "-"


def keys_of(row: Mapping[str, Any], prefix: str = "") -> frozenset[str]:
    """The keys that a template may name: those of the object, and of objects in it `outer.inner`."""
    found = set[str]()
    for key, value in row.items():
        inner = keys_of(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}"}
        found |= inner
    return frozenset(found)
