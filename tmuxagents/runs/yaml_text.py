"""YAML 1.2 as nodes: one document, no tags, no key twice, and nothing that grows when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tmuxagents.model.manifest import Place
from tmuxagents.runs.nodes import DEPTH, SIZE, Fault, Node
from tmuxagents.settings import shown

_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def read(text: str) -> Node:
    """The one document; `Fault` says what is wrong with the text."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return _Composer(YAML(typ="safe", pure=True).parse(text)).document()
    except MarkedYAMLError as error:
        raise _marked(error) from error
    except (YAMLError, ValueError, AssertionError, AttributeError, LookupError) as error:
        raise _unmarked(error, text) from error


class _Composer:
    """Puts the events of a parser together, without recursion of the parser's own."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, Node | None] = {}

    def document(self) -> Node:
        self._next()
        start = self._next()
        if type(start).__name__ == "StreamEndEvent":
            return Node(None, Place(1, 1))
        if start.version not in (None, (1, 2)):
            raise Fault(_place(start), "only YAML 1.2 is read: take the %YAML line out")
        node = self._node(self._next(), 0)
        self._next()
        more = self._next()
        if type(more).__name__ != "StreamEndEvent":
            raise Fault(_place(more), "a second document begins: a manifest is one")
        return node

    def _next(self) -> Any:
        return next(self._events)

    def _node(self, event: Any, depth: int) -> Node:
        if depth > DEPTH:
            raise Fault(_place(event), f"more than {DEPTH} levels of lists and tables")
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._alias(event)
        if event.anchor:
            self._anchors[event.anchor] = None
        made = {"ScalarEvent": _scalar, "SequenceStartEvent": self._list, "MappingStartEvent": self._table}[kind]
        node = made(event, depth)
        if node.size > SIZE:
            raise Fault(node.place, f"more than {SIZE:,} values, aliases counted each time")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise Fault(_place(event), f"there is no anchor '{_cut(event.anchor)}' before this")
        node = self._anchors[event.anchor]
        if node is None:
            raise Fault(_place(event), f"'{_cut(event.anchor)}' would contain itself")
        return node

    def _list(self, start: Any, depth: int) -> Node:
        _untagged(start)
        items, size = [], 1
        while type(event := self._next()).__name__ != "SequenceEndEvent":
            items.append(self._node(event, depth + 1))
            size = _grown(size, items[-1])
        return Node(tuple(items), _place(start), size=size)

    def _table(self, start: Any, depth: int) -> Node:
        _untagged(start)
        found: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        size = 1
        while type(event := self._next()).__name__ != "MappingEndEvent":
            key = self._key(event, keys)
            keys[key] = _place(event)
            found[key] = self._node(self._next(), depth + 1)
            size = _grown(size, found[key])
        return Node(found, _place(start), keys=keys, size=size)

    def _key(self, event: Any, known: dict[str, Place]) -> str:
        if type(event).__name__ == "ScalarEvent":
            _untagged(event)
        if type(event).__name__ != "ScalarEvent" or event.anchor:
            raise Fault(_place(event), "a key must be a plain text")
        key = str(event.value)
        if key == "<<":
            raise Fault(_place(event), "'<<' is not read: what tasks have in common stands in 'defaults'")
        if key in known:
            raise Fault(_place(event), f"'{_cut(key)}' is there already, on line {known[key].line}")
        return key


def _grown(size: int, node: Node) -> int:
    # Stopped here, before ten aliases of ten aliases are a number that nobody can hold.
    if size + node.size > SIZE:
        raise Fault(node.place, f"more than {SIZE:,} values, aliases counted each time")
    return size + node.size


def _scalar(event: Any, depth: int) -> Node:
    text, place = str(event.value), _place(event)
    _untagged(event)
    _sound(text, place)
    if event.tag or event.style or not event.implicit[0]:
        first = {None: place.line, "|": place.line + 1}.get(event.style, 0)
        first = place.line if event.style in ("'", '"') and event.end_mark.line == event.start_mark.line else first
        return Node(text.replace("\a", ""), place, raw=text, first=first)
    value = _resolved(text, place)
    one_line = event.end_mark.line == event.start_mark.line
    return Node(value, place, raw=text, first=place.line if one_line else 0)


def _sound(text: str, place: Place) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise Fault(place, "half a character (\\ud800 to \\udfff) cannot be in a text")


def _resolved(text: str, place: Place) -> Any:
    """What a text without quotes is, by the core schema."""
    if text in _WORDS or text in ("Null", "NULL", "True", "TRUE", "False", "FALSE"):
        return _WORDS[text.lower()]
    if _INT.fullmatch(text):
        if len(text) > 100:
            raise Fault(place, "a number of more than 100 digits")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if endless := _ENDLESS.fullmatch(text):
        return float("nan") if endless[3] else float(f"{endless[1]}inf")
    return float(text) if _FLOAT.fullmatch(text) else text


def _untagged(event: Any) -> None:
    if event.tag:
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        raise Fault(_place(event), f"the tag '{_cut(tag)}' is not read")


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _cut(text: str) -> str:
    return shown.visible(text[:40])


def _marked(error: Any) -> Fault:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    problem = " ".join(str(error.problem or error.context).split())
    if "found character '\\t'" in problem:
        return Fault(place, "a tab cannot indent YAML: use blanks")
    if problem == "mapping values are not allowed here":
        return Fault(place, "a text that holds ': ' needs quotes, or '|' and lines of its own")
    begun = error.context_mark
    if problem == "found unexpected end of stream" and begun is not None:
        return Fault(Place(begun.line + 1, begun.column + 1), "the quote that begins here is not closed")
    return Fault(place, f"this is not YAML: {_cut_long(problem)}")


def _unmarked(error: Exception, text: str) -> Fault:
    at = getattr(error, "position", None)
    if isinstance(at, int):
        before = text[:at]
        place = Place(before.count("\n") + 1, at - before.rfind("\n"))
        return Fault(place, f"the character '{shown.visible(text[at : at + 1])}' cannot be in YAML")
    # What a text makes the parser stumble over, such as half a character behind a backslash.
    return Fault(Place(1, 1), f"this is not YAML: {_cut_long(str(error))}")


def _cut_long(text: str) -> str:
    return shown.visible(text[:100])
