"""Push a branch as the user's own git would: their remote, credentials and hooks. Never forced."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from tmuxagents.drivers.git import call
from tmuxagents.errors import GitFailed, word
from tmuxagents.value import Value

_SAYS_NOTHING = ("error: failed to push some refs", "hint: ", "To ")
_REPOSITORY = re.compile(
    r"(?:[a-z+]+://)?(?:[^@/]+@)?(?P<host>[^/:@]+)(?::\d+)?[/:](?P<owner>[^/:]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)


class Remote(Value):
    """`default` is the branch that its HEAD is on, None where that is none; `tips` the commits of the branches that
    were asked for, those that it has."""

    name: str
    default: str | None
    tips: Mapping[str, str]


class PushRejected(GitFailed):
    """The branch was not taken, in the words of git, of its hook or of the other side."""


def remotes(top: str) -> list[str]:
    """Those that are configured."""
    return os.fsdecode(call.asked(top, "remote")).split("\n")[:-1]


def remote_of(top: str, branch: str) -> str | None:
    """Where git pushes that branch to; None where nothing says so. A remote may be an address."""
    # `.` is this repository itself, for a branch that follows another branch here.
    keys = (f"branch.{branch}.pushRemote", "remote.pushDefault", f"branch.{branch}.remote")
    named = (_setting(top, key) for key in keys)
    chosen = next((name for name in named if name and name != "."), None)
    if chosen is not None:
        return chosen
    known = remotes(top)
    return "origin" if "origin" in known else known[0] if len(known) == 1 else None


def repository(top: str, remote: str) -> tuple[str, str, str] | None:
    """Host, owner and name of what is pushed to, by its address; None where that has none, as a folder has."""
    said = os.fsdecode(call.tried(top, "remote", "get-url", "--push", remote).out).strip() or remote
    # Without a colon it is a folder.
    found = _REPOSITORY.fullmatch(said) if ":" in said else None
    return (found["host"], found["owner"], found["name"]) if found is not None else None


def ask(top: str, remote: str, *branches: str) -> Remote:
    """What is there now of its HEAD and these branches."""
    refs = [f"refs/heads/{branch}" for branch in branches]
    said = os.fsdecode(call.asked(top, "ls-remote", "--symref", "--", remote, "HEAD", *refs))
    default, tips = None, {}
    for row in said.splitlines():
        what, _, ref = row.partition("\t")
        if ref == "HEAD" and what.startswith("ref: refs/heads/"):
            default = what.removeprefix("ref: refs/heads/")
        elif ref in refs:
            tips[ref.removeprefix("refs/heads/")] = what
    return Remote(remote, default, tips)


def push(top: str, remote: str, branch: str, *, lease: str | None = None) -> None:
    """`PushRejected` where it is not taken. `lease`: what the branch is replaced by may be something else than its
    continuation, where it is at that commit there still."""
    ref = f"refs/heads/{branch}"
    words = [] if _setting(top, f"branch.{branch}.merge") else ["--set-upstream"]
    words += [f"--force-with-lease={ref}:{lease}"] if lease is not None else []
    ended = call.tried(top, "push", "--porcelain", *words, "--", remote, f"{ref}:{ref}")
    if ended.code != 0:
        reason = reason_of(ended.out.decode(errors="replace"), ended.err.decode(errors="replace"))
        # Their branch has gone on; of a hook, an address or a password nothing is to be fetched.
        way = "fetch" if reason.startswith("[rejected]") else f"push {word(remote)} {word(branch)}"
        words_of_git = f"'{branch}' was not pushed to '{remote}': {reason}"
        raise PushRejected(words_of_git, hint=f"git -C {word(top)} {way}", code=ended.code)


def is_replaced(top: str, branch: str, tip: str) -> bool:
    """Whether the branch was at that commit here once, and is no continuation of it any more: what would be put in its
    place has nothing of others in it that we have not had."""
    ref = f"refs/heads/{branch}"
    if call.tried(top, "cat-file", "-e", f"{tip}^{{commit}}").code != 0:
        return False
    if call.tried(top, "merge-base", "--is-ancestor", tip, ref).code == 0:
        return False
    had = call.tried(top, "log", "--walk-reflogs", "--no-show-signature", "--format=%H", ref, "--")
    return tip in had.out.decode().split()


def reason_of(out: str, err: str) -> str:
    """Why a push was not taken, in one line."""
    rejected = next((row.split("\t")[2] for row in out.splitlines() if row.startswith("!") and row.count("\t") > 1), "")
    rows = [row.strip() for row in err.splitlines() if row.strip()]
    theirs = next((row.removeprefix("remote:").strip() for row in rows if row.startswith("remote:")), "")
    said = [row for row in rows if not row.startswith(_SAYS_NOTHING)]
    own = next((row for row in said if row.startswith(("fatal: ", "error: "))), said[-1] if said else "")
    if rejected:
        return f"{rejected}: {theirs}"[:300] if theirs and "remote rejected" in rejected else rejected[:300]
    return own[:300] or "git gave no reason"


def subjects(top: str, base: str | None, head: str) -> list[str]:
    """The first lines of the commits behind `base`, the oldest first; the newest alone where there is no base."""
    which = [f"{base}..{head}"] if base is not None else ["-1", head]
    raw = call.asked(top, "log", "--reverse", "--no-show-signature", "--format=%s", "-z", *which, "--")
    return [row.decode(errors="replace") for row in raw.split(b"\0") if row]


def body(top: str, commit: str) -> str:
    """What a commit's message says below its first line."""
    return (
        call.asked(top, "log", "-1", "--no-show-signature", "--format=%b", commit, "--")
        .decode(errors="replace")
        .strip()
    )


def _setting(top: str, key: str) -> str:
    return os.fsdecode(call.asked(top, "config", "--get", key, good=(0, 1))).removesuffix("\n")
