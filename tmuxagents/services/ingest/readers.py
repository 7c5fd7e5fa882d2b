"""Read on in an agent's sources: observations in the order of time, and the new positions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tmuxagents.drivers import files, process
from tmuxagents.kinds import ending
from tmuxagents.kinds.base import Lines, Reader, Reports
from tmuxagents.model.agent import Agent
from tmuxagents.model.entry import NewEntry
from tmuxagents.model.observation import Exit, Hook, Observation, Record, SelfReport
from tmuxagents.services import agent_folder
from tmuxagents.services.ingest import set_up_output
from tmuxagents.store.sources import Position
from tmuxagents.value import Value, fresh

CHUNK = 1024 * 1024
"""Bytes read from one source at a time, so that memory stays bounded and nobody waits long for his turn."""

_AHEAD_NS = 60 * 1_000_000_000
"""How far ahead of ours the clock of who writes a transcript may be, and how far behind the record
before a record may lie without the clock having been set back."""


class Read(Value, frozen=False):
    """What one look at the sources gave. `more` says that a source has more than was read, `ended` that the program had
    left its exit record before any of them was read."""

    observations: list[Observation] = fresh(default_factory=list)
    positions: list[Position] = fresh(default_factory=list)
    drafts: list[NewEntry] = fresh(default_factory=list)
    spool: list[Path] = fresh(default_factory=list)
    gone: list[str] = fresh(default_factory=list)
    more: bool = False
    ended: bool = False


def read(agent: Agent, folder: Path, wanted: Sequence[Reader], positions: Mapping[str, Position], now_ns: int) -> Read:
    """Everything new. Nothing is changed outside; spool files are deleted after the commit. The terminal is
    read by `pane_output`."""
    found = Read(ended=files.exists(agent_folder.exit_path(folder, agent.generation)))
    for reader in wanted:
        if isinstance(reader, Lines):
            _lines(found, reader, positions, now_ns)
    _spool(found, agent, folder, positions)
    if set_up_output.has_one(agent):
        set_up_output.read_progress(found.observations, found.positions, agent, folder, positions)
    for reader in wanted:
        if isinstance(reader, Reports):
            _report(found, agent, folder, reader.folder, positions)
    found.observations = _merged(found.observations)
    return found


def _lines(found: Read, reader: Lines, positions: Mapping[str, Position], now_ns: int) -> None:
    path = located(reader.path, reader.elsewhere)
    _transcript(found, reader.name, "main", path, positions, now_ns)
    if reader.beside is None:
        return
    near, pattern = reader.beside
    # It moves with its file.
    near = path.parent / near.relative_to(reader.path.parent)
    for sub in sorted(near.glob(pattern)):
        _transcript(found, f"subagent:{sub.stem}", sub.stem, sub, positions, now_ns)


def located(path: Path, elsewhere: Path | None) -> Path:
    """Where a transcript is that may have moved with its project's folder: at its place if it is nowhere."""
    if elsewhere is None or path.exists():
        return path
    return next(iter(sorted(elsewhere.glob(f"*/{path.name}"))), path)


def _merged(observations: Sequence[Observation]) -> list[Observation]:
    """In the order of time, and those of one transcript in its own order whatever their times."""
    latest: dict[str, int] = {}
    keyed: list[tuple[int, Observation]] = []
    for seen in observations:
        key = seen.at_ns
        if isinstance(seen, Record):
            key = latest[seen.source] = max(key, latest.get(seen.source, 0))
        keyed.append((key, seen))
    keyed.sort(key=lambda pair: pair[0])
    return [seen for _, seen in keyed]


def _transcript(
    found: Read, name: str, source: str, path: Path, positions: Mapping[str, Position], now_ns: int
) -> None:
    file = path.stem if source == "main" else path.parent.parent.name
    position = positions.get(name, Position(name, 0))
    size = files.size(path)
    start, last, newer_than = position.position, *_remembered(position.memory)
    if size < start:
        # Written anew: what is not newer than what was read is a repetition, also when it comes later.
        start, newer_than = 0, last
    raw = _whole_lines(path, start, size)
    if raw and start == 0 and newer_than:
        # With its first line: one that is gone, as with its agent's folder, was not written.
        found.drafts.append(NewEntry("gap", "its transcript was written anew", now_ns))
    if not raw and start == position.position:
        return
    found.more = found.more or start + len(raw) < size
    for line in raw.splitlines():
        record = _decode(line)
        if record is None:
            continue
        moment = _moment(record, now_ns)
        at_ns = moment or last or now_ns
        if last - _AHEAD_NS < at_ns < last:
            at_ns = last
        if newer_than and at_ns <= newer_than:
            continue
        # One without a time says nothing about those behind it, which may be read long after.
        last = at_ns if moment is not None else last
        found.observations.append(Record(record, at_ns, source, file))
    found.positions.append(Position(name, start + len(raw), f"{last} {newer_than}"))


def _remembered(memory: str | None) -> tuple[int, int]:
    """The moment of the last record, and the moment up to which a transcript written anew repeats."""
    last, newer_than = (*(memory or "").split(), "0", "0")[:2]
    return int(last), int(newer_than)


def _whole_lines(path: Path, start: int, size: int) -> bytes:
    """The lines that are complete; a half line waits for its end. A line may be longer than a chunk."""
    limit = CHUNK
    while start < size:
        raw = files.read_from(path, start, limit)
        end = raw.rfind(b"\n") + 1
        if end or len(raw) < limit:
            return raw[:end]
        limit *= 2
    return b""


def _spool(found: Read, agent: Agent, folder: Path, positions: Mapping[str, Position]) -> None:
    try:
        names = sorted(entry.name for entry in os.scandir(folder / "spool") if entry.name.endswith(".json"))
    except FileNotFoundError:
        names = []
    present = {f"spool:{name}" for name in names}
    found.gone = [name for name in positions if name.startswith("spool:") and name not in present]
    budget = CHUNK
    for name in names:
        path = folder / "spool" / name
        found.spool.append(path)
        if f"spool:{name}" in positions:
            continue
        if budget <= 0:
            found.spool.pop()
            found.more = True
            break
        raw = files.read_from(path, 0, 1 << 30)
        budget -= len(raw)
        found.positions.append(Position(f"spool:{name}", len(raw)))
        _hook(found, agent, name, raw)


def _hook(found: Read, agent: Agent, name: str, raw: bytes) -> None:
    """`<time>.<generation>.<event>.<pid>.json`; a payload of an earlier start says nothing of this one."""
    parts = name.split(".")
    if len(parts) != 5 or not parts[0].isdecimal() or parts[1] != str(agent.generation):
        return
    payload = _decode(raw)
    at_ns = int(parts[0])
    if payload is None:
        found.drafts.append(NewEntry("gap", f"a {parts[2]} hook left a payload that is not JSON", at_ns))
        return
    found.observations.append(Hook(parts[2], payload, at_ns, f"{parts[0]}.{parts[3]}"))


def _report(found: Read, agent: Agent, folder: Path, reports: Path, positions: Mapping[str, Position]) -> None:
    path = _report_path(agent, folder, reports)
    if path is None:
        return
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return
    name = f"report:{agent.generation}"
    if positions.get(name, Position(name, 0)).position == changed:
        return
    payload = _decode(files.read_from(path, 0, CHUNK))
    if payload is not None and _is_by_a_living(payload):
        found.observations.append(SelfReport(payload, changed))
        found.positions.append(Position(name, changed))


def report(agent: Agent, folder: Path, reports: Path) -> Mapping[str, Any] | None:
    """What a living program says of itself just now; None when it says nothing."""
    path = _report_path(agent, folder, reports)
    payload = _decode(files.read_from(path, 0, CHUNK)) if path is not None else None
    return payload if payload is not None and _is_by_a_living(payload) else None


def _is_by_a_living(payload: Mapping[str, Any]) -> bool:
    """Whether who wrote the report runs still. What a crash left behind says `busy` for ever, and its pid
    may be another's: `procStart` is the start in the kernel's own ticks (2.1.197 and 2.1.330)."""
    pid, started = payload.get("pid"), payload.get("procStart")
    return type(pid) is int and process.runs(pid, started if isinstance(started, str) else None)


def _report_path(agent: Agent, folder: Path, reports: Path) -> Path | None:
    """By the program's pid; where a launcher stands between (npm's wrapper), by the conversation."""
    pid = agent_folder.program_pid(folder, agent.generation)
    if pid is not None and (reports / f"{pid}.json").exists():
        return reports / f"{pid}.json"
    needle = f'"sessionId":"{agent.condition.conversation}"'.encode()
    for path in list(reports.glob("*.json"))[:200]:
        if needle in files.read_from(path, 0, CHUNK):
            return path
    return None


def exit_source(generation: int) -> str:
    """The name under which it is noted that this record was read, or is not to be."""
    return f"exit:{generation}"


def read_exit(found: Read, agent: Agent, folder: Path, positions: Mapping[str, Position]) -> bool:
    """Add how the program ended. To be asked for when everything it said before has been read: where it ended since
    we began, its last words may lie behind what was read. Whether it ended by itself."""
    name = exit_source(agent.generation)
    path = agent_folder.exit_path(folder, agent.generation)
    if name in positions or not files.exists(path):
        return False
    if not found.ended:
        found.more = True
        return False
    record = _decode(files.read_from(path, 0, CHUNK)) or {}
    code = record.get("code")
    code = code if isinstance(code, int) else 1
    at_ns = path.stat().st_mtime_ns
    hangup = record.get("hangup") is True
    said = _said_last(folder, agent.generation) if code else ""
    found.observations.append(Exit(code, ending.signal_of(code), at_ns, gone=hangup, said=said))
    found.positions.append(Position(name, 1))
    return not hangup


def _said_last(folder: Path, generation: int) -> str:
    from tmuxagents.output import last_words

    raw = agent_folder.raw_path(folder, generation)
    start = max(0, files.size(raw) - last_words.BYTES)
    return last_words.last_words(files.read_from(raw, start, last_words.BYTES))


def _decode(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
        if rb"\ud" in raw.lower():
            # Half a character, as a program that cuts strings writes it, is no text that can be kept.
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _moment(record: Mapping[str, Any], now_ns: int) -> int | None:
    """A record's own time: `timestamp` in RFC 3339, or `at` in nanoseconds. One that lies in the
    future is none: everything after it would have to lie there too."""
    moment = record.get("at")
    if type(moment) is not int:
        moment = _parsed(record.get("timestamp"))
    return moment if moment is not None and 0 < moment <= now_ns + _AHEAD_NS else None


def _parsed(stamp: object) -> int | None:
    if not isinstance(stamp, str):
        return None
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(stamp)
        return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000
    except (ValueError, OverflowError):
        return None
