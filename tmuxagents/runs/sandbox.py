"""The language of templates: jinja2's, cut down to what cannot run away."""

from __future__ import annotations

import functools
import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

STEPS = 100_000
"""How many rounds of loops and uses of filters one text may take."""


class RanAway(Exception):
    """A text takes more steps than a text of a person ever does."""


class Steps:
    """Counts what a rendering does."""

    def __init__(self) -> None:
        self.left = STEPS

    def take(self, many: int = 1) -> None:
        """That many more; `RanAway` where they are not left."""
        self.left -= many
        if self.left < 0:
            raise RanAway(f"filling in takes more than {STEPS:,} steps")


def _join(value: Iterable[Any], between: str = "") -> str:
    words = [str(each) for each in value]
    if sum(map(len, words)) + len(between) * len(words) > 100_000_000:
        raise RanAway("a joined text is too long")
    return between.join(words)


def _truncate(value: Any, length: int = 255) -> str:
    text = str(value)
    return text if len(text) <= length else text[: max(0, length - 1)] + "…"


def _default(value: Any, otherwise: Any = "") -> Any:
    return value or otherwise


def _first(value: Sequence[Any]) -> Any:
    return next(iter(value), "")


def _last(value: Sequence[Any]) -> Any:
    return next(reversed(list(value)), "")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": _default,
    "first": _first,
    "join": _join,
    "json": lambda value: json.dumps(value, ensure_ascii=False, default=str),
    "last": _last,
    "length": len,
    "lines": lambda value: str(value).splitlines(),
    "lower": lambda value: str(value).lower(),
    "reverse": lambda value: list(reversed(list(value))),
    "sort": lambda value: sorted(value, key=str),
    "trim": lambda value: str(value).strip(),
    "truncate": _truncate,
    "unique": lambda value: list(dict.fromkeys(map(str, value))),
    "upper": lambda value: str(value).upper(),
}
"""Each makes no more of a text than there is. `json` is not jinja's `tojson`, which escapes for HTML."""

TESTS = ("defined", "undefined", "eq", "equalto", "ne", "in", "odd", "even")


def _quoted(value: Any) -> str:
    """As one word of a shell; each of several is one."""
    if isinstance(value, list):
        return " ".join(shlex.quote(str(each)) for each in value)
    return shlex.quote(str(value))


@functools.cache
def environment() -> ImmutableSandboxedEnvironment:
    """Strict: what is not there is an error, not an empty text."""
    from jinja2 import StrictUndefined, pass_context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # `{#` stands in shell lines (`${#list}`): a comment begins with what no text holds.
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        comment_start_string="\0{#",
        comment_end_string="#}\0",
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,
        autoescape=False,
    )

    def metered(name: str) -> Callable[..., Any]:
        @pass_context
        def filtered(context: Any, value: Any, *more: Any) -> Any:
            context["_steps"].take(1 + len(str(value)) // 1000)
            return FILTERS[name](value, *more)

        return filtered

    @pass_context
    def counted(context: Any, value: Iterable[Any]) -> Iterator[Any]:
        for each in value:
            context["_steps"].take()
            yield each

    @pass_context
    def shown(context: Any, value: Any) -> Any:
        return _quoted(value) if context["_quoted"] else value

    made.finalize = shown
    made.globals.clear()
    made.filters = {**{name: metered(name) for name in FILTERS}, "_counted": counted}
    made.tests = {name: made.tests[name] for name in TESTS if name in made.tests}
    return made
