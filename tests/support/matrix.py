"""The rows of a matrix: which of them are shown each time, and which in the soak alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def some(values: Iterable[Any], shown: Callable[[int, Any], bool]) -> list[Any]:
    """A row for each value; those that `shown`, which is told their place, leaves out are the soak's."""
    return [pytest.param(v, marks=() if shown(n, v) else pytest.mark.soak) for n, v in enumerate(values)]


def every(nth: int, values: Iterable[Any]) -> list[Any]:
    """Every `nth` of them each time, from the first on, and all of them in the soak."""
    return some(values, lambda n, _: n % nth == 0)
