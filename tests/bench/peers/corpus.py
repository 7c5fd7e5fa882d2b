"""Texts that get lost on their way into a terminal, and whether one arrived as it was sent.

The receiver is the real `claude`, and what counts is what the model is asked: the only end of
the way that matters, and the same for every tool.
"""

from __future__ import annotations

import re

CORPUS: tuple[str, ...] = (
    "a plain sentence",
    "ends with a semicolon;",
    ";",
    "-starts with a dash",
    'it\'s "quoted", `ticked` and back\\slashed',
    "$HOME $(echo x) ${PATH}",
    "#{pane_id} #S %1 #[fg=red]",
    "wow! done!! really!",
    "naïve 日本語 🙂 — ½",
    "a\ttab and\tanother",
    "three lines\nof which this is the second\n\nand a last one",
    "two thousand characters: " + "x y z " * 329 + "!",
    "Enter",
)


def is_exact(text: str, prompts: list[str]) -> bool:
    """True when exactly one prompt came, and it is the text as `claude` keeps a paste."""
    return [_kept(prompt) for prompt in prompts] == [_kept(text)]


def _kept(text: str) -> str:
    # `claude` writes a tab of a paste as four spaces and puts a long paste into an element.
    return re.sub(r"</?pasted_content[^>]*>", "", text).replace("\t", "    ").strip()
