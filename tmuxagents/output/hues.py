"""The colours that call a person, as parameters of SGR: each can be read on black and on white.

Six colours of the 256 have a contrast of 4.5 or more to both (WCAG's measure for text); these are of them. The
sixteen named ones are whatever a terminal's theme makes of them: its yellow on white has 1.1.
"""

from __future__ import annotations

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
