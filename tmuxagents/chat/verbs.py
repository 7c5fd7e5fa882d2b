"""The commands of the chat: which command of the command line each is, and how its words are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tmuxagents.value import Value

How = Literal["lines", "terminal", "own"]
"""`lines`: what it says stands in the stream. `terminal`: it has the terminal meanwhile. `own`: the chat's own."""

Reads = Literal["words", "text", "name+text", "none"]
"""`words`: as a shell reads them. `text`: options, then a text as it stands. `name+text`: a name before that text.
`none`: it takes nothing."""


class Verb(Value):
    """A command: the words of the command line that it is, and what it does. `settles`: it settles a dialog, and only
    the one that the chat has shown. `named`: its words are names of agents."""

    argv: tuple[str, ...]
    words: str
    how: How = "lines"
    reads: Reads = "words"
    settles: bool = False
    named: bool = False


VERBS: Mapping[str, Verb] = {
    "s": Verb(("spawn",), "TASK: start an agent; the options of spawn", reads="text"),
    "approve": Verb(("approve",), "[NAME]: say yes to the dialog", settles=True),
    "deny": Verb(("deny",), "[NAME [TEXT]]: say no to it", reads="name+text", settles=True),
    "answer": Verb(("answer",), "NAME CHOICE...: choose in it", settles=True),
    "interrupt": Verb(("interrupt",), "NAME: stop the turn, keep the agent", named=True),
    "stop": Verb(("stop",), "NAME: end it; its conversation stays", named=True),
    "resume": Verb(("resume",), "NAME: start it again", named=True),
    "attach": Verb(("attach",), "[NAME]: the real tmux; {keys} comes back", "terminal", named=True),
    "diff": Verb(("diff",), "[NAME]: what it has done", "terminal", named=True),
    "review": Verb(("review",), "NAME: comment on it in your editor", "terminal", named=True),
    "merge": Verb(("merge",), "NAME: land its work", named=True),
    "run": Verb(("run", "--detach"), "FILE: carry out a manifest"),
    "usage": Verb(("usage",), "tokens and cost"),
    "ls": Verb(("ls",), "the team at a glance"),
    "show": Verb(("show",), "NAME: everything known of it", named=True),
    "last": Verb(("last",), "NAME: its last answer, whole", named=True),
    "catchup": Verb(("catchup",), "what happened since you last looked"),
    "to": Verb((), "NAME: what is typed without a name goes to it", "own"),
    "edit": Verb((), "[TEXT]: write the line in your editor", "own", "text"),
    "only": Verb((), "[NAME...]: show these alone; without names all", "own"),
    "quiet": Verb((), "leave tool calls and output out, or show them again", "own", "none"),
    "help": Verb((), "these commands and the keys", "own", "none"),
    "quit": Verb((), "leave; every agent goes on", "own", "none"),
}
