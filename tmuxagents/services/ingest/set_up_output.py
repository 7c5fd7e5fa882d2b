"""Read how far a worktree's set-up is, and, for a kind that is not read from its terminal, what it printed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tmuxagents.drivers import files, setting_up
from tmuxagents.model import codec
from tmuxagents.model.agent import Agent
from tmuxagents.model.observation import Observation, SetUp
from tmuxagents.output import pane_bytes
from tmuxagents.output.pane_bytes import PlainState
from tmuxagents.services import agent_folder
from tmuxagents.store.sources import Position

if TYPE_CHECKING:
    from tmuxagents.services.ingest.readers import Read

_CHUNK = 1024 * 1024
_PATIENCE_NS = 10_000_000_000
"""How long the mark at its end may be behind the word that it is done. A capture that died never has it."""

_OVER = '{"over": true}'
"""What is remembered when all was read."""

# What moves on the screen is left out, and what is printed stays: a line each for the steps of a build.
_MOVES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[A-FHJLMPSTX@dfrsu]|[78DEHMc])")


def has_one(agent: Agent) -> bool:
    """Whether its worktree was to be set up."""
    return bool((agent.options.get("worktree") or {}).get("setup"))


def read_progress(
    observations: list[Observation], moved: list[Position], agent: Agent, folder: Path, known: Mapping[str, Position]
) -> None:
    """Add what its set-up says of itself."""
    name = f"set-up:{agent.generation}"
    begun = known[name].position if name in known else 0
    lines = files.read_from(setting_up.progress_file(folder, agent.generation), 0, _CHUNK).splitlines()
    observations += [seen for line in lines[begun:] if (seen := _told(line)) is not None]
    if len(lines) > begun:
        moved.append(Position(name, len(lines)))


def _told(line: bytes) -> SetUp | None:
    """None where it is not as its writer writes it: the agent's folder is the agent's to write in."""
    try:
        match json.loads(line):
            case {"how": "waits" | "runs" | "done" as how, "command": str(command), "at": int(at_ns)}:
                return SetUp(how, command, at_ns)
    except ValueError:
        pass
    return None


def is_open(agent: Agent, folder: Path, known: Mapping[str, Position]) -> bool:
    """Whether it may have printed what was not read."""
    position = known.get(_source(agent))
    begun = position is not None or files.exists(setting_up.plan_file(folder, agent.generation))
    return begun and (position is None or position.memory != _OVER)


def past(agent: Agent) -> list[Position]:
    """The place behind all that a set-up which is over has printed; none where it is not."""
    return [Position(_source(agent), 0, _OVER)] if has_one(agent) and not agent.condition.set_up else []


def read(found: Read, agent: Agent, folder: Path, known: Mapping[str, Position], now_ns: int, *, over: bool) -> None:
    """Add the lines that are whole; all that is there when it is `over`."""
    from tmuxagents.services.ingest import pane_output

    progress = setting_up.progress_file(folder, agent.generation)
    if not files.exists(progress):
        return
    name = _source(agent)
    position = known.get(name, Position(name, 0))
    state = codec.decode(PlainState, json.loads(position.memory)) if position.memory else PlainState()
    chunk = files.read_from(agent_folder.raw_path(folder, agent.generation), position.position, _CHUNK)
    end = chunk.find(setting_up.END)
    done = not agent.condition.set_up and not over
    late = done and now_ns - progress.stat().st_mtime_ns > _PATIENCE_NS
    taken = chunk[:end] if end >= 0 else chunk if over else b"" if done else chunk[: chunk.rfind(b"\n") + 1]
    lines, state = _lines(state, taken)
    last = end >= 0 or late or (over and len(chunk) < _CHUNK)
    if last:
        lines += pane_bytes.flush(state)
    if lines:
        found.drafts += pane_output.entries(lines, now_ns)
    if taken or last:
        memory = _OVER if last else json.dumps(codec.encode(state), ensure_ascii=False)
        found.positions.append(Position(name, position.position + len(taken), memory))
    found.more = found.more or (not last and len(chunk) == _CHUNK and bool(taken))


def _lines(state: PlainState, data: bytes) -> tuple[list[str], PlainState]:
    lines: list[str] = []
    rest = _MOVES.sub(b"", data)
    while rest:
        fed = pane_bytes.feed(state, rest)
        lines += fed.lines
        state = fed.state
        # What is left of a sequence that nobody knows is printed like anything else.
        rest = rest[fed.consumed + 1 :] if fed.screenful else b""
    return lines, state


def _source(agent: Agent) -> str:
    return f"set-up-pane:{agent.generation}"
