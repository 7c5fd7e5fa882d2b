"""What /help says."""

from __future__ import annotations

from tmuxagents.chat.verbs import VERBS
from tmuxagents.output import detaching
from tmuxagents.output.widths import wrapped

_KEYS = (
    "@NAME TEXT, @a,@b TEXT, @api-* TEXT, @all TEXT say it to these",
    "a text without a name goes to whom the prompt names",
    "Tab and Shift-Tab choose another; behind / and @ Tab completes",
    "Alt-Enter or Ctrl-J is a new line, Ctrl-X Ctrl-E opens your editor",
    "Ctrl-R searches what was typed: Enter or an arrow takes it, Esc or Ctrl-C gives your line back",
    "F8 (Alt-y) says yes to the dialog that is shown, F9 (Alt-n) no, F2 (Alt-o) shows all of it; Ctrl-D leaves",
    "what an agent or a command did not take is told in the stream; Up brings the line back",
)


def rows(columns: int, back: str) -> list[str]:
    """The commands, then the names and the keys, in rows of that many cells. `back`: the keys that come back from an
    agent's window."""
    told = [*(f"  /{word} {verb.words}" for word, verb in VERBS.items()), *(f"  {row}" for row in _KEYS)]
    return [row for text in told for row in wrapped(text.replace(detaching.KEYS, back), columns)]
