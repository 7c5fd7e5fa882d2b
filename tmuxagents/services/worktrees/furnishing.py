"""Bring into a new worktree what its agent needs and git does not bring: local files, and links to large folders."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from tmuxagents.drivers import bringing, files
from tmuxagents.drivers.git import copies, untracked
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.model.agent import Agent
from tmuxagents.model.worktree import Worktree
from tmuxagents.services.app import App
from tmuxagents.settings import patterns

INCLUDE = ".worktreeinclude"
"""A file of other tools' at the top of a main checkout, with patterns of files to copy."""

_LONGEST = 64 * 1024


def furnish(app: App, agent: Agent, worktree: Worktree, admin: str) -> None:
    """Copy and link what the agent was to be given; what lies there already stays as it is. Whoever does it once more
    goes on where it was cut off."""
    main = main_checkout(worktree)
    asked = agent.options.get("worktree") or {}
    if main is None:
        return
    wanted, links = _wanted(main, asked.get("copy", ())), list(map(str, asked.get("link", ())))
    if not wanted and not links:
        return
    ours, refused = set(copies.brought(admin)), []
    copies.begin(admin, worktree.path, [*wanted, *links])
    for path, mark in [*((path, _mark(agent)) for path in wanted), *((path, None) for path in links)]:
        try:
            if _bring(main, worktree.path, path, mark):
                ours.add(path)
        except bringing.NotBrought as error:
            refused.append(str(error))
    copies.note(admin, worktree.path, _as_brought(main, worktree.path, ours & set(wanted), ours & set(links)))
    if refused:
        more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
        app.remark(f"not brought into the worktree: {', '.join(refused[:3])}{more}", "tmuxagents help worktrees")
    _tell_loose(app, worktree, sorted(ours & set(links)))


def _tell_loose(app: App, worktree: Worktree, links: Sequence[str]) -> None:
    """`node_modules/` in a `.gitignore` means a folder, and a link is none."""
    loose = untracked.not_ignored(worktree.path, links) if links else []
    for path in loose[:1]:
        exclude = os.path.join(worktree.repository, "info", "exclude")
        app.remark(
            f"git does not ignore the link '{path}': `git add -A` takes it in, until '/{path}' is a line of that file",
            f"vi {word(exclude)}",
        )


def settle(agent: Agent, worktree: Worktree, admin: str) -> None:
    """Where it was cut off: delete the half of a copy, and note what was brought as far as that is known by now."""
    main, known = main_checkout(worktree), copies.brought(admin)
    begun = [path for path, was in known.items() if not was]
    if main is None or not begun:
        return
    found = {}
    for path in begun:
        bringing.sweep(worktree.path, path, mark=_mark(agent))
        now, origin = copies.fingerprint(os.path.join(worktree.path, path)), os.path.join(main, path)
        if now is not None and now in (copies.fingerprint(origin), f"link {origin}"):
            found[path] = now
    copies.note(admin, worktree.path, {**{path: was for path, was in known.items() if was}, **found})


def take_back(agent: Agent, worktree: Worktree, admin: str) -> None:
    """Delete what was brought and is as it was: its agent never started."""
    settle(agent, worktree, admin)
    known = copies.brought(admin)
    for path in copies.are_ours(worktree.path, known, known):
        bringing.take_back(worktree.path, path, mark=_mark(agent))


def main_checkout(worktree: Worktree) -> str | None:
    """The top of the repository's main checkout; None where it has none of the usual kind."""
    above, name = os.path.split(worktree.repository)
    return above if name == ".git" else None


def _wanted(main: str, given: Sequence[object]) -> list[str]:
    sets = [found for lines in (list(map(str, given)), _included(main)) if (found := patterns.parse(lines))]
    return untracked.meant(main, sets) if sets else []


def _included(main: str) -> list[str]:
    try:
        text = files.read_from(Path(os.path.join(main, INCLUDE)), 0, _LONGEST).decode(errors="surrogateescape")
    except OSError:
        return []
    # At the top is what a slash at the start means there.
    return [line for line in text.split("\n") if patterns.stays_inside(line.rstrip("\r").removeprefix("/"))]


def _bring(main: str, top: str, path: str, mark: str | None) -> bool:
    """False where something is there already. It is copied with a mark, else linked."""
    try:
        return bringing.copy(main, top, path, mark=mark) if mark is not None else bringing.link(main, top, path)
    except FileNotFoundError:
        # It went away between the list and the look.
        return False
    except OSError as error:
        raise TmuxagentsError(
            f"'{path}' cannot be brought into '{top}': {error.strerror}",
            hint=f"ls -ld {word(os.path.join(main, path))}",
        ) from error
    return None


def _as_brought(main: str, top: str, wanted: Collection[str], links: Collection[str]) -> dict[str, str]:
    """What is the same in both by now: a copy may have been killed before its file was there, and somebody's be."""
    found = {path: copies.fingerprint(os.path.join(top, path)) for path in [*wanted, *links]}
    same = {path: copies.fingerprint(os.path.join(main, path)) for path in wanted}
    same |= {path: f"link {os.path.join(main, path)}" for path in links}
    return {path: was for path, was in found.items() if was is not None and was == same[path]}


def _mark(agent: Agent) -> str:
    """What half a copy is called behind its name."""
    return f"tmuxagents-{agent.id[:8]}"
