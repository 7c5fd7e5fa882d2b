"""Frozen values with named fields, cheap to define: what `dataclasses` gives, without its import.

Status bars ask `ls` every second. `dataclasses` imports `inspect` and compiles five methods a class: 20 ms of
the processor for the values that a list of agents needs, beside a bare interpreter's 12. Here a class costs its
annotations, and an instance a loop over its fields.
"""

from __future__ import annotations

from itertools import repeat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    T = TypeVar("T")
    V = TypeVar("V", bound="Value")
else:

    def dataclass_transform(**_: object) -> object:
        """Without an import of `typing`: only a checker reads it."""
        return lambda made: made


class _Fresh:
    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


_PUT: Callable[[Any, object, object], None] = type(vars(_Fresh)["make"]).__set__


def fresh(*, default_factory: Callable[[], T]) -> T:
    """The default of a field that is made anew for each instance."""
    return _Fresh(default_factory)  # type: ignore[return-value]


class _Fields(type):
    """Makes a class's annotations its slots, and keeps the defaults beside them."""

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], *, frozen: bool = True) -> _Fields:
        for base in bases:
            if getattr(base, "__match_args__", ()):
                raise TypeError(f"'{name}' cannot be derived from '{base.__name__}': its fields would be lost")
        names = tuple(space.get("__annotations__", ())) if bases else ()
        defaults = {field: space.pop(field, ...) for field in names}
        made = super().__new__(cls, name, bases, {**space, "__slots__": names, "__match_args__": names})
        made.__defaults__ = defaults  # type: ignore[attr-defined]
        made.__places__ = tuple(vars(made)[field] for field in names)  # type: ignore[attr-defined]
        if not frozen:
            made.__setattr__ = object.__setattr__  # type: ignore[method-assign, assignment]
            made.__hash__ = None  # type: ignore[assignment]
        return made

    def __init__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], *, frozen: bool = True) -> None:
        super().__init__(name, bases, space)


@dataclass_transform(frozen_default=True, field_specifiers=(fresh,))
class Value(metaclass=_Fields):
    """The fields that a class annotates, in that order. Equal to another of its class with equal fields, hashable
    if they are, and never changed (see `replace`), unless it is declared `class X(Value, frozen=False)`.

    Fields are not inherited: a class of values is not derived from."""

    if TYPE_CHECKING:
        __match_args__: ClassVar[tuple[str, ...]]
        __defaults__: ClassVar[Mapping[str, Any]]
        __places__: ClassVar[tuple[object, ...]]

    def __init__(self, *values: Any, **named: Any) -> None:
        if named or len(values) != len(self.__places__):
            values = self._completed(values, named)
        # Puts each where it belongs, in C; each answers None. A loop over `object.__setattr__` takes twice as long.
        any(map(_PUT, self.__places__, repeat(self), values))

    def _completed(self, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """All values in order: those given in order, then those given by name, or not at all."""
        names = self.__match_args__
        rest = [named.pop(field) if field in named else self._default(field) for field in names[len(values) :]]
        if named or len(values) > len(names):
            unfit = ", ".join(named) or f"{len(values)} values"
            raise TypeError(f"{type(self).__name__} takes {', '.join(names)}; not {unfit}")
        return (*values, *rest)

    def _default(self, field: str) -> Any:
        value = self.__defaults__[field]
        if value is ...:
            raise TypeError(f"{type(self).__name__} needs '{field}'")
        return value.make() if isinstance(value, _Fresh) else value

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: '{field}' cannot be set")

    def __delattr__(self, field: str) -> None:
        raise AttributeError(f"'{field}' of {type(self).__name__} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self.__match_args__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, field) for field in self.__match_args__))

    def __repr__(self) -> str:
        told = ", ".join(f"{field}={getattr(self, field)!r}" for field in self.__match_args__)
        return f"{type(self).__name__}({told})"

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), tuple(getattr(self, field) for field in self.__match_args__)


def fields(kind: type[Value]) -> Mapping[str, Any]:
    """The names of the fields, in order, each with its default: `...` where it has none."""
    return kind.__defaults__


def replace(value: V, **changes: Any) -> V:
    """The value with those fields changed; the first stays as it is."""
    return type(value)(*[changes.pop(field, getattr(value, field)) for field in value.__match_args__], **changes)


def as_dict(value: Value) -> dict[str, Any]:
    """The fields by name, those of values within it too; containers are copied."""
    return {field: _plain(getattr(value, field)) for field in value.__match_args__}


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return as_dict(value)
    if isinstance(value, list | tuple):
        return type(value)(_plain(each) for each in value)
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value
