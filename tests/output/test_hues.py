"""Colours that can be read on black and on white, and told apart by who does not see red or green."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest

from tests.output.test_rendering import luminance
from tmuxagents.output import hues
from tmuxagents.output.hues import PALETTE

Three = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHTS: dict[str, Sequence[Three]] = {
    "full": [(1, 0, 0), (0, 1, 0), (0, 0, 1)],
    "protanopia": [
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ],
    "deuteranopia": [
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ],
}
CALLING = {"CALLS": hues.CALLS, "FAILS": hues.FAILS, "STALLS": hues.STALLS, "WORKS": hues.WORKS, "UNSURE": hues.UNSURE}


@pytest.mark.parametrize("name", CALLING)
def test_what_calls_you_has_a_contrast_of_four_and_a_half_to_black_and_to_white(name: str) -> None:
    light = luminance(int(CALLING[name].rpartition(";")[2]))

    assert (light + 0.05) / 0.05 >= 4.5
    assert 1.05 / (light + 0.05) >= 4.5


@pytest.mark.parametrize(("sight", "apart"), [("full", 0.103), ("protanopia", 0.058), ("deuteranopia", 0.058)])
def test_any_two_names_are_told_apart(sight: str, apart: float) -> None:
    assert nearest(PALETTE, sight) >= apart


@pytest.mark.parametrize(("sight", "apart"), [("full", 0.16), ("protanopia", 0.09), ("deuteranopia", 0.09)])
def test_the_first_six_names_are_told_apart_well(sight: str, apart: float) -> None:
    assert nearest(PALETTE[:6], sight) >= apart


@pytest.mark.parametrize("calls", ["CALLS", "FAILS", "STALLS"])
@pytest.mark.parametrize(("sight", "apart"), [("full", 0.1), ("protanopia", 0.049), ("deuteranopia", 0.049)])
def test_no_name_looks_like_what_calls_you(calls: str, sight: str, apart: float) -> None:
    # Of the 256 colours a theme changes none: on a light and on a dark terminal they are the same.
    alarm = oklab(applied(SIGHTS[sight], linear(int(CALLING[calls].rpartition(";")[2]))))

    near = {name: math.dist(oklab(applied(SIGHTS[sight], linear(name))), alarm) for name in PALETTE}
    assert {name: far for name, far in near.items() if far < apart} == {}


def nearest(colors: Sequence[int], sight: str) -> float:
    seen = [oklab(applied(SIGHTS[sight], linear(color))) for color in colors]
    return min(math.dist(one, other) for one, other in itertools.combinations(seen, 2))


def linear(color: int) -> Three:
    levels = [0, 95, 135, 175, 215, 255]
    red, green, blue = (levels[(color - 16) // step % 6] / 255 for step in (36, 6, 1))
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def applied(matrix: Sequence[Three], color: Three) -> Three:
    first, second, third = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, color, strict=True)))) for row in matrix)
    return first, second, third


def oklab(color: Three) -> Three:
    cone = applied(
        [
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ],
        color,
    )
    long, middle, short = (part ** (1 / 3) for part in cone)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )
