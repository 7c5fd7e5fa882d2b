"""What a JSON Schema says of a value, without a look at anything but the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fault(schema: Mapping[str, Any]) -> str | None:
    """Why it is no schema; None for one that is. A reference out of it is none: nothing is fetched."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return _at(error.json_path, error.message)
    away = _reference_away(schema)
    return f"'{away[:60]}' leads out of it" if away is not None else None


def faults(schema: Mapping[str, Any], value: Any) -> list[str]:
    """What of the value does not satisfy the schema, the first first; empty where all does."""
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    # An empty registry: the one that it would take by itself fetches from the network.
    checker = Draft202012Validator(schema, registry=Registry())
    try:
        found = sorted(checker.iter_errors(value), key=lambda error: error.json_path)
        return [_at(error.json_path, error.message) for error in found]
    except Unresolvable as error:
        return [f"the schema refers to what is not in it: {error}"]


def validate(answer: str, schema: Mapping[str, Any]) -> str | None:
    """What is wrong with an answer that is to be JSON of that schema, on one line; None where nothing is. A fence of
    Markdown around it is no part of it."""
    import json

    bare = answer.strip()
    if bare.startswith("```") and bare.endswith("```") and "\n" in bare:
        bare = bare.partition("\n")[2].removesuffix("```")
    if not bare:
        return "there is none"
    try:
        value = json.loads(bare)
        wrong = faults(schema, value)
    except ValueError as error:
        return f"it is no JSON: {error}"
    except RecursionError:
        return "it is nested too deeply"
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return " ".join(wrong[0].split())[:300] + more if wrong else None


def _at(path: str, message: str) -> str:
    where = path.removeprefix("$").removeprefix(".")
    return f"{where}: {message}" if where else message


def _reference_away(schema: Any) -> str | None:
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, Mapping):
            ref = part.get("$ref")
            if isinstance(ref, str) and not ref.startswith("#"):
                return ref
            todo.extend(part.values())
        elif isinstance(part, list):
            todo.extend(part)
    return None
