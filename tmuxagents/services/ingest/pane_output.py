"""Read a pane of a kind without a transcript: plain output from its bytes, the rest from tmux's screen.

As long as a program prints lines (colours and one-line progress bars included) the raw file is
enough. At the first sequence that addresses the screen the pane is tmux's to draw, and stays so:
then the raw file says when to look, and tmux what is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tmuxagents.drivers import files
from tmuxagents.drivers.tmux import keyboard
from tmuxagents.drivers.tmux.call import Server
from tmuxagents.drivers.tmux.snapshot import PaneNow
from tmuxagents.errors import TmuxUnreachable
from tmuxagents.model import codec
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.output import pane_bytes, pane_screen
from tmuxagents.services import agent_folder
from tmuxagents.services.ingest.readers import CHUNK, Read
from tmuxagents.store.sources import Position
from tmuxagents.value import replace

KEPT = 200
"""Lines printed last that a pane which begins to draw may still show."""

_REACH = 256 * 1024
"""Bytes that are read again for them."""

_LINES, _CHARACTERS = 100, 65_536
"""What one entry holds at most of lines that came out together."""

_DRAINED = b"\x1b[5n"
_PATIENCE_NS = 2_000_000_000

_CAPTURE_PATIENCE_NS = 20_000_000_000
"""The same where what records the terminal lives: it may be stopped, or the machine very busy."""

_BEHIND = 65_536
"""So many bytes may stand behind the starter's question: what the program has left behind goes on printing."""

TORN = "the end of what it printed was not recorded"
_LOOKS = 5


def read(
    found: Read,
    server: Server,
    agent: Agent,
    folder: Path,
    pane: PaneNow | None,
    positions: Mapping[str, Position],
    now_ns: int,
    *,
    over: bool,
) -> bool:
    """Add the pane's final lines to what was found; all that it shows when the program is `over`. False where its
    screen could not be looked at."""
    name = source(agent.generation)
    raw = agent_folder.raw_path(folder, agent.generation)
    position = positions.get(name, Position(name, 0))
    memory: dict[str, Any] = (
        json.loads(position.memory) if position.memory else {"plain": codec.encode(pane_bytes.PlainState())}
    )
    if "plain" in memory:
        # What was there when we began: what comes meanwhile is told by the kernel, after a rest.
        size = files.size(raw)
        lines, position, memory = _plain(position, memory, raw, over=over)
        found.more = found.more or ("plain" in memory and size > position.position)
    else:
        lines = []
    looked = True
    if "plain" not in memory and pane is not None:
        try:
            seen, position, memory = _drawn(server, pane, position, memory, raw, over=over)
            lines += seen
        except TmuxUnreachable:
            looked = False
    if lines:
        found.drafts += entries(lines, now_ns)
    if position != positions.get(name):
        found.positions.append(position)
    return looked


def is_over(folder: Path, generation: int, pane: PaneNow | None, now_ns: int) -> bool:
    """Whether the program has ended and everything it printed is in the raw file.

    The starter's last question to the terminal is behind everything; `cat` may write it a moment
    after the exit record is there. A capture that has died never does: after a while nothing is waited for.
    """
    try:
        ended_ns = agent_folder.exit_path(folder, generation).lstat().st_mtime_ns
    except FileNotFoundError:
        return False
    raw = agent_folder.raw_path(folder, generation)
    patience = _CAPTURE_PATIENCE_NS if pane is not None and pane.piped else _PATIENCE_NS
    # Also when the clock was set back since.
    return _tail(raw, len(_DRAINED)) == _DRAINED or abs(now_ns - ended_ns) > patience


def is_torn(folder: Path, generation: int) -> bool:
    """Whether the end of what it printed is missing, now that nothing more is waited for."""
    return _DRAINED not in _tail(agent_folder.raw_path(folder, generation), _BEHIND)


def _tail(raw: Path, count: int) -> bytes:
    return files.read_from(raw, max(0, files.size(raw) - count), count)


def source(generation: int) -> str:
    """The name of a pane's source."""
    return f"pane:{generation}"


def wants_look(memory: str | None, size: int, position: int) -> bool:
    """Whether the screen was still moving at the last look, so that it must be looked at again."""
    if memory is None:
        return False
    state = json.loads(memory)
    return "settle" in state and (size != position or not state.get("still", False))


def _plain(
    position: Position, memory: dict[str, Any], raw: Path, *, over: bool
) -> tuple[list[str], Position, dict[str, Any]]:
    chunk = files.read_from(raw, position.position, CHUNK)
    fed = pane_bytes.feed(codec.decode(pane_bytes.PlainState, memory["plain"]), chunk)
    position = replace(position, position=position.position + (fed.consumed if fed.screenful else len(chunk)))
    if fed.screenful:
        memory = {"settle": codec.encode(pane_screen.start_from(_printed(raw, position.position))), "still": False}
        return fed.lines, replace(position, memory=json.dumps(memory, ensure_ascii=False)), memory
    lines, state = fed.lines, fed.state
    if over and files.size(raw) <= position.position:
        # Nothing follows, so a line without a line break is whole.
        lines, state = [*lines, *pane_bytes.flush(state)], pane_bytes.PlainState()
    if not chunk and not lines:
        return [], position, memory
    memory = {"plain": codec.encode(state)}
    return lines, replace(position, memory=json.dumps(memory, ensure_ascii=False)), memory


def _printed(raw: Path, end: int) -> list[str]:
    """The last whole lines before byte `end`, read once more: to carry them along cost more than the entries."""
    start = max(0, end - _REACH)
    data = files.read_from(raw, start, end - start)
    if start:
        data = data[data.find(b"\n") + 1 :]
    return pane_bytes.feed(pane_bytes.PlainState(), data).lines[-KEPT:]


def _drawn(
    server: Server, pane: PaneNow, position: Position, memory: dict[str, Any], raw: Path, *, over: bool
) -> tuple[list[str], Position, dict[str, Any]]:
    size = files.size(raw)
    same = size == position.position
    if same and memory.get("still"):
        return [], position, memory
    state = codec.decode(pane_screen.SettleState, memory["settle"])
    look = _look(server, pane.pane, state)
    state, lines = pane_screen.settle(state, look, still=same or over)
    memory = {"settle": codec.encode(state), "still": same or over}
    return lines, Position(position.source, size, json.dumps(memory, ensure_ascii=False)), memory


def _look(server: Server, pane: str, state: pane_screen.SettleState) -> pane_screen.Look:
    """One capture of what is new; of the whole history when it does not reach back far enough, or
    when more scrolls away between the question how much there is and the capture, again and again."""
    now = keyboard.geometry(server, pane)
    for _ in range(_LOOKS):
        rows, exact = pane_screen.wanted(state, history_size=now.history_size, history_limit=now.history_limit)
        look, before = _captured(server, pane, rows, exact), now
        now = keyboard.Geometry(look.history_size, look.history_limit, look.alternate)
        if now.history_size == before.history_size:
            if pane_screen.overlaps(state, look):
                return look
            break
    return _captured(server, pane, now.history_size + now.history_limit, False)


def _captured(server: Server, pane: str, rows: int, exact: bool) -> pane_screen.Look:
    taken = keyboard.look(server, pane, rows)
    return pane_screen.Look(
        history_size=taken.geometry.history_size,
        scrolled=taken.scrolled,
        visible=taken.visible,
        alternate=taken.geometry.alternate,
        exact=exact,
        history_limit=taken.geometry.history_limit,
        joined=taken.joined,
    )


def entries(lines: list[str], now_ns: int) -> list[NewEntry]:
    """Lines that came out together are one entry, up to a size."""
    drafts: list[NewEntry] = []
    start, size = 0, 0
    for at, line in enumerate(lines):
        if at > start and (at - start == _LINES or size + len(line) > _CHARACTERS):
            drafts.append(NewEntry("output", "\n".join(lines[start:at]), now_ns))
            start, size = at, 0
        size += len(line) + 1
    drafts.append(NewEntry("output", "\n".join(lines[start:]), now_ns))
    return drafts
