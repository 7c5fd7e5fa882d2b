"""Texts that mean something to somebody: to a terminal, a shell, tmux, a database, a reader's eye."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence

from tmuxagents.output.hues import PALETTE

BEGIN, END = "begin-of-corpus", "end-of-corpus"

TERMINAL: Sequence[str] = (
    "\x1b]52;c;dG91Y2ggb3duZWQ=\x07",  # the clipboard
    "\x1b]52;c;dG91Y2ggb3duZWQ=\x1b\\",
    "\x1b]52;p;?\x1b\\",
    "\x9d52;c;dG91Y2g=\x9c",
    "\x1b]0;a title\x07",
    "\x1b]2;a title\x1b\\",
    "\x1bka title\x1b\\",
    "\x1b]8;;http://x.test/\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]4;1;rgb:00/00/00\x1b\\",
    "\x1b]7;file://x.test/\x1b\\",
    "\x1b]9;a notice\x07",
    "\x1b]133;A\x07",
    "\x1b]777;notify;a;b\x07",
    "\x1b]1337;File=name=eA==:AAAA\x07",
    "\x1bP+q544e\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
    "\x1bP$q m\x1b\\",
    "\x1bP1;1|17/17\x1b\\",
    "\x90+q544e\x9c",
    "\x1b_Ga=T,f=24;AAAA\x1b\\",
    "\x1b^private\x1b\\",
    "\x1bXstring\x1b\\",
    "\x1b[200~rm -rf /\x1b[201~",
    "\x1b[?2004h",
    "\x1b[?1049h",
    "\x1b[?1000h\x1b[?1006h",
    "\x1b[21t",
    "\x1b[20t",
    "\x1b[8;1;1t",
    "\x1b[c",
    "\x1b[>c",
    "\x1b[6n",
    "\x1b[5n",
    "\x1b[2J\x1b[H",
    "\x1b[3J",
    "\x1b[1;1H",
    "\x1b[31mred",
    "\x1b[38;5;33mlooks like our own",
    "\x1b[8mhidden\x1b[0m",
    "\x1b[999999999C",
    "\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18m",
    "\x1bc",
    "\x1b#8",
    "\x1b(0lqk\x1b(B",
    "\x1bZ",
    "\x05",
    "\x07\x08\x0b\x0c\x0e\x0f",
    "left\rright",
    "a\x08b",
    "\x7f\x7f\x7f",
    "".join(map(chr, range(0x80, 0xA0))),
    "\x9b31mred",
    "\x9b2J",
    "\x85next line",
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\x1bP never ended",
    "user\u202etxt.exe",
    "\u202a\u202b\u202c\u202d\u202e",
    "\u2066\u2067\u2068\u2069",
    "\u200e\u200f\u061c",
    "zero\u200bwidth\u2060joined\ufeff",
    "line\u2028paragraph\u2029",
    "soft\u00adhyphen\u180e",
    "\u2061\u2062\u2063\u2064\u206a\u206f",
    "\ufff9a\ufffab\ufffb",
    "\U000e0001\U000e0041\U000e007f",
    "x\U000e0100y\U000e01ef",
    "combining" + "\u0300" * 50,
)

SHELL: Sequence[str] = (
    "$(touch canary)",
    "`touch canary`",
    "'; touch canary; '",
    '"; touch canary; "',
    "a; touch canary",
    "a && touch canary",
    "a | touch canary",
    "a\ntouch canary\n",
    "a & touch canary &",
    "> canary",
    ">> canary",
    "$HOME ${HOME} ~ ~root",
    "*",
    "{a,b}",
    "!!",
    "\\",
    "ends in \\",
    "ends in ;",
    ";",
    "-n",
    "--",
    "-- --version",
    "--help",
    "-C /",
    "%s%s%s%n",
    "<(touch canary)",
    "it's",
    "${IFS}touch${IFS}canary",
    "$'\\x74ouch canary'",
)

TMUX: Sequence[str] = (
    "#{pane_id}",
    "#(touch canary)",
    "#{l:x}#{E:x}",
    "#S #W ##",
    "#[fg=red]",
    "%H%M%%",
    "%0",
    "@0",
    "$0",
    "=main:",
    ":.",
    "\\; run-shell 'touch canary'",
    "; run-shell 'touch canary'",
    "{ run-shell 'touch canary' }",
    "${TMUX}",
)

SQL: Sequence[str] = (
    "'; DROP TABLE agents; --",
    "' OR 1=1 --",
    '"; DROP TABLE journal; --',
    'NEAR(a b) OR "c" NOT d*',
    "%_",
    "?1 :name @name $name",
)

EVERYTHING = (*TERMINAL, *SHELL, *TMUX, *SQL)


def noise(size: int, seed: int) -> bytes:
    """Random bytes, the same for the same seed."""
    return random.Random(seed).randbytes(size)


# What a reader's terminal may be sent, said apart from the code that cleans.

_HUES = (*PALETTE, 29, 98, 131, 163)
_COLORS = "|".join(["0", "1", "2", "7", "27", "31", "32", "33", "31;1", *(f"(?:1;)?38;5;{n}" for n in _HUES)])
_OURS = re.compile(rf"\x1b\[(?:{_COLORS})m")

# Format characters that are seen, or that words of some languages and emoji are written with.
_WRITTEN = frozenset(
    "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)


def acting(written: bytes, *, colors: bool = True) -> set[str]:
    """The characters that a terminal would obey, or that would mislead its reader, and that are not our colours."""
    text = written.decode("utf-8")
    return _characters(_OURS.sub("", text) if colors else text)


def _characters(text: str) -> set[str]:
    return {c for c in set(text) if c not in "\n\t" and c not in _WRITTEN and _acts(c)}


def _acts(character: str) -> bool:
    tag = "\U000e0000" <= character <= "\U000e00ff"
    return tag or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
