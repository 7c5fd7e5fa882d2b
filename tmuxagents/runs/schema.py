"""The JSON Schema of manifests, for editors: made of the same table of keys as what reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tmuxagents.runs import keys
from tmuxagents.runs.keys import Key
from tmuxagents.runs.scalars import LONGEST_ID

FILE = "contrib/manifest.schema.json"
"""Where it is shipped. Editors of YAML know drafts up to 7."""

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "pattern": "\\S"}
_ID: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "maxLength": LONGEST_ID}
_LOCK: Schema = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$"}
_ITEMS: Schema = {"type": "array", "items": {"anyOf": [_TEXT, {"type": "integer"}]}, "minItems": 1}
_VARIABLE = "^[A-Za-z_][A-Za-z0-9_]*$"
_WORD = "^[A-Za-z][A-Za-z0-9_]*$"


def text() -> str:
    """The schema as it is shipped."""
    return json.dumps(whole(), indent=1, ensure_ascii=False) + "\n"


def whole() -> Schema:
    """The schema of a manifest."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A manifest of tmuxagents: tasks that are carried out together",
        **_table(keys.TOP),
        "required": ["tasks"],
        "definitions": {"task": _task()},
    }


def _task() -> Schema:
    programs = [{"required": [key]} for key in ("prompt", "prompt_file", "command", "args")]
    return {**_table(keys.TASK), "oneOf": programs}


def _table(known: Mapping[str, Key]) -> Schema:
    return {
        "type": "object",
        "properties": {key: {"description": one.what, **_MADE[one.form](one)} for key, one in known.items()},
        "additionalProperties": False,
    }


def _several(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _for_each(key: Key) -> Schema:
    ways = [{"required": [way]} for way in ("items", "glob", "lines_of", "matrix")]
    return {"anyOf": [_ITEMS, {**_table(keys.FOR_EACH), "oneOf": ways}]}


def _defaults(key: Key) -> Schema:
    return _table({name: keys.TASK[name] for name in keys.COMMON})


def _tasks(key: Key) -> Schema:
    task = {"$ref": "#/definitions/task"}
    listed = {"type": "array", "minItems": 1, "items": {"allOf": [task, {"required": ["id"]}]}}
    named = {"type": "object", "minProperties": 1, "additionalProperties": task, "propertyNames": _ID}
    return {"anyOf": [listed, named]}


def _duration(key: Key) -> Schema:
    text = {"type": "string", "pattern": "^[0-9.]*[1-9][0-9.]*[smhd]?$"}
    return {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, text]}


def _env(key: Key) -> Schema:
    value = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    return {"type": "object", "propertyNames": {"pattern": _VARIABLE}, "additionalProperties": value}


def _matrix(key: Key) -> Schema:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": _WORD},
        "additionalProperties": _ITEMS,
    }


_MADE: Mapping[str, Callable[[Key], Schema]] = {
    "prompt": lambda key: _TEXT,
    "line": lambda key: _TEXT,
    "id": lambda key: _ID,
    "names": lambda key: {"anyOf": [_ID, {"type": "array", "items": _ID, "uniqueItems": True}]},
    "scope": lambda key: _several(_TEXT),
    "locks": lambda key: {"anyOf": [_LOCK, {"type": "array", "items": _LOCK, "uniqueItems": True}]},
    "words": lambda key: {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "switch": lambda key: {"type": "boolean"},
    "count": lambda key: {"type": "integer", "minimum": int(key.low), "maximum": int(key.high)},
    "money": lambda key: {"type": "number", "exclusiveMinimum": 0, "maximum": key.high},
    "duration": _duration,
    "choice": lambda key: {"enum": list(key.choices)},
    "worktree": lambda key: {"anyOf": [{"type": "boolean"}, _TEXT]},
    "items": lambda key: _ITEMS,
    "env": _env,
    "matrix": _matrix,
    "join": lambda key: {**_table(keys.JOIN), "required": ["of"]},
    "for_each": _for_each,
    "schema": lambda key: {"type": "object", "minProperties": 1},
    "defaults": _defaults,
    "tasks": _tasks,
}
"""What a value of each form looks like. Ids, budgets, templates and what a kind takes are checked by `run` alone."""
