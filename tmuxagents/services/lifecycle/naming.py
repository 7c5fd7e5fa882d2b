"""A short name made of a task: `auth` of "add auth to the REST API", `parser-tests` of "write tests for the parser"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

from tmuxagents import names
from tmuxagents.names import AgentName

_LONGEST, _WORDS = 24, 3


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a task begins with and every other does too.
_OPENING = _set(
    """add build can check clean create debug document explain explore find fix go have help implement improve
    investigate let lets look make move please port read refactor remove rename replace review rewrite run see set
    should test try update upgrade use why how what where does do is are you we i it write add also now then could
    would need want"""
)
_FILLERS = _set("a an the this that these those our my your its some all any every new me us")
_TURNED = _set("for of")
_JOINTS = _set(
    """to in on with from at by into so and or but when while using via as after before until if which who without
    because than about up"""
)
_DEFAULT = re.compile(r"agent(-[0-9]+)?\Z")


def from_task(task: str) -> AgentName | None:
    """A name that says what the task is about; None where none can be made of it."""
    words = _stripped(_words(task))
    before, joint, behind = _parted(words)
    if joint in _TURNED:
        # "tests for the parser" are the parser's tests.
        about, _, _ = _parted(_stripped(behind))
        before = [*about[:2], *before]
    slug = _joined([word for word in before if word not in _FILLERS])
    name = names.suggest(slug) if slug else None
    return None if name is None or _DEFAULT.match(name) else name


def unused(base: AgentName, taken: Container[str]) -> AgentName:
    """That name, or the first of `base-2`, `base-3`, … that is not taken."""
    number, name = 1, base
    while name in taken:
        number += 1
        name = AgentName(f"{base}-{number}")
    return name


def _words(task: str) -> list[str]:
    line = next((line for line in task.splitlines() if line.strip()), "")
    plain = unicodedata.normalize("NFKD", line[:400]).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.findall(r"[a-z0-9]+", plain)


def _stripped(words: Sequence[str]) -> list[str]:
    """Without what it opens with; a task that is nothing else keeps its last word. Behind an article a verb is a
    noun ("the build"), and a number keeps its verb ("fix 12")."""
    at, last = 0, len(words) - 1
    while at < last and words[at] in _OPENING | _JOINTS | _TURNED:
        at += 1
    while at < last and words[at] in _FILLERS:
        at += 1
    return list(words[at - 1 if at and words[at].isdecimal() else at :])


def _parted(words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    at = next((n for n, word in enumerate(words) if n and word in _JOINTS | _TURNED), len(words))
    return list(words[:at]), words[at] if at < len(words) else "", list(words[at + 1 :])


def _joined(words: Sequence[str]) -> str:
    slug = ""
    for word in words[:_WORDS]:
        longer = f"{slug}-{word}" if slug else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        slug = longer
    return slug
