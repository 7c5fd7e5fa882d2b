"""Turn our own values into JSON objects and back, by what their fields declare.

What is kept may be of another version: unknown keys are dropped, missing ones have their default, and a class says
in `OLD_NAMES` what a field was called before. What a field declares is read as it is written down: asking `typing`
for it would cost `ls` more than all the conditions of a team.
"""

from __future__ import annotations

import sys

from tmuxagents.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    V = TypeVar("V", bound=Value)
    Read = Callable[[Any], Any]

_READS: dict[type[Value], dict[str, Read | None]] = {}
"""How the fields of a class are read, made when it is met first; None: as JSON has it."""


_SCALARS = frozenset({"bool", "int", "float", "str"})


class Unfit(ValueError):
    """What was kept has not the shape that its class declares."""


def encode(value: Value) -> dict[str, Any]:
    """An object for any JSON encoder, from which `decode` makes an equal value. It is not to be changed: what is
    JSON already, as a `Mapping`, is the value's own."""
    return {field: _plain(getattr(value, field)) for field in value.__match_args__}


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return encode(value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def decode(kind: type[V], raw: object) -> V:
    """The value that `encode` was given, also by another version. `Unfit` when an object, an array or a needed key
    is not there; text and numbers are taken as they are."""
    reads = _READS.get(kind)
    if reads is None:
        reads = _READS[kind] = _reads(kind)
    kept = _object(raw)
    for old, new in getattr(kind, "OLD_NAMES", ()):
        if old in kept and new not in kept:
            kept = {**kept, new: kept[old]}
    known = {
        field: value if (read := reads[field]) is None else read(value)
        for field, value in kept.items()
        if field in reads
    }
    try:
        return kind(**known)
    except TypeError as error:
        raise Unfit(str(error)) from error


def _reads(kind: type[Value]) -> dict[str, Read | None]:
    names = vars(sys.modules[kind.__module__])
    return {field: _read(kind.__annotations__[field], names) for field in kind.__match_args__}


def _read(declared: str, names: Mapping[str, Any]) -> Read | None:
    """How a field that declares this is read; `names` are those of its class's module."""
    if declared.endswith(" | None"):
        read = _read(declared.removesuffix(" | None"), names)
        return read and (lambda raw: None if raw is None else read(raw))
    if declared.startswith("tuple["):
        return _tuple(_parts(declared[len("tuple[") : -1]), names)
    if declared.startswith("Sequence["):
        return _tuple([declared[len("Sequence[") : -1], "..."], names)
    if declared.startswith("Mapping["):
        return _object
    if declared == "bytes":
        return _bytes
    if _SCALARS.issuperset(declared.split(" | ")):
        return None
    if not declared.isidentifier():
        raise TypeError(f"no JSON is known for '{declared}'")
    named = names.get(declared)
    if isinstance(named, type) and issubclass(named, Value):
        return lambda raw: decode(named, raw)
    return None


def _tuple(parts: Sequence[str], names: Mapping[str, Any]) -> Read:
    reads = [_read(part, names) or _same for part in parts if part != "..."]
    if parts[-1] == "...":
        read = reads[0]
        return lambda raw: tuple(_array(raw) if read is _same else map(read, _array(raw)))

    def of_that_length(raw: object) -> tuple[Any, ...]:
        if len(_array(raw)) != len(reads):
            raise Unfit(f"{len(reads)} values are needed, not {str(raw)[:40]}")
        return tuple(read(each) for read, each in zip(reads, _array(raw), strict=True))

    return of_that_length


def _parts(inside: str) -> list[str]:
    """What stands between the commas that are in no bracket of their own."""
    parts, depth = [""], 0
    for letter in inside:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _same(raw: Any) -> Any:
    return raw


def _object(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Unfit(f"an object is needed, not {str(raw)[:40]}")
    return raw


def _array(raw: object) -> Sequence[Any]:
    if not isinstance(raw, list | tuple):
        raise Unfit(f"an array is needed, not {str(raw)[:40]}")
    return raw


def _bytes(raw: object) -> bytes:
    try:
        return str(raw).encode("latin-1")
    except UnicodeEncodeError as error:
        raise Unfit(f"bytes are needed, not {str(raw)[:40]}") from error
