"""How many examples of a property are looked for, and where they come from."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants

EACH_TIME = 40
"""Of a property that costs little; the soak looks for seven times as many: --hypothesis-profile=long."""


class Reproducible(HypothesisProvider):
    """Draws no constants from the source of the modules that are loaded.

    Which those are differs between the processes of a run, and with them the examples; to read the source of all
    took each process of a run in a fresh clone four seconds.
    """

    _local_constants = Constants()


def examples(each_time: int) -> settings:
    """So many examples of a property that is costly, and as many times more in the soak as of any other."""
    return settings(max_examples=max(1, each_time * settings().max_examples // EACH_TIME))
