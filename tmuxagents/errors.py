"""Every error a user can meet: what is wrong, what to type next, and the exit code.

Exit codes are the command contract: 1 the user's error, 2 usage, 3 refused, 4 timed out,
5 an agent failed, 70 a bug, 130 interrupted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Self

RESUME = "tmuxagents resume --all"
"""How agents whose windows are gone come back: it stands at the end of what is recorded of them."""


def word(text: object) -> str:
    """The text as one word of a shell: a hint is typed as it stands, whatever a folder is called."""
    plain = str(text)
    if plain.isprintable():
        return "'" + plain.replace("'", "'\\''") + "'"
    # A line break would be shown as a blank, and what is not seen not at all: that would be another folder.
    return "$'" + "".join(map(_escaped, plain)) + "'"


def _escaped(char: str) -> str:
    """For bash, zsh and ksh."""
    if char in "\\'":
        return f"\\{char}"
    return char if char.isprintable() else "".join(f"\\x{byte:02x}" for byte in os.fsencode(char))


def addressed(command: str, state_dir: str | None) -> str:
    """A suggested command for the fleet that `--state-dir` named: as it stands it would mean another."""
    if not state_dir or "tmuxagents " not in command:
        return command
    import re

    named = f"tmuxagents --state-dir {word(os.path.abspath(os.path.expanduser(state_dir)))} "
    return re.sub(r"(?<![\w/.-])tmuxagents (?=[a-z])", lambda _: named, command)


def advised(text: str, state_dir: str | None) -> str:
    """A recorded text that may end with `RESUME`, for that fleet. The rest is anybody's and stays."""
    ours = state_dir and text.endswith(f"; {RESUME}")
    return text.removesuffix(RESUME) + addressed(RESUME, state_dir) if ours else text


class TmuxagentsError(Exception):
    """One line that says what is wrong with the given value, and a hint that can be typed."""

    exit_code = 1
    also: Sequence[str] = ()

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.is_told = False

    def told(self) -> Self:
        """The same, where a verdict has said already what is wrong: only the hint is left to tell."""
        self.is_told = True
        return self


class BadValue(TmuxagentsError):
    """A word of the command line means nothing: no such command, option, setting or kind, or a value that is none."""

    exit_code = 2


class AgentNotFound(TmuxagentsError):
    """No agent, or no pattern's match, has that name."""


class NameAmbiguous(AgentNotFound):
    """Several names begin so."""


class AgentRemoved(AgentNotFound):
    """Only agents that were removed had that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name[:60]}' was removed", hint=f"tmuxagents show {name[:60]}")
        self.name = name


class NameTaken(TmuxagentsError):
    """Another agent that is not forgotten has that name."""


class NameInvalid(BadValue):
    """The name would not survive a tmux target, a file name or a shell word."""


class FolderMissing(TmuxagentsError):
    """The folder an agent should work in is not there, or is not a folder."""


class ProgramMissing(TmuxagentsError):
    """The agent's program is not on the PATH."""


class TmuxMissing(TmuxagentsError):
    """tmux is not installed, or is older than what we rely on."""


class TmuxUnreachable(TmuxagentsError):
    """tmux did not answer in time, or answered with an error: the truth is unknown, not dead."""


class GitMissing(TmuxagentsError):
    """git is not installed, and what was asked for needs it."""


class GitFailed(TmuxagentsError):
    """git refused, in its own words. `code` is what it ended with."""

    def __init__(self, message: str, *, hint: str | None = None, code: int = 128) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class GhMissing(TmuxagentsError):
    """GitHub's `gh` is not installed, and what was asked for needs it."""


class GhFailed(TmuxagentsError):
    """gh refused, in its own words. `code` is what it ended with."""

    def __init__(self, message: str, *, hint: str | None = None, code: int) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class NoWorktree(TmuxagentsError):
    """A worktree cannot be made there, or is not where it was."""


class TooMuch(TmuxagentsError):
    """More than is looked at where nobody has asked for it."""


class ConfigInvalid(TmuxagentsError):
    """The configuration file holds a key or a value that means nothing. `what` is that, `example` a line which
    would mean something."""

    def __init__(self, message: str, *, hint: str = "tmuxagents config edit", example: str | None = None) -> None:
        super().__init__(f"{message}, as in: {example}" if example else message, hint=hint)
        self.what = message
        self.example = example


class SettingInvalid(ConfigInvalid, BadValue):
    """What was typed for the configuration is no setting, or no value of that one; the file is as it was."""


class ManifestInvalid(TmuxagentsError):
    """A manifest cannot be carried out as it is written; the message begins with FILE:LINE:COLUMN. `also` is what else
    is wrong with it, a line for each."""

    def __init__(self, message: str, *, hint: str | None = None, also: Sequence[str] = ()) -> None:
        super().__init__(message, hint=hint)
        self.also = also


class StateDamaged(TmuxagentsError):
    """The database cannot be used: newer than this program, or not a database."""


class DatabaseDamaged(StateDamaged):
    """The database's own structure is broken: it can be rebuilt, not used."""


class DatabaseReplaced(StateDamaged):
    """The database was rebuilt while it was open: what is read in it now is not the truth."""


class LinkFound(TmuxagentsError):
    """A symbolic link stands in the state directory, where following it would lead out of it."""


class StateGone(StateDamaged):
    """The state directory was there when this began, and is not any more: whoever made another would begin a fleet of
    nobody, while its agents run on unseen."""

    def __init__(self, state: str | os.PathLike[str]) -> None:
        left = os.path.dirname(os.path.abspath(state))
        while not os.path.lexists(left):
            left = os.path.dirname(left)
        words = f"the state directory '{os.fspath(state)}' is gone: put it back where it was"
        super().__init__(words, hint=f"ls -la {word(left)}")


class Unrecorded(StateDamaged):
    """It was done, and what became of it could not be recorded: to do it once more would be to do it twice."""


class DiskFull(StateDamaged):
    """No space is left where the state is: nothing is damaged, and nothing can be recorded."""


class Refused(TmuxagentsError):
    """The agent cannot take it now; nothing was typed."""

    exit_code = 3


class TimedOut(TmuxagentsError):
    """What was waited for did not happen in time."""

    exit_code = 4


class AgentFailed(TmuxagentsError):
    """An agent that was waited for failed or is lost."""

    exit_code = 5
