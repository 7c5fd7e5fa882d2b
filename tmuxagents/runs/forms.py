"""Read one value of a manifest: of the right type, within its bounds, or a `Fault` that says what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tmuxagents import clock, names
from tmuxagents.model import lock, scope
from tmuxagents.model.manifest import ForEach, Join, Place
from tmuxagents.runs import keys
from tmuxagents.runs.keys import Key
from tmuxagents.runs.nodes import Fault, Node, plain
from tmuxagents.settings import shown

LONGEST_ID = 24
"""An agent is called `run-1234-ID-12345`, and 40 characters are the most."""

Read = Callable[[Node, str, Key], Any]


def cut(text: object) -> str:
    """The text as an error quotes it."""
    return shown.visible(str(text)[:40])


def table(node: Node, what: str, known: Mapping[str, Key], **elsewhere: str) -> dict[str, Any]:
    """The values of a table whose keys are known, each read."""
    if not isinstance(node.value, dict):
        raise Fault(node.place, f"{what} must be a table of keys")
    refuse_unknown(node, known, what, **elsewhere)
    return {key: read(each, key, known[key]) for key, each in node.value.items()}


def refuse_unknown(node: Node, known: Iterable[str], what: str, **elsewhere: str) -> None:
    """A key that is not known is the first thing said of a table. `elsewhere` says of keys where they stand."""
    for key in node.value:
        if key in elsewhere:
            raise Fault(node.keys[key], f"{what} has no key '{key}'; it stands {elsewhere[key]}")
        if key not in known:
            listed = list(known)
            meant = names.did_you_mean(names.nearest(key, listed), f": {', '.join(listed)}" if len(listed) < 10 else "")
            raise Fault(node.keys[key], f"{what} has no key '{cut(key)}'{meant}")


def read(node: Node, name: str, key: Key) -> Any:
    """The value of that key."""
    return READ[key.form](node, name, key)


def _text(node: Node, name: str, key: Key, *, of: str = "") -> str:
    if not isinstance(node.value, str):
        raise Fault(node.place, f"{of}'{name}' must be a text{_quote(node)}")
    if "\0" in node.value:
        raise Fault(node.place, f"'{name}' holds a NUL character")
    return node.value


def _quote(node: Node) -> str:
    scalar = node.value is not None and not isinstance(node.value, dict | tuple)
    return f': write "{cut(node.raw)}"' if scalar and '"' not in node.raw else ""


_OF = "each of "


def _prompt(node: Node, name: str, key: Key, *, of: str = "") -> str:
    text = _text(node, name, key, of=of)
    if not text.strip():
        raise Fault(node.place, f"'{name}' is empty")
    return text


def _line(node: Node, name: str, key: Key, *, of: str = "") -> str:
    text = _prompt(node, name, key, of=of)
    if len(text.splitlines()) > 1 or len(text) > 4096:
        raise Fault(node.place, f"'{name}' must be one line")
    if any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in text.rstrip("\n")):
        raise Fault(node.place, f"'{name}' holds a control character")
    return text


def _id(node: Node, name: str, key: Key) -> str:
    text = _line(node, name, key)
    check_id(text, node.place)
    return text


def check_id(text: str, place: Place) -> None:
    """An id is part of a name of an agent."""
    if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", text) and len(text) <= LONGEST_ID:
        return
    why = f"at most {LONGEST_ID} characters" if len(text) > LONGEST_ID else "use a-z, 0-9 and single hyphens"
    better = names.suggest(text)[:LONGEST_ID].strip("-")
    raise Fault(place, f"'{cut(text)}' cannot be an id: {why}; '{better}' can")


def _listed(node: Node, name: str, what: str) -> Sequence[Node]:
    """One text may stand for a list of one."""
    if isinstance(node.value, str):
        return (node,)
    if not isinstance(node.value, tuple):
        raise Fault(node.place, f"'{name}' must be a list of {what}")
    return node.value


def _scope(node: Node, name: str, key: Key) -> tuple[str, ...]:
    return tuple(_glob(each, name, key) for each in _listed(node, name, "globs"))


def _glob(node: Node, name: str, key: Key) -> str:
    text = _line(node, name, key, of=_OF)
    try:
        return text if "{{" in text or "{%" in text else scope.parsed(text)
    except ValueError as error:
        raise Fault(node.place, f"'{cut(text)}' in '{name}' {error}") from error


def _names(node: Node, name: str, key: Key) -> tuple[str, ...]:
    """Ids, which are looked up later; none twice."""
    found: list[str] = []
    for each in _listed(node, name, "ids"):
        text = _line(each, name, key, of=_OF)
        if text in found:
            raise Fault(each.place, f"'{cut(text)}' stands twice in '{name}'")
        found.append(text)
    return tuple(found)


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
    found = tuple(_text(each, name, key, of=_OF) for each in node.value)
    if not found[0].strip():
        raise Fault(node.value[0].place, f"'{name}' begins with no program")
    return found


def _switch(node: Node, name: str, key: Key) -> bool:
    if not isinstance(node.value, bool):
        raise Fault(node.place, f"'{name}' must be true or false")
    return node.value


def _count(node: Node, name: str, key: Key) -> int:
    if type(node.value) is not int or not key.low <= node.value <= key.high:
        raise Fault(node.place, f"'{name}' must be a whole number from {key.low:,.0f} to {key.high:,.0f}")
    return node.value


def _money(node: Node, name: str, key: Key) -> float:
    if type(node.value) not in (int, float) or not 0 < node.value <= key.high:
        raise Fault(node.place, f"'{name}' must be dollars: a number above 0, such as 0.50")
    return float(node.value)


def _duration(node: Node, name: str, key: Key) -> float:
    try:
        seconds = clock.duration(str(node.value)) if type(node.value) in (int, float, str) else 0.0
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise Fault(node.place, f"'{name}' must be a time above 0, such as 90s, 20m or 2h")
    return seconds


def _choice(node: Node, name: str, key: Key) -> str:
    if node.value not in key.choices:
        meant = names.nearest(node.value, key.choices) if isinstance(node.value, str) else None
        raise Fault(node.place, f"'{name}' must be {' or '.join(key.choices)}{names.did_you_mean(meant)}")
    return str(node.value)


def _worktree(node: Node, name: str, key: Key) -> bool | str:
    if isinstance(node.value, bool):
        return node.value
    if not isinstance(node.value, str) or not node.value.strip():
        raise Fault(node.place, f"'{name}' must be true, false or the name of a branch")
    return _line(node, name, key)


def _item(node: Node, name: str, key: Key) -> str:
    """A text, or a whole number as it is written: 3.10 would be 3.1."""
    if type(node.value) is int and str(node.value) == node.raw:
        return node.raw
    text = _text(node, name, key, of=_OF)
    if not text.strip():
        raise Fault(node.place, f"'{name}' holds an empty text")
    return text


def _items(node: Node, name: str, key: Key) -> tuple[str, ...]:
    if not isinstance(node.value, tuple) or not node.value:
        raise Fault(node.place, f"'{name}' must be a list of at least one text")
    return tuple(_item(each, name, key) for each in node.value)


def _env(node: Node, name: str, key: Key) -> dict[str, str]:
    if not isinstance(node.value, dict):
        raise Fault(node.place, f"'{name}' must be a table of texts by names of variables")
    for variable in node.value:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            raise Fault(node.keys[variable], f"'{cut(variable)}' cannot be the name of a variable")
    whole = {variable: type(each.value) is int and str(each.value) == each.raw for variable, each in node.value.items()}
    return {
        variable: each.raw if whole[variable] else _text(each, f"{name}.{variable}", key)
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
    found = {word: _items(each, f"{name}.{word}", key) for word, each in node.value.items()}
    count = 1
    for each in found.values():
        count *= len(each)
    if count > 10_000:
        raise Fault(node.place, f"'{name}' has {count:,} combinations, and 10,000 are the most")
    return found


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
        return ForEach(items=_items(node, name, keys.FOR_EACH["items"]))
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


def cut_long(text: str) -> str:
    """A part of a message that somebody else wrote."""
    return shown.visible(" ".join(text.split())[:100])


READ: Mapping[str, Read] = {
    "prompt": _prompt,
    "line": _line,
    "id": _id,
    "names": _names,
    "scope": _scope,
    "locks": _locks,
    "words": _words,
    "switch": _switch,
    "count": _count,
    "money": _money,
    "duration": _duration,
    "choice": _choice,
    "worktree": _worktree,
    "items": _items,
    "env": _env,
    "matrix": _matrix,
    "join": _join,
    "for_each": _for_each,
    "schema": _schema,
}
