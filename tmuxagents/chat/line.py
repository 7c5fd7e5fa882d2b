"""What a line means: a text for exactly those who are named, a command, or neither, and then it is refused.

Nothing else can become of it: a text whose names mean nobody, or that begins with `/` and is no command, goes
nowhere.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from tmuxagents import names
from tmuxagents.chat.roster import Roster
from tmuxagents.chat.verbs import VERBS, Verb
from tmuxagents.errors import AgentNotFound, NameAmbiguous, TmuxagentsError
from tmuxagents.names import AgentId
from tmuxagents.output.safe_text import one_line
from tmuxagents.value import Value

_COMMAND = re.compile(r"\s*/(\S*)(?:[ \t]+|$|(?=\n))")
_NAMED = re.compile(r"\s*@(\S+)(?:\s+|$)")
_WORD = re.compile(r"""[ \t\r\n]*((?:[^ \t\r\n"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)(?=[ \t\r\n]|\Z)""", re.DOTALL)
"""A word as `shlex` reads it."""

_NO_TEXT = "that is no text: it is not UTF-8"

Takes = Mapping[str, bool]
"""The options of a command, each with whether a value follows it."""


class Say(Value):
    """A text for these agents, in this order. `left_out` would have been meant elsewhere."""

    to: tuple[AgentId, ...]
    text: str
    left_out: tuple[str, ...] = ()


class Run(Value):
    """A command, with its words as the command line has them."""

    word: str
    argv: tuple[str, ...]

    @property
    def verb(self) -> Verb:
        """Which one."""
        return VERBS[self.word]


class Nothing(Value):
    """An empty line."""


class Refused(Value):
    """Neither: the text stays in the line, and this is said."""

    why: str


Meant = Say | Run | Nothing | Refused


def read(
    text: str,
    roster: Roster,
    focus: AgentId | None,
    options: Mapping[str, Takes] | None = None,
    *,
    gone: str = "",
) -> Meant:
    """What the line means. `options` are those of the commands whose words end where a text begins. `gone` is the name
    of who the `focus` is on, should that one be forgotten by now."""
    if not text.strip():
        return Nothing()
    if not is_text(text):
        return Refused(_NO_TEXT)
    if text.lstrip().startswith("/"):
        return _command(text, roster, options or {})
    if text.lstrip().startswith("@"):
        return _named(text, roster)
    member = roster.by_id(focus)
    if member is None:
        if gone and roster.there:
            return Refused(f"{gone} is gone; Tab or @NAME chooses another")
        who = f"{gone} is gone, and nobody else is" if gone else "nobody is"
        return Refused(f"{who} there to have it: /s TASK starts an agent")
    if not member.is_there:
        return Refused(f"{member.name} is {member.state}: /resume {member.name}, or Tab for another")
    return Say((member.id,), text)


def _named(text: str, roster: Roster) -> Meant:
    found = _NAMED.match(text)
    if found is None:
        return Refused("'@' names nobody")
    given, rest = found[1].rstrip(":,"), text[found.end() :]
    # `@@agent-2`: each may be marked.
    parts = [part.removeprefix("@") for part in names.parts(given)]
    near = [member for member in roster.there if member.here]
    try:
        chosen, everybody = roster.meant(parts, near), roster.meant(parts, roster.there)
    except TmuxagentsError as error:
        return Refused(error.message)
    left = tuple(member.name for member in everybody if member not in chosen)
    if not chosen:
        return Refused(f"'@{one_line(given, 40)}' means nobody who runs" + (" in this project" if left else ""))
    if not rest.strip():
        return Refused(f"there is nothing to say to {', '.join(member.name for member in chosen)}")
    return Say(tuple(member.id for member in chosen), rest, left)


def task(text: str, takes: Takes) -> Run | Refused:
    """What a text means in a line that is for a new agent alone: as behind `/s`."""
    if not is_text(text):
        return Refused(_NO_TEXT)
    try:
        return _run("s", text, takes)
    except ValueError as error:
        return Refused(str(error).lower())


def is_text(text: str) -> bool:
    """Whether it can be handed to a program."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _run(word: str, rest: str, takes: Takes) -> Run:
    return Run(word, (*VERBS[word].argv, *_words(VERBS[word], rest, takes)))


def _command(text: str, roster: Roster, options: Mapping[str, Takes]) -> Meant:
    found = _COMMAND.match(text)
    word = found[1] if found is not None else ""
    verb = VERBS.get(word)
    if found is None or verb is None:
        near = names.nearest(word, VERBS) if word else None
        return Refused(
            f"'/{one_line(word, 40)}' is no command{names.did_you_mean(f'/{near}' if near else None)}; /help, "
            f"or as a text: @NAME /{one_line(word, 40)}"
        )
    rest = text[found.end() :]
    if verb.reads == "none" and rest.strip():
        return Refused(f"/{word} takes nothing")
    if word == "s" and not rest.strip():
        return Refused("/s needs a task: /s TASK")
    try:
        meant = _run(word, rest, options.get(word, {}))
    except ValueError as error:
        return Refused(f"/{word}: {str(error).lower()}")
    why = _ambiguous(meant.argv[len(verb.argv) :], roster) if verb.named else None
    return meant if why is None else Refused(why)


def _ambiguous(words: Sequence[str], roster: Roster) -> str | None:
    """Whom a word could mean. Who is none of the chat's, and what is an option, the command itself may know."""
    if any(word.startswith("-") for word in words):
        return None
    try:
        roster.meant(words)
    except NameAmbiguous as error:
        return error.message
    except AgentNotFound:
        return None
    return None


def _words(verb: Verb, rest: str, takes: Takes) -> list[str]:
    if verb.reads == "words":
        return [_unmarked(word) for word in shlex.split(rest)]
    options, rest = _options(rest, takes)
    if verb.reads == "name+text":
        name, rest = _first(rest)
        # Behind a name a text may begin with a dash.
        dashes = ["--"] if rest.startswith("-") else []
        return [*options, *([_unmarked(name)] if name else []), *dashes, *([rest] if rest.strip() else [])]
    if options and options[-1] == "--":
        return [*options, *shlex.split(rest)]
    return [*options, *([rest] if rest.strip() else [])]


def _options(rest: str, takes: Takes) -> tuple[list[str], str]:
    """The options that the text begins with, and what is behind them, as it stands."""
    found: list[str] = []
    while rest.lstrip().startswith("-"):
        word, behind = _first(rest)
        if word == "-":
            raise ValueError("standard input is not read here")
        found.append(word)
        rest = behind
        if word == "--":
            break
        if takes and not _is_known(word, takes):
            raise ValueError(f"there is no option {one_line(word, 40)}")
        if takes.get(word, False):
            value, rest = _first(rest)
            if not value:
                raise ValueError(f"{word} needs a value")
            found.append(value)
    return found, rest.lstrip() if found else rest


def _is_known(word: str, takes: Takes) -> bool:
    """`--name`, `--name=x`, `-w`, `-nx`; that of the help every command has."""
    return word in ("--help", "-h") or (word.partition("=")[0] if word.startswith("--") else word[:2]) in takes


def _first(text: str) -> tuple[str, str]:
    """The first word as a shell reads it, and what is behind the blanks that follow it."""
    found = _WORD.match(text)
    if found is None:
        if text.strip():
            raise ValueError("No closing quotation")
        return "", ""
    (word,) = shlex.split(found[1]) or [""]
    return word, text[found.end() :].lstrip(" \t")


def _unmarked(word: str) -> str:
    """`@agent-2` where only a name can stand."""
    return word.removeprefix("@")
