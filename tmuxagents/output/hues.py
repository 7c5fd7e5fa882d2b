"""The colours that call a person, as parameters of SGR: each can be read on black and on white.

Six colours of the 256 have a contrast of 4.5 or more to both (WCAG's measure for text); these are of them. The
sixteen named ones are whatever a terminal's theme makes of them: its yellow on white has 1.1.
"""

from __future__ import annotations

PALETTE = (26, 30, 58, 104, 136, 198, 97, 169, 59, 93, 33, 201)
"""The names of agents, colours of the 256 that stand out from black and from white (a contrast of 3 or more to both).

From what calls a person they are 0.1 apart in Oklab, and 0.05 for who does not see red or green (seen as Machado 2009
has it); those before were 0.06 and 0.005. From each other they are 0.10 apart, seen so 0.058; the first six 0.16 and
0.09. Twelve do not go farther with all of that.
"""


def name(color: int) -> str:
    """How the name of the agent with that index is painted, as parameters of SGR."""
    return f"1;{plain(color)}"


def plain(color: int) -> str:
    """The same for what the agent does."""
    return f"38;5;{PALETTE[color % len(PALETTE)]}"


CALLS = "1;38;5;163"
"""Somebody needs you."""
FAILS = "1;38;5;131"
"""Something failed or is lost."""
STALLS = "38;5;131"
WORKS = "38;5;29"
UNSURE = "38;5;98"
QUOTES = "38;5;29"
"""Code within a text."""
FADES = "2"
"""What calls nobody: as pale as the terminal makes it."""
