"""Run the real git, asked or unasked.

`asked` is what the user's own git would run: their hooks, filters, signing. `unasked` is for what nobody typed: it
runs nothing that a repository, or an agent in it, has configured, and is only for questions that read no file of a
work tree. What reads those goes through `apart`.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping

from tmuxagents import clock
from tmuxagents.errors import GitFailed, GitMissing, TimedOut, word
from tmuxagents.value import Value

LIMIT = 30.0
"""Seconds after which a git that nobody asked for is killed."""

NOTHING_RUNS: Mapping[str, str] = {
    "core.fsmonitor": "false",
    # Also `reference-transaction` and `post-index-change`, which any change of a ref or an index runs.
    "core.hooksPath": "/dev/null",
    "core.pager": "cat",
    "core.editor": "false",
    "core.sshCommand": "false",
    "core.askPass": "false",
    "core.alternateRefsCommand": "false",
    "credential.helper": "",
    # `log.showSignature` has every log run `gpg.program`.
    "log.showSignature": "false",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "gpg.program": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "protocol.allow": "never",
}
"""Settings that win over those of every file."""

_READS_NO_FILES = frozenset(
    [
        *("cat-file", "check-ref-format", "commit-tree", "config", "for-each-ref", "ls-tree", "merge-base", "mktree"),
        *("rev-list", "rev-parse", "show-ref", "symbolic-ref", "update-ref", "worktree"),
    ]
)
"""What `unasked` may run. The others read files of a work tree, and with them run filters, `textconv` and merge
drivers by names that only the repository knows: those cannot be switched off one by one (git 2.39 has no
`--attr-source`)."""

_OF_WORKTREE = frozenset(("list", "lock", "unlock", "repair"))
"""`worktree add` checks files out, and `worktree remove` asks `git status` in it: both run filters."""

Words = tuple[str | bytes, ...]


class Ended(Value):
    """What git ended with, and what it wrote."""

    code: int
    out: bytes
    err: bytes


def asked(
    folder: str,
    *words: str | bytes,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    good: Collection[int] = (0,),
) -> bytes:
    """What git answers where the user would have typed it: there is no time limit, ^C ends it. `GitFailed` says why
    in its own words."""
    argv = ["git", "-C", folder, *words]
    return _finish(argv, stdin, {**scrubbed(), "LC_ALL": "C", **(env or {})}, within=None, good=good)


def tried(folder: str, *words: str | bytes) -> Ended:
    """Like `asked`, where it is for the caller to say what came of it."""
    return _run(["git", "-C", folder, *words], b"", {**scrubbed(), "LC_ALL": "C"}, within=None)


def unasked(
    folder: str,
    *words: str | bytes,
    stdin: bytes = b"",
    within: float = LIMIT,
    good: Collection[int] = (0,),
    env: Mapping[str, str] | None = None,
) -> bytes:
    """What git answers to a question about a repository that reads no file of its work tree. Nothing configured is
    run, nothing is fetched, nothing is asked at a terminal, no lock is taken that is not needed."""
    assert words[0] in _READS_NO_FILES, words[0]
    assert words[0] != "worktree" or words[1] in _OF_WORKTREE, words[1]
    whole = {**bare_environment(), **(env or {})}
    return settled(lambda: run(["-C", folder, *words], whole, stdin=stdin, within=within, good=good))


_HALF_MADE = re.compile(r"failed to read .*/commondir")
_PATIENCE = 5.0


def settled(ask: Callable[[], bytes]) -> bytes:
    """What git answers once no worktree is being made beside it; for what changes nothing where it fails.

    2.39 writes the files of a new worktree one by one, and dies of one whose `commondir` is empty yet: `worktree list`
    and `add`, `rev-list --all`, `gc`; `merge-base` and `for-each-ref` do not look.
    """

    def once() -> bytes | None:
        try:
            return ask()
        except GitFailed as error:
            if _HALF_MADE.search(error.message):
                return None
            raise

    said = clock.eventually(once, within=_PATIENCE)
    return ask() if said is None else said


def run(
    words: list[str | bytes],
    env: Mapping[str, str],
    *,
    stdin: bytes = b"",
    within: float = LIMIT,
    good: Collection[int] = (0,),
) -> bytes:
    """Run git with `NOTHING_RUNS` in exactly this environment."""
    # Not `-c`: that is split at the first `=`, and a name may hold one.
    pairs = {f"GIT_CONFIG_KEY_{index}": key for index, key in enumerate(NOTHING_RUNS)}
    pairs |= {f"GIT_CONFIG_VALUE_{index}": value for index, value in enumerate(NOTHING_RUNS.values())}
    whole = {**env, **pairs, "GIT_CONFIG_COUNT": str(len(NOTHING_RUNS))}
    return _finish(["git", "--no-pager", "--no-optional-locks", *words], stdin, whole, within=within, good=good)


def bare_environment() -> dict[str, str]:
    """The caller's without what leads git elsewhere or has it ask somebody."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    for name in ("PAGER", "EDITOR", "VISUAL", "SSH_ASKPASS"):
        env.pop(name, None)
    return {
        **env,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        # A missing object of a partial clone is fetched by any command, with `remote.*.uploadpack` as the program:
        # 2.39.5 does so for `cat-file -e`, and does not with either of these.
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        # What is really there is judged, not what `refs/replace` shows in its place.
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


_LEADS_ELSEWHERE = frozenset(
    [
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE"),
        *("GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE"),
        *("GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE"),
        *("GIT_SHALLOW_FILE", "GIT_WORK_TREE"),
    ]
)
"""`git rev-parse --local-env-vars`, but for the configuration that the user gave: a hook that runs us has them set."""


def scrubbed() -> dict[str, str]:
    """The caller's variables, less those that lead git to another repository."""
    return {key: value for key, value in os.environ.items() if key not in _LEADS_ELSEWHERE}


def _finish(
    argv: list[str | bytes], stdin: bytes, env: Mapping[str, str], *, within: float | None, good: Collection[int]
) -> bytes:
    ended = _run(argv, stdin, env, within=within)
    if ended.code not in good:
        raise _failure(ended.err.decode(errors="replace"), ended.code)
    return ended.out


def _run(argv: list[str | bytes], stdin: bytes, env: Mapping[str, str], *, within: float | None) -> Ended:
    try:
        # Unasked it gets a group of its own, so that what it started can be ended with it.
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=within is not None,
        )
    except FileNotFoundError as error:
        raise GitMissing("git is not installed", hint="apt-get install git") from error
    with process:
        try:
            out, err = process.communicate(stdin, timeout=within)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise TimedOut(f"git did not answer within {within:g} s", hint="git status") from error
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, out, err)


def _failure(said: str, code: int) -> GitFailed:
    """In one line. A repository of another user is told with what git wants to have typed."""
    rows = [row.strip() for row in said.splitlines() if row.strip()]
    dubious = next((row for row in rows if "detected dubious ownership" in row), None)
    if dubious is not None:
        place = dubious.partition("'")[2].rpartition("'")[0]
        return GitFailed(
            f"git does not trust '{place}': it belongs to another user",
            hint=f"git config --global --add safe.directory {word(place)}",
        )
    told = [row for row in rows if row.startswith(("fatal: ", "error: "))] or rows
    reason = told[0].partition(": ")[2] or told[0] if told else f"it ended with {code} and gave no reason"
    if reason.endswith(":"):
        # What it is about is below, a row each and set in.
        behind = said.splitlines()[[row.strip() for row in said.splitlines()].index(told[0]) + 1 :]
        named = [row.strip() for row in itertools.takewhile(lambda row: row.startswith("\t"), behind)]
        reason = f"{reason} {', '.join(named)}".rstrip()
    return GitFailed(f"git refused: {reason[:300]}", code=code)
