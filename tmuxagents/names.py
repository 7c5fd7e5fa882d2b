"""What an agent may be called, and which agents a NAME on the command line means."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import NewType

from tmuxagents.errors import AgentNotFound, AgentRemoved, NameAmbiguous, NameInvalid

AgentId = NewType("AgentId", str)
AgentName = NewType("AgentName", str)

# Lower case, digits and hyphens: every other character mis-resolves as a tmux target, a glob
# or a file name somewhere (tmux 3.3a resolved 27 hostile names wrongly in at least one form).
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_LONGEST = 40
_RESERVED = frozenset({"all", "controller", "you"})


def parse(text: str) -> AgentName:
    """The name that TEXT is, or `NameInvalid` with the nearest name that would do."""
    if _NAME.match(text) and len(text) <= _LONGEST and text not in _RESERVED:
        return AgentName(text)
    shown = text if len(text) <= _LONGEST + 20 else f"{text[: _LONGEST + 20]}…"
    raise NameInvalid(
        f"'{shown}' cannot be a name: {_why(text)}; '{suggest(text)}' can", hint="tmuxagents spawn --help"
    )


def _why(text: str) -> str:
    if text in _RESERVED:
        return "it has a meaning of its own"
    if text.isdecimal():
        return "a number means the agent-N of that number"
    if len(text) > _LONGEST:
        return f"it has {len(text)} characters, and {_LONGEST} are the most"
    if text[:1].isdecimal():
        return "it must begin with a letter"
    return "use a-z, 0-9 and single hyphens"


def suggest(text: str) -> AgentName:
    """A valid name close to TEXT."""
    words = re.sub(r"[^a-z0-9]+", "-", _plain(text).lower()).strip("-")[:_LONGEST].strip("-")
    if not words or not words[0].isalpha():
        words = f"agent-{words}".strip("-")[:_LONGEST].strip("-")
    return AgentName(f"{words}-1" if words in _RESERVED else words)


def _plain(text: str) -> str:
    """`ü` as `u`."""
    if text.isascii():
        return text
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def is_wide(pattern: str) -> bool:
    """Whether it may mean several: `all`, or a glob, among what commas divide."""
    return any(part == "all" or _is_glob(part) for part in pattern.split(","))


def select(
    patterns: Sequence[str],
    known: Iterable[str],
    fit: Container[str] | None = None,
    *,
    whole: bool = False,
    removed: Callable[[str], bool] = lambda name: False,
) -> list[AgentName]:
    """The known names that the patterns mean, in the order of the patterns, each once.

    A pattern is a name, several with commas, a glob (`api-*`) or `all`; unless names must be `whole` also the
    number of an `agent-N`, or how one name alone begins, where nobody who was `removed` had that name. One that
    matches nothing is `AgentNotFound`, so that a slip of the keyboard never means "nobody". Of those that a glob
    or `all` matches only the ones in `fit` are meant; a name always is.
    """
    names = list(known)
    chosen: dict[str, None] = {}
    for given in patterns:
        for pattern in parts(given):
            matching = _matching(pattern, names, whole, removed)
            named = fit is None or not is_wide(pattern)
            chosen.update(dict.fromkeys(name for name in matching if named or name in (fit or ())))
    return [AgentName(name) for name in chosen]


def expanded(patterns: Sequence[str], runs: Mapping[str, str | None]) -> list[str]:
    """The patterns, with the names of its agents in place of each run's. `runs` are the known names, each with the run
    that it is of."""
    own: dict[str, list[str]] = {}
    for name, run in runs.items():
        if run is not None:
            own.setdefault(run, []).append(name)
    if not own:
        return list(patterns)
    divided = [part for given in patterns for part in parts(given)]
    return [",".join(own[part]) if part in own and part not in runs else part for part in divided]


def parts(given: str) -> list[str]:
    """What commas divide."""
    # A shell variable that is not set gives an empty one: it is no agent either.
    return [part for part in given.split(",") if part] or [""]


def _matching(pattern: str, names: Sequence[str], whole: bool, removed: Callable[[str], bool]) -> list[str]:
    if pattern == "all":
        return list(names)
    if pattern in names:
        return [pattern]
    found = fnmatch.filter(names, pattern) if _is_glob(pattern) else []
    if found:
        return found
    if pattern and removed(pattern):
        raise AgentRemoved(pattern)
    meant = [] if whole else _abbreviated(pattern, names)
    if not meant and not whole and removed(numbered(pattern)):
        raise AgentRemoved(numbered(pattern))
    if len(meant) == 1:
        return meant
    if meant:
        listed = ", ".join([*meant[:6], *(["…"] if meant[6:] else [])])
        raise NameAmbiguous(f"'{pattern[:60]}' could be {listed}", hint="tmuxagents ls")
    raise AgentNotFound(
        f"no agent is named '{pattern[:60]}'{did_you_mean(nearest(pattern, names))}", hint="tmuxagents ls"
    )


def numbered(pattern: str) -> str:
    """The name that a number stands for; what is none stands for itself."""
    return f"agent-{pattern}" if pattern.isdecimal() else pattern


def _abbreviated(pattern: str, names: Sequence[str]) -> list[str]:
    """The names that begin so, or the `agent-N` of that number. A number is not cut: `agent-1` is not `agent-10`."""
    if pattern.isdecimal():
        return [name for name in names if name == numbered(pattern)]
    following = [(name, name[len(pattern) :]) for name in names if pattern and name.startswith(pattern)]
    return [name for name, rest in following if not (pattern[-1].isdecimal() and rest[0].isdecimal())]


def _is_glob(pattern: str) -> bool:
    return any(c in pattern for c in "*?[")


def nearest(word: str, among: Iterable[str]) -> str | None:
    """The word that was probably meant; None when none is near."""
    import difflib

    known = list(among)
    # Two letters that changed places are the commonest slip, and count as two to `difflib`: `modle` would be `mode`.
    swapped = [each for each in known if sorted(each) == sorted(word)]
    near = swapped or difflib.get_close_matches(word, known, n=1)
    return near[0] if near else None


def did_you_mean(near: str | None, otherwise: str = "") -> str:
    """How what is said of a word that nobody knows ends: with the one that is `nearest`, else `otherwise`."""
    return f"; did you mean '{near}'?" if near else otherwise
