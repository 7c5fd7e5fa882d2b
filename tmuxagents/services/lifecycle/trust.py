"""Trust a folder for an agent program, because the user said `--trust`, on the command line or in a setting, or said
that new worktrees are trusted as their repository is.

This is the only thing of the user's own that tmuxagents writes. The program takes a lock by
making the folder `<file>.lock`; so do we. A file that cannot be read is left alone.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tmuxagents import clock
from tmuxagents.drivers import files
from tmuxagents.errors import TmuxagentsError, word
from tmuxagents.kinds import registry
from tmuxagents.kinds.base import Kind
from tmuxagents.model.agent import Agent
from tmuxagents.services.app import App


def grant(kind: Kind, folder: Path, given: Mapping[str, str], *, like: Sequence[str] = ()) -> None:
    """Record the folder, and the repository it is in, as trusted; nothing where the kind asks for no trust, or `like`
    names folders of which none is trusted."""
    noted = kind.trust({**os.environ, **given})
    if noted is None:
        return
    path = noted.path
    folders = sorted({str(folder), os.path.realpath(folder), *_repository(folder)})
    with _locked(path):
        try:
            config = json.loads(text := _text(path))
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error
        if not isinstance(config, dict):
            raise _unreadable(path)
        if like and not any(noted.has(config, name) for name in like):
            return
        if all(noted.has(config, name) for name in folders):
            return
        if path.exists():
            files.write_whole(path.with_name(f"{path.name}.tmuxagents-backup"), text)
        files.write_whole(
            Path(os.path.realpath(path)), json.dumps(noted.add(config, folders), indent=2, ensure_ascii=False)
        )


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return "{}"


def as_asked(app: App, agent: Agent, given: Mapping[str, str]) -> None:
    """Trust the folder that an agent is to work in, as it was asked for: by itself, or as its repository is."""
    if agent.options.get("trust"):
        grant(registry.kind(agent.kind), Path(agent.dir), given)
    elif (agent.options.get("worktree") or {}).get("follow"):
        from tmuxagents.services.lifecycle import trust_following

        trust_following.follow(app, agent, given)


def _repository(folder: Path) -> list[str]:
    roots = [parent for parent in (folder, *folder.parents) if (parent / ".git").exists()]
    return [str(roots[0])] if roots else []


def _unreadable(path: Path) -> TmuxagentsError:
    return TmuxagentsError(f"'{path}' is not JSON, so nothing was written", hint=f"python3 -m json.tool {word(path)}")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = path.with_name(path.name + ".lock")

    def take() -> bool | None:
        try:
            lock.mkdir()
        except FileExistsError:
            return None
        return True

    if clock.eventually(take, within=10.0, every=0.05) is None:
        raise TmuxagentsError(
            f"'{path}' is locked by another program, or by one that was killed", hint=f"ls -ld {word(lock)}"
        )
    try:
        yield
    finally:
        lock.rmdir()
