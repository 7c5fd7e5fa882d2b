"""Measure tmuxagents and its peers alike; print one table.

    make bench-peers            all of them, ten to fifteen minutes
    make bench-peers ARGS=CAO   those whose name begins so

Installs each in an environment of its own under `.peers`, at the version pinned in its file.
Writes the same as JSON to `bench-peers.json`. No account is needed: `claude` talks to a scripted
API on loopback, and nothing outside of temporary folders is touched.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.peers import cao, claude_bg, environments, honcho, measure, mngr, ours, table, tmux_cli
from tests.bench.peers.bed import Failed
from tests.bench.peers.environments import Installed
from tests.bench.peers.measure import Column
from tests.bench.peers.peer import Peer
from tests.conftest import claude_program


def main(wanted: str) -> None:
    """Measure those whose name begins with `wanted`."""
    program = claude_program("newest").resolve()
    version = subprocess.check_output([program, "--version"], text=True).split()[0]
    peers = (ours.PEER, cao.PEER, mngr.PEER, tmux_cli.PEER, honcho.PEER, claude_bg.peer(version))
    columns: list[Column] = []
    for peer in peers:
        if peer.name.startswith(wanted):
            columns.append(_column(peer, program))
            _write(columns, version)  # what was found is kept, whatever becomes of the next
    print(table.text(columns))


def _write(columns: Sequence[Column], version: str) -> None:
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    result = {
        "v": 1,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine | {"tmux": _tmux(), "claude": version},
        "columns": [asdict(column) for column in columns],
    }
    Path("bench-peers.json").write_text(json.dumps(result, indent=1, ensure_ascii=False))


def _column(peer: Peer, claude: Path) -> Column:
    began = time.monotonic()
    try:
        found = measure.column(peer, _installed(peer, claude))
    except Failed as error:
        found = Column(peer.name, peer.version, notes=[str(error)])
    print(f"{peer.name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return found


def _installed(peer: Peer, claude: Path) -> Installed:
    if peer.packages:
        return environments.install(peer)
    return Installed(claude.parent, Path(sys.executable), environments.size(claude.parent))


def _tmux() -> str:
    return subprocess.check_output(["tmux", "-V"], text=True).strip()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
