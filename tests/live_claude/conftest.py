"""The agent that the tests of a module share, in both versions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import claude_program
from tests.support.chair import Chair, Seat
from tests.support.fleet import Roots


@pytest.fixture(scope="module", params=["oldest", "newest"])
def chair(request: pytest.FixtureRequest, roots: Roots) -> Iterator[Chair]:
    """The module says with what `OPTIONS` its agent is spawned."""
    options = getattr(request.module, "OPTIONS", ())
    with Chair(roots, claude_program(str(request.param)), options) as one:
        yield one


@pytest.fixture
def seat(chair: Chair) -> Seat:
    """An idle agent to which nothing has been said: for a test that needs no start of its own."""
    return chair.take()
