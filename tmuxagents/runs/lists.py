"""Read a list of a manifest, or a table of texts by names: each element of the right form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tmuxagents.model import lock, scope
from tmuxagents.runs import scalars
from tmuxagents.runs.cutting import cut
from tmuxagents.runs.keys import Key
from tmuxagents.runs.nodes import Fault, Node
from tmuxagents.runs.scalars import Read

_OF = "each of "


def _listed(node: Node, name: str, what: str) -> Sequence[Node]:
    """One text may stand for a list of one."""
    if isinstance(node.value, str):
        return (node,)
    if not isinstance(node.value, tuple):
        raise Fault(node.place, f"'{name}' must be a list of {what}")
    return node.value


def _names(node: Node, name: str, key: Key) -> tuple[str, ...]:
    """Ids, which are looked up later; none twice."""
    found: list[str] = []
    for each in _listed(node, name, "ids"):
        text = scalars.line_of(each, name, key, of=_OF)
        if text in found:
            raise Fault(each.place, f"'{cut(text)}' stands twice in '{name}'")
        found.append(text)
    return tuple(found)


def _scope(node: Node, name: str, key: Key) -> tuple[str, ...]:
    return tuple(_glob(each, name, key) for each in _listed(node, name, "globs"))


def _glob(node: Node, name: str, key: Key) -> str:
    text = scalars.line_of(node, name, key, of=_OF)
    try:
        return text if "{{" in text or "{%" in text else scope.parsed(text)
    except ValueError as error:
        raise Fault(node.place, f"'{cut(text)}' in '{name}' {error}") from error


def _locks(node: Node, name: str, key: Key) -> tuple[str, ...]:
    found = _names(node, name, key)
    for text, each in zip(found, _listed(node, name, "locks"), strict=True):
        if not lock.is_name(text):
            raise Fault(each.place, f"'{cut(text)}' cannot be a lock: a-z, A-Z, 0-9, then . _ / - too, at most 40")
    return found


def _words(node: Node, name: str, key: Key) -> tuple[str, ...]:
    """The words of a command line: an empty one may be, and the first is the program."""
    if not isinstance(node.value, tuple) or not node.value:
        raise Fault(node.place, f'\'{name}\' must be a list of texts, such as ["make", "test"]')
    found = tuple(scalars.text_of(each, name, key, of=_OF) for each in node.value)
    if not found[0].strip():
        raise Fault(node.value[0].place, f"'{name}' begins with no program")
    return found


def items_of(node: Node, name: str, key: Key) -> tuple[str, ...]:
    """What a task is repeated for."""
    if not isinstance(node.value, tuple) or not node.value:
        raise Fault(node.place, f"'{name}' must be a list of at least one text")
    return tuple(_item(each, name, key) for each in node.value)


def _item(node: Node, name: str, key: Key) -> str:
    """A text, or a whole number as it is written: 3.10 would be 3.1."""
    if type(node.value) is int and str(node.value) == node.raw:
        return node.raw
    text = scalars.text_of(node, name, key, of=_OF)
    if not text.strip():
        raise Fault(node.place, f"'{name}' holds an empty text")
    return text


def _env(node: Node, name: str, key: Key) -> dict[str, str]:
    if not isinstance(node.value, dict):
        raise Fault(node.place, f"'{name}' must be a table of texts by names of variables")
    for variable in node.value:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            raise Fault(node.keys[variable], f"'{cut(variable)}' cannot be the name of a variable")
    whole = {variable: type(each.value) is int and str(each.value) == each.raw for variable, each in node.value.items()}
    return {
        variable: each.raw if whole[variable] else scalars.text_of(each, f"{name}.{variable}", key)
        for variable, each in node.value.items()
    }


def _matrix(node: Node, name: str, key: Key) -> dict[str, tuple[str, ...]]:
    if not isinstance(node.value, dict) or not node.value:
        raise Fault(node.place, f"'{name}' must be a table of lists by names")
    for word in node.value:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word):
            raise Fault(
                node.keys[word], f"'{cut(word)}' cannot be a name in a matrix: a letter, then letters, digits, _"
            )
    found = {word: items_of(each, f"{name}.{word}", key) for word, each in node.value.items()}
    count = 1
    for each in found.values():
        count *= len(each)
    if count > 10_000:
        raise Fault(node.place, f"'{name}' has {count:,} combinations, and 10,000 are the most")
    return found


READ: Mapping[str, Read] = {
    "names": _names,
    "scope": _scope,
    "locks": _locks,
    "words": _words,
    "items": items_of,
    "env": _env,
    "matrix": _matrix,
}
