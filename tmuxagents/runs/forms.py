"""Read a table of a manifest by its keys, each in its form, or a `Fault` that says what it must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tmuxagents import names
from tmuxagents.model.manifest import ForEach, Join
from tmuxagents.runs import keys, lists, scalars
from tmuxagents.runs.cutting import cut, cut_long
from tmuxagents.runs.faults import Faults
from tmuxagents.runs.keys import Key
from tmuxagents.runs.nodes import Fault, Node, plain
from tmuxagents.runs.scalars import Read


def table(node: Node, what: str, known: Mapping[str, Key], **elsewhere: str) -> dict[str, Any]:
    """The values of a table whose keys are known, each read."""
    if not isinstance(node.value, dict):
        raise Fault(node.place, f"{what} must be a table of keys")
    faults, found = Faults(), {}
    with faults:
        refuse_unknown(node, known, what, **elsewhere)
    for key, each in node.value.items():
        with faults:
            if key in known:
                found[key] = read(each, key, known[key])
    faults.tell()
    return found


def refuse_unknown(node: Node, known: Iterable[str], what: str, **elsewhere: str) -> None:
    """The keys that are not known are the first thing said of a table. `elsewhere` says of keys where they stand."""
    faults = Faults()
    for key in node.value:
        with faults:
            _refuse(key, node, known, what, elsewhere)
    faults.tell()


def _refuse(key: str, node: Node, known: Iterable[str], what: str, elsewhere: Mapping[str, str]) -> None:
    if key in elsewhere:
        raise Fault(node.keys[key], f"{what} has no key '{key}'; it stands {elsewhere[key]}")
    if key not in known:
        listed = list(known)
        meant = names.did_you_mean(names.nearest(key, listed), f": {', '.join(listed)}" if len(listed) < 10 else "")
        raise Fault(node.keys[key], f"{what} has no key '{cut(key)}'{meant}")


def read(node: Node, name: str, key: Key) -> Any:
    """The value of that key."""
    return READ[key.form](node, name, key)


def _join(node: Node, name: str, key: Key) -> Join:
    found = table(node, "a join", keys.JOIN)
    of = found.get("of", ())
    if not of:
        raise Fault(node.value["of"].place if "of" in node.value else node.place, "a join needs 'of': a list of ids")
    need = found.get("need", len(of))
    if need > len(of):
        raise Fault(node.value["need"].place, f"'need' is {need}, and 'of' has {len(of)}")
    return Join(of, need, found.get("timeout"), found.get("late", "stop"), found.get("whole", False))


_ONE_OF = ("items", "glob", "lines_of", "matrix")


def _for_each(node: Node, name: str, key: Key) -> ForEach:
    if isinstance(node.value, tuple):
        return ForEach(items=lists.items_of(node, name, keys.FOR_EACH["items"]))
    if not isinstance(node.value, dict):
        raise Fault(node.place, f"'{name}' must be a list, or a table with {', '.join(_ONE_OF[:-1])} or {_ONE_OF[-1]}")
    found = table(node, f"'{name}'", keys.FOR_EACH)
    given = [word for word in _ONE_OF if word in found]
    if len(given) != 1:
        place = node.keys[given[1]] if given else node.place
        raise Fault(place, f"'{name}' must have one of {', '.join(_ONE_OF)}{_but(given)}")
    if "chunk" in found and "matrix" in found:
        raise Fault(node.keys["chunk"], "'chunk' cannot stand with 'matrix': a combination goes to one task")
    return ForEach(**found)


def _but(given: Sequence[str]) -> str:
    return f", not {' and '.join(given)}" if given else ""


def _schema(node: Node, name: str, key: Key) -> dict[str, Any]:
    if not isinstance(node.value, dict) or not node.value:
        raise Fault(node.place, f"'{name}' must be a table: a JSON Schema")
    found: dict[str, Any] = plain(node)
    from tmuxagents.model import json_schema

    if wrong := json_schema.fault(found):
        raise Fault(node.place, f"'{name}' is no JSON Schema: {cut_long(wrong)}")
    return found


READ: Mapping[str, Read] = {
    **scalars.READ,
    **lists.READ,
    "join": _join,
    "for_each": _for_each,
    "schema": _schema,
}
