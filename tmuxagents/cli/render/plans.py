"""What a run would do, before it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tmuxagents.cli.terminal import print_json, put
from tmuxagents.model.manifest import Manifest
from tmuxagents.output.safe_text import clean
from tmuxagents.runs import outlook, words
from tmuxagents.runs.outlook import Outlook
from tmuxagents.services.app import App
from tmuxagents.services.runs import durations
from tmuxagents.settings.shown import duration
from tmuxagents.value import as_dict


def put_plan(app: App, manifest: Manifest, given: Mapping[str, float], *, as_json: bool) -> None:
    """Say what would begin when, what it would take and cost at most. `given` are the times of tasks that are known
    better than from earlier runs."""
    found = outlook.outlook(manifest, {**durations.of(app, manifest), **given})
    if as_json:
        print_json({"plan": _as_json(manifest, found)})
        return
    for line in [*manifest.understood, *([""] if manifest.understood else []), *_lines(manifest, found)]:
        put(clean(line))


def _as_json(manifest: Manifest, found: Outlook) -> dict[str, Any]:
    return {"name": manifest.name, "source": manifest.source, "understood": list(manifest.understood), **as_dict(found)}


def _lines(manifest: Manifest, found: Outlook) -> list[str]:
    rows = [f"{_start(n, wave.start_s):>8}  {_keys(wave.keys)}" for n, wave in enumerate(found.waves, 1)]
    limit = f", {manifest.max_parallel} at most" if manifest.max_parallel is not None else ""
    more = f" (unknown for {_keys(found.unknown_times)})" if found.unknown_times else ""
    cost = f"${found.cost_usd:.2f}" if found.cost_usd is not None else "unknown"
    unbounded = f" (no budget: {_keys(found.unknown_costs)})" if found.unknown_costs else ""
    tokens = f"{found.tokens:,}" if found.tokens is not None else "unknown"
    return [
        f"{manifest.name}: {words.count(len(manifest.tasks), 'task')}",
        *rows,
        f"at once       {found.at_once}{limit}; {found.widest} could",
        f"longest path  {' -> '.join(found.path)}" + (f" ({_time(found.path_s)})" if found.path_s is not None else ""),
        f"time          {_time(found.wall_s)}{more}",
        f"cost at most  {cost}{unbounded}",
        f"tokens        {tokens}",
        *([f"not counted   {_keys(found.uncounted)}: repeated for what is not known yet"] if found.uncounted else []),
    ]


def _start(number: int, start_s: float | None) -> str:
    return f"+{duration(round(start_s))}" if start_s is not None else f"{number}."


def _time(seconds: float | None) -> str:
    return duration(round(seconds)) if seconds is not None else "unknown"


def _keys(keys: Sequence[str]) -> str:
    return ", ".join(keys[:8]) + (f" and {len(keys) - 8} more" if len(keys) > 8 else "")
