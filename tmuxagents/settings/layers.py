"""Of several places that set the same thing, which one counts; and what of a repository's file counts unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.settings.spawn import FREE, SETTINGS, Layer
from tmuxagents.value import Value


class Answer(Value):
    """What counts, by flat keys, and the layer that each value is from. Keys that nobody sets are not there."""

    values: Mapping[str, Any]
    origins: Mapping[str, Layer]

    def get(self, key: str) -> Any:
        """The value, its default where nobody sets it."""
        return self.values.get(key, SETTINGS[key].default)

    @property
    def variables(self) -> dict[str, str]:
        """The variables, by name."""
        return {key.removeprefix("env."): value for key, value in self.values.items() if key.startswith("env.")}


def merge(layers: Sequence[Layer]) -> Answer:
    """The last layer that sets something wins; variables are settings of their own.

    What is put in an agent program's words counts only where the agent is of the kind that it was written for: the
    kind that its layer, or one below, gives. `--model` of a `claude` says nothing to another program.
    """
    kinds = _kinds(layers)
    values: dict[str, Any] = {}
    origins: dict[str, Layer] = {}
    for layer, kind in zip(layers, kinds, strict=True):
        for key, value in layer.values.items():
            if kind == kinds[-1] or not _of_a_program(key):
                values[key], origins[key] = value, layer
    return Answer(values, origins)


def _kinds(layers: Sequence[Layer]) -> list[str]:
    found: list[str] = [SETTINGS["kind"].default]
    for layer in layers:
        found.append(layer.values.get("kind", found[-1]))
    return found[1:] or found


def _of_a_program(key: str) -> bool:
    return key in SETTINGS and SETTINGS[key].program


def unasked(repository: Layer, user: Layer) -> tuple[Layer, tuple[str, ...]]:
    """What of a repository's file counts without consent, and the keys of what does not.

    A key counts where `FREE` names it; every other one, known or not yet thought of, needs consent.
    """
    kept = {key: value for key, value in repository.values.items() if _is_free(key, value, user)}
    withheld = tuple(key for key in repository.values if key not in kept)
    return Layer(kept, repository.file, repository.lines), withheld


def _is_free(key: str, value: Any, user: Layer) -> bool:
    match FREE.get(key):
        case "any":
            return True
        case "lower":
            return _limit(value) <= _limit(user.values.get(key, 0.0))
        case _:
            return False


def _limit(value: Any) -> float:
    """A limit as a number to compare: 0 is none at all."""
    return float(value) or float("inf")
