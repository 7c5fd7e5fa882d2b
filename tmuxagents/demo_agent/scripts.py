"""Say what a prompt makes the demo agent do."""

import re
from collections.abc import Callable, Mapping

from tmuxagents.value import Value


class Say(Value):
    text: str


class Tool(Value):
    name: str
    target: str


class Think(Value):
    seconds: float


class Permission(Value):
    tool: str
    target: str


class Question(Value):
    text: str
    choices: tuple[str, ...]


class Unannounced(Value):
    """A dialog that no event tells of."""

    text: str


class Swallow(Value):
    enters: int


class Die(Value):
    code: int


class Kill(Value):
    pass


class Flood(Value):
    lines: int


class Hostile(Value):
    pass


class Spend(Value):
    """So much more than by its steps, at the end of the turn."""

    usd: float
    tokens: int


class Limit(Value):
    """The turn ends by a usage limit that ends so many seconds later; so do the next turns, in all so many."""

    seconds: float
    times: int = 1


class Hang(Value):
    pass


class PutBack(Value):
    """From now on, interrupting this turn puts its prompt back into the draft."""


Step = (
    Say | Tool | Think | Permission | Question | Unannounced
    | Swallow | Die | Kill | Flood | Hostile | Hang | PutBack | Spend | Limit
)  # fmt: skip

HOSTILE = (
    "before \x1b]52;c;SE9TVElMRQ==\x07\x1b]0;owned\x07\x1bP+q544e\x1b\\\x1b[2J\x1b[?2004l\x1b[?2004h"
    "\x9b31m\x9d0;owned\x9c\u202eHOSTILE\u202c \u2066HOSTILE\u2069\x9b0m after"
)
"""Text that attacks whoever shows it as it is. It leaves bracketed paste on."""


def steps(prompt: str) -> list[Step]:
    """Return the orders in the prompt, one a line; without any, a built-in script of about two seconds."""
    found = [_ORDER.match(line.strip()) for line in prompt.split("\n")]
    orders = [_parsed(order[1], order[2]) for order in found if order]
    return orders or _paced(_built_in(prompt))


def _pair(rest: str) -> tuple[str, str]:
    first, _, second = rest.partition(" ")
    return first, second.strip()


def _question(rest: str) -> Question:
    text, *choices = [part.strip() for part in rest.split("|")]
    return Question(text, tuple(choices) or ("Yes", "No"))


def _limit(seconds: str, times: str) -> Limit:
    return Limit(float(seconds), int(times or 1))


def _spend(usd: str, tokens: str) -> Spend:
    return Spend(float(usd), int(tokens or 0))


_ORDERS: Mapping[str, Callable[[str], Step]] = {
    "say": lambda rest: Say(rest.replace("\\n", "\n")),
    "tool": lambda rest: Tool(*_pair(rest)),
    "think": lambda rest: Think(float(rest)),
    "permission": lambda rest: Permission(*_pair(rest)),
    "question": _question,
    "dialog": Unannounced,
    "swallow": lambda rest: Swallow(int(rest or 1)),
    "die": lambda rest: Die(int(rest or 1)),
    "kill": lambda rest: Kill(),
    "flood": lambda rest: Flood(int(rest)),
    "hostile": lambda rest: Hostile(),
    "hang": lambda rest: Hang(),
    "putback": lambda rest: PutBack(),
    "spend": lambda rest: _spend(*_pair(rest)),
    "limit": lambda rest: _limit(*_pair(rest)),
}
_ORDER = re.compile(rf"({'|'.join(_ORDERS)}):\s*(.*)")


def _parsed(word: str, rest: str) -> Step:
    try:
        return _ORDERS[word](rest)
    except ValueError:
        return Say(f"I cannot read the order '{word}: {rest}'.")


_FIX: tuple[Step, ...] = (
    Say("Let me reproduce the failure first."),
    Tool("Bash", "cargo test"),
    Say("One test fails: the expiry is compared in seconds,\nbut the token carries milliseconds."),
    Tool("Read", "src/auth/token.rs"),
    Tool("Edit", "src/auth/token.rs"),
    Tool("Bash", "cargo test auth::"),
)
_TESTS: tuple[Step, ...] = (
    Say("I'll look at what the tests cover today."),
    Tool("Glob", "tests/**/*.rs"),
    Tool("Read", "tests/auth.rs"),
    Tool("Write", "tests/expired_tokens.rs"),
    Tool("Bash", "cargo test"),
)
_DOCS: tuple[Step, ...] = (
    Say("I'll compare the documentation with what the code does."),
    Tool("Read", "README.md"),
    Tool("Grep", "pub fn"),
    Tool("Edit", "README.md"),
)
_SETTINGS: tuple[Step, ...] = (
    Say("I'll write down every setting with its default."),
    Tool("Read", "src/settings.rs"),
    Permission("Write", "docs/settings.md"),
)
_FEATURE: tuple[Step, ...] = (
    Say("I'll start by examining the current route structure..."),
    Tool("Read", "src/routes/api.rs"),
    Say("The routes share one middleware stack, so the change fits in one place."),
    Tool("Edit", "src/routes/api.rs"),
    Tool("Bash", "cargo test"),
)
_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[Step, ...], str], ...] = (
    (re.compile(r"\b(fix|bug|fail|broken|crash|error)", re.IGNORECASE), _FIX, "all 42 tests pass again"),
    (re.compile(r"\b(tests?|cover|spec)", re.IGNORECASE), _TESTS, "the 5 new tests pass"),
    (re.compile(r"\b(settings?|config\w*)\b", re.IGNORECASE), _SETTINGS, "each setting has its line"),
    (re.compile(r"\b(docs?|document|readme|comment|explain)", re.IGNORECASE), _DOCS, "the README matches again"),
    (re.compile(""), _FEATURE, "all 42 tests pass"),
)


def _built_in(prompt: str) -> list[Step]:
    script, result = next((script, result) for words, script, result in _SCRIPTS if words.search(prompt))
    return [*script, Say(f"Done with “{_brief(prompt)}”: {result}.")]


def _brief(prompt: str) -> str:
    words = " ".join(prompt.split())
    return words if len(words) <= 80 else f"{words[:79]}…"


def _paced(script: list[Step]) -> list[Step]:
    pause = Think(round(2.0 / len(script), 3))
    return [step for work in script for step in (pause, work)]
